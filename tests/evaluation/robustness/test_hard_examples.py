"""Mining stores what is misread and nothing else, the same for the same seed, as a file to train
on.
"""

import json
from dataclasses import replace

import numpy as np
import pytest

from core.datasets.catalogue import open_dataset
from core.errors import InklingError
from core.evaluation.robustness import hard_examples as module
from core.evaluation.robustness.hard_examples import mine, readable_jitter, save_hard
from core.evaluation.robustness.probe import MINING_SEEDS
from core.ink.forms import canonical_ink
from core.synthesis.glyph_file import load_glyphs, parse_glyphs
from core.synthesis.handwriting import Handwriting
from tests.conftest import DIGITS
from tests.readers import mean_reader
from tests.reports import Reports
from tests.sentences import is_sentence

CLASSIC, NATURAL = load_glyphs("classic"), load_glyphs("natural")


def drawn(glyphs, jitter, start, count, seed, **others):
    hand = replace(glyphs.hand, jitter=jitter)
    return Handwriting(glyphs, hand, DIGITS, seed=MINING_SEEDS + seed, **others).draw(start, count)


def test_all_that_is_misread_is_kept_and_nothing_else():
    reader = mean_reader()
    hard = mine(reader, NATURAL, count=1234, jitter=0, seed=2)  # at no jitter, all blocks are one
    images, labels = drawn(NATURAL, 0, 0, 1234, 2)
    answers = reader.predict(images).labels()
    misread = [number for number in range(1234) if answers[number] != labels[number]]
    assert 50 < len(misread) < 1184
    assert hard.numbers.tolist() == misread
    assert hard.labels == tuple(labels[number] for number in misread)
    assert hard.answers == tuple(answers[number] for number in misread)
    np.testing.assert_array_equal(hard.images, images[misread])
    assert hard.mining.looked_at == 1234


@pytest.mark.parametrize("canonical", [False, True])
def test_each_was_drawn_at_its_own_jitter(canonical):
    reader = mean_reader()
    hard = mine(reader, CLASSIC, count=700, jitter=3, seed=9, canonical=canonical)
    assert 0 <= hard.jitters.min() < hard.jitters.max() <= 3
    assert len(set(hard.jitters)) > 3
    for index in range(0, len(hard.labels), 7):
        images, labels = drawn(
            CLASSIC,
            hard.jitters[index],
            int(hard.numbers[index]),
            1,
            9,
            size=84 if canonical else 28,
        )
        expected = canonical_ink(images[0], reader.form).model_input if canonical else images[0]
        np.testing.assert_array_equal(hard.images[index], expected)
        assert labels == [hard.labels[index]]


def test_the_seed_decides_and_more_images_change_none_before_them():
    reader = mean_reader()
    short, long = (mine(reader, CLASSIC, count=count, jitter=4, seed=4) for count in (450, 1100))
    count = len(short.labels)
    assert 0 < count < len(long.labels)
    np.testing.assert_array_equal(short.images, long.images[:count])
    np.testing.assert_array_equal(short.jitters, long.jitters[:count])
    other = mine(reader, CLASSIC, count=450, jitter=4, seed=5)
    assert other.numbers.tolist() != short.numbers.tolist()


def test_what_is_read_rightly_by_luck_may_be_kept_too():
    reader = mean_reader(temperature=30)
    sure, unsure = (
        mine(reader, CLASSIC, count=600, jitter=4, unsure=unsure) for unsure in (False, True)
    )
    extra = sorted(set(unsure.numbers.tolist()) - set(sure.numbers.tolist()))
    assert extra
    assert set(sure.numbers.tolist()) < set(unsure.numbers.tolist())
    for index in np.flatnonzero(np.isin(unsure.numbers, extra)):
        assert unsure.answers[index] == unsure.labels[index]
        assert reader.predict(unsure.images[index][None]).probabilities.max() < 0.5


def test_others_are_kept_beside_those_that_are_misread():
    reader = mean_reader()
    alone, beside = (mine(reader, CLASSIC, count=2000, jitter=2, besides=count) for count in (0, 3))
    misread = [answer != label for answer, label in zip(beside.answers, beside.labels, strict=True)]
    assert beside.numbers[misread].tolist() == alone.numbers.tolist()
    assert beside.mining.misread == len(alone.labels) == sum(misread)
    for block in range(20):
        rows = np.flatnonzero(beside.numbers // 100 == block)
        wrong = sum(misread[row] for row in rows)
        assert len(rows) == min(100, 4 * wrong)


def test_it_ends_when_enough_is_kept(monkeypatch):
    whole = mine(mean_reader(), CLASSIC, count=3000, jitter=5)
    monkeypatch.setattr(module, "MOST_KEPT", 40)
    hard = mine(mean_reader(), CLASSIC, count=3000, jitter=5)
    assert len(hard.labels) == 40
    assert hard.mining.looked_at < 3000
    np.testing.assert_array_equal(hard.images, whole.images[:40])


def test_the_file_is_a_data_set(tmp_path, settings):
    hard = mine(mean_reader(), CLASSIC, count=500, jitter=4, seed=1)
    path = save_hard(hard, tmp_path / "new" / "hard.npz")
    assert path == tmp_path / "new" / "hard.npz"
    dataset = open_dataset(str(path), settings, classes=tuple(reversed(DIGITS)))
    np.testing.assert_array_equal(dataset.images, hard.images)
    assert tuple(dataset.classes[index] for index in dataset.labels) == hard.labels
    with np.load(path, allow_pickle=False) as arrays:
        assert arrays["labels"].dtype.kind == "U"
    facts = json.loads((tmp_path / "new" / "hard.json").read_text())
    assert (facts["mined_from"], facts["glyphs"], facts["jitter"], facts["looked_at"]) == (
        "means",
        "classic",
        4,
        500,
    )
    assert sum(facts["by_digit"].values()) == facts["count"] == len(hard.labels)
    assert hard.draw(2, 3)[1] == list(hard.labels[2:5])
    again = save_hard(mine(mean_reader(), CLASSIC, count=500, jitter=4, seed=1), tmp_path / "again")
    assert again.read_bytes() == path.read_bytes()


def test_nothing_misread_is_a_sentence(tmp_path):
    hard = mine(mean_reader(), CLASSIC, count=10, jitter=0)
    hard = replace(hard, images=hard.images[:0], labels=(), answers=())
    with pytest.raises(InklingError, match="10 images") as caught:
        save_hard(hard, tmp_path / "hard.npz")
    assert is_sentence(str(caught.value))


def test_jitter_is_bounded_by_what_a_person_reads():
    assert readable_jitter(NATURAL) == pytest.approx(3)
    assert readable_jitter(CLASSIC) == pytest.approx(1.5)
    still = parse_glyphs('{"glyphs": {"0": [{"jitter": 0, "strokes": [[[4, 14], [20, 14]]]}]}}')
    assert readable_jitter(still) == 5
    assert mine(mean_reader(), CLASSIC, count=10).mining.jitter == pytest.approx(1.5)


def test_progress_rises_to_the_end_and_can_stop_it():
    seen = Reports()
    mine(mean_reader(), CLASSIC, count=2150, report=seen)
    assert seen == [1000, 2000, 2150]
    with pytest.raises(KeyboardInterrupt):
        mine(mean_reader(), CLASSIC, count=2150, report=Reports(stop_after=0))


@pytest.mark.parametrize(
    "options",
    [
        {"count": 0},
        {"count": 10_000_001},
        {"jitter": 5.5},
        {"jitter": -1},
        {"jitter": float("nan")},
        {"seed": -1},
        {"seed": 2**32},
        {"besides": -1},
        {"besides": 100},
    ],
)
def test_what_cannot_be_mined_is_a_sentence(options):
    with pytest.raises(InklingError) as caught:
        mine(mean_reader(), CLASSIC, **{"count": 10, **options})
    assert is_sentence(str(caught.value))

"""The sweep counts what a plain loop counts, whatever the chunks, the classes and the form."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from core.errors import InklingError
from core.evaluation.robustness import sweep as module
from core.evaluation.robustness.probe import MINING_SEEDS, SEEDS, SWEEP_SEEDS, seed_of
from core.evaluation.robustness.results import Rates, Sweep
from core.evaluation.robustness.shipped import ship_sweep, shipped_sweep
from core.evaluation.robustness.sweep import JITTERS, MOST_JITTERS, SHOWN, parse_jitters, sweep
from core.ink.forms import canonical_ink
from core.intervals import wilson_interval
from core.models.cards import find_card
from core.models.recognizer import load_recognizer
from core.synthesis.glyph_file import load_glyphs, parse_glyphs
from core.synthesis.glyphs import Hand
from core.synthesis.handwriting import Handwriting
from tests.conftest import DIGITS
from tests.readers import mean_reader
from tests.reports import Reports
from tests.sentences import is_sentence

CLASSIC = load_glyphs("classic")
SHUFFLED = ("a", *reversed(DIGITS), "Z", "b")


def drawn(jitter, count, seed, **others):
    return Handwriting(
        CLASSIC, Hand(jitter=jitter), DIGITS, seed=SWEEP_SEEDS + seed, **others
    ).draw(0, 10 * count)


@pytest.mark.parametrize("classes", [DIGITS, SHUFFLED])
def test_the_counts_are_scikit_learns(classes):
    reader = mean_reader(classes)
    swept = sweep(reader, CLASSIC, jitters=(0.5, 4), count=130, seed=7)
    for level, jitter in zip(swept.levels, (0.5, 4), strict=True):
        images, labels = drawn(jitter, 130, 7)
        answers = reader.predict(images).labels()
        assert level.jitter == jitter
        np.testing.assert_array_equal(
            level.confusion, confusion_matrix(labels, answers, labels=classes)
        )
        for row in (row for row in swept.rates.rows if row.jitter == jitter):
            right = sum(a == b == row.digit for a, b in zip(labels, answers, strict=True))
            assert (row.n, row.correct, row.accuracy) == (130, right, right / 130)
            assert row.interval == wilson_interval(right, 130)
        (total,) = (row for row in swept.rates.totals if row.jitter == jitter)
        assert (total.n, total.correct) == (
            1300,
            sum(a == b for a, b in zip(labels, answers, strict=True)),
        )
    assert [(row.jitter, row.digit) for row in swept.rates.rows] == [
        (jitter, digit) for jitter in (0.5, 4) for digit in DIGITS
    ]
    low, high = swept.rates.totals
    assert low.accuracy > 0.95 > high.accuracy


def test_failures_are_the_worst_of_each_digit():
    reader = mean_reader()
    (level,) = sweep(reader, CLASSIC, jitters=(5,), count=120, seed=3).levels
    images, labels = drawn(5, 120, 3)
    probabilities = reader.predict(images).probabilities
    shown = 0
    for digit in range(10):
        misread = [
            i for i in range(1200) if labels[i] == str(digit) and probabilities[i].argmax() != digit
        ]
        misread.sort(key=probabilities[:, digit].__getitem__)
        failures = [failure for failure in level.failures if failure.truth == str(digit)]
        assert len(failures) == min(SHOWN, len(misread))
        shown += len(failures)
        for failure, number in zip(failures, misread, strict=False):
            assert failure.truth_probability == pytest.approx(
                probabilities[number, digit], abs=1e-6
            )
            assert failure.answer == str(probabilities[failure.number].argmax()) != failure.truth
            assert failure.confidence == pytest.approx(
                probabilities[failure.number].max(), abs=1e-6
            )
            np.testing.assert_array_equal(failure.image, images[failure.number])
    assert [failure.truth for failure in level.failures] == sorted(
        failure.truth for failure in level.failures
    )
    assert shown > 30  # else the test is vacuous


def test_chunks_change_nothing(monkeypatch):
    reader = mean_reader()
    whole = sweep(reader, CLASSIC, jitters=(3,), count=25).to_json()
    assert sweep(reader, CLASSIC, jitters=(3,), count=25).to_json() == whole
    monkeypatch.setattr(module, "CHUNK", 37)
    pieces = sweep(reader, CLASSIC, jitters=(3,), count=25).to_json()
    assert pieces["confusion"] == whole["confusion"]
    assert [failure["number"] for failure in pieces["failures"]] == [
        failure["number"] for failure in whole["failures"]
    ]
    assert (
        sweep(reader, CLASSIC, jitters=(3,), count=25, seed=1).to_json()["confusion"]
        != whole["confusion"]
    )


@pytest.mark.parametrize(
    ("form", "asked", "through"),
    [("mnist", None, False), ("emnist", None, True), ("mnist", True, True)],
)
def test_through_the_canonical_form(form, asked, through):
    reader = mean_reader(form=form)
    swept = sweep(reader, CLASSIC, jitters=(2,), count=6, canonical=asked)
    assert swept.canonical == through
    images, labels = drawn(2, 6, 0, size=84 if through else 28)
    inputs = (
        np.stack([canonical_ink(image, reader.form).model_input for image in images])
        if through
        else images
    )
    answers = reader.predict(inputs).labels()
    np.testing.assert_array_equal(
        swept.levels[0].confusion, confusion_matrix(labels, answers, labels=DIGITS)
    )
    for failure in swept.levels[0].failures:
        np.testing.assert_array_equal(failure.image, inputs[failure.number])


def test_it_is_json_and_says_how_to_draw_the_same_again():
    swept = sweep(mean_reader(), CLASSIC, jitters=(1, 4, 1), count=3, seed=5)
    text = json.loads(json.dumps(swept.to_json(), allow_nan=False))
    assert (text["model"], text["glyphs"], text["seed"], text["count"], text["classes"]) == (
        "means",
        "classic",
        5,
        3,
        list(DIGITS),
    )
    assert text["handwriting_seed"] == SWEEP_SEEDS + 5
    assert [total["jitter"] for total in text["totals"]] == [1, 4]
    assert [np.array(matrix).sum() for matrix in text["confusion"]] == [30, 30]
    assert {failure["jitter"] for failure in text["failures"]} <= {1, 4}
    row = text["rows"][0]
    assert row["accuracy"] == row["correct"] / row["n"]
    assert list(row) == ["jitter", "digit", "n", "correct", "accuracy", "interval"]
    assert list(text["totals"][0]) == [name for name in row if name != "digit"]
    again = Sweep.from_json(text)
    assert again.to_json() == text
    assert again.rates == swept.rates == Rates.from_json(text)


def test_progress_rises_to_the_end_and_can_stop_it(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 40)
    seen = Reports()
    sweep(mean_reader(), CLASSIC, jitters=(0, 1), count=9, report=seen)
    assert seen == [40, 80, 90, 130, 170, 180]
    with pytest.raises(KeyboardInterrupt):
        sweep(mean_reader(), CLASSIC, jitters=(0, 1), count=9, report=Reports(stop_after=90))


@pytest.mark.parametrize(
    "options",
    [
        {"count": 0},
        {"count": 100_001},
        {"jitters": ()},
        {"jitters": (-1,)},
        {"jitters": (11,)},
        {"jitters": (float("nan"),)},
        {"jitters": tuple(range(MOST_JITTERS + 1))},
        {"seed": -1},
        {"seed": 2**32},
    ],
)
def test_what_cannot_be_swept_is_a_sentence(options):
    with pytest.raises(InklingError) as caught:
        sweep(mean_reader(), CLASSIC, **{"count": 1, **options})
    assert is_sentence(str(caught.value))


def test_a_digit_that_is_not_read_or_not_drawn():
    letters = mean_reader((*DIGITS, "A"))
    blind = type(letters)(
        letters.network,
        letters.form,
        type(letters.card)(**{**vars(letters.card), "classes": (*DIGITS[:8], "A", "B", "C")}),
    )
    with pytest.raises(InklingError, match="8 9") as caught:
        sweep(blind, CLASSIC, count=1)
    assert is_sentence(str(caught.value))
    few = parse_glyphs('{"name": "few", "glyphs": {"0": [{"strokes": [[[4, 14], [20, 14]]]}]}}')
    with pytest.raises(InklingError, match="'1'") as caught:
        sweep(mean_reader(), few, count=1)
    assert is_sentence(str(caught.value))


@pytest.mark.parametrize(
    ("text", "jitters"), [("0,0.5,1", (0, 0.5, 1)), ("3", (3,)), (" 1 , 1,2", (1, 2))]
)
def test_a_list_of_jitters(text, jitters):
    assert parse_jitters(text) == jitters


@pytest.mark.parametrize(
    "text", ["", ",", "0;1", "one", "0,,1", "-1", "inf", "nan", ",".join(["1"] * 51)]
)
def test_what_is_no_list_of_jitters(text):
    with pytest.raises(InklingError) as caught:
        parse_jitters(text)
    assert is_sentence(str(caught.value))


@given(st.integers(0, SEEDS - 1), st.integers(0, SEEDS - 1))
def test_what_is_measured_is_never_mined(one, other):
    assert SEEDS <= seed_of(one, SWEEP_SEEDS) < 2 * SEEDS <= seed_of(other, MINING_SEEDS) < 2**63


def test_a_sweep_that_ships_is_of_its_weights_and_settings(settings, make_model, tmp_path):
    make_model()
    card, weights = find_card("tiny", settings)
    made = sweep(
        load_recognizer("tiny", settings), load_glyphs("classic"), jitters=(0, 2), count=3, seed=5
    )
    wanted = {"glyphs": "classic", "jitters": (0, 2), "count": 3, "seed": 5, "folder": tmp_path}
    assert shipped_sweep(card, weights, **wanted) is None
    ship_sweep(made, card, weights, tmp_path)
    result = shipped_sweep(card, weights, **wanted)
    assert result is not None
    assert result.rates == made.rates
    for change in ({"seed": 6}, {"count": 4}, {"jitters": (0,)}, {"glyphs": "natural"}):
        assert shipped_sweep(card, weights, **wanted | change) is None
    assert shipped_sweep(replace(card, temperature=9.0), weights, **wanted) is None


@pytest.mark.parametrize("name", ["digits", "characters"])
def test_what_the_screen_asks_for_first_ships(settings, name):
    card, weights = find_card(name, settings)
    swept = shipped_sweep(card, weights, glyphs="classic", jitters=JITTERS, count=100, seed=0)
    assert swept is not None
    again = sweep(load_recognizer(name, settings), load_glyphs("classic"), jitters=(0,), count=5)
    assert again.rates.totals[0].accuracy == pytest.approx(swept.rates.totals[0].accuracy, abs=0.05)

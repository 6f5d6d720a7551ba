"""The sweep counts what a plain loop counts, whatever the setting, the chunks, the classes and the
form.
"""

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
from core.evaluation.robustness.results import Rates, Sweep, in_jitters
from core.evaluation.robustness.shipped import ship_sweep, shipped_sweep
from core.evaluation.robustness.sweep import (
    JITTERS,
    MOST_VALUES,
    SHOWN,
    examples,
    parse_values,
    sweep,
    usual_values,
)
from core.ink.forms import canonical_ink
from core.intervals import wilson_interval
from core.models.cards import find_card
from core.models.recognizer import load_recognizer
from core.synthesis.effects.table import apply_effects
from core.synthesis.filmstrip import TRACKS
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.glyphs import Hand
from core.synthesis.handwriting import Handwriting
from core.synthesis.request import Request
from tests.conftest import DIGITS
from tests.readers import mean_reader
from tests.reports import Reports
from tests.sentences import is_sentence

CLASSIC = Request("classic")
GLYPHS = load_glyphs("classic")
SHUFFLED = ("a", *reversed(DIGITS), "Z", "b")


def drawn(jitter, count, seed, **others):
    return Handwriting(GLYPHS, Hand(jitter=jitter), DIGITS, seed=SWEEP_SEEDS + seed, **others).draw(
        0, 10 * count
    )


@pytest.mark.parametrize("classes", [DIGITS, SHUFFLED])
def test_the_counts_are_scikit_learns(classes):
    reader = mean_reader(classes)
    swept = sweep(reader, replace(CLASSIC, seed=7), values=(0.5, 4), count=130)
    for level, jitter in zip(swept.levels, (0.5, 4), strict=True):
        images, labels = drawn(jitter, 130, 7)
        answers = reader.predict(images).labels()
        assert level.value == jitter
        np.testing.assert_array_equal(
            level.confusion, confusion_matrix(labels, answers, labels=classes)
        )
        for row in (row for row in swept.rates.rows if row.value == jitter):
            right = sum(a == b == row.digit for a, b in zip(labels, answers, strict=True))
            assert (row.n, row.correct, row.accuracy) == (130, right, right / 130)
            assert row.interval == wilson_interval(right, 130)
        (total,) = (row for row in swept.rates.totals if row.value == jitter)
        assert (total.n, total.correct) == (
            1300,
            sum(a == b for a, b in zip(labels, answers, strict=True)),
        )
    assert [(row.value, row.digit) for row in swept.rates.rows] == [
        (jitter, digit) for jitter in (0.5, 4) for digit in DIGITS
    ]
    low, high = swept.rates.totals
    assert low.accuracy > 0.95 > high.accuracy


def test_failures_are_the_worst_of_each_digit():
    reader = mean_reader()
    (level,) = sweep(reader, replace(CLASSIC, seed=3), values=(5,), count=120).levels
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
    whole = sweep(reader, CLASSIC, values=(3,), count=25).to_json()
    assert sweep(reader, CLASSIC, values=(3,), count=25).to_json() == whole
    monkeypatch.setattr(module, "CHUNK", 37)
    pieces = sweep(reader, CLASSIC, values=(3,), count=25).to_json()
    assert pieces["confusion"] == whole["confusion"]
    assert [failure["number"] for failure in pieces["failures"]] == [
        failure["number"] for failure in whole["failures"]
    ]
    assert (
        sweep(reader, replace(CLASSIC, seed=1), values=(3,), count=25).to_json()["confusion"]
        != whole["confusion"]
    )


@pytest.mark.parametrize(
    ("form", "asked", "through"),
    [("mnist", None, False), ("emnist", None, True), ("mnist", True, True)],
)
def test_through_the_canonical_form(form, asked, through):
    reader = mean_reader(form=form)
    swept = sweep(reader, CLASSIC, values=(2,), count=6, canonical=asked)
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


def test_along_jitter_it_is_the_json_of_every_version():
    swept = sweep(mean_reader(), replace(CLASSIC, seed=5), values=(1, 4, 1), count=3)
    text = json.loads(json.dumps(in_jitters(swept.to_json()), allow_nan=False))
    assert list(text) == [
        "model",
        "glyphs",
        "seed",
        "handwriting_seed",
        "count",
        "canonical",
        "rows",
        "totals",
        "classes",
        "confusion",
        "failures",
    ]
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
    assert in_jitters(again.to_json()) == text
    assert again.rates == swept.rates == Rates.from_json(text)
    assert again.request == swept.request


def test_the_json_of_any_sweep_says_how_to_draw_the_same_again():
    request = Request("natural", "3,7", seed=5, hand=("slant=0.3",), effects="noise=5")
    swept = sweep(mean_reader(), request, along="effect-blur", values=(0, 1.5), count=3)
    text = json.loads(json.dumps(swept.to_json(), allow_nan=False))
    assert (text["along"], text["seed"]) == ("blur", 5)
    row = text["rows"][0]
    assert list(row) == ["along", "value", "digit", "n", "correct", "accuracy", "interval"]
    assert [(row["along"], row["value"], row["digit"], row["n"]) for row in text["rows"]] == [
        ("blur", value, digit, 3) for value in (0, 1.5) for digit in "37"
    ]
    assert Request.parse(text["arguments"]) == replace(request, seed=0)
    again = Sweep.from_json(text)
    assert again.to_json() == text
    assert again.request == request
    drawn = replace(request, effects="noise=5,blur=1.5", seed=SWEEP_SEEDS + 5).handwriting()
    np.testing.assert_array_equal(again.writing(1.5).draw(0, 4)[0], drawn.draw(0, 4)[0])


@pytest.mark.parametrize("along", TRACKS)
def test_along_any_setting_it_reads_what_that_setting_draws(along):
    """A plain loop over what the request draws at each end of the range, in MNIST's form."""
    reader, track = mean_reader(), TRACKS[along]
    request = Request("classic", seed=2)
    swept = sweep(reader, request, along=along, values=(track.low, track.high), count=3)
    for level in swept.levels:
        asked = track.at(replace(request, seed=SWEEP_SEEDS + 2), level.value)
        images, labels = asked.handwriting().draw(0, 30)
        np.testing.assert_array_equal(
            level.confusion,
            confusion_matrix(labels, reader.predict(images).labels(), labels=DIGITS),
        )
    assert sum(row.n for row in swept.rates.rows) == 60
    assert {row.along for row in (*swept.rates.rows, *swept.rates.totals)} == {along}


def test_effects_come_after_the_canonical_form():
    """Through it a shift would be undone, and noise be taken for ink."""
    reader, request = mean_reader(form="emnist"), Request("classic", effects="noise=10")
    (level,) = sweep(reader, request, along="effect-shift", values=(6,), count=4).levels
    images, labels = drawn(Hand().jitter, 4, 0, size=84)
    steps = (("noise", 10.0), ("shift", 6.0))
    inputs = np.stack(
        [
            apply_effects(
                canonical_ink(image, reader.form).model_input,
                label,
                steps,
                np.random.default_rng((SWEEP_SEEDS, number)),
            )[0]
            for number, (image, label) in enumerate(zip(images, labels, strict=True))
        ]
    )
    np.testing.assert_array_equal(
        level.confusion, confusion_matrix(labels, reader.predict(inputs).labels(), labels=DIGITS)
    )


def test_a_flip_counts_as_what_it_makes():
    reader = mean_reader()
    swept = sweep(
        reader, Request("classic", "6"), along="effect-half-turn", values=(0, 1), count=20
    )
    assert [(row.value, row.digit, row.n) for row in swept.rates.rows] == [
        (0, "6", 20),
        (1, "9", 20),
    ]


def test_small_letters_count_as_their_capitals_where_those_are_one_class():
    reader = mean_reader((*DIGITS, "A", "C"))
    swept = sweep(reader, Request("natural", "c,A"), values=(1,), count=5)
    assert [(row.digit, row.n) for row in swept.rates.rows] == [("C", 5), ("A", 5)]


def test_without_values_it_goes_across_the_range():
    assert usual_values("jitter") == list(JITTERS)
    assert usual_values("effect-blur") == [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]
    assert usual_values("turn") == [0, 5, 10, 15, 20, 25, 30, 35, 40, 45]
    assert usual_values("slant") == pytest.approx(np.linspace(-1, 1, 11))
    for name, track in TRACKS.items():
        values = usual_values(name)
        assert name == "jitter" or (values[0], values[-1]) == (track.low, track.high)
    swept = sweep(mean_reader(), Request("classic", "1"), along="zoom", count=1)
    assert [level.value for level in swept.levels] == usual_values("zoom")
    assert all(value == int(value) for value in usual_values("zoom"))


def test_examples_are_what_the_sweep_draws():
    request = Request("classic", seed=4)
    images, labels = examples(request, "turn", (0, 30))
    assert labels == ["0", "5", "9"]
    for row, value in zip(images, (0, 30), strict=True):
        asked = TRACKS["turn"].at(replace(request, seed=SWEEP_SEEDS + 4), value)
        np.testing.assert_array_equal(row, asked.handwriting().draw(0, 10)[0][[0, 5, 9]])


def test_progress_rises_to_the_end_and_can_stop_it(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 40)
    seen = Reports()
    sweep(mean_reader(), CLASSIC, values=(0, 1), count=9, report=seen)
    assert seen == [40, 80, 90, 130, 170, 180]
    with pytest.raises(KeyboardInterrupt):
        sweep(mean_reader(), CLASSIC, values=(0, 1), count=9, report=Reports(stop_after=90))


@pytest.mark.parametrize(
    "options",
    [
        {"count": 0},
        {"count": 100_001},
        {"values": ()},
        {"values": (-1,)},
        {"values": (11,)},
        {"values": (float("nan"),)},
        {"values": (float("inf"),)},
        {"values": tuple(number / 10 for number in range(MOST_VALUES + 1))},
        {"along": "effect-blur", "values": (4.1,)},
        {"along": "effect-blur", "values": (float("nan"),)},
        {"along": "zoom", "values": (1.5,)},
        {"request": Request("classic", seed=-1)},
        {"request": Request("classic", seed=2**32)},
        {"request": Request("classic", "A")},
    ],
)
def test_what_cannot_be_swept_is_a_sentence(options):
    with pytest.raises(InklingError) as caught:
        sweep(mean_reader(), **{"request": CLASSIC, "count": 1, **options})
    assert is_sentence(str(caught.value))


def test_a_digit_that_is_not_read_or_not_drawn(tmp_path):
    letters = mean_reader((*DIGITS, "A"))
    blind = type(letters)(
        letters.network,
        letters.form,
        type(letters.card)(**{**vars(letters.card), "classes": (*DIGITS[:8], "A", "B", "C")}),
    )
    with pytest.raises(InklingError, match="8 9") as caught:
        sweep(blind, CLASSIC, count=1)
    assert is_sentence(str(caught.value))
    few = tmp_path / "few.json"
    few.write_text('{"name": "few", "glyphs": {"0": [{"strokes": [[[4, 14], [20, 14]]]}]}}')
    with pytest.raises(InklingError, match="'1'") as caught:
        sweep(mean_reader(), Request(str(few)), count=1)
    assert is_sentence(str(caught.value))


@pytest.mark.parametrize(
    ("text", "values"), [("0,0.5,1", [0, 0.5, 1]), ("3", [3]), (" 1 , 1,-2", [1, -2])]
)
def test_a_list_of_values(text, values):
    assert parse_values(text) == values


@pytest.mark.parametrize("text", ["", ",", "0;1", "one", "0,,1"])
def test_what_is_no_list_of_values(text):
    with pytest.raises(InklingError) as caught:
        parse_values(text)
    assert is_sentence(str(caught.value))


@given(st.integers(0, SEEDS - 1), st.integers(0, SEEDS - 1))
def test_what_is_measured_is_never_mined(one, other):
    assert SEEDS <= seed_of(one, SWEEP_SEEDS) < 2 * SEEDS <= seed_of(other, MINING_SEEDS) < 2**63


def test_a_sweep_that_ships_is_of_its_weights_and_settings(settings, make_model, tmp_path):
    make_model()
    card, weights = find_card("tiny", settings)
    made = sweep(
        load_recognizer("tiny", settings), replace(CLASSIC, seed=5), values=(0, 2), count=3
    )
    wanted = {
        "request": replace(CLASSIC, seed=5),
        "along": "jitter",
        "values": (0, 2),
        "count": 3,
        "folder": tmp_path,
    }
    assert shipped_sweep(card, weights, **wanted) is None
    ship_sweep(made, card, weights, tmp_path)
    result = shipped_sweep(card, weights, **wanted)
    assert result is not None
    assert result.rates == made.rates
    for change in (
        {"request": CLASSIC},
        {"request": Request("natural", seed=5)},
        {"count": 4},
        {"values": (0,)},
        {"along": "turn"},
    ):
        assert shipped_sweep(card, weights, **wanted | change) is None
    assert shipped_sweep(replace(card, temperature=9.0), weights, **wanted) is None


@pytest.mark.parametrize("name", ["digits", "characters"])
def test_what_the_screen_asks_for_first_ships(settings, name):
    card, weights = find_card(name, settings)
    swept = shipped_sweep(card, weights, request=CLASSIC, along="jitter", values=JITTERS, count=100)
    assert swept is not None
    again = sweep(load_recognizer(name, settings), CLASSIC, values=(0,), count=5)
    assert again.rates.totals[0].accuracy == pytest.approx(swept.rates.totals[0].accuracy, abs=0.05)

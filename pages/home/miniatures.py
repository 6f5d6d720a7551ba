"""Small pictures of what the screens show: of what is on this machine, read by its model."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from core.datasets import drawings as kept
from core.ink.encode import diverging, negative
from core.ink.forms import canonical_strokes
from core.ink.strokes import draw_strokes, picture_of_strokes
from core.intervals import percent
from core.models.cards import find_card
from core.settings import ASSETS, Settings
from core.synthesis.handwriting import DIGITS, Handwriting
from pages.shared.style import AGAINST_AND_FOR, theme

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer

SIDE, PEN = 280, 22
"""Pixels of a canvas, and of the pen on it."""

JITTERS = (0, 2.5, 5, 7.5, 10)
"""Units of the 28-unit grid."""

_TRIES = 20


@dataclass(frozen=True)
class Seen:
    """What the pictures are made from. model : None while it loads, or if there is none."""

    settings: Settings
    model: "Recognizer | None"

    @property
    def reader(self) -> str:
        """What tells one model from another."""
        return repr(self.model.card) if self.model else ""


@dataclass(frozen=True)
class Miniature:
    """pictures : ink uint8 [H, W], 255 on paper 0, or colours [H, W, 3], in so many columns. fact :
    what they are, in a few words.
    """

    pictures: Sequence[np.ndarray]
    fact: str
    columns: int


def digits(seen: Seen) -> Miniature:
    """Ten synthetic digits, and how many of them are read as meant."""
    drawn = [Handwriting(seed=0).sketch(number).strokes(size=SIDE) for number in range(10)]
    answers = _answers(seen.model, drawn)
    right = sum(answer == label for answer, label in zip(answers, DIGITS, strict=True))
    read = f"; {right} of 10 read as meant" if seen.model else ""
    return Miniature(_pictures(drawn), f"Nobody wrote these{read}", 5)


def numerals(seen: Seen) -> Miniature:
    """Ten numerals joined from glyphs."""
    composed = _numerals(seen, 10)
    return Miniature(composed, "Joined from single characters, i to mmmcmxcix", 5)


def edit(seen: Seen) -> Miniature:
    """A vii, and the viii that an edit makes of it."""
    from core.synthesis.compose.edits import add_stroke

    for number in range(_TRIES):  # not every hand's strokes are told apart for sure
        before = _numerals(seen, 1, first=6 + 10 * number)[0]
        after = add_stroke(before)
        if after is not None:
            return Miniature([before, after], "Decide by keyboard; edits know what they show", 2)
    return Miniature([], "Look through pictures, decide on them, export a better set", 1)


def _numerals(seen: Seen, count: int, first: int = 0) -> list[np.ndarray]:
    from core.datasets.letter_sources import open_letters
    from core.synthesis.compose.compositions import Compositions
    from core.synthesis.compose.recipe import PRESETS

    made = Compositions(
        letters=open_letters("natural", seen.settings), recipe=PRESETS["competition-black"], seed=3
    )
    return [made.picture(number) for number in range(first, first + count)]


def jitter(seen: Seen) -> Miniature:
    """A 4 with ever more jitter, and what is read in it."""
    plain = Handwriting(seed=4, labels=("4",))
    hands = [replace(plain.glyphs.hand, jitter=radius) for radius in JITTERS]
    drawn = [replace(plain, hand=hand).sketch(0).strokes(size=SIDE) for hand in hands]
    answers = _answers(seen.model, drawn)
    read = f", read as {', '.join(answers)}" if seen.model else ""
    return Miniature(_pictures(drawn), f"A 4 with ever more jitter{read}", len(JITTERS))


def line(seen: Seen) -> Miniature:
    """Four digits side by side, and their reading."""
    writing = Handwriting(seed=1, labels=("2", "0", "2", "6"))
    strokes = [
        stroke + np.array([0.8 * SIDE * number, 0])
        for number in range(4)
        for stroke in writing.sketch(number).strokes(size=SIDE)
    ]
    picture = negative(picture_of_strokes(strokes, width=PEN))
    if seen.model is None:
        return Miniature([picture], "Several characters at once", 1)
    from core.reading.line import read_line_strokes

    read = read_line_strokes(seen.model.only(DIGITS), strokes, width=PEN)
    return Miniature([picture], f"Read as {read.text if read else 'nothing'}", 1)


def photo(seen: Seen) -> Miniature:
    """A digit as a bad photograph has it, and what is left of it for a model."""
    from core.synthesis.effects.table import apply_effects

    strokes = Handwriting(seed=2, labels=("5",)).sketch(0).strokes(size=SIDE)
    sharp = draw_strokes(strokes, width=PEN, size=(SIDE, SIDE))
    steps = [("rotation", 12.0), ("blur", 2.0), ("noise", 40.0)]
    random = np.random.default_rng(0)
    photographed, _ = apply_effects(sharp, "5", steps, random)
    return Miniature([photographed], "Photographed, pasted or uploaded", 1)


def sheet(seen: Seen) -> Miniature:
    """A photographed table, and how many of its cells are read as meant."""
    from core.reading.sheet_example import draw_example

    drawn = draw_example(DIGITS, seen.settings, rows=4, columns=7)
    picture = negative(drawn.photograph)
    if seen.model is None:
        return Miniature([picture], "A photograph becomes a table", 1)
    from core.reading.sheet import read_sheet

    texts = read_sheet(seen.model.only(DIGITS), drawn.photograph).texts
    read, truth = list(chain(*texts)), list(chain(*drawn.texts))
    right = sum(map(str.__eq__, read, truth)) if len(texts) == len(drawn.texts) else 0
    return Miniature([picture], f"Photographed; {right} of {len(truth)} cells read as meant", 1)


def class_maps(seen: Seen) -> Miniature:
    """Where ink speaks for each digit of MNIST, and where against it."""
    from core.statistics.maps_file import SHIPPED_STATISTICS, load_maps

    z = load_maps(SHIPPED_STATISTICS / "mnist-train.npz").z
    pictures = [diverging(one, AGAINST_AND_FOR[theme()]) for one in z]
    return Miniature(pictures, "What tells each digit from the others, in 60,000 of MNIST", 5)


def confusion(seen: Seen) -> Miniature:
    """The errors of a shipped model on MNIST's test set: rows are the truth."""
    from core.evaluation.predictions import shipped_predictions
    from core.evaluation.scores import confusion_matrix

    card, weights = find_card("digits", seen.settings)
    answered = shipped_predictions(weights, card, "mnist:test")
    if answered is None:
        return Miniature([], "What is taken for what, in any data", 1)
    counts = confusion_matrix(answered.truth, answered.answers, len(answered.classes))
    errors = np.sqrt(counts - np.diag(counts.diagonal()))  # that one is seen beside many
    accuracy = percent(counts.trace() / len(answered))
    picture = diverging(errors, AGAINST_AND_FOR[theme()])
    return Miniature([picture], f"What is taken for what: {accuracy} right on MNIST", 1)


def drawings(seen: Seen) -> Miniature:
    """The newest that were kept."""
    count = kept.count(seen.settings)
    newest = kept.load(seen.settings, newest=10)
    if not newest:
        return Miniature([], "Nothing is kept yet: what you draw can be kept and trained on", 1)
    pictures = [negative(drawing.picture) for drawing in newest]
    return Miniature(pictures, f"{count:,} kept", 5)


def curve(seen: Seen) -> Miniature:
    """Validation accuracy of the newest run that has a curve, or that of a measured one."""
    from core.training.runs import find_runs

    for run in find_runs(seen.settings.runs)[:10]:
        accuracies = [row.validation_accuracy for row in run.metrics()]
        if len(accuracies) > 1:
            fact = f"{run.name}: {percent(max(accuracies))} after {len(accuracies)} epochs"
            return Miniature([_curve(accuracies)], fact, 1)
    with (ASSETS / "results" / "time_to_accuracy.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["name"] == "notebook-cnn"]
    accuracies = [float(row["test_accuracy"]) for row in rows]
    fact = f"Notebook CNN on MNIST: {percent(accuracies[-1])} after {len(rows)} epochs"
    return Miniature([_curve(accuracies)], fact, 1)


def _curve(values: Sequence[float]) -> np.ndarray:
    """A line through the values, which the pen draws, from the lowest to the highest."""
    low, high = min(values), max(values)
    x = np.linspace(10, SIDE - 10, len(values))
    y = 130 - 120 * (np.array(values) - low) / max(high - low, 1e-9)
    return draw_strokes([np.stack([x, y], 1)], width=5, size=(140, SIDE))


def _pictures(drawn: Sequence[Sequence[np.ndarray]]) -> list[np.ndarray]:
    return [negative(picture_of_strokes(strokes, width=PEN)) for strokes in drawn]


def _answers(model: "Recognizer | None", drawn: Sequence[Sequence[np.ndarray]]) -> tuple[str, ...]:
    """What is read in each, of the digits; nothing without a model."""
    if model is None:
        return ("",) * len(drawn)
    inputs = [canonical_strokes(strokes, model.form, width=PEN) for strokes in drawn]
    images = np.stack([stages.model_input for stages in inputs if stages])
    return tuple(model.only(DIGITS).predict(images).labels())

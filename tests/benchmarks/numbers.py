"""How well `numbers` reads: whole numbers 0-36 joined from digits of people it never saw, two-digit
numbers that people wrote in one go, and single digits.

INKLING_DATA=DATA_ROOT python -m tests.benchmarks.numbers      writes assets/results/numbers.csv

The composed ones are in the canonical form already, all others are drawn as on the canvas. Written
in one go are UniPen's lines (`DATA/strokes/unipen-lines.json.gz`): numbers of two digits as they
are, and pairs of neighbours out of longer ones whose strokes fall apart into as many groups, none
above another, as there are digits. The network learnt from none of these lines; those of writers
for training helped to choose how its digits are joined, those of writers held out chose nothing.
"""

import sys
from collections.abc import Iterator, Sequence

import numpy as np

from core.datasets.composed import numbers_of
from core.datasets.letter_sources import open_letters
from core.datasets.published import open_mnist
from core.datasets.stroke_files import read_strokes
from core.datasets.strokes import COLLECTIONS, LINES
from core.evaluation.publish import hardware
from core.ink.forms import canonical
from core.ink.handwritten import Handwritten
from core.intervals import wilson_interval
from core.models.recognizer import Recognizer, load_recognizer
from core.settings import Settings
from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.numbers import DIGITS, NUMBERS
from core.synthesis.compose.recipe import PRESETS
from tests.benchmarks.canvas import on_canvas
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.numbers"
SEED, COUNT = 3636, 20_000
FROM_STROKES = 5_000
PEN = 12
"""Pixels, on a canvas of 280."""

Drawing = tuple[str, Sequence[np.ndarray]]
"""A label, and strokes."""


def written_in_one_go(lines: Handwritten) -> tuple[list[Drawing], list[Drawing]]:
    """Numbers of two digits of NUMBERS, and pairs of digits cut out of longer ones."""
    whole: list[Drawing] = []
    pairs: list[Drawing] = []
    for number, text in enumerate(map(str, lines.labels)):
        strokes = lines.piece(number)
        if text in NUMBERS and len(text) == 2:
            whole.append((text, strokes))
        elif text.isdigit() and len(text) > 2 and len(groups := side_by_side(strokes)) == len(text):
            pairs += [
                (text[at : at + 2], [*groups[at], *groups[at + 1]])
                for at in range(len(text) - 1)
                if text[at : at + 2] in NUMBERS[10:]
            ]
    return whole, pairs


def side_by_side(strokes: Sequence[np.ndarray]) -> list[list[np.ndarray]]:
    """Strokes in groups from left to right, between which there is a gap."""
    groups: list[list[np.ndarray]] = []
    until = -np.inf
    for stroke in sorted(strokes, key=lambda stroke: float(stroke[:, 0].min())):
        if stroke[:, 0].min() > until:
            groups.append([])
        groups[-1].append(stroke)
        until = max(until, float(stroke[:, 0].max()))
    return groups


def read_drawn(recognizer: Recognizer, drawings: Sequence[Drawing], *, pen: float) -> np.ndarray:
    """Answers, texts [N], to drawings on the canvas."""
    generator = np.random.default_rng(SEED)
    stages = [
        canonical(on_canvas(list(strokes), generator, pen=pen), recognizer.form)
        for _, strokes in drawings
    ]
    side = recognizer.form.size
    blank = np.zeros((side, side), np.uint8)
    return read(recognizer, np.stack([s.model_input if s else blank for s in stages]))


def read(recognizer: Recognizer, images: np.ndarray) -> np.ndarray:
    """Answers, texts [N], to model inputs uint8 [N, size, size]."""
    answers = recognizer.predict(images).probabilities.argmax(1)
    return np.array(recognizer.card.classes)[answers]


def composed(recognizer: Recognizer, settings: Settings) -> Iterator[tuple[str, np.ndarray]]:
    """What was composed: (name of the data, whether each was read right, bool [N])."""
    as_in_the_set = numbers_of(open_mnist(settings.data, "test"), seed=SEED)
    images, labels = as_in_the_set.draw(0, COUNT)
    yield "composed of MNIST's test digits", read(recognizer, images) == labels
    for source, count in (("mnist", COUNT), ("unipen", FROM_STROKES), ("pendigits", FROM_STROKES)):
        made = Compositions(
            letters=open_letters(f"{source}:test", settings),
            texts=NUMBERS,
            recipe=PRESETS["numbers"],
            seed=SEED,
        )
        images, labels = made.draw(0, count)
        title = f"preset numbers, {source}, {'test' if source == 'mnist' else 'writers held out'}"
        yield title, read(recognizer, images) == labels


def written(recognizer: Recognizer, settings: Settings) -> Iterator[tuple[str, np.ndarray]]:
    """The same of what people wrote."""
    folder = settings.data / "strokes"
    lines = read_strokes(folder / LINES)
    for title, rows in (("held out", lines.held_out), ("for training", ~lines.held_out)):
        whole, pairs = written_in_one_go(lines.take(rows))
        for kind, drawings in (
            ("two digits, whole lines or cut out", whole + pairs),
            ("two digits, whole lines", whole),
            ("two digits, cut out of longer lines", pairs),
        ):
            labels = [label for label, _ in drawings]
            answers = read_drawn(recognizer, drawings, pen=PEN)
            for label, answer in zip(labels, answers, strict=True):
                if label != answer:
                    print(f"{title}, {kind}: {label} read as {answer}", file=sys.stderr)
            yield f"{kind}, UniPen, writers {title}", answers == labels
    for name in ("unipen-digits", "pendigits"):
        made = COLLECTIONS[name]
        everyone = read_strokes(folder / made.file)
        held = everyone.take(np.isin(everyone.labels, DIGITS) & everyone.held_out)
        digits = [(str(label), held.piece(row)) for row, label in enumerate(held.labels)]
        yield (
            f"single digits, {name}, writers held out",
            read_drawn(recognizer, digits, pen=PEN) == held.labels,
        )


def main() -> None:
    settings = Settings.from_environment()
    recognizer = load_recognizer("numbers", settings)
    rows = []
    for part in (composed, written):
        for title, right in part(recognizer, settings):
            correct, n = int(right.sum()), len(right)
            rates = (round(rate, 4) for rate in (correct / n, *wilson_interval(correct, n)))
            rows.append([title, n, correct, *rates, hardware(), COMMAND])
    write_results("numbers.csv", "data,n,correct,accuracy,low,high,hardware,command", rows)


if __name__ == "__main__":
    main()

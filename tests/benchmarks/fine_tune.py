"""What a recognizer learns from few drawings, and what it forgets: one hand, and new classes.

INKLING_DATA=DATA_ROOT python -m tests.benchmarks.fine_tune [digits] [characters]
writes assets/results/fine_tune.csv, ten minutes for `digits`

One hand: 30 drawings at random of each of ten writers held out, those with the most characters, are
taught, and the writer's others are read before and after. New classes: twelve drawings of each of
three shapes, and 200 others of each are read, with and without images of the old classes on the
machine. All beside the test set.
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from core.datasets.catalogue import open_dataset
from core.datasets.dataset import Dataset
from core.evaluation.fine_tune import count_right
from core.evaluation.publish import hardware
from core.ink.handwritten import Handwritten
from core.models.recognizer import Recognizer, load_recognizer
from core.settings import Settings
from core.synthesis.drawing import draw_inputs, pieces_of
from core.training.fine_tune import FineTuning, fine_tune
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.fine_tune"
DATA = {
    "digits": (("pendigits", "unipen-digits"), "mnist", "mnist:test"),
    "characters": (("unipen",), "emnist-bymerge", "emnist-balanced:test"),
}
WRITERS, DRAWINGS, SHAPES, OTHERS = 10, 30, 12, 200
Strokes = list[np.ndarray]
Generator = np.random.Generator


def house(generator: Generator) -> Strokes:
    """Walls and a roof, in one stroke or in two."""
    wide, high, peak = (
        generator.uniform(0.6, 1.2),
        generator.uniform(0.5, 1),
        generator.uniform(0.3, 0.8),
    )
    walls = [[0, 0], [0, high], [wide, high], [wide, 0]]
    top = wide * generator.uniform(0.35, 0.65)
    over = generator.uniform(0, 0.15)
    if generator.random() < 0.5:
        return [np.array([*walls, [top, -peak], [0, 0], [wide, 0]])]
    return [np.array([*walls, [0, 0]]), np.array([[-over, 0.02], [top, -peak], [wide + over, 0]])]


def lightning(generator: Generator) -> Strokes:
    """A zigzag downwards, of three or four legs."""
    legs = int(generator.integers(3, 5))
    y = np.linspace(0, 1, legs + 1) + generator.normal(0, 0.03, legs + 1)
    y[1::2] += generator.uniform(0.02, 0.12)
    x = np.where(np.arange(legs + 1) % 2, 0, generator.uniform(0.25, 0.5)) - 0.15 * np.arange(
        legs + 1
    )
    return [np.stack([x * generator.choice([-1, 1], p=[0.15, 0.85]), y], 1)]


def note(generator: Generator) -> Strokes:
    """A quaver: a head, its stem, a flag."""
    angle = np.linspace(0, 2 * np.pi * generator.uniform(1, 1.15), 24)
    head = np.stack([0.2 * np.cos(angle), 0.13 * np.sin(angle)], 1) * generator.uniform(0.7, 1.3)
    high, flag = generator.uniform(0.7, 1.2), generator.uniform(0.25, 0.5)
    stem = np.array([[0.2, 0], [0.2, -high]])
    bow = np.array([[0.2, -high], [0.3, -high + 0.2], [0.2 + flag, -high + 0.35]])
    if generator.random() < 0.4:
        return [head, np.concatenate([stem, bow[1:]])]
    return [head, stem, bow]


NEW: dict[str, Callable[[Generator], Strokes]] = {
    "house": house,
    "lightning": lightning,
    "note": note,
}


def shapes(recognizer: Recognizer, count: int, seed: int) -> Dataset:
    """`count` drawings of each shape, turned, stretched and shaken, with pens of all widths."""

    def pieces() -> Iterator[tuple[str, str, Strokes]]:
        for label, draw in NEW.items():
            for number in range(count):
                yield label, "", shaken(draw, np.random.default_rng((seed, number)))

    written = Handwritten.of(pieces())
    images = np.concatenate(
        [
            draw_inputs(pieces_of(written, np.array([row])), recognizer.form, pen=pen)
            for row, pen in enumerate(np.random.default_rng(seed).uniform(8, 32, len(written)))
        ]
    )
    labels = np.repeat(np.arange(len(NEW)), count)
    return Dataset(
        "shapes", "Shapes", images, labels, tuple(NEW), recognizer.form.name, "drawn", written
    )


def shaken(draw: Callable[[Generator], Strokes], generator: Generator) -> Strokes:
    """Turned by 8 degrees, stretched by a sixth and shaken by 3 % of its size (standard
    deviations).
    """
    angle = np.radians(generator.normal(0, 8))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    stretch = np.exp(generator.normal(0, 0.16, 2))
    return [
        ((stroke + generator.normal(0, 0.03, stroke.shape)) * stretch) @ turn
        for stroke in draw(generator)
    ]


def hands(recognizer: Recognizer, sets: tuple[str, ...], settings: Settings) -> Iterator[Dataset]:
    """All characters of each of the ten writers held out who wrote the most."""
    found: dict[str, Dataset] = {}
    for name in sets:
        data = open_dataset(f"{name}:validation", settings, form=recognizer.form)
        assert data.writers is not None
        for writer in np.unique(data.writers):
            rows = np.flatnonzero(data.writers == writer)
            found[f"{name} {writer}"] = replace(data.take(rows), title=f"{name} {writer}")
    yield from sorted(found.values(), key=len, reverse=True)[:WRITERS]


def main() -> None:
    settings = Settings.from_environment()
    rows: list[list[object]] = []
    for model in sys.argv[1:] or DATA:
        sets, replay, test_name = DATA[model]
        before = load_recognizer(model, settings)
        test = open_dataset(test_name, settings)
        known = count_right(before, test)
        tasks = [
            ("one hand", one.title, one.take(taught), one.take(others))
            for one in hands(before, sets, settings)
            for taught, others in [parted(len(one))]
        ]
        new = "new classes", ", ".join(NEW), shapes(before, SHAPES, 1), shapes(before, OTHERS, 2)
        changes = []
        for beside, (task, title, taught, others) in [
            *((replay, each) for each in [*tasks, new]),
            ("", new),
        ]:
            data = open_dataset(beside, settings) if beside else None
            started = time.perf_counter()
            after = fine_tune(before, taught, data, FineTuning())
            seconds = round(time.perf_counter() - started, 1)
            own, now = (
                [count_right(before, others), count_right(after, others)],
                count_right(after, test),
            )
            if task == "one hand":
                changes.append([len(others) - count for count in own])
            row = [model, task, title, beside, len(taught), len(others), *own]
            rows.append([*row, test_name, len(test), known, now, seconds, hardware(), COMMAND])
            print(rows[-1], flush=True)
        halved = sum(2 * later <= earlier for earlier, later in changes)
        print(model, "errors", [list(column) for column in zip(*changes, strict=True)], halved)
    write_results(
        "fine_tune.csv",
        "model,task,drawings_of,beside,taught,n,right_before,right_after,test,test_n,"
        "test_right_before,test_right_after,seconds,hardware,command",
        rows,
    )


def parted(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows to teach, and the others."""
    order = np.random.default_rng(0).permutation(count)
    return np.sort(order[:DRAWINGS]), np.sort(order[DRAWINGS:])


if __name__ == "__main__":
    main()

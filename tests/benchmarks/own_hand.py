"""A hand learnt from three drawings of each class: from the drawings alone, and multiplied.

INKLING_DATA=DATA_ROOT python -m core train resnet8-tiny --data mnist --set epochs=2 redrawn=0 \
    --save-as mnist-tiny
INKLING_DATA=DATA_ROOT python -m tests.benchmarks.own_hand [MODEL]
writes assets/results/own_hand.csv, twenty minutes

MODEL has learnt nothing of pen strokes, so that a hand leaves it errors. Writers: those of
validation of pendigits and UniPen's digits who drew three of each digit and 30 others, and whom
MODEL misreads at least `LEAST` times on these; the ten with the most digits, or all that there are.
Three of each class, at random, are taught; the others are read before and after: as *Teach it*
does, the same with the settings of a hand, and with these and its glyph set.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from core.datasets.catalogue import open_dataset
from core.datasets.dataset import Dataset
from core.datasets.own_hand import glyphs_of
from core.evaluation.fine_tune import count_right
from core.evaluation.publish import hardware
from core.models.recognizer import Recognizer, load_recognizer
from core.settings import Settings
from core.training.fine_tune import HAND, USUAL, fine_tune
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.own_hand"
SETS = "pendigits", "unipen-digits"
WRITERS, EACH, OTHERS, LEAST = 10, 3, 30, 3


def hands(recognizer: Recognizer, settings: Settings) -> Iterator[tuple[Dataset, Dataset]]:
    """What is taught and the others of each writer, those with the most digits first."""
    found = []
    for name in SETS:
        data = open_dataset(f"{name}:validation", settings, form=recognizer.form)
        assert data.writers is not None
        for writer in np.unique(data.writers):
            one = replace(
                data.take(np.flatnonzero(data.writers == writer)), title=f"{name} {writer}"
            )
            taught, others = parted(one)
            enough = len(taught) == EACH * len(data.classes) and len(others) >= OTHERS
            if enough and len(others) - count_right(recognizer, others) >= LEAST:
                found.append((taught, others))
    yield from sorted(found, key=lambda pair: -len(pair[1]))[:WRITERS]


def parted(one: Dataset) -> tuple[Dataset, Dataset]:
    """Three of each class, and the others."""
    order = np.random.default_rng(0).permutation(len(one))
    taught = np.concatenate(
        [order[one.labels[order] == index][:EACH] for index in range(len(one.classes))]
    )
    return one.take(np.sort(taught)), one.take(np.setdiff1d(order, taught))


def main() -> None:
    settings = Settings.from_environment()
    model = sys.argv[1] if len(sys.argv) > 1 else "mnist-tiny"
    before, mnist = load_recognizer(model, settings), open_dataset("mnist", settings)
    test = open_dataset("mnist:test", settings)
    known = count_right(before, test)
    rows: list[list[object]] = []
    for taught, others in hands(before, settings):
        errors = [len(others) - count_right(before, others)]
        tests, seconds = [known], []
        for plan, multiplied in ((USUAL, False), (HAND, False), (HAND, True)):
            started = time.perf_counter()
            glyphs = glyphs_of(taught, "own") if multiplied else None
            after = fine_tune(before, taught, mnist, plan, glyphs=glyphs)
            seconds.append(round(time.perf_counter() - started, 1))
            errors.append(len(others) - count_right(after, others))
            tests.append(count_right(after, test))
        row = [model, before.card.data, taught.title, len(taught), len(others), *errors]
        rows.append([*row, len(test), *tests, *seconds, hardware(), COMMAND])
        print(rows[-1], flush=True)
    errors_of = np.array([row[5:9] for row in rows], float)
    print(
        "median errors before, drawings, drawings as a hand, glyph set:",
        np.median(errors_of, 0),
        errors_of.sum(0),
    )
    write_results(
        "own_hand.csv",
        "model,model_learnt,drawings_of,taught,n,errors_before,errors_drawings,"
        "errors_drawings_as_hand,errors_glyph_set,test_n,test_right_before,test_right_drawings,"
        "test_right_drawings_as_hand,test_right_glyph_set,seconds_drawings,"
        "seconds_drawings_as_hand,seconds_glyph_set,hardware,command",
        rows,
    )


if __name__ == "__main__":
    main()

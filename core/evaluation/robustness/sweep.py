"""How well drawn characters are read along one setting, of the hand that writes them or of an
effect: accuracy, confusions, failures.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from core.errors import InklingError
from core.evaluation.robustness.probe import SWEEP_SEEDS, Drawn, Probe, seed_of
from core.evaluation.robustness.results import JITTER, Failure, Level, Sweep
from core.evaluation.scores import confusion_matrix
from core.jobs.engine import HERE, Engine
from core.progress import Progress, ignore_progress
from core.synthesis.filmstrip import TRACKS
from core.synthesis.handwriting import Handwriting
from core.synthesis.request import Request
from core.synthesis.writer import CHUNK

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer

JITTERS = (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0)
"""The MNIST notebook's levels, in units of the 28-unit grid."""

_GRIDS = range(8, 12)
"""So many values are taken along any other setting, unless others are given."""

MOST_VALUES, MOST_COUNT = 50, 100_000
SHOWN = 10
"""Failures stored of each character at a value, worst first: the notebook shows ten."""


def sweep(
    recognizer: "Recognizer",
    request: Request,
    *,
    along: str = JITTER,
    values: Sequence[float] | None = None,
    count: int = 100,
    canonical: bool | None = None,
    engine: Engine = HERE,
    report: Progress = ignore_progress,
) -> Sweep:
    """Read `count` drawn images of each character of a request at each value of one setting, the
    same handwriting at all of them.

    request : its seed is 0 to 2^32 - 1, never that of mined images (see
    `core.evaluation.robustness.probe`); its size is that of the recognizer's form. along : a name
    in TRACKS, which has the unit. values : None is `usual_values`.
    canonical : whether drawings go through the recognizer's canonical form; None decides by the
    form (`canonical_by_default`). report(images done) may raise to stop. Memory does not grow
    with `count`. InklingError for settings out of range, or a recognizer or glyphs without one of
    the characters.
    """
    values = list(dict.fromkeys(map(float, usual_values(along) if values is None else values)))
    writings = writings_along(request, along, values)
    check_count(count)
    probe = Probe(recognizer, seed_of(request.seed, SWEEP_SEEDS), canonical)
    classes, labels = recognizer.card.classes, writings[0].labels
    total = count * len(labels)
    read = partial(_read, probe, [probe.writing(writing) for writing in writings], total)
    parts = [(index, start) for index in range(len(writings)) for start in range(0, total, CHUNK)]
    confusions = np.zeros((len(writings), len(classes), len(classes)), np.int64)
    failures = [{label: list[Failure]() for label in labels} for _ in writings]
    every = engine.map(read, parts, here="serial")
    for (index, _), (confusion, found) in zip(parts, every, strict=True):
        confusions[index] += confusion
        failures[index] = _worst(failures[index], found)
        report(int(confusions.sum()))
    levels = (
        Level(value, confusion, tuple(chain.from_iterable(worst.values())))
        for value, confusion, worst in zip(values, confusions, failures, strict=True)
    )
    return Sweep(
        model=recognizer.card.name,
        glyphs=writings[0].glyphs.name,
        request=request,
        along=along,
        handwriting_seed=probe.seed,
        count=count,
        canonical=probe.through_form,
        classes=classes,
        levels=tuple(levels),
    )


def usual_values(along: str) -> list[float]:
    """The notebook's jitters, or an even grid across the range of another setting: of those of 8 to
    11 values the one that is shortest to write.
    """
    if along == JITTER:
        return list(JITTERS)
    grids = [[f"{value:g}" for value in TRACKS[along].values(count)] for count in _GRIDS]
    return list(map(float, min(grids, key=lambda texts: max(map(len, texts)))))


def parse_values(text: str) -> list[float]:
    """`0,0.5,1` as numbers, each once; InklingError for anything else, or too many."""
    try:
        values = list(dict.fromkeys(float(part) for part in text.split(",")))
    except ValueError as error:
        raise InklingError(
            f"{text!r} is no list of values; write numbers with commas between them, such as "
            "0,0.5,1."
        ) from error
    return values


def writings_along(request: Request, along: str, values: Sequence[float]) -> list[Handwriting]:
    """The handwriting at each value; InklingError if there are none, too many, or one is out of
    range.
    """
    if not 1 <= len(values) <= MOST_VALUES:
        raise InklingError(f"A sweep goes through 1 to {MOST_VALUES} values, not {len(values)}.")
    return [TRACKS[along].at(request, value).handwriting() for value in values]


def examples(request: Request, along: str, values: Sequence[float]) -> tuple[np.ndarray, list[str]]:
    """The first, a middle and the last character as a sweep draws them at each value: uint8
    [V, E, size, size], before the canonical form, and the E characters, at most three.
    """
    request = replace(request, seed=seed_of(request.seed, SWEEP_SEEDS))
    writings = writings_along(request, along, values)
    labels = writings[0].labels
    numbers = sorted({0, len(labels) // 2, len(labels) - 1})
    images = [[writing.draw(number, 1)[0][0] for number in numbers] for writing in writings]
    return np.array(images), [labels[number] for number in numbers]


def check_count(count: int) -> None:
    """InklingError unless `count` images of each character are allowed."""
    if not 1 <= count <= MOST_COUNT:
        raise InklingError(
            f"The number of images of each character is 1 to {MOST_COUNT:,}, not {count:,}."
        )


def _read(
    probe: Probe, writings: Sequence[Handwriting], total: int, part: tuple[int, int]
) -> tuple[np.ndarray, list[Failure]]:
    """Up to CHUNK of the `total` images of one writing, by its index and the number of the first:
    their confusion matrix int64 [C, C], and the failures.
    """
    index, start = part
    drawn = probe.read(writings[index], start, min(CHUNK, total - start))
    read, classes = drawn.prediction, probe.recognizer.card.classes
    return confusion_matrix(read.truth, read.answers, len(classes)), _failures(drawn, start)


def _worst(
    failures: dict[str, list[Failure]], found: Sequence[Failure]
) -> dict[str, list[Failure]]:
    """The SHOWN worst of each character, of those so far and those found now."""
    for failure in found:
        # a flip may have made another character of it
        failures.setdefault(failure.truth, []).append(failure)
    return {
        label: sorted(some, key=lambda failure: (failure.truth_probability, failure.number))[:SHOWN]
        for label, some in failures.items()
    }


def _failures(drawn: Drawn, start: int) -> list[Failure]:
    prediction = drawn.prediction
    return [
        Failure(
            start + int(row),
            drawn.labels[row],
            prediction.classes[prediction.answers[row]],
            float(prediction.confidence[row]),
            float(prediction.truth_probability[row]),
            drawn.images[row].copy(),  # a view would keep the whole chunk in memory
        )
        for row in np.flatnonzero(~prediction.right)
    ]

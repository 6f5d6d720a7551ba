"""How well drawn characters are read along one setting, of the hand that writes them or of an
effect: accuracy, confusions, failures.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.errors import InklingError
from core.evaluation.robustness.probe import SWEEP_SEEDS, Drawn, Probe, seed_of
from core.evaluation.robustness.results import JITTER, Failure, Level, Sweep
from core.evaluation.scores import confusion_matrix
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
    total = count * len(writings[0].labels)
    levels = tuple(
        Level(value, *_read(probe, probe.writing(writing), total, report, index * total))
        for index, (value, writing) in enumerate(zip(values, writings, strict=True))
    )
    return Sweep(
        model=recognizer.card.name,
        glyphs=writings[0].glyphs.name,
        request=request,
        along=along,
        handwriting_seed=probe.seed,
        count=count,
        canonical=probe.through_form,
        classes=recognizer.card.classes,
        levels=levels,
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
    probe: Probe, writing: Handwriting, total: int, report: Progress, before: int
) -> tuple[np.ndarray, tuple[Failure, ...]]:
    """The confusion matrix int64 [C, C] of `total` images, and the worst failures."""
    classes = probe.recognizer.card.classes
    confusion = np.zeros((len(classes), len(classes)), np.int64)
    worst: dict[str, list[Failure]] = {label: [] for label in writing.labels}
    for start in range(0, total, CHUNK):
        drawn = probe.read(writing, start, min(CHUNK, total - start))
        confusion += confusion_matrix(
            drawn.prediction.truth, drawn.prediction.answers, len(classes)
        )
        for failure in _failures(drawn, start):
            # a flip may have made another character of it
            worst.setdefault(failure.truth, []).append(failure)
        worst = {
            label: sorted(
                failures, key=lambda failure: (failure.truth_probability, failure.number)
            )[:SHOWN]
            for label, failures in worst.items()
        }
        report(before + start + len(drawn.labels))
    return confusion, tuple(failure for failures in worst.values() for failure in failures)


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

"""How well drawn digits are read at increasing jitter of their control points: accuracy,
confusions, failures.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.errors import InklingError
from core.evaluation.robustness.probe import SWEEP_SEEDS, Drawn, Probe, seed_of
from core.evaluation.robustness.results import Failure, Level, Sweep
from core.evaluation.scores import confusion_matrix
from core.progress import Progress, ignore_progress
from core.synthesis.glyphs import HAND_LIMITS, GlyphSet
from core.synthesis.handwriting import DIGITS
from core.synthesis.writer import CHUNK

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer

JITTERS = (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0)
"""The MNIST notebook's levels, in units of the 28-unit grid."""

MOST_JITTERS, MOST_COUNT = 50, 100_000
SHOWN = 10
"""Failures stored of each digit at a jitter, worst first: the notebook shows ten."""


def sweep(
    recognizer: "Recognizer",
    glyphs: GlyphSet,
    *,
    jitters: Sequence[float] = JITTERS,
    count: int = 100,
    seed: int = 0,
    canonical: bool | None = None,
    report: Progress = ignore_progress,
) -> Sweep:
    """Read `count` drawn images of each digit at each jitter (units of the 28-unit grid), the same
    handwriting at all of them.

    seed : 0 to 2^32 - 1, never that of mined images (see `core.evaluation.robustness.probe`).
    canonical : whether images go through the recognizer's canonical form first; None decides by the
    form (`canonical_by_default`). report(images done) may raise to stop. Memory does not grow
    with `count`. InklingError for settings out of range, or a recognizer or glyphs without a digit.
    """
    jitters = check_jitters(jitters)
    check_count(count)
    probe = Probe(recognizer, glyphs, seed_of(seed, SWEEP_SEEDS), canonical)
    total = count * len(DIGITS)
    levels = tuple(
        _level(probe, jitter, total, report, index * total) for index, jitter in enumerate(jitters)
    )
    card = recognizer.card
    return Sweep(
        card.name, glyphs.name, seed, probe.seed, count, probe.through_form, card.classes, levels
    )


def parse_jitters(text: str) -> tuple[float, ...]:
    """`0,0.5,1` as jitters; InklingError for anything else."""
    try:
        return check_jitters([float(part) for part in text.split(",")])
    except ValueError as error:
        raise InklingError(
            f"{text!r} is no list of jitters; write numbers with commas between them, such as "
            "0,0.5,1."
        ) from error


def check_jitters(jitters: Sequence[float]) -> tuple[float, ...]:
    """The jitters, each once; InklingError if there are none, too many, or one is out of range."""
    low, high = HAND_LIMITS["jitter"]
    if not 1 <= len(jitters) <= MOST_JITTERS:
        raise InklingError(f"A sweep goes through 1 to {MOST_JITTERS} jitters, not {len(jitters)}.")
    for jitter in jitters:
        if not (math.isfinite(jitter) and low <= jitter <= high):
            raise InklingError(f"A jitter is between {low:g} and {high:g}, not {jitter}.")
    return tuple(dict.fromkeys(map(float, jitters)))


def check_count(count: int) -> None:
    """InklingError unless `count` images of each digit are allowed."""
    if not 1 <= count <= MOST_COUNT:
        raise InklingError(
            f"The number of images of each digit is 1 to {MOST_COUNT:,}, not {count:,}."
        )


def _level(probe: Probe, jitter: float, total: int, report: Progress, before: int) -> Level:
    classes = probe.recognizer.card.classes
    confusion = np.zeros((len(classes), len(classes)), np.int64)
    worst: dict[str, list[Failure]] = {digit: [] for digit in DIGITS}
    for start in range(0, total, CHUNK):
        drawn = probe.read(start, min(CHUNK, total - start), jitter=jitter)
        confusion += confusion_matrix(
            drawn.prediction.truth, drawn.prediction.answers, len(classes)
        )
        for failure in _failures(drawn, start):
            worst[failure.truth].append(failure)
        worst = {
            digit: sorted(
                failures, key=lambda failure: (failure.truth_probability, failure.number)
            )[:SHOWN]
            for digit, failures in worst.items()
        }
        report(before + start + len(drawn.labels))
    return Level(
        jitter, confusion, tuple(failure for failures in worst.values() for failure in failures)
    )


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

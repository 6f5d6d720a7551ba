"""Coordinates of the marks in a report's charts, for the SVG that its template draws."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Generic, TypeVar

import numpy as np

from core.evaluation.calibration import Coverage, Reliability
from core.intervals import wilson_interval

PLOT = (46.0, 400.0, 14.0, 300.0)
"""Left, right, top and bottom of the plot in a drawing of 420x350."""

_FAR = 40.0
"""Least distance between two labels; a closer one is left out."""


@dataclass(frozen=True)
class Cell:
    """Its upper left corner, its `count` of the `of` pictures of the row, and how dark it is,
    0-1.
    """

    x: float
    y: float
    count: int
    right: bool
    strength: float
    truth: str
    answer: str
    of: int
    share: float


@dataclass(frozen=True)
class Matrix:
    """A confusion matrix; lengths in CSS pixels at its full size.

    rows, columns : (position, name); rows are the truth. cells : those that are not 0. most : the
    largest share of a row read as one other class. left_out : classes not shown, which have fewer
    errors.
    """

    cell: float
    left: float
    top: float
    width: float
    height: float
    font: float
    numbers: bool
    rows: list[tuple[float, str]]
    columns: list[tuple[float, str]]
    cells: list[Cell]
    most: float
    left_out: int
    turned: bool


@dataclass(frozen=True)
class Bin:
    """A bin of a reliability diagram: its position, the ends of its interval, its figures."""

    x: float
    y: float
    low: float
    high: float
    radius: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Threshold:
    """A marked threshold of a coverage curve; end : its label is on the left."""

    x: float
    y: float
    threshold: float
    share: float
    accuracy: float
    labelled: bool
    end: bool


Point = TypeVar("Point", Bin, Threshold)


@dataclass(frozen=True)
class Chart(Generic[Point]):
    """Ticks are (position, text). line : the points of a polyline."""

    across: list[tuple[float, str]]
    up: list[tuple[float, str]]
    points: list[Point]
    line: str = ""
    plot: tuple[float, float, float, float] = field(default=PLOT)


def matrix_chart(confusion: np.ndarray, names: Sequence[str], shown: np.ndarray) -> Matrix:
    """Chart of int64 [C, C] for the classes `shown`; an error's shade is the square root of its
    share relative to the largest.
    """
    truth = [int(index) for index in shown if confusion[index].any()]
    totals = confusion.sum(1)
    shares = confusion / np.maximum(totals[:, None], 1)
    errors = shares - np.diag(np.diag(shares))
    most = float(errors[np.ix_(np.array(truth, int), shown)].max(initial=0))
    cell = float(np.clip(760 // max(len(shown), 1), 13, 44))
    font = min(14.0, round(0.8 * cell, 1))
    labels = [_short(names[index]) for index in shown]
    wide = max(map(len, labels), default=1)
    room, turned = 30 + 0.62 * font * wide, wide > 2
    left, top = room, 30 + (0.62 * font * wide if turned else font)
    cells = []
    for y, row in enumerate(truth):
        for x, column in enumerate(shown):
            count = int(confusion[row, column])
            if count:
                strength = (
                    0.14 + 0.86 * sqrt(errors[row, column] / most)
                    if row != column and most
                    else 0.0
                )
                cells.append(
                    Cell(
                        x=left + x * cell,
                        y=top + y * cell,
                        count=count,
                        right=row == column,
                        strength=round(strength, 2),
                        truth=names[row],
                        answer=names[column],
                        of=int(totals[row]),
                        share=float(shares[row, column]),
                    )
                )
    return Matrix(
        cell,
        left,
        top,
        left + cell * len(shown) + room,
        top + cell * len(truth) + 12,
        font,
        cell >= 30,
        [(top + (y + 0.5) * cell, _short(names[row])) for y, row in enumerate(truth)],
        [(left + (x + 0.5) * cell, label) for x, label in enumerate(labels)],
        cells,
        most,
        int((totals + confusion.sum(0) > 0).sum()) - len(shown),
        turned,
    )


def reliability_chart(bins: Reliability) -> Chart[Bin]:
    """A point for each bin: x is mean probability, y the share right, size grows with the
    answers.
    """
    ticks = [(tick / 5, f"{tick / 5:.1f}") for tick in range(6)]
    most = int(bins.count.max(initial=1))
    points = []
    for index, count in enumerate(bins.count):
        low, high = wilson_interval(int(bins.hits[index]), int(count))
        points.append(
            Bin(
                x=_across(bins.confidence[index], 0),
                y=_up(bins.accuracy[index], 0),
                low=_up(low, 0),
                high=_up(high, 0),
                radius=round(2.5 + 6 * sqrt(count / most), 1),
                count=int(count),
                confidence=float(bins.confidence[index]),
                accuracy=float(bins.accuracy[index]),
            )
        )
    return Chart(
        [(_across(tick, 0), text) for tick, text in ticks],
        [(_up(tick, 0), text) for tick, text in ticks],
        points,
    )


def coverage_chart(curve: Coverage, marked: Sequence[float]) -> Chart[Threshold]:
    """Accuracy of the given answers (y) against the share given (x) along the threshold, some of
    them marked.
    """
    given = curve.answered > 0
    thresholds, share = curve.thresholds[given], curve.answered[given] / curve.n
    accuracy = curve.hits[given] / curve.answered[given]
    across, left = _ticks(float(share.min()))
    up, low = _ticks(float(accuracy.min()))
    points: list[Threshold] = []
    for threshold in marked:
        index = int(np.argmin(np.abs(thresholds - threshold)))
        if abs(thresholds[index] - threshold) > 0.02:
            continue
        x, y = _across(share[index], left), _up(accuracy[index], low)
        labelled = all(
            abs(x - other.x) + abs(y - other.y) > _FAR for other in points if other.labelled
        )
        points.append(
            Threshold(
                x=x,
                y=y,
                threshold=threshold,
                share=float(share[index]),
                accuracy=float(accuracy[index]),
                labelled=labelled,
                end=x > (PLOT[0] + PLOT[1]) / 2,
            )
        )
    line = " ".join(
        f"{_across(x, left)},{_up(y, low)}" for x, y in zip(share, accuracy, strict=True)
    )
    return Chart(
        [(_across(tick, left), text) for tick, text in across],
        [(_up(tick, low), text) for tick, text in up],
        points,
        line,
    )


def whisker(
    rate: float, interval: tuple[float, float], lowest: float
) -> tuple[float, float, float]:
    """Rate and both ends of its interval on a line of 100 from `lowest` to 1."""
    span = max(1 - lowest, 1e-6)
    at, low, high = (
        round(100 * min(max((value - lowest) / span, 0), 1), 1) for value in (rate, *interval)
    )
    return at, low, high


def _short(name: str, most: int = 6) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"


def _across(value: float, low: float) -> float:
    left, right, _, _ = PLOT
    return round(float(left + (right - left) * (value - low) / (1 - low)), 1)


def _up(value: float, low: float) -> float:
    _, _, top, bottom = PLOT
    return round(float(bottom - (bottom - top) * (value - low) / (1 - low)), 1)


def _ticks(least: float) -> tuple[list[tuple[float, str]], float]:
    """Ticks of an axis that ends at 1 and includes `least`, and its start."""
    span = next(span for span in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if 1 - least <= span + 1e-9)
    count = 4 if span in (0.02, 0.2) else 5
    digits = 1 if span < 0.05 else 0
    return [
        (1 - span * tick / count, f"{100 * (1 - span * tick / count):.{digits}f} %")
        for tick in range(count + 1)
    ], 1 - span

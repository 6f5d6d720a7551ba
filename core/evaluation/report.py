"""Self-contained HTML report of a recognizer's accuracy, without scripts or external resources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.evaluation.calibration import Coverage, coverage, reliability
from core.evaluation.cells import ANY, OTHER, find_cell
from core.evaluation.predictions import DatasetPrediction
from core.evaluation.report_charts import coverage_chart, matrix_chart, reliability_chart, whisker
from core.evaluation.scores import (
    ClassScores,
    Summary,
    confused_pairs,
    summary,
)
from core.ink.encode import data_uri, negative
from core.intervals import percent, probability, span, wilson_interval
from core.models.cards import Card
from core.settings import ASSETS

WORST = 60
"""Most misread pictures shown."""

PAIRS, TYPICAL_PAIRS, TYPICAL = 15, 6, 8
"""Rows of the table of pairs; pairs with pictures, and pictures of each."""

THRESHOLDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99)
MATRIX_MOST, TABLE_MOST = 64, 256
"""Most classes in the matrix and in the table; of more, those with the most errors, to keep the
file small.
"""

_SIDE = 64
"""Pixels; a larger picture is reduced to it."""

_MAX_NAME = 24

Interval = tuple[float, float]
"""Ends of a 95 % interval."""


@dataclass(frozen=True)
class Pair:
    """`count` of the `of` pictures of class `truth` were read as `answer`, `back` the other way
    round.
    """

    truth: str
    answer: str
    count: int
    of: int
    share: float
    interval: Interval
    back: int


@dataclass(frozen=True)
class ClassRow:
    """A class's line of the table. whisker : as `whisker` gives it, of the recall."""

    name: str
    support: int
    answered: int
    precision: float
    recall: float
    f1: float
    precision_interval: Interval
    recall_interval: Interval
    whisker: tuple[float, float, float]


@dataclass(frozen=True)
class ThresholdRow:
    """Answers of at least `threshold`: how many, which share of all, how many wrong; accuracy :
    None if there are none.
    """

    threshold: float
    answered: int
    share: float
    wrong: int
    accuracy: float | None
    interval: Interval


@dataclass(frozen=True)
class Picture:
    """A picture as a data URI, its number in the data set, and its caption."""

    src: str
    row: int
    answer: str
    confidence: str
    truth: str
    probability: str


@dataclass(frozen=True)
class PairPictures:
    """Some of the `count` pictures of class `truth` that were read as `answer`."""

    truth: str
    answer: str
    count: int
    pictures: list[Picture]


def report(
    predictions: DatasetPrediction,
    dataset: Dataset | None,
    rows: np.ndarray,
    *,
    card: Card,
    caveat: str = "",
    made: datetime | None = None,
) -> str:
    """The text of the file: figures with their intervals, confusion matrix, pairs, classes,
    calibration, misread pictures.

    dataset : source of the pictures; without it the file has none. rows : int64 [N], the pictures'
    numbers in it. card : the recognizer's. caveat : note beside the figures, "" for n and the
    data's source. made : now by default. The size is under 3 MB, whatever the number of pictures
    and classes. InklingError if there are no predictions.
    """
    if not len(predictions):
        raise InklingError("There are no pictures to report on; choose data that have some.")
    figures = summary(predictions)
    names, confusion = [shown(name) for name in predictions.classes], figures.confusion
    about = predictions.about
    data = dataset.title if dataset is not None else about.data
    trained = (
        "; the recognizer may have been trained on them" if about.data.endswith(":train") else ""
    )
    when = made or datetime.now().astimezone()
    bins = reliability(predictions.confidence, predictions.right)
    template = Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("report.html")
    return template.render(
        percent=percent,
        span=span,
        title=f"{card.title} on {data}",
        card=card,
        about=about,
        classes=names,
        made=f"{when.day} {when:%B %Y, %H:%M %Z}".strip(),
        caveat=caveat
        or f"n = {figures.n:,}, {about.source}{trained}. Intervals are Wilson's, 95 %.",
        measured=card.measured,
        figures=figures,
        right=int(predictions.right.sum()),
        top=_top(figures),
        meant=_meant(figures.temperature),
        matrix=matrix_chart(confusion, names, _in_matrix(confusion)),
        pairs=_pairs(confusion, names),
        rows=_class_rows(figures.scores, names, confusion),
        reliability=reliability_chart(bins),
        bins=bins,
        coverage=coverage_chart(_curve(predictions), THRESHOLDS[1:]),
        thresholds=_threshold_rows(predictions),
        typical=_typical(predictions, dataset, rows, confusion, names),
        worst=_worst(predictions, dataset, rows, names),
        has_pictures=dataset is not None,
    ).lstrip()


def shown(name: str) -> str:
    """A class name for display in a table: printable and short."""
    plain = "".join(sign if sign.isprintable() else "?" for sign in name)
    return plain if len(plain) <= _MAX_NAME else plain[: _MAX_NAME - 1] + "…"


def _top(figures: Summary) -> list[tuple[int, float, Interval]]:
    """k, share and interval of top-k."""
    n = figures.n
    return [(k, share, wilson_interval(round(share * n), n)) for k, share in figures.top_k.items()]


def _meant(temperature: float) -> str:
    """What a fitted temperature means for the probabilities."""
    if 0.95 <= temperature <= 1.05:
        return "probabilities mean what they say"
    return "surer than it should be" if temperature > 1 else "less sure than it could be"


def _in_matrix(confusion: np.ndarray) -> np.ndarray:
    """Classes that were seen or answered; if too many, those with the most errors."""
    there = np.flatnonzero(confusion.sum(0) + confusion.sum(1))
    errors = confusion.sum(0) + confusion.sum(1) - 2 * np.diag(confusion)
    return np.sort(there[np.argsort(-errors[there], kind="stable")[:MATRIX_MOST]])


def _pairs(confusion: np.ndarray, names: Sequence[str]) -> list[Pair]:
    totals = confusion.sum(1).tolist()
    return [
        Pair(
            truth=names[truth],
            answer=names[answer],
            count=count,
            of=totals[truth],
            share=count / totals[truth],
            interval=wilson_interval(count, totals[truth]),
            back=int(confusion[answer, truth]),
        )
        for truth, answer, count in confused_pairs(confusion, PAIRS)
    ]


def _class_rows(scores: ClassScores, names: Sequence[str], confusion: np.ndarray) -> list[ClassRow]:
    """A row for each class that was seen or answered, in their order."""
    hits = np.diag(confusion)
    there = np.flatnonzero(scores.support + scores.answered)
    errors = scores.support + scores.answered - 2 * hits
    there = np.sort(there[np.argsort(-errors[there], kind="stable")[:TABLE_MOST]]).tolist()
    intervals = {
        index: wilson_interval(int(hits[index]), int(scores.support[index])) for index in there
    }
    lowest = min(
        (low for index, (low, _) in intervals.items() if scores.support[index]), default=0.0
    )
    return [
        ClassRow(
            name=names[index],
            support=int(scores.support[index]),
            answered=int(scores.answered[index]),
            precision=float(scores.precision[index]),
            recall=float(scores.recall[index]),
            f1=float(scores.f1[index]),
            precision_interval=wilson_interval(int(hits[index]), int(scores.answered[index])),
            recall_interval=intervals[index],
            whisker=whisker(float(scores.recall[index]), intervals[index], lowest),
        )
        for index in there
    ]


def _curve(predictions: DatasetPrediction) -> Coverage:
    thresholds = np.concatenate([np.linspace(0, 0.9, 46), 1 - np.logspace(-1, -3.5, 40)[1:]])
    return coverage(predictions.confidence, predictions.right, thresholds)


def _threshold_rows(predictions: DatasetPrediction) -> list[ThresholdRow]:
    given = coverage(predictions.confidence, predictions.right, np.array(THRESHOLDS, np.float32))
    return [
        ThresholdRow(
            threshold=threshold,
            answered=int(answered),
            share=answered / given.n,
            wrong=int(answered - hits),
            accuracy=hits / answered if answered else None,
            interval=wilson_interval(int(hits), int(answered)),
        )
        for threshold, answered, hits in zip(THRESHOLDS, given.answered, given.hits, strict=True)
    ]


def _typical(
    predictions: DatasetPrediction,
    dataset: Dataset | None,
    rows: np.ndarray,
    confusion: np.ndarray,
    names: Sequence[str],
) -> list[PairPictures]:
    """Pictures of the most confused pairs, evenly spread from most to least confident."""
    if dataset is None:
        return []
    results = []
    pairs = confused_pairs(confusion, TYPICAL_PAIRS)
    for truth, answer, count in [pair for pair in pairs if pair[2] > 1] or pairs:
        indices = np.flatnonzero((predictions.truth == truth) & (predictions.answers == answer))
        indices = indices[np.argsort(-predictions.confidence[indices], kind="stable")]
        some = indices[np.unique(np.linspace(0, len(indices) - 1, TYPICAL).round().astype(int))]
        pictures = [_picture(predictions, dataset, rows, int(index), names) for index in some]
        results.append(PairPictures(names[truth], names[answer], count, pictures))
    return results


def _worst(
    predictions: DatasetPrediction, dataset: Dataset | None, rows: np.ndarray, names: Sequence[str]
) -> list[Picture]:
    if dataset is None:
        return []
    return [
        _picture(predictions, dataset, rows, int(index), names)
        for index in find_cell(predictions, ANY, OTHER)[:WORST]
    ]


def _picture(
    predictions: DatasetPrediction,
    dataset: Dataset,
    rows: np.ndarray,
    index: int,
    names: Sequence[str],
) -> Picture:
    """Dark ink on white paper, whatever the reader's theme."""
    picture = negative(dataset.images[rows[index]])
    scale = _SIDE / max(picture.shape)
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return Picture(
        src=data_uri(picture),
        row=int(rows[index]),
        answer=names[predictions.answers[index]],
        confidence=probability(predictions.confidence[index]),
        truth=names[predictions.truth[index]],
        probability=probability(predictions.truth_probability[index]),
    )

"""How well a recognizer reads: the confusion matrix, scores of each class, top-k, the most confused
pairs, and a summary.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from core.datasets.catalogue import open_dataset
from core.datasets.labels import select_classes
from core.errors import InklingError
from core.evaluation.calibration import fit_temperature, reliability
from core.evaluation.predictions import DatasetPrediction, predict_all
from core.intervals import wilson_interval
from core.jobs.engine import HERE, Engine
from core.models.prediction import ScoredPrediction
from core.progress import Progress, ignore_progress, part_of_progress
from core.settings import Settings

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer

TOP = (2, 3, 5)
_CHUNK = 8192


@dataclass(frozen=True, eq=False)
class ClassScores:
    """[C] each. precision : share of answers of the class that are right. recall : share of images
    of the class that are read right.
    f1 : their harmonic mean. support : images of the class. answered : images read as it. 0 where
    the count is 0.
    """

    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    support: np.ndarray
    answered: np.ndarray


@dataclass(frozen=True, eq=False)
class Summary:
    """All figures of a recognizer on a data set.

    accuracy : 0-1, with its 95 % Wilson interval. loss : mean cross-entropy, nats. top_k : k ->
    share of the images whose truth is among the k most probable classes. ece : expected calibration
    error, 0-1. temperature : divisor of the log-probabilities that fits these data, 1 if
    calibrated. confusion : int64 [C, C] in the order of `classes`, the recognizer's; rows are the
    truth.
    """

    model: str
    data: str
    n: int
    accuracy: float
    interval: tuple[float, float]
    loss: float
    top_k: Mapping[int, float]
    ece: float
    temperature: float
    classes: tuple[str, ...]
    scores: ClassScores
    confusion: np.ndarray

    def to_json(self) -> dict[str, Any]:
        """As `evaluate --json` prints it, including the scores of each class."""
        values = {**vars(self), "interval": list(self.interval), "classes": list(self.classes)}
        values["top_k"] = {str(k): share for k, share in self.top_k.items()}
        scores, confusion = values.pop("scores"), values.pop("confusion")
        names = ("precision", "recall", "f1", "support")
        values |= {name: getattr(scores, name).tolist() for name in names}
        return {**values, "confusion": confusion.tolist()}


def confusion_matrix(truth: np.ndarray, answers: np.ndarray, classes: int) -> np.ndarray:
    """int64 [C, C]: how many images of class i, row, were read as class j."""
    return np.bincount(truth * classes + answers, minlength=classes**2).reshape(classes, classes)


def class_scores(predictions: ScoredPrediction) -> ClassScores:
    """scikit-learn's scores of each class."""
    from sklearn.metrics import precision_recall_fscore_support

    classes = np.arange(len(predictions.classes))
    if not len(predictions):
        none = np.zeros(len(classes))
        return ClassScores(none, none, none, none.astype(np.int64), none.astype(np.int64))
    precision, recall, f1, support = precision_recall_fscore_support(
        predictions.truth, predictions.answers, labels=classes, zero_division=0
    )
    return ClassScores(
        precision, recall, f1, support, np.bincount(predictions.answers, minlength=len(classes))
    )


def top_k_hits(predictions: ScoredPrediction, k: int) -> int:
    """Images whose truth is among the k most probable classes; of ties the last come first, as in
    scikit-learn.
    """
    hits = 0
    for start in range(0, len(predictions), _CHUNK):
        part = predictions.probabilities[start : start + _CHUNK]
        truth = predictions.truth[start : start + _CHUNK, None]
        own = np.take_along_axis(part, truth, 1)
        before = (part > own) | ((part == own) & (np.arange(part.shape[1]) > truth))
        hits += int((before.sum(1) < k).sum())
    return hits


def confused_pairs(confusion: np.ndarray, count: int) -> list[tuple[int, int, int]]:
    """(truth, answer, images) of the `count` largest cells off the diagonal that are not 0, largest
    first.
    """
    errors = confusion - np.diag(np.diag(confusion))
    order = np.argsort(-errors, axis=None, kind="stable")[:count]
    pairs = [
        (int(row), int(column), int(errors[row, column]))
        for row, column in zip(*np.unravel_index(order, errors.shape), strict=True)
    ]
    return [pair for pair in pairs if pair[2]]


def similarity_order(confusion: np.ndarray) -> np.ndarray:
    """Classes int64 [C] ordered so that classes confused with each other are adjacent.

    Average linkage (SciPy, optimal leaf order) of 1 - s, s being the mean of the shares in which
    each is read as the other.
    """
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    if len(confusion) < 3:
        return np.arange(len(confusion))
    shares = confusion / np.maximum(confusion.sum(1, keepdims=True), 1)
    distance = 1 - (shares + shares.T) / 2
    np.fill_diagonal(distance, 0)
    order: np.ndarray = leaves_list(
        linkage(squareform(distance, checks=False), "average", optimal_ordering=True)
    ).astype(np.int64)
    return order


def summary(predictions: DatasetPrediction) -> Summary:
    """All figures; InklingError if there are no images."""
    if not len(predictions):
        raise InklingError("There are no images to score; give a data set that has some.")
    count, hits = len(predictions), int(predictions.right.sum())
    classes = predictions.classes
    return Summary(
        model=predictions.about.model,
        data=predictions.about.source,
        n=count,
        accuracy=hits / count,
        interval=wilson_interval(hits, count),
        loss=predictions.loss(),
        top_k={k: top_k_hits(predictions, k) / count for k in TOP if k < len(classes)},
        ece=reliability(predictions.confidence, predictions.right).error,
        temperature=refit(predictions),
        classes=classes,
        scores=class_scores(predictions),
        confusion=confusion_matrix(predictions.truth, predictions.answers, len(classes)),
    )


def refit(predictions: ScoredPrediction, most: int = 20_000) -> float:
    """The temperature that fits these data, from at most `most` evenly spread images; 1 if there
    are none.
    """
    import torch

    if not len(predictions):
        return 1.0
    rows = np.unique(
        np.linspace(0, len(predictions) - 1, min(most, len(predictions))).astype(np.int64)
    )
    logits = np.log(np.maximum(predictions.probabilities[rows].astype(np.float32), 1e-12))
    return fit_temperature(torch.from_numpy(logits), torch.from_numpy(predictions.truth[rows]))


def evaluate(
    recognizer: "Recognizer",
    data: str,
    settings: Settings,
    report: Progress = ignore_progress,
    *,
    only: str = "",
    engine: Engine = HERE,
) -> Summary:
    """`summary` on a data set by name, file or folder; report(images done, of how many).

    only : classes that the answers are among, as `select_classes` reads them, "" for all; images
    of other classes are left out, and `data` says how many.
    """
    dataset = open_dataset(data, settings, classes=recognizer.card.classes, form=recognizer.form)
    if not len(dataset):
        raise InklingError(f"There are no images in {data}; give a data set that has some.")
    part = part_of_progress(report, start=0, total=len(dataset))
    predictions = predict_all(recognizer, dataset, settings, part, engine=engine)
    if not only:
        return summary(predictions)
    known = predictions.only(select_classes(only, predictions.classes))
    left_out = len(predictions) - len(known)
    result = summary(known)
    return replace(
        result, data=f"{result.data}; only {only}, {left_out:,} images of other classes left out"
    )

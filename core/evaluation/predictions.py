"""A recognizer's answers to every picture of a data set, cached on disk by weights and pictures."""

import json
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.datasets.dataset import Dataset
from core.datasets.digest import digest_of_dataset
from core.datasets.labels import class_index, to_indices
from core.datasets.marks import MISLABELLED, UNREADABLE, Mark
from core.errors import InklingError
from core.files import NO_ARRAYS, modified_ns, read_json, whole_folder, write_json
from core.jobs.engine import HERE, Engine
from core.models.cards import Card, find_card
from core.models.prediction import ScoredPrediction
from core.progress import Progress, ignore_progress
from core.settings import ASSETS, Settings

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer

SHIPPED = ASSETS / "predictions"
KEPT = 40
"""Most sets of predictions stored on disk; the oldest are deleted first."""

_CHUNK = 2048


@dataclass(frozen=True)
class About:
    """Identity of predictions: names of the recognizer and of the data, the data's caveat, digests
    of weights and pictures.
    """

    model: str
    data: str
    source: str
    weights: str
    pictures: str


@dataclass(frozen=True, eq=False)
class DatasetPrediction(ScoredPrediction):
    """Answers to all pictures of a data set, and their identity."""

    about: About


def predict_all(
    recognizer: "Recognizer",
    dataset: Dataset,
    settings: Settings,
    report: Progress = ignore_progress,
    *,
    engine: Engine = HERE,
) -> DatasetPrediction:
    """Predictions cached for these weights and pictures, or made now and stored; report(images
    done) may raise to stop.
    """
    card, weights = find_card(recognizer.card.name, settings)
    selected = cached_predictions(card, weights, dataset, settings)
    if selected is not None:
        report(len(selected))
        return selected
    about, truth = _about(card, weights, dataset), _truth(card, dataset)
    probabilities, done = np.empty((len(dataset), len(card.classes)), np.float32), 0
    starts = range(0, len(dataset), _CHUNK)
    chunks = (np.asarray(dataset.images[start : start + _CHUNK]) for start in starts)
    for some in engine.map(recognizer.predict, chunks, here="serial"):
        probabilities[done : done + len(some)] = some.probabilities
        done += len(some)
        report(done)
    predictions = DatasetPrediction(probabilities, card.classes, truth, about)
    _keep(predictions, settings)
    return predictions


def with_marks(
    predictions: DatasetPrediction, marks: dict[int, Mark]
) -> tuple[DatasetPrediction, np.ndarray]:
    """Predictions corrected by the marks, and the remaining rows int64 [K] of the data set."""
    truth, keep = np.array(predictions.truth), np.ones(len(predictions), bool)
    for row, mark in marks.items():
        if mark.kind == UNREADABLE:
            keep[row] = False
        elif mark.kind == MISLABELLED:
            index = class_index(mark.becomes, predictions.classes)
            # the recognizer has no class for its true label: it cannot be scored
            keep[row] = index is not None
            truth[row] = truth[row] if index is None else index
    rows = np.flatnonzero(keep)
    return predictions.take(rows, truth[rows]), rows


def cached_predictions(
    card: Card, weights: Path, dataset: Dataset, settings: Settings
) -> DatasetPrediction | None:
    """Predictions made before, or None; needs no network."""
    about, truth = _about(card, weights, dataset), _truth(card, dataset)
    folder = _folder(about, settings)
    if not read_json(folder / "about.json"):
        return None
    try:
        probabilities = np.load(folder / "probabilities.npy", mmap_mode="r", allow_pickle=False)
    except NO_ARRAYS:
        return None
    return (
        DatasetPrediction(probabilities, card.classes, truth, about)
        if probabilities.shape == (len(truth), len(card.classes))
        else None
    )


def shipped_predictions(weights: Path, card: Card, data: str) -> DatasetPrediction | None:
    """Predictions shipped with the recognizer, for inspecting it without pictures; None if there
    are none.

    data : as `NAME:part`. None also for other weights with the same name.
    """
    path = next(
        (path for path in SHIPPED.glob("*.npz") if path.name == _file_name(card.name, data)), None
    )
    if path is None:
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            values = json.loads(str(arrays["about"]))
            classes = tuple(values.pop("classes"))
            truth = arrays["truth"].astype(np.int64)
            result = DatasetPrediction(arrays["probabilities"], classes, truth, About(**values))
    except NO_ARRAYS as error:
        raise InklingError(
            f"{path.name} is damaged; restore it, or get the data and predict again."
        ) from error
    return result if result.about.weights == digest_of_weights(weights, card) else None


def ship(predictions: DatasetPrediction, folder: Path = SHIPPED) -> Path:
    """Write predictions to ship with a recognizer: float16, 100 to 500 kB for 10,000 pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _file_name(predictions.about.model, predictions.about.data)
    about, truth = (
        np.array(json.dumps(_facts(predictions))),
        predictions.truth.astype(np.uint8 if len(predictions.classes) <= 256 else np.int64),
    )
    np.savez_compressed(
        path, about=about, truth=truth, probabilities=predictions.probabilities.astype(np.float16)
    )
    return path


def digest_of_weights(weights: Path, card: Card) -> str:
    """Digest of everything that affects an answer: the weights, the class names, the temperature,
    the form.
    """
    facts = f"{card.architecture} {card.classes} {card.temperature} {card.form}"
    return _digest_of_file(weights, weights.stat().st_mtime_ns, facts)


@lru_cache(maxsize=64)
def _digest_of_file(path: Path, _modified: int, facts: str) -> str:
    return sha256(facts.encode() + path.read_bytes()).hexdigest()


def _about(card: Card, weights: Path, dataset: Dataset) -> About:
    digests = digest_of_weights(weights, card), digest_of_dataset(dataset)
    return About(card.name, dataset.name, dataset.source, *digests)


def _truth(card: Card, dataset: Dataset) -> np.ndarray:
    return to_indices(dataset.classes, card.classes)[dataset.labels]


def _file_name(model: str, data: str) -> str:
    return f"{model}-on-{data.replace(':', '-')}.npz"


def _folder(about: About, settings: Settings) -> Path:
    return (
        settings.runs
        / "predictions"
        / sha256(f"{about.weights} {about.pictures}".encode()).hexdigest()[:24]
    )


def _facts(predictions: DatasetPrediction) -> dict[str, Any]:
    """Metadata stored with the probabilities."""
    return {**asdict(predictions.about), "classes": predictions.classes}


def _keep(predictions: DatasetPrediction, settings: Settings) -> None:
    """Store predictions; without space or permission they are made again next time."""
    folder = _folder(predictions.about, settings)
    with suppress(OSError):
        with whole_folder(folder) as part:
            np.save(part / "probabilities.npy", predictions.probabilities)
            write_json(part / "about.json", _facts(predictions))
        others = sorted(folder.parent.glob("[!.]*"), key=modified_ns)
        for old in others[: max(0, len(others) - KEPT)]:
            shutil.rmtree(old, ignore_errors=True)

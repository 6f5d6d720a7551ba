"""A recognizer over many pictures: predictions as rows, and accuracy with its confusion matrix."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.datasets.catalogue import open_dataset
from core.datasets.labels import to_indices
from core.datasets.pictures import find_pictures, read_pictures
from core.errors import InklingError
from core.evaluation.rates import wilson_interval
from core.models.recognizer import Recognizer
from core.settings import Settings


def predict_pictures(paths: Sequence[Path], recognizer: Recognizer) -> Iterator[dict[str, Any]]:
    """A row for each picture file: path, label, confidence, top 5; label None if it is blank, `error` if it is unreadable."""
    for batch in read_pictures(find_pictures(paths), recognizer.form):
        images = [picture.image for picture in batch if picture.image is not None]
        prediction = recognizer.predict(np.stack(images)) if images else None
        row = 0
        for picture in batch:
            if picture.image is None or prediction is None:
                problem = {"error": picture.problem} if picture.problem else {}
                yield {"path": str(picture.path), "label": None, "confidence": 0.0, "top": [], **problem}
                continue
            top = prediction.top(5, row)
            row += 1
            yield {"path": str(picture.path), "label": top[0][0], "confidence": top[0][1], "top": [list(pair) for pair in top]}


def evaluate(recognizer: Recognizer, data: str, settings: Settings) -> dict[str, Any]:
    """Accuracy on a data set by name, file or folder: n, accuracy, 95 % interval, mean cross-entropy in nats, classes, confusion.

    confusion[i][j] counts images of class i read as class j, in the order of `classes`, the model's own.
    """
    dataset = open_dataset(data, settings, classes=recognizer.card.classes, form=recognizer.form)
    if not len(dataset):
        raise InklingError(f"There are no images in {data}; give a data set that has some.")
    classes = recognizer.card.classes
    truth = to_indices(dataset.classes, classes)[dataset.labels]
    probabilities = recognizer.predict(dataset.images).probabilities
    answers = probabilities.argmax(1)
    confusion = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(confusion, (truth, answers), 1)
    hits, count = int(confusion.trace()), len(dataset)
    likelihood = probabilities[np.arange(count), truth].astype(np.float64)
    return {
        "model": recognizer.card.name, "data": dataset.source, "n": count, "accuracy": hits / count,
        "interval": list(wilson_interval(hits, count)), "loss": float(-np.log(np.maximum(likelihood, 1e-12)).mean()),
        "classes": list(classes), "confusion": confusion.tolist(),
    }  # fmt: skip

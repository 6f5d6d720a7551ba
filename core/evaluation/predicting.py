"""A recognizer over many pictures: predictions as rows, and how well it reads a data set."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.datasets.catalogue import open_dataset
from core.datasets.pictures import find_pictures, read_pictures
from core.errors import InklingError
from core.evaluation.predictions import predict_all
from core.evaluation.scores import summary
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


def evaluate(
    recognizer: Recognizer, data: str, settings: Settings, progress: Callable[[int, int], None] = lambda *_: None
) -> dict[str, Any]:
    """`core.evaluation.scores.summary` on a data set by name, file or folder; progress(images done, of how many)."""
    dataset = open_dataset(data, settings, classes=recognizer.card.classes, form=recognizer.form)
    if not len(dataset):
        raise InklingError(f"There are no images in {data}; give a data set that has some.")
    return summary(predict_all(recognizer, dataset, settings, lambda done: progress(done, len(dataset))))

"""What a recognizer reads in picture files, a row each."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.datasets.pictures import find_pictures, read_pictures
from core.models.recognizer import Recognizer


def predict_pictures(paths: Sequence[Path], recognizer: Recognizer) -> Iterator[dict[str, Any]]:
    """A row for each picture file: path, label, confidence, top 5; label None if it is blank,
    `error` if it is unreadable.
    """
    for batch in read_pictures(find_pictures(paths), recognizer.form):
        images = [picture.image for picture in batch if picture.image is not None]
        prediction = recognizer.predict(np.stack(images)) if images else None
        row = 0
        for picture in batch:
            if picture.image is None or prediction is None:
                problem = {"error": picture.problem} if picture.problem else {}
                yield {
                    "path": str(picture.path),
                    "label": None,
                    "confidence": 0.0,
                    "top": [],
                    **problem,
                }
                continue
            top = prediction.top(5, row)
            row += 1
            yield {
                "path": str(picture.path),
                "label": top[0][0],
                "confidence": top[0][1],
                "top": [list(pair) for pair in top],
            }

"""What a recognizer reads in picture files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets.pictures import find_pictures, read_pictures
from core.models.recognizer import Recognizer


@dataclass(frozen=True)
class PictureReading:
    """What was read in a file.

    top : the five most probable classes and their probabilities, most probable first; () if it is
    blank or cannot be read. problem : a sentence, if it cannot be read.
    """

    path: Path
    top: tuple[tuple[str, float], ...]
    problem: str = ""

    @property
    def label(self) -> str | None:
        """The most probable class; None if there is none."""
        return self.top[0][0] if self.top else None

    @property
    def confidence(self) -> float:
        """Its probability, 0-1."""
        return self.top[0][1] if self.top else 0.0

    def to_json(self) -> dict[str, object]:
        """A line of `predict --json`; `error` only where there is a problem."""
        return {
            "path": str(self.path),
            "label": self.label,
            "confidence": self.confidence,
            "top": [list(pair) for pair in self.top],
            **({"error": self.problem} if self.problem else {}),
        }


def predict_pictures(paths: Sequence[Path], recognizer: Recognizer) -> Iterator[PictureReading]:
    """Read each picture file, folders searched through."""
    for batch in read_pictures(find_pictures(paths), recognizer.form):
        images = [picture.image for picture in batch if picture.image is not None]
        prediction = recognizer.predict(np.stack(images)) if images else None
        row = 0
        for picture in batch:
            if picture.image is None or prediction is None:
                yield PictureReading(picture.path, (), picture.problem)
            else:
                yield PictureReading(picture.path, tuple(prediction.top(5, row)))
                row += 1

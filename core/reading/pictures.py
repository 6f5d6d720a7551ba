"""What a recognizer reads in picture files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets.pictures import find_pictures, read_pictures
from core.errors import InklingError
from core.ink.decode import read_picture
from core.models.recognizer import Recognizer
from core.reading.line import Line, line_to_json, read_line
from core.reading.numeral import Numeral, read_numeral


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
    def text(self) -> str:
        """The same; "" if there is none."""
        return self.label or ""

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


@dataclass(frozen=True)
class LineReading:
    """The line of characters in a file; `line` is None if it is blank or cannot be read. problem :
    a sentence, if it cannot be read.
    """

    path: Path
    line: Line | None
    problem: str = ""

    @property
    def text(self) -> str:
        """What was read, in one line; "" if there is nothing."""
        return " ".join(self.line.text.split()) if self.line else ""

    @property
    def confidence(self) -> float:
        """Of the whole text, 0-1."""
        return self.line.confidence if self.line else 0.0

    def to_json(self) -> dict[str, object]:
        """A line of `predict --line --json`; `error` only where there is a problem."""
        return {
            "path": str(self.path),
            **line_to_json(self.line),
            **({"error": self.problem} if self.problem else {}),
        }


@dataclass(frozen=True)
class NumeralReading:
    """The Roman numeral in a file; `numeral` is None if there is none or it cannot be read. problem
    : a sentence, if it cannot be read.
    """

    path: Path
    numeral: Numeral | None
    problem: str = ""

    @property
    def text(self) -> str:
        """The numeral and its value; "" if there is none."""
        return f"{self.numeral.text} = {self.numeral.value}" if self.numeral else ""

    @property
    def confidence(self) -> float:
        """Of the numeral, 0-1."""
        return self.numeral.confidence if self.numeral else 0.0

    def to_json(self) -> dict[str, object]:
        """A line of `predict --numeral --json`; `error` only where there is a problem."""
        found = self.numeral
        return {
            "path": str(self.path),
            "text": found.text if found else "",
            "value": found.value if found else None,
            "confidence": self.confidence,
            "as_read": found.as_read if found else "",
            **({"error": self.problem} if self.problem else {}),
        }


def predict_numerals(paths: Sequence[Path], recognizer: Recognizer) -> Iterator[NumeralReading]:
    """Read the Roman numeral, 1 to 3999, in each picture file, folders searched through."""
    for path in find_pictures(paths):
        try:
            yield NumeralReading(path, read_numeral(recognizer, read_picture(path)))
        except InklingError as error:
            yield NumeralReading(path, None, str(error))


def predict_lines(paths: Sequence[Path], recognizer: Recognizer) -> Iterator[LineReading]:
    """Read the line in each picture file, folders searched through."""
    for path in find_pictures(paths):
        try:
            yield LineReading(path, read_line(recognizer, read_picture(path)))
        except InklingError as error:
            yield LineReading(path, None, str(error))


def predict_pictures(paths: Sequence[Path], recognizer: Recognizer) -> Iterator[PictureReading]:
    """Read each picture file, folders searched through."""
    for batch in read_pictures(find_pictures(paths), recognizer.form):
        images = [picture.image for picture in batch if picture.image is not None]
        blur = [picture.blur for picture in batch if picture.image is not None]
        prediction = recognizer.predict(np.stack(images), blur=blur) if images else None
        row = 0
        for picture in batch:
            if picture.image is None or prediction is None:
                yield PictureReading(picture.path, (), picture.problem)
            else:
                yield PictureReading(picture.path, tuple(prediction.top(5, row)))
                row += 1

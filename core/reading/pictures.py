"""What a recognizer reads in picture files."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np

from core.datasets.pictures import find_pictures, read_pictures
from core.errors import InklingError
from core.ink.decode import decode, read_file
from core.jobs.engine import HERE, Engine
from core.models.recognizer import Recognizer
from core.reading.line import Line, line_to_json, read_line
from core.reading.numeral import Numeral, read_numeral

_BATCH, _BATCH_BYTES = 256, 64 * 2**20
"""Files read at a time, fewer if they are large."""


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


@dataclass(frozen=True)
class _File:
    """A file as it goes to whoever reads it; problem : a sentence, if it cannot be opened."""

    path: Path
    content: bytes
    problem: str = ""

    @staticmethod
    def open(path: Path) -> "_File":
        try:
            return _File(path, read_file(path))
        except InklingError as error:
            return _File(path, b"", str(error))

    def picture(self) -> np.ndarray:
        """Grey uint8 [H, W]; InklingError if it shows none."""
        if self.problem:
            raise InklingError(self.problem)
        return decode(self.content, name=self.path.name)


def predict_numerals(
    paths: Sequence[Path], recognizer: Recognizer, engine: Engine = HERE
) -> Iterator[NumeralReading]:
    """Read the Roman numeral, 1 to 3999, in each picture file, folders searched through."""
    files = map(_File.open, find_pictures(paths))
    return engine.map(partial(_read_numeral, recognizer), files, here="serial")


def predict_lines(
    paths: Sequence[Path], recognizer: Recognizer, engine: Engine = HERE
) -> Iterator[LineReading]:
    """Read the line in each picture file, folders searched through."""
    files = map(_File.open, find_pictures(paths))
    return engine.map(partial(_read_line, recognizer), files, here="serial")


def predict_pictures(
    paths: Sequence[Path], recognizer: Recognizer, engine: Engine = HERE
) -> Iterator[PictureReading]:
    """Read each picture file, folders searched through."""
    batches = _batches(map(_File.open, find_pictures(paths)))
    read = engine.map(partial(_read_batch, recognizer), batches, here="serial")
    return chain.from_iterable(read)


def _batches(files: Iterable[_File]) -> Iterator[list[_File]]:
    batch: list[_File] = []
    for file in files:
        batch.append(file)
        if len(batch) == _BATCH or sum(len(one.content) for one in batch) > _BATCH_BYTES:
            yield batch
            batch = []
    if batch:
        yield batch


def _read_numeral(recognizer: Recognizer, file: _File) -> NumeralReading:
    try:
        return NumeralReading(file.path, read_numeral(recognizer, file.picture()))
    except InklingError as error:
        return NumeralReading(file.path, None, str(error))


def _read_line(recognizer: Recognizer, file: _File) -> LineReading:
    try:
        return LineReading(file.path, read_line(recognizer, file.picture()))
    except InklingError as error:
        return LineReading(file.path, None, str(error))


def _read_batch(recognizer: Recognizer, files: Sequence[_File]) -> list[PictureReading]:
    by_path = {file.path: file for file in files}
    paths = [file.path for file in files]
    readings = []
    for batch in read_pictures(paths, recognizer.form, lambda path: by_path[path].picture()):
        images = [picture.image for picture in batch if picture.image is not None]
        blur = [picture.blur for picture in batch if picture.image is not None]
        prediction = recognizer.predict(np.stack(images), blur=blur) if images else None
        row = 0
        for picture in batch:
            if picture.image is None or prediction is None:
                readings.append(PictureReading(picture.path, (), picture.problem))
            else:
                readings.append(PictureReading(picture.path, tuple(prediction.top(5, row))))
                row += 1
    return readings

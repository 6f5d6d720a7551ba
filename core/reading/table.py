"""Read a table of unlabelled pictures, as for Kaggle's digit recognizer competition."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from core.datasets.archives import DAMAGE, shown
from core.datasets.corrections import Corrections
from core.datasets.tables import Unlabelled, open_unlabelled
from core.datasets.unpack import open_csv
from core.errors import InklingError
from core.progress import Progress, ignore_progress

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer

LEAST_SURE = 60
"""Number of pictures stored, those whose answer is least probable."""

_BATCH = 512


@dataclass(frozen=True, eq=False)
class TableReading:
    """What was read in a table of N pictures; small however large the table is.

    answers : int64 [N], indices into `classes`. confidence : float32 [N], their probabilities.
    rows : int64 [K], the least confident rows, from 0, least confident first. images : uint8 [K,
    side, side], their pictures, ink 255. notes : what was done to the table.
    """

    classes: tuple[str, ...]
    answers: np.ndarray
    confidence: np.ndarray
    rows: np.ndarray
    images: np.ndarray
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.answers)


def read_unlabelled(
    file: BinaryIO,
    name: str,
    recognizer: "Recognizer",
    report: Progress = ignore_progress,
) -> TableReading:
    """Read a CSV of pixels (gz or zip too, see `open_unlabelled`); report(pictures read, of how
    many) may raise to stop.

    A table of pictures on bright paper, judged by the border of the first ones, is inverted; one of
    pictures that lie on their side is turned. A blank picture gets the first class, as every row
    must have an answer. InklingError states what is wrong with the file.
    """
    try:
        table = open_unlabelled(*open_csv(name, file))
        return _read(table, recognizer, report)
    except DAMAGE as error:
        raise InklingError(
            f"{shown(name)} is damaged or cut short; save it again and retry."
        ) from error


def submission(reading: TableReading) -> str:
    """The text of a CSV `ImageId,Label`, the ids counted from 1, as
    kaggle.com/competitions/digit-recognizer takes it.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["ImageId", "Label"])
    writer.writerows(
        (number, reading.classes[answer]) for number, answer in enumerate(reading.answers, 1)
    )
    return text.getvalue()


def _read(table: Unlabelled, recognizer: "Recognizer", report: Progress) -> TableReading:
    answers, confidence = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
    rows, images, least = (
        np.zeros(0, np.int64),
        np.zeros((0, table.side, table.side), np.uint8),
        np.zeros(0, np.float32),
    )
    corrections, done = Corrections(), 0
    for number, chunk in enumerate(table.chunks):
        corrections = Corrections.of(chunk) if number == 0 else corrections
        for batch in _batches(corrections.apply(chunk)):
            prediction = recognizer.predict(batch)
            answers.append(prediction.answers)
            confidence.append(prediction.confidence)
            rows = np.concatenate([rows, np.arange(done, done + len(batch))])
            images, least = np.concatenate([images, batch]), np.concatenate([least, confidence[-1]])
            order = np.argsort(least, kind="stable")[:LEAST_SURE]
            rows, images, least = rows[order], images[order], least[order]
            done += len(batch)
            report(done, max(done, table.total))
    if done < table.total:  # blank rows were counted too
        report(done, done)
    notes = [
        "the column beside the pixels was taken for the label and passed over"
    ] * table.labelled
    notes += corrections.notes
    return TableReading(
        recognizer.card.classes,
        np.concatenate(answers),
        np.concatenate(confidence),
        rows,
        images,
        tuple(notes),
    )


def _batches(images: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(images), _BATCH):
        yield images[start : start + _BATCH]

"""Every misread picture as a file, in one zip with an index, for viewing elsewhere."""

import csv
import io
import zipfile
from pathlib import Path
from typing import IO

import numpy as np

from core.datasets.dataset import Dataset
from core.datasets.labels import folder_of_label
from core.evaluation.cells import ANY, OTHER, find_cell
from core.files import open_whole
from core.ink.encode import negative, png
from core.models.prediction import ScoredPrediction
from core.progress import Progress, ignore_progress

MOST = 20_000
"""Most pictures in a zip; at 28x28 pixels about 12 MB."""

INDEX = "errors.csv"
_HEADER = ("file", "picture", "truth", "predicted", "probability", "truth_probability")
_MAX_NAME = 60
"""Most bytes of a class name in a file name: two of them, escaped, stay under the 255 of common
file systems.
"""


def left_out(predictions: ScoredPrediction, most: int = MOST) -> str:
    """A sentence if the zip does not hold all pictures that were misread, else ""."""
    errors = int((~predictions.right).sum())
    return (
        f"Of {errors:,} errors the zip holds the {most:,} worst pictures; {INDEX} lists them all."
        if errors > most
        else ""
    )


def errors_zip(
    predictions: ScoredPrediction, dataset: Dataset, rows: np.ndarray, *, most: int = MOST
) -> bytes:
    """The zip of `write_errors` in memory."""
    buffer = io.BytesIO()
    _write(buffer, predictions, dataset, rows, most, ignore_progress)
    return buffer.getvalue()


def write_errors(
    predictions: ScoredPrediction,
    dataset: Dataset,
    rows: np.ndarray,
    path: Path,
    *,
    most: int = MOST,
    report: Progress = ignore_progress,
) -> Path:
    """Write a zip of the `most` worst errors as PNG, dark ink on white paper, and of `errors.csv`,
    which lists all errors.

    rows : int64 [N], the pictures' numbers in `dataset`. A picture is
    `ROW_TRUTH_PREDICTED_PROBABILITY.png`; letters are `upper_a` and `lower_a`, and the number is
    unique, so nothing clashes on case-insensitive file systems. The same errors give the same
    bytes. report(pictures written) may raise to stop; the file is then unchanged.
    """
    with open_whole(path) as file:
        _write(file, predictions, dataset, rows, most, report)
    return path


def _write(
    file: IO[bytes],
    predictions: ScoredPrediction,
    dataset: Dataset,
    rows: np.ndarray,
    most: int,
    report: Progress,
) -> None:
    errors, digits = find_cell(predictions, ANY, OTHER), len(str(max(len(dataset) - 1, 0)))
    index = io.StringIO()
    table = csv.writer(index, lineterminator="\n")
    table.writerow(_HEADER)
    with zipfile.ZipFile(file, "w") as archive:
        for number, position in enumerate(errors):
            row, truth, answer = (
                int(rows[position]),
                predictions.classes[predictions.truth[position]],
                predictions.classes[predictions.answers[position]],
            )
            probability = f"{predictions.confidence[position]:.3f}"
            name = (
                f"{row:0{digits}d}_{_short(truth)}_{_short(answer)}_{probability}.png"
                if number < most
                else ""
            )
            if name:  # a ZipInfo has a fixed date; a PNG is already compressed
                archive.writestr(zipfile.ZipInfo(name), png(negative(dataset.images[row])))
                report(number + 1)
            table.writerow(
                [
                    name,
                    row,
                    truth,
                    answer,
                    probability,
                    f"{predictions.truth_probability[position]:.3f}",
                ]
            )
        archive.writestr(zipfile.ZipInfo(INDEX), index.getvalue(), zipfile.ZIP_DEFLATED)


def _short(label: str) -> str:
    return folder_of_label(label).encode()[:_MAX_NAME].decode("utf-8", "ignore")

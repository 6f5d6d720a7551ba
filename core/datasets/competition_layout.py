"""Compositions as the Data-Centric AI competition lays out its pictures: `train` and `val`, and in
each a folder for every numeral, with dark ink on white in the size of its sheet.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from joblib import Parallel, delayed

from core.datasets.packing import zipped
from core.errors import InklingError
from core.files import whole_folder, write_json
from core.ink.encode import negative, png
from core.progress import Progress, ignore_progress
from core.synthesis.compose.compositions import Compositions

NAME = "competition"
"""Of the format."""

NOTE = "facts.json"

_EVERY = 5
"""One round through the texts in so many is for validation."""

_AT_ONCE = 50
_MANY = 1000
"""Pictures that a worker makes before it hands them over; so many are worth processes."""


def write_competition(
    made: Compositions, count: int, path: Path, workers: int = 0, report: Progress = ignore_progress
) -> Path:
    """Write pictures 0 to `count` into the folder `path`, which is complete or not there at all.

    It takes the place of an earlier one; InklingError if a folder there is none of these. Files are
    named by their numbers; `facts.json` has all settings.
    """
    if path.exists() and not (path / NOTE).exists():
        raise InklingError(f"{path} is no earlier export; choose another name, or take it away.")
    if count < 1:
        raise InklingError(f"The number of pictures is at least 1, not {count}.")
    digits = len(str(count - 1))
    try:
        with whole_folder(path) as folder:
            for number, data in enumerate(_pngs(made, count, workers)):
                part = "val" if number // len(made.texts) % _EVERY == _EVERY - 1 else "train"
                target = folder / part / made.label(number) / f"{number:0{digits}d}.png"
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
                report(number + 1, count)
            write_json(folder / NOTE, {**made.facts(), "count": count, "format": NAME})
    except OSError as error:
        raise InklingError(
            f"{path} cannot be written ({error.strerror or error}); make room or choose another "
            "place."
        ) from error
    return path


def competition_bytes(path: Path) -> int:
    """Of all pictures in such a folder; 0 if it is gone."""
    return sum(file.stat().st_size for file in path.rglob("*.png"))


def pack_competition(path: Path) -> bytes:
    """All of such a folder as a zip."""
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return zipped((file.relative_to(path).as_posix(), file.read_bytes()) for file in files)


def _pngs(made: Compositions, count: int, workers: int) -> Iterator[bytes]:
    backend = "loky" if count >= _MANY and workers != 1 else "threading"
    every = Parallel(n_jobs=workers or os.cpu_count(), backend=backend, return_as="generator")(
        delayed(_batch)(made, first, min(_AT_ONCE, count - first))
        for first in range(0, count, _AT_ONCE)
    )
    for batch in every:
        yield from batch


def _batch(made: Compositions, first: int, count: int) -> list[bytes]:
    return [
        png(_coloured(negative(made.picture(number)), made.recipe.channels))
        for number in range(first, first + count)
    ]


def _coloured(picture: np.ndarray, channels: int) -> np.ndarray:
    return picture if channels == 1 else cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)

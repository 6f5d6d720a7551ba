"""Compositions as the Data-Centric AI competition lays out its pictures: `train` and `val`, and in
each a folder for every numeral, with dark ink on white in the size of its sheet.
"""

from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path

import cv2
import numpy as np

from core.errors import InklingError
from core.files import whole_folder, write_json
from core.ink.encode import negative, png
from core.jobs.engine import HERE, Engine
from core.progress import Progress, ignore_progress
from core.synthesis.compose.compositions import Compositions
from core.synthesis.writer import check_first

NAME = "competition"
"""Of the format."""

NOTE = "facts.json"

_EVERY = 5
"""One round through the texts in so many is for validation."""

_AT_ONCE = 50
_MANY = 1000
"""Pictures that a worker makes before it hands them over; so many are worth processes."""


def write_competition(
    made: Compositions,
    count: int,
    path: Path,
    *,
    first: int = 0,
    engine: Engine = HERE,
    report: Progress = ignore_progress,
) -> Path:
    """Write `count` pictures, from number `first`, into the folder `path`, which is complete or not
    there at all.

    It takes the place of an earlier one; InklingError if a folder there is none of these. Files are
    named by their numbers; `facts.json` has all settings.
    """
    if path.exists() and not (path / NOTE).exists():
        raise InklingError(f"{path} is no earlier export; choose another name, or take it away.")
    if count < 1:
        raise InklingError(f"The number of pictures is at least 1, not {count}.")
    check_first(first)
    digits = len(str(first + count - 1))
    try:
        with whole_folder(path) as folder:
            for number, data in enumerate(_pngs(made, first, count, engine), start=first):
                part = "val" if number // len(made.texts) % _EVERY == _EVERY - 1 else "train"
                target = folder / part / made.label(number) / f"{number:0{digits}d}.png"
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
                report(number + 1 - first, count)
            shard = {"first": first} if first else {}
            write_json(folder / NOTE, {**made.facts(), **shard, "count": count, "format": NAME})
    except OSError as error:
        raise InklingError(
            f"{path} cannot be written ({error.strerror or error}); make room or choose another "
            "place."
        ) from error
    return path


def competition_bytes(path: Path) -> int:
    """Of all pictures in such a folder; 0 if it is gone."""
    return sum(file.stat().st_size for file in path.rglob("*.png"))


def _pngs(made: Compositions, first: int, count: int, engine: Engine) -> Iterator[bytes]:
    last = first + count
    batches = engine.map(
        partial(_batch, made, last),
        range(first, last, _AT_ONCE),
        here="threads" if count < _MANY else "processes",
    )
    return chain.from_iterable(batches)


def _batch(made: Compositions, last: int, first: int) -> list[bytes]:
    return [
        png(_coloured(negative(made.picture(number)), made.recipe.channels))
        for number in range(first, min(first + _AT_ONCE, last))
    ]


def _coloured(picture: np.ndarray, channels: int) -> np.ndarray:
    return picture if channels == 1 else cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)

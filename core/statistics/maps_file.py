"""Statistics on disk: the .npz of `python -m core stats`, and shipped files."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import InklingError
from core.files import NO_ARRAYS, write_whole
from core.settings import ASSETS
from core.statistics.class_maps import COUNTS, ClassMaps
from core.statistics.properties import PROPERTIES, Properties

SHIPPED_STATISTICS = ASSETS / "statistics"
_TEXTS = ("name", "title", "source", "form")
_DERIVED = ("mean", "std", "z", "overall_mean")


def save_maps(
    maps: ClassMaps,
    path: Path,
    *,
    compact: bool = False,
    others: Mapping[str, np.ndarray] | None = None,
) -> None:
    """Write an .npz of the sums, of mean, std, z and overall_mean (ink 0-1), and of any other
    arrays.

    compact : leave out what follows from the sums, and use the smallest integer types.
    """
    arrays = {
        "classes": np.array(maps.classes),
        **{name: np.array(getattr(maps, name)) for name in _TEXTS},
    }
    for name in COUNTS:
        array = getattr(maps, name)
        arrays[name] = array.astype(np.min_scalar_type(array.max())) if compact else array
    if not compact:
        arrays |= {name: getattr(maps, name) for name in _DERIVED}
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays, **(others or {}))
    write_whole(path, file.getvalue())


def load_maps(path: Path) -> ClassMaps:
    """Read what `save_maps` wrote; InklingError if it is missing or damaged. A file from before
    `form` was stored has none.
    """
    with _opened(path) as file:
        name, title, source = (str(file[key]) for key in ("name", "title", "source"))
        form = str(file["form"]) if "form" in file else ""
        counted = (file[key].astype(kind) for key, kind in COUNTS.items())
        return ClassMaps(name, title, source, form, tuple(file["classes"].tolist()), *counted)


def load_properties(path: Path) -> tuple[np.ndarray, np.ndarray, Properties] | None:
    """What `python -m core stats` measured: image rows [N], labels [N] and properties; None if none
    were measured.

    InklingError as `load_maps`.
    """
    with _opened(path) as file:
        if "rows" not in file:
            return None
        result = Properties(**{name: file[name].astype(np.float32) for name in PROPERTIES})
        return file["rows"].astype(np.int64), file["labels"].astype(np.int64), result


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The arrays of an .npz by name; pickled objects are never read."""
    try:
        with np.load(path, allow_pickle=False) as file:
            yield file
    except FileNotFoundError as error:
        raise InklingError(
            f"There are no statistics in {path}; make them.",
            command=f"stats --data NAME --out {path}",
        ) from error
    except NO_ARRAYS as error:
        raise InklingError(
            f"{path.name} has no statistics or is damaged; make it again.",
            command=f"stats --data NAME --out {path}",
        ) from error


def shipped(name: str) -> Path | None:
    """The shipped statistics file of a data set, such as `mnist:train`, available without its
    images.
    """
    wanted = name.replace(":", "-")
    return next((path for path in SHIPPED_STATISTICS.glob("*.npz") if path.stem == wanted), None)


def shipped_maps(name: str) -> ClassMaps | None:
    """The shipped maps of a data set, such as `mnist:train`, available without its images; None if
    there are none.
    """
    path = shipped(name)
    return load_maps(path) if path else None

"""Folders of pictures as model input: read, converted to a canonical form, labelled by their
folder.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets.dataset import Dataset
from core.datasets.labels import label_of_folder
from core.errors import InklingError
from core.ink.decode import PICTURE_SUFFIXES, read_picture
from core.ink.forms import Form, canonical

_BATCH = 256


@dataclass(frozen=True)
class Picture:
    """One file: `image` uint8 [size, size] and its `Stages.blur`, or None with the reason in
    `problem` ("" for a blank picture).
    """

    path: Path
    image: np.ndarray | None
    blur: float = 0.0
    problem: str = ""


def find_pictures(paths: Iterable[Path]) -> list[Path]:
    """Files in the given order, folders searched in name order; InklingError for a missing path."""
    results: list[Path] = []
    for path in paths:
        if path.is_dir():
            results += sorted(
                p for p in path.rglob("*") if p.suffix.lower() in PICTURE_SUFFIXES and p.is_file()
            )
        elif path.exists():
            results.append(path)
        else:
            raise InklingError(f"{path} does not exist; give a picture or a folder of pictures.")
    return results


def read_pictures(paths: Sequence[Path], form: Form) -> Iterator[list[Picture]]:
    """Batches of model input in the order of `paths`, read on all cores with bounded memory; a bad
    file does not stop the rest.
    """

    def read(path: Path) -> Picture:
        try:
            stages = canonical(read_picture(path), form)
        except InklingError as error:
            return Picture(path, None, problem=str(error))
        return Picture(path, stages.model_input, stages.blur) if stages else Picture(path, None)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(paths), _BATCH):
            yield list(pool.map(read, paths[start : start + _BATCH]))


def open_folder(folder: Path, form: Form) -> Dataset:
    """A folder of class folders as a data set; its source reports how many blank or unreadable
    pictures were left out.
    """
    paths = [path for path in find_pictures([folder]) if path.parent != folder]
    if not paths:
        raise InklingError(
            f"{folder} holds no pictures in class folders; make one folder a class, such as 7/ or "
            "upper_a/."
        )
    pictures = [picture for batch in read_pictures(paths, form) for picture in batch]
    used = [
        (picture.image, label_of_folder(picture.path.relative_to(folder).parts[0]))
        for picture in pictures
        if picture.image is not None
    ]
    if not used:
        raise InklingError(f"None of the {len(paths)} pictures in {folder} shows any ink.")
    classes = tuple(sorted({label for _, label in used}))
    left_out = len(pictures) - len(used)
    return Dataset(
        name=str(folder),
        title=folder.name,
        images=np.stack([image for image, _ in used]),
        labels=np.array([classes.index(label) for _, label in used], np.int64),
        classes=classes,
        form=form.name,
        source=f"the folder {folder.name}, {len(used):,} pictures"
        + (f"; {left_out:,} blank or unreadable left out" if left_out else ""),
    )

"""Folders of pictures as model input: read, converted to a canonical form, labelled by their
folder.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets.dataset import Dataset
from core.datasets.export import Chunk
from core.datasets.folders import class_folders, is_hidden, is_picture
from core.datasets.labels import in_order
from core.errors import InklingError
from core.ink.decode import read_picture
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
    """Files in the given order, folders searched in name order without hidden files; InklingError
    for a missing path.
    """
    results: list[Path] = []
    for path in paths:
        if path.is_dir():
            results += sorted(
                found
                for found in path.rglob("*")
                if is_picture(found.name)
                and not is_hidden(found.relative_to(path).parts)
                and found.is_file()
            )
        elif path.exists():
            results.append(path)
        else:
            raise InklingError(f"{path} does not exist; give a picture or a folder of pictures.")
    return results


def read_pictures(
    paths: Sequence[Path], form: Form, read: Callable[[Path], np.ndarray] = read_picture
) -> Iterator[list[Picture]]:
    """Batches of model input in the order of `paths`, read on all cores with bounded memory; a bad
    file does not stop the rest.

    read : grey uint8 [H, W] of a path, or InklingError.
    """

    def convert(path: Path) -> Picture:
        try:
            stages = canonical(read(path), form)
        except InklingError as error:
            return Picture(path, None, problem=str(error))
        return Picture(path, stages.model_input, stages.blur) if stages else Picture(path, None)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(paths), _BATCH):
            yield list(pool.map(convert, paths[start : start + _BATCH]))


def read_labelled(
    labels: Mapping[Path, str],
    form: Form,
    name: str,
    read: Callable[[Path], np.ndarray] = read_picture,
) -> Iterator[Chunk]:
    """Model input and labels of pictures by path; blank and unreadable ones are left out.

    InklingError if all of them are, in the set called `name`. read : as for `read_pictures`.
    """
    found = False
    for batch in read_pictures(list(labels), form, read):
        used = [(picture.image, labels[picture.path]) for picture in batch]
        images = [image for image, _ in used if image is not None]
        if images:
            found = True
            yield np.stack(images), [label for image, label in used if image is not None]
    if not found:
        raise InklingError(
            f"None of the {len(labels):,} pictures in {name} can be read and shows any ink; look "
            "at some of them."
        )


def open_folder(folder: Path, form: Form) -> Dataset:
    """A folder of class folders as a data set, by the rules of `class_folders`; its source reports
    how many blank or unreadable pictures were left out.
    """
    inside = [path.relative_to(folder).parts for path in folder.rglob("*") if path.is_dir()]
    labels = class_folders(
        [path.relative_to(folder) for path in find_pictures([folder])],
        [parts for parts in inside if not is_hidden(parts)],
        str(folder),
    ).labels
    found = {folder / path: label for path, label in labels.items()}
    chunks = list(read_labelled(found, form, str(folder)))
    names = [label for _, some in chunks for label in some]
    classes = in_order(names)
    left_out = len(labels) - len(names)
    return Dataset(
        name=str(folder),
        title=folder.name,
        images=np.concatenate([images for images, _ in chunks]),
        labels=np.array([classes.index(label) for label in names], np.int64),
        classes=classes,
        form=form.name,
        source=f"the folder {folder.name}, {len(names):,} pictures"
        + (f"; {left_out:,} blank or unreadable left out" if left_out else ""),
    )

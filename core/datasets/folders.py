"""Which pictures of a folder or an archive belong to which class: the same rules for both."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.datasets.labels import label_of_folder
from core.errors import InklingError
from core.ink.decode import PICTURE_SUFFIXES

_SYSTEM = {"__MACOSX", "@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information"}
"""Folders that macOS, Synology and Windows leave; others begin with a dot."""

_WRAPPERS = 4
PARTS = {"train", "training", "test", "testing", "val", "valid", "validation"}
"""Names of folders, in small letters, that hold parts of a data set instead of classes."""


@dataclass(frozen=True)
class ClassFolders:
    """labels : the class of each picture by its path, in the given order. folders : the classes
    that have a folder, with or without pictures.
    """

    labels: dict[Path, str]
    folders: frozenset[str]


def is_hidden(parts: Iterable[str]) -> bool:
    """Whether a path has a component that a program made for itself: `.ipynb_checkpoints`,
    `._1.png`, `@eaDir`.
    """
    return any(part.startswith(".") or part in _SYSTEM for part in parts)


def is_picture(name: str) -> bool:
    """Whether a file name has the ending of a picture."""
    return Path(name).suffix.lower() in PICTURE_SUFFIXES


def class_folders(
    pictures: Sequence[Path], folders: Iterable[tuple[str, ...]], name: str
) -> ClassFolders:
    """The class of each picture: its first folder, after common parent folders.

    pictures : paths relative to the folder or archive called `name`, none hidden. folders : path
    components of its folders, empty ones too. Pictures in no folder are passed over; InklingError
    if all are, or if there are training and test parts instead of classes.
    """
    inner = {path: path.parts for path in pictures if len(path.parts) > 1}
    folders = [parts for parts in folders if parts]
    for _ in range(_WRAPPERS):
        unwrapped = {path: parts[1:] for path, parts in inner.items() if len(parts) > 2}
        if not unwrapped or len({parts[0] for parts in [*folders, *inner.values()]}) > 1:
            break
        inner, folders = unwrapped, [parts[1:] for parts in folders if len(parts) > 1]
    tops = {parts[0] for parts in inner.values()}
    if not tops:
        raise InklingError(
            f"{name} holds no pictures in class folders; make one folder a class, such as 7/ or "
            "upper_a/."
        )
    if {top.lower() for top in tops} <= PARTS:
        raise InklingError(
            f"{name} holds the parts {' and '.join(sorted(tops))} instead of classes; give each by "
            "itself."
        )
    return ClassFolders(
        {path: label_of_folder(parts[0]) for path, parts in inner.items()},
        frozenset(label_of_folder(top) for top in tops | {parts[0] for parts in folders}),
    )

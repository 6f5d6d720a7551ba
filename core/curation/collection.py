"""The pictures that are curated, of a folder or of a data set, by names that last: they are listed
without one being opened.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np

from core.datasets.catalogue import find_entry, open_dataset
from core.datasets.dataset import Dataset
from core.datasets.folders import PARTS, class_folders, is_hidden, is_picture
from core.datasets.labels import in_order
from core.errors import InklingError
from core.files import modified_ns
from core.ink.decode import read_picture
from core.ink.encode import negative
from core.settings import MAX_DIGITS, Settings
from core.synthesis.compose.roman import NUMERALS

UNLABELLED = -1
"""The label of a picture that has none yet."""

_NAME = 60


@dataclass(frozen=True, eq=False)
class Collection(ABC):
    """N pictures, each with a label or none with one yet, in one or several parts.

    name : what it is opened by, a path or a name of the catalogue. parts : names, ("",) if there
    are none. classes : in the order in which they are read. part_of, labels : int64 [N], indices
    into both; a label is UNLABELLED where there is none.
    """

    name: str
    title: str
    parts: tuple[str, ...]
    classes: tuple[str, ...]
    part_of: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def label_of(self, index: int) -> str:
        """The label that a picture has in the data; "" for none."""
        label = self.labels[index]
        return "" if label == UNLABELLED else self.classes[label]

    @abstractmethod
    def name_of(self, index: int) -> str:
        """The name of a picture in decisions and lists."""

    @abstractmethod
    def index_of(self, name: str) -> int | None:
        """The number of the picture of that name; None if there is none."""

    @abstractmethod
    def read(self, index: int) -> np.ndarray:
        """A picture, grey uint8 [H, W], dark ink on light paper where the data are ink maps;
        InklingError if it cannot be read.
        """

    def stamp(self, index: int) -> int:
        """Changes when the file of a picture is written; 0 where there is none."""
        return 0

    @property
    @abstractmethod
    def state(self) -> str:
        """Changes when a picture is added, removed or renamed."""


@dataclass(frozen=True, eq=False)
class FolderCollection(Collection):
    """Pictures are named by their paths within `folder`, with slashes.

    names : of N pictures. folders : its folders that were listed, with their times in ns.
    """

    folder: Path
    names: Sequence[str]
    folders: tuple[tuple[str, int], ...]

    def name_of(self, index: int) -> str:
        return self.names[index]

    def index_of(self, name: str) -> int | None:
        return self._numbers.get(name)

    def read(self, index: int) -> np.ndarray:
        return read_picture(self.folder / self.names[index])

    def stamp(self, index: int) -> int:
        return modified_ns(self.folder / self.names[index])

    @cached_property
    def state(self) -> str:
        seen = sha256("\0".join(self.names).encode("utf-8", "surrogatepass"))
        return seen.hexdigest()[:20]

    def is_current(self) -> bool:
        """Whether no file came, went or was renamed since it was listed: a folder's time says so,
        and none of its files has to be asked.
        """
        return all(modified_ns(self.folder / path) == time for path, time in self.folders)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.names)}


@dataclass(frozen=True, eq=False)
class SetCollection(Collection):
    """Pictures are named PART/ROW. datasets : one for each part, with the same classes."""

    datasets: tuple[Dataset, ...]

    def name_of(self, index: int) -> str:
        part, row = self._place(index)
        return f"{self.parts[part]}/{row}"

    def index_of(self, name: str) -> int | None:
        part, _, row = name.rpartition("/")
        if part not in self.parts or not row.isdecimal() or len(row) > MAX_DIGITS:
            return None
        number = self.parts.index(part)
        return self._starts[number] + int(row) if int(row) < len(self.datasets[number]) else None

    def read(self, index: int) -> np.ndarray:
        part, row = self._place(index)
        return negative(np.asarray(self.datasets[part].images[row]))

    @cached_property
    def state(self) -> str:
        facts = [(dataset.name, dataset.source, len(dataset)) for dataset in self.datasets]
        seen = sha256(repr(facts).encode())
        seen.update(self.labels.tobytes())
        return seen.hexdigest()[:20]

    def _place(self, index: int) -> tuple[int, int]:
        part = int(self.part_of[index])
        return part, index - self._starts[part]

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        ends = np.cumsum([len(dataset) for dataset in self.datasets])
        return (0, *(int(end) for end in ends[:-1]))


def open_collection(name: str, settings: Settings) -> Collection:
    """A folder of class folders, also one with parts such as train/ and val/, or of pictures that
    have no labels yet, by its path; or a set of the catalogue by its name: all parts that are on
    this machine, or one as NAME:PART.

    InklingError if there is none.
    """
    path = Path(name).expanduser()
    key, _, asked = name.partition(":")
    entry = find_entry(key, settings)
    if entry is None and len(path.name) <= 255 and settings.may_open(path) and path.is_dir():
        return _open_folder(path.resolve())
    datasets, problem = [], None
    for split in [asked] if asked or not entry else entry.splits:
        try:
            datasets.append((split, open_dataset(f"{key}:{split}" if split else name, settings)))
        except InklingError as error:
            problem = error
    datasets = [(split, dataset) for split, dataset in datasets if len(dataset)]
    if not datasets:
        raise problem or InklingError(f"There are no pictures in {name[:_NAME]} yet; add some.")
    classes = datasets[0][1].classes
    datasets = [(split, dataset) for split, dataset in datasets if dataset.classes == classes]
    return SetCollection(
        name,
        entry.title if entry else datasets[0][1].title,
        tuple(split or "all" for split, _ in datasets),
        classes,
        np.repeat(np.arange(len(datasets)), [len(dataset) for _, dataset in datasets]),
        np.concatenate([dataset.labels for _, dataset in datasets]),
        tuple(dataset for _, dataset in datasets),
    )


def reading_order(labels: Iterable[str]) -> tuple[str, ...]:
    """Classes: numbers, and numerals if all are, by value before other names."""
    found = in_order(labels)
    return tuple(sorted(found, key=NUMERALS.index)) if set(found) <= set(NUMERALS) else found


def _open_folder(folder: Path) -> FolderCollection:
    """By the rules of `class_folders`, which a folder's first picture decides for all of it."""
    try:
        listed = sorted(_listed(folder))
    except OSError as error:
        raise InklingError(
            f"{error.filename or folder} cannot be read ({error.strerror}); give another folder."
        ) from error
    first = [Path(*inside, files[0]) for inside, files, _ in listed if files]
    folders = [inside for inside, _, _ in listed]
    times = tuple(("/".join(inside), time) for inside, _, time in listed)
    if [path.parts[:-1] for path in first] == [()]:
        names = next(files for _, files, _ in listed if files)
        nothing = np.zeros(len(names), np.int64)
        return FolderCollection(
            str(folder), folder.name, ("",), (), nothing, nothing + UNLABELLED, folder, names, times
        )
    tops = {path.parts[0] for path in first if len(path.parts) > 1}
    divided = bool(tops) and {top.lower() for top in tops} <= PARTS
    label_of: dict[tuple[str, ...], tuple[str, str]] = {}
    for part in sorted(tops, key=_part_order) if divided else [""]:
        skip = 1 if divided else 0
        mine = [path for path in first if not divided or path.parts[0] == part]
        found = class_folders(
            [Path(*path.parts[skip:]) for path in mine if len(path.parts) > skip],
            [inside[skip:] for inside in folders if not divided or inside[:1] == (part,)],
            str(folder / part),
        ).labels
        label_of |= {
            path.parts[:-1]: (part, found[Path(*path.parts[skip:])])
            for path in mine
            if Path(*path.parts[skip:]) in found
        }
    classes = reading_order(label for _, label in label_of.values())
    parts = tuple(dict.fromkeys(part for part, _ in label_of.values()))
    names = []
    places: list[np.ndarray] = []
    for inside, files, _ in listed:
        if inside in label_of:
            part, label = label_of[inside]
            names += ["/".join((*inside, file)) for file in files]
            place = [parts.index(part), classes.index(label)]
            places.append(np.tile(place, (len(files), 1)))
    part_of, labels = np.concatenate(places).T
    return FolderCollection(
        str(folder), folder.name, parts, classes, part_of, labels, folder, names, times
    )


def _part_order(part: str) -> tuple[bool, str]:
    return not part.lower().startswith("train"), part


def _listed(folder: Path) -> Iterator[tuple[tuple[str, ...], list[str], int]]:
    """Each folder inside, hidden ones left out: path components, its pictures, its time in ns.

    The time is taken before the files are listed: what comes meanwhile is noticed later.
    """
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        inside = waiting.pop()
        path = folder.joinpath(*inside)
        time, files = modified_ns(path), []
        with os.scandir(path) as entries:
            for entry in entries:
                if is_hidden([entry.name]):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((*inside, entry.name))
                elif is_picture(entry.name):
                    files.append(entry.name)
        yield inside, sorted(files), time

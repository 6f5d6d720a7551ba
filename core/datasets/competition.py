"""The Roman numerals of the Data-Centric AI competition (2021): folders of deliberately noisy
photographs, as model input.
"""

from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import numpy as np

from core.datasets.composed import FORM, stem_of
from core.datasets.dataset import Dataset
from core.datasets.digest import digest_of_picture
from core.datasets.idx import note_path, pair_paths, read_pair, write_pair
from core.datasets.labels import label_of_folder
from core.datasets.pictures import find_pictures, read_pictures
from core.errors import InklingError
from core.files import read_json
from core.ink.decode import read_picture
from core.settings import Settings
from core.synthesis.compose.roman import NUMERALS

NAME = "roman"

BUDGET = 10_000
"""Pictures that the competition allowed, train and validation together."""

FOLDERS = {"train": "train", "test": "val"}
"""Of the splits. The competition did not publish its test set."""


def _folders(settings: Settings) -> dict[str, Path]:
    return {kind: settings.data / NAME / folder for kind, folder in FOLDERS.items()}


def _has_numerals(folder: Path) -> bool:
    return any((folder / numeral).is_dir() for numeral in NUMERALS)


def is_here(settings: Settings) -> bool:
    return all(map(_has_numerals, _folders(settings).values()))


def open_roman(settings: Settings, part: str) -> Dataset:
    """A split in the form of numbers; pictures also in val are left out of train.

    Pictures are in `data`/roman/train/i … x and /val/i … x. They are converted once and cached
    until a picture there changes.
    """
    folders = _folders(settings)
    missing = next((folder for folder in folders.values() if not _has_numerals(folder)), None)
    if missing:
        raise InklingError(
            f"The competition's pictures are not in {missing}; put its folders i, ii … x there "
            "(nothing here downloads them)."
        )
    paths = {
        kind: [path for path in find_pictures([folder]) if path.parent != folder]
        for kind, folder in folders.items()
    }
    key = _key([path for kind in ("train", "test") for path in paths[kind]], settings.data)
    stem = stem_of(settings.data, f"{NAME}-{part}")
    facts = read_json(note_path(stem))
    if facts.get("key") == key and all(path.exists() for path in pair_paths(stem)):
        images, labels = read_pair(stem)
    else:
        images, labels, facts = _prepare(part, folders, paths)
        with suppress(OSError):  # without space or permission to save, they are prepared again
            write_pair(stem, images, labels, {**facts, "key": key})
    left_out = "".join(
        f"; {facts[reason]:,} {reason} left out"
        for reason in ("also in val", "blank or unreadable")
        if facts.get(reason)
    )
    return Dataset(
        name=f"{NAME}:{part}",
        title=f"Roman numerals i-x, competition, {part}",
        images=images,
        labels=labels,
        classes=NUMERALS,
        form=FORM.name,
        source=f"Data-Centric AI competition 2021, {FOLDERS[part]}, {len(images):,} photographs; "
        f"noisy on purpose: wrong labels, hearts, scribbles{left_out}",
    )


def _prepare(
    part: str, folders: dict[str, Path], paths: dict[str, list[Path]]
) -> tuple[np.ndarray, np.ndarray, dict[str, int]]:
    """Images uint8 [N, size, size], labels int64 [N] and how many pictures were left out, by
    reason.
    """
    wanted, also = paths[part], 0
    if part == "train":
        held = {_pixels(path) for path in paths["test"]} - {None}
        wanted = [path for path in wanted if _pixels(path) not in held]
        also = len(paths[part]) - len(wanted)
    images, labels = [], []
    for batch in read_pictures(wanted, FORM):
        for picture in batch:
            label = label_of_folder(picture.path.relative_to(folders[part]).parts[0])
            if picture.image is not None and label in NUMERALS:
                images.append(picture.image)
                labels.append(NUMERALS.index(label))
    if not images:
        raise InklingError(
            f"None of the pictures in {folders[part]} shows any ink; put the competition's "
            "pictures there."
        )
    return (
        np.stack(images),
        np.array(labels, np.int64),
        {"also in val": also, "blank or unreadable": len(wanted) - len(images)},
    )


def _pixels(path: Path) -> str | None:
    """A digest of a picture's pixels, whatever its file format; None if unreadable."""
    try:
        return digest_of_picture(read_picture(path))
    except InklingError:
        return None


def _key(paths: list[Path], root: Path) -> str:
    """A key that changes with the form, and if a picture is added, removed, moved or edited."""
    seen = sha256(repr(FORM).encode())
    for path in paths:
        facts = path.stat()
        seen.update(
            f"{path.relative_to(root)}\0{facts.st_size}\0{facts.st_mtime_ns}\0".encode(
                errors="surrogateescape"
            )
        )
    return seen.hexdigest()

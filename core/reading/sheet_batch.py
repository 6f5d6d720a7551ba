"""Several photographs of tables at once: where they lie, and what a job has written of them."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from core.files import modified_ns, read_json, whole_folder
from core.settings import Settings
from core.visitors import check_room

_MOST = 5
"""Batches kept on disk; the oldest are removed first."""

_LONGEST = 80
"""Characters of a file's name."""


@dataclass(frozen=True)
class TableInFile:
    """What a job wrote of a photograph. texts : by row and column, [] without a table. problem : a
    sentence, if so. notes : sentences on what is unsure.
    """

    texts: list[list[str]]
    problem: str
    notes: tuple[str, ...]


def keep_batch(files: Sequence[tuple[str, bytes]], settings: Settings) -> Path:
    """A folder with these files, name and content each, which is made if it is not there."""
    digest = sha256()
    for name, data in files:
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    batches = settings.runs / "sheets"
    folder = batches / digest.hexdigest()[:20]
    if not folder.exists():
        check_room(settings, sum(len(data) for _, data in files))
        for old in sorted(batches.glob("*"), key=modified_ns)[: 1 - _MOST]:
            shutil.rmtree(old, ignore_errors=True)
        with whole_folder(folder) as part:
            for name, (_, data) in zip(names_in_batch(files), files, strict=True):
                (part / name).write_bytes(data)
    return folder


def names_in_batch(files: Sequence[tuple[str, bytes]]) -> Iterator[str]:
    """Their names in the folder: in order, none twice, and none that leads elsewhere."""
    for number, (name, _) in enumerate(files, 1):
        yield f"{number:03d} {plain_name(name)}"


def plain_name(name: str) -> str:
    """A file's name, or the end of it, with nothing in it that leads elsewhere or hides it."""
    plain = "".join(sign if sign.isalnum() or sign in "-_. " else "-" for sign in name)
    return plain[-_LONGEST:].lstrip(". ")


def table_in_file(folder: Path, name: str) -> TableInFile | None:
    """What `sheet --out FOLDER` wrote of a photograph; None before it has."""
    values = read_json(folder / f"{name}.json")
    if not values:
        return None
    return TableInFile(values["rows"], values.get("error", ""), tuple(values.get("notes", ())))

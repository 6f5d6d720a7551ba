"""The cells of read sheets as a folder of pictures to label."""

import shutil
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.curation.decisions import LABEL, Decision, log_decisions, log_of
from core.datasets.digest import digest_of_picture
from core.datasets.uploads import upload_name
from core.files import modified_ns, whole_folder
from core.ink.encode import negative, png
from core.reading.sheet_batch import plain_name
from core.settings import Settings
from core.visitors import check_room

if TYPE_CHECKING:
    from core.reading.sheet import Sheet  # torch


def write_cells(sheet: "Sheet", name: str, folder: Path) -> int:
    """Write each cell that is not blank into a folder, which is made: its ink without rules, dark
    on light, as NAME rROW cCOLUMN.png, from 1; how many there are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for place, picture in _written(sheet):
        (folder / _file(name, place)).write_bytes(png(picture))
        count += 1
    return count


def keep_cells(
    sheet: "Sheet",
    name: str,
    settings: Settings,
    *,
    texts: Mapping[tuple[int, int], str] | None = None,
) -> Path:
    """The folder with the cells of a sheet, which lasts: made once, and found by what is in them.

    texts : of cells, by row and column, that a person has read: their labels, if it is made now.
    """
    folder = _place(name, sheet.inks.tobytes(), settings)
    if not folder.exists():
        check_room(settings)
        with whole_folder(folder) as part:
            write_cells(sheet, name, part)
        given = {place: text for place, text in (texts or {}).items() if text}
        log_decisions(
            log_of(settings, str(folder.resolve())),
            [
                Decision(_file(name, place), digest_of_picture(picture), LABEL, given[place])
                for place, picture in _written(sheet)
                if place in given
            ],
        )
    return folder.resolve()


def kept_cells(settings: Settings) -> list[str]:
    """Names of all such folders, the newest first."""
    folders = folder_of_cells("", settings).glob("[!.]*")
    return [folder.name for folder in sorted(folders, key=modified_ns, reverse=True)]


def folder_of_cells(name: str, settings: Settings) -> Path:
    """The one of that name, as `keep_cells` and `keep_folder` give it."""
    return (settings.own_data / "cells" / name).resolve()


def keep_folder(cells: Path, name: str, settings: Settings) -> Path:
    """The same of a folder that `write_cells` wrote and that will not last."""
    seen = "\0".join(sorted(f"{path.name} {path.stat().st_size}" for path in cells.iterdir()))
    folder = _place(name, seen.encode("utf-8", "surrogatepass"), settings)
    if not folder.exists():
        check_room(settings)
        with whole_folder(folder) as part:
            for path in cells.iterdir():
                shutil.copyfile(path, part / path.name)
    return folder.resolve()


def _written(sheet: "Sheet") -> Iterator[tuple[tuple[int, int], np.ndarray]]:
    """Row and column of each cell that is not blank, and its picture, uint8 [H, W]."""
    for row, column in np.argwhere(sheet.inks.any((2, 3))).tolist():
        yield (row, column), negative(sheet.inks[row, column])


def _file(name: str, place: tuple[int, int]) -> str:
    row, column = place
    return f"{plain_name(name)} r{row + 1:02d} c{column + 1:02d}.png"


def _place(name: str, content: bytes, settings: Settings) -> Path:
    digest = sha256(f"{name}\0".encode("utf-8", "surrogatepass") + content).hexdigest()[:10]
    return folder_of_cells(f"{upload_name(name)}-{digest}", settings)

"""Tables in picture files, and what is written of them."""

import csv
import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import xlsxwriter

from core.errors import InklingError
from core.files import write_json, write_whole
from core.ink.decode import PICTURE_SUFFIXES, read_picture
from core.ink.grid.shape import Grid
from core.models.recognizer import Recognizer
from core.reading.sheet import Sheet, read_sheet, sheet_to_json

_PAUSE = 0.5
"""Seconds between two looks at a watched folder; a file that has not grown for so long is whole."""

_LONGEST_NAME = 31
"""Characters of a worksheet's name."""


@dataclass(frozen=True)
class SheetReading:
    """The table in a file; `sheet` is None if there is none or it cannot be read. problem : a
    sentence, if so.
    """

    path: Path
    sheet: Sheet | None
    problem: str = ""

    @property
    def texts(self) -> list[list[str]]:
        """By row and column; [] without a table."""
        return self.sheet.texts if self.sheet else []

    @property
    def summary(self) -> str:
        """What was read, in a few words; "" without a table."""
        return self.sheet.summary if self.sheet else ""

    def to_json(self) -> dict[str, object]:
        """A line of `sheet --json`; `error` only where there is a problem."""
        if self.sheet is None:
            return {"path": str(self.path), "rows": [], "confidence": [], "error": self.problem}
        return {"path": str(self.path), **sheet_to_json(self.sheet)}


def read_file(path: Path, recognizer: Recognizer, *, grid: Grid | None = None) -> SheetReading:
    """The table in a picture file; see `read_sheet`."""
    try:
        return SheetReading(path, read_sheet(recognizer, read_picture(path), grid=grid))
    except InklingError as error:
        return SheetReading(path, None, str(error))


def to_csv(texts: Sequence[Sequence[str]]) -> str:
    """Rows of texts as CSV (RFC 4180)."""
    written = io.StringIO()
    csv.writer(written).writerows(texts)
    return written.getvalue()


def to_xlsx(tables: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    """A workbook (Office Open XML) with a worksheet for each table, by its name; whole numbers are
    numbers, all else is text.
    """
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        names: set[str] = set()
        for name, texts in tables.items():
            sheet = book.add_worksheet(_worksheet(name, names))
            for row, line in enumerate(texts):
                for column, text in enumerate(line):
                    if text.isdecimal() and text == str(int(text)):
                        sheet.write_number(row, column, int(text))
                    elif text:
                        sheet.write_string(row, column, text)
    return written.getvalue()


def _worksheet(name: str, others: set[str]) -> str:
    """A name as a workbook takes it, unlike the others in any case, which it joins."""
    # its length is counted in UTF-16
    plain = "".join(
        "-" if sign in "[]:*?/\\" or not sign.isprintable() or sign > "\uffff" else sign
        for sign in name
    )
    plain = plain.strip("' ") or "Table"
    for number in count(1):
        end = f" {number}" if number > 1 else ""
        wanted = plain[: _LONGEST_NAME - len(end)].rstrip("' ") + end
        if wanted.lower() not in {*others, "history"}:
            break
    others.add(wanted.lower())
    return wanted


def write_tables(read: SheetReading, folder: Path) -> None:
    """PHOTO.csv and PHOTO.json in a folder, which is made; without a table the JSON says why."""
    folder.mkdir(parents=True, exist_ok=True)
    if read.sheet is not None:
        write_whole(folder / f"{read.path.name}.csv", to_csv(read.texts))
    write_json(folder / f"{read.path.name}.json", read.to_json())


def watch(
    folder: Path,
    out: Path,
    recognizer: Recognizer,
    *,
    goes_on: Callable[[], bool] = lambda: True,
) -> Iterator[SheetReading]:
    """Read each picture that lies in a folder or lands there, once it is whole, and write its
    tables; after a restart those without are read. InklingError if there is no folder.

    goes_on : asked before each look at the folder.
    """
    if not folder.is_dir():
        raise InklingError(f"There is no folder {folder}; make it first.")
    sizes: dict[Path, int] = {}
    while goes_on():
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() not in PICTURE_SUFFIXES:
                continue
            with suppress(FileNotFoundError):  # taken away meanwhile
                if _is_read(path, out):
                    continue
                size = path.stat().st_size
                if sizes.get(path) == size:
                    read = read_file(path, recognizer)
                    write_tables(read, out)
                    yield read
                sizes[path] = size
        time.sleep(_PAUSE)


def _is_read(path: Path, out: Path) -> bool:
    """Whether its tables are at least as new."""
    written = out / f"{path.name}.json"
    return written.exists() and written.stat().st_mtime >= path.stat().st_mtime

"""Images as a table: a CSV with a column per pixel, with or without a column of labels, like
Kaggle's MNIST or OpenML's.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from math import isqrt
from typing import BinaryIO

import numpy as np

from core.datasets.export import Chunk
from core.errors import InklingError

_CHUNK_PIXELS = 2**20
_MAX_BLANK = 1000
_MAX_LINE = 2**19
"""Maximum bytes per row; 256x256 pixels of 255 take half of it."""

_LEAST_SIDE = 4
_BLOCK = 2**20
_SEPARATORS = ("\t", ";", ",")
_LABEL_NAMES = {"label", "labels", "class", "target", "y", "digit", "letter"}
_FRACTION = re.compile(r"\d+[.,]\d+(e[+-]\d\d?)?", re.IGNORECASE)
_FIRST, _LAST = 0, -1
_LOOKED_AT = 50
"""Rows that show where the label stands, if no header says it."""

_Row = tuple[int, str]
"""Row number, from 1, and row text."""


@dataclass(frozen=True)
class Unlabelled:
    """A table of pictures to classify.

    side : of its pictures, pixels. total : its rows, counted by line ends, blank ones included.
    labelled : whether a label stands before or after the pixels; it is ignored. chunks : uint8 [n,
    side, side].
    """

    side: int
    total: int
    labelled: bool
    chunks: Iterator[np.ndarray]


@dataclass(frozen=True)
class _Layout:
    """separator : of the columns. header : whether the first row is one. side : of the pictures.
    label : the column of the label, _FIRST or _LAST; None if there is none.
    """

    separator: str
    header: bool
    side: int
    label: int | None

    def split(self, row: str) -> tuple[str, str]:
        """The label of a row, "" if it has none, and its pixels."""
        if self.label == _FIRST:
            label, _, pixels = row.partition(self.separator)
        elif self.label == _LAST:
            pixels, _, label = row.rpartition(self.separator)
        else:
            label, pixels = "", row
        return _whole(_bare(label)), pixels


def read_table(file: BinaryIO, name: str, most: int) -> Iterator[Chunk]:
    """Images uint8 [n, side, side] and their labels, one per row: side x side whole numbers 0 to
    255, which may be written 255.0, and the label before or after them, separated by commas,
    semicolons or tabs.

    A first row with a name such as `label` or `class` at one end, or without numbers, is a header.
    Without that name, the label is the last column if the first is empty paper and the last is not.
    At most `most` bytes are read. InklingError names the first invalid row.
    """
    layout, rows = _open(file, name, most, "a label and its pixels")
    if layout.label is None:
        raise InklingError(
            f"{name} has {layout.side**2:,} pixels in a row and no label; put a column of labels "
            "before or after them."
        )
    for some, images in _images(rows, name, layout):
        yield images, [layout.split(text)[0] for _, text in some]


def open_unlabelled(file: BinaryIO, name: str, most: int) -> Unlabelled:
    """A table of pixels, one picture per row, as `read_table` reads it; a column before or after
    them is taken as the label and ignored.

    One column more than a square number can only be the label, so the layout is detected. `file` is
    read twice, at most `most` bytes each time. InklingError names the first invalid row.
    """
    ends, last, left = 0, b"", most
    while block := file.read(min(_BLOCK, max(left, 0) + 1)):
        ends, last, left = ends + block.count(b"\n"), block[-1:], left - len(block)
        if left < 0:
            raise InklingError(f"{name} unpacks to too much; give a smaller table.")
    file.seek(0)
    layout, rows = _open(file, name, most, "pixels")
    if layout.side < _LEAST_SIDE:
        raise _not_square(name, layout.side**2 + (layout.label is not None))
    total = ends + (last != b"\n") - layout.header
    images = (images for _, images in _images(rows, name, layout))
    return Unlabelled(layout.side, total, layout.label is not None, images)


def _open(file: BinaryIO, name: str, most: int, what: str) -> tuple[_Layout, Iterator[_Row]]:
    """The layout of a table, and its rows after the header."""
    lines = _lines(file, name, most)
    first = next(lines, None)
    if first is None:
        raise InklingError(f"{name} is empty; give rows of {what}.")
    separator = _separator(first[1])
    names = [_bare(field).lower() for field in first[1].split(separator)]
    named = [end for end in (_FIRST, _LAST) if names[end] in _LABEL_NAMES]
    header = bool(named) or not any(_is_number(field) for field in names[1:])
    if header:
        first = next(lines, None)
        if first is None:
            raise InklingError(f"{name} has a header and no rows; give rows of {what}.")
    columns = first[1].count(separator) + 1
    seen = [first, *islice(lines, _LOOKED_AT - 1)]
    rows = chain(seen, lines)
    for labels in (0, 1):
        side = isqrt(columns - labels)
        if side and side**2 == columns - labels:
            label = (named or [_label_column(seen, separator)])[0] if labels else None
            return _Layout(separator, header, side, label), rows
    raise _not_square(name, columns)


def _not_square(name: str, columns: int) -> InklingError:
    return InklingError(
        f"{name} has {columns} columns, which make no square picture, with or without a label; "
        "MNIST has 784 pixels, for 28x28."
    )


def _separator(row: str) -> str:
    """What gives a row the columns of a picture: decimal commas may be between semicolons."""
    for separator in _SEPARATORS:
        columns = row.count(separator) + 1
        if columns > _LEAST_SIDE**2 and any(
            isqrt(pixels) ** 2 == pixels for pixels in (columns, columns - 1)
        ):
            return separator
    return ","


def _label_column(rows: list[_Row], separator: str) -> int:
    """The end of the rows that the labels are at, if no header names it."""
    first, last = (
        {_bare(text.split(separator)[end]) for _, text in rows} for end in (_FIRST, _LAST)
    )
    if not all(map(_is_number, first)):
        return _FIRST
    if not all(map(_is_number, last)):
        return _LAST
    return _LAST if _is_paper(first) and not _is_paper(last) else _FIRST


def _is_paper(values: set[str]) -> bool:
    """Whether a column holds nothing but empty paper, dark or bright."""
    return {float(value.replace(",", ".")) for value in values} in ({0.0}, {255.0})


def _images(
    rows: Iterator[_Row], name: str, layout: _Layout
) -> Iterator[tuple[list[_Row], np.ndarray]]:
    """Rows in batches, and their pixels, uint8 [n, side, side]."""
    columns, labels = layout.side**2, int(layout.label is not None)
    while some := list(islice(rows, max(1, _CHUNK_PIXELS // columns))):
        for number, text in some:
            pixels = text.count(layout.separator) + 1 - labels
            if pixels != columns:
                raise InklingError(
                    f"Row {number} of {name} has {pixels} pixels and the first has {columns}; make "
                    "them equal."
                )
        yield some, _pixels(some, name, layout).reshape(len(some), layout.side, layout.side)


def _lines(file: BinaryIO, name: str, most: int) -> Iterator[_Row]:
    """Every row that is not blank."""
    number = blank = 0
    while line := file.readline(_MAX_LINE + 1):
        number, most = number + 1, most - len(line)
        if len(line) > _MAX_LINE or most < 0:
            raise InklingError(
                f"Row {number} of {name} is too long, or the file unpacks to too much; give a "
                "smaller table."
            )
        if text := line.decode("utf-8", "replace").strip().removeprefix("\ufeff"):
            yield number, text
        elif (blank := blank + 1) > _MAX_BLANK:
            raise InklingError(f"{name} has more than {_MAX_BLANK:,} blank rows; leave them out.")


def _pixels(rows: list[_Row], name: str, layout: _Layout) -> np.ndarray:
    """uint8 [n, columns]."""
    texts = [layout.split(text)[1] for _, text in rows]
    with suppress(ValueError):
        return _numbers(texts, layout.separator, np.uint8)
    try:  # slower, and seldom needed
        if layout.separator != ",":
            texts = [text.replace(",", ".") for text in texts]
        values = _numbers(texts, layout.separator, np.float32)
        if not ((values >= 0) & (values <= 255) & (values == np.rint(values))).all():
            raise ValueError("not whole, or out of range")
        return values.astype(np.uint8)
    except ValueError as error:
        if len(rows) > 1:
            for row in rows:
                _pixels([row], name, layout)
        raise InklingError(
            f"Row {rows[0][0]} of {name} has a pixel that is no whole number from 0 to 255; mend "
            "or leave out the row."
        ) from error


def _numbers(texts: list[str], separator: str, kind: type) -> np.ndarray:
    return np.loadtxt(texts, kind, comments=None, delimiter=separator, quotechar='"', ndmin=2)


def _bare(field: str) -> str:
    return field.strip().strip('"').strip()


def _whole(label: str) -> str:
    """A label, without the fraction if it is a whole number written 7.0."""
    if _FRACTION.fullmatch(label):
        number = float(label.replace(",", "."))
        return str(int(number)) if number.is_integer() else label
    return label


def _is_number(field: str) -> bool:
    try:
        float(_bare(field).replace(",", "."))
    except ValueError:
        return False
    return True

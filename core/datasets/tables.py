"""Images as a table: a CSV with a column per pixel, with or without a label first, like Kaggle's
MNIST.
"""

from collections.abc import Iterator
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
_Row = tuple[int, str]
"""Row number, from 1, and row text."""


@dataclass(frozen=True)
class Unlabelled:
    """A table of pictures to classify.

    side : of its pictures, pixels. total : its rows, counted by line ends, blank ones included.
    labelled : whether a label precedes the pixels; it is ignored. chunks : uint8 [n, side, side].
    """

    side: int
    total: int
    labelled: bool
    chunks: Iterator[np.ndarray]


def read_table(file: BinaryIO, name: str, most: int) -> Iterator[Chunk]:
    """Images uint8 [n, side, side] and their labels, one per row: the label, then side x side
    integers 0 to 255.

    A first row that begins with `label`, or has no number after it, is a header. At most `most`
    bytes are read. InklingError names the first invalid row.
    """
    _, first, lines = _beginning(file, name, most, "a label and its pixels", labels=1)
    columns = first[1].count(",")
    side = isqrt(columns)
    if not columns or side**2 != columns:
        raise InklingError(
            f"{name} has {columns} columns after the label, which make no square picture; MNIST "
            "has 784 of them, for 28x28."
        )
    for some, images in _images(chain([first], lines), name, side, labels=1):
        yield images, [_bare(text.partition(",")[0]).removesuffix(".0") for _, text in some]


def open_unlabelled(file: BinaryIO, name: str, most: int) -> Unlabelled:
    """A table of pixels, one picture per row; a column before them is taken as the label and
    ignored.

    One column more than a square number can only be the label, so the layout is detected. A first
    row without a number, or that begins with `label`, is a header. `file` is read twice, at most
    `most` bytes each time. InklingError names the first invalid row.
    """
    ends, last, left = 0, b"", most
    while block := file.read(min(_BLOCK, max(left, 0) + 1)):
        ends, last, left = ends + block.count(b"\n"), block[-1:], left - len(block)
        if left < 0:
            raise InklingError(f"{name} unpacks to too much; give a smaller table.")
    file.seek(0)
    header, first, lines = _beginning(file, name, most, "pixels", labels=0)
    columns = first[1].count(",") + 1
    labels = next(
        (labels for labels in (0, 1) if isqrt(columns - labels) ** 2 == columns - labels), None
    )
    if labels is None or columns - labels < _LEAST_SIDE**2:
        raise InklingError(
            f"{name} has {columns} columns, which make no square picture; MNIST has 784 of them, "
            "for 28x28."
        )
    side = isqrt(columns - labels)
    images = (images for _, images in _images(chain([first], lines), name, side, labels=labels))
    return Unlabelled(side, ends + (last != b"\n") - header, labels == 1, images)


def _beginning(
    file: BinaryIO, name: str, most: int, what: str, *, labels: int
) -> tuple[bool, _Row, Iterator[_Row]]:
    """Whether there is a header, the first row after it, and the rows after that."""
    lines = _lines(file, name, most)
    first = next(lines, None)
    if first is None:
        raise InklingError(f"{name} is empty; give rows of {what}.")
    fields = first[1].split(",")
    header = _bare(fields[0]).lower() == "label" or not any(
        _is_number(field) for field in fields[labels:]
    )
    if header:
        first = next(lines, None)
        if first is None:
            raise InklingError(f"{name} has a header and no rows; give rows of {what}.")
    return header, first, lines


def _images(
    rows: Iterator[_Row], name: str, side: int, *, labels: int
) -> Iterator[tuple[list[_Row], np.ndarray]]:
    """Rows in batches, and the pixels after their labels, uint8 [n, side, side]."""
    columns = side**2
    while some := list(islice(rows, max(1, _CHUNK_PIXELS // columns))):
        for number, text in some:
            pixels = text.count(",") + 1 - labels
            if pixels != columns:
                raise InklingError(
                    f"Row {number} of {name} has {pixels} pixels and the first has {columns}; make "
                    "them equal."
                )
        yield some, _pixels(some, name, labels).reshape(len(some), side, side)


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


def _pixels(rows: list[_Row], name: str, labels: int) -> np.ndarray:
    """uint8 [n, columns]."""
    texts = [text.partition(",")[2] if labels else text for _, text in rows]
    try:
        return np.loadtxt(texts, np.uint8, comments=None, delimiter=",", quotechar='"', ndmin=2)
    except ValueError as error:
        if len(rows) > 1:
            for row in rows:
                _pixels([row], name, labels)
        raise InklingError(
            f"Row {rows[0][0]} of {name} has a pixel that is no whole number from 0 to 255; mend "
            "or leave out the row."
        ) from error


def _bare(field: str) -> str:
    return field.strip().strip('"').strip()


def _is_number(field: str) -> bool:
    try:
        float(_bare(field))
    except ValueError:
        return False
    return True

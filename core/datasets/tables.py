"""Labelled images as a table: a CSV with the label first and a column for each pixel, as Kaggle publishes MNIST."""

from collections.abc import Iterator
from itertools import chain, islice
from math import isqrt
from typing import BinaryIO

import numpy as np

from core.datasets.export import Chunk
from core.errors import InklingError

_CHUNK_PIXELS = 2**20
_MAX_BLANK = 1000
_MAX_LINE = 2**19
"""Bytes in a row; 256x256 pixels of 255 are half of it."""


def read_table(file: BinaryIO, name: str, most: int) -> Iterator[Chunk]:
    """Images uint8 [n, side, side] and their labels, a row each: the label, then side x side whole numbers 0 to 255.

    A first row that begins with `label`, or has no number after it, is a header. At most `most` bytes are read.
    InklingError names the first row that is not so.
    """
    lines = _lines(file, name, most)
    first = next(lines, None)
    if first is None:
        raise InklingError(f"{name} is empty; give rows of a label and its pixels.")
    label, *pixels = first[1].split(",")
    if _bare(label).lower() == "label" or not any(_is_number(pixel) for pixel in pixels):
        first = next(lines, None)
        if first is None:
            raise InklingError(f"{name} has a header and no rows; give rows of a label and its pixels.")
    columns = first[1].count(",")
    side = isqrt(columns)
    if not columns or side**2 != columns:
        raise InklingError(f"{name} has {columns} columns after the label, which make no square picture; MNIST has 784 of them, for 28x28.")
    rows = chain([first], lines)
    while some := list(islice(rows, max(1, _CHUNK_PIXELS // columns))):
        for number, text in some:
            if text.count(",") != columns:
                raise InklingError(f"Row {number} of {name} has {text.count(',')} pixels and the first has {columns}; make them equal.")
        yield _pixels(some, name).reshape(len(some), side, side), [_bare(text.partition(",")[0]).removesuffix(".0") for _, text in some]


def _lines(file: BinaryIO, name: str, most: int) -> Iterator[tuple[int, str]]:
    """Row number from 1 and text of every row that is not blank."""
    number = blank = 0
    while line := file.readline(_MAX_LINE + 1):
        number, most = number + 1, most - len(line)
        if len(line) > _MAX_LINE or most < 0:
            raise InklingError(f"Row {number} of {name} is too long, or the file unpacks to too much; give a smaller table.")
        if text := line.decode("utf-8", "replace").strip().removeprefix("\ufeff"):
            yield number, text
        elif (blank := blank + 1) > _MAX_BLANK:
            raise InklingError(f"{name} has more than {_MAX_BLANK:,} blank rows; leave them out.")


def _pixels(rows: list[tuple[int, str]], name: str) -> np.ndarray:
    """uint8 [n, columns]."""
    try:
        return np.loadtxt([text.partition(",")[2] for _, text in rows], np.uint8, comments=None, delimiter=",", quotechar='"', ndmin=2)
    except ValueError as error:
        if len(rows) > 1:
            for row in rows:
                _pixels([row], name)
        raise InklingError(
            f"Row {rows[0][0]} of {name} has a pixel that is no whole number from 0 to 255; mend or leave out the row."
        ) from error


def _bare(field: str) -> str:
    return field.strip().strip('"').strip()


def _is_number(field: str) -> bool:
    try:
        float(_bare(field))
    except ValueError:
        return False
    return True

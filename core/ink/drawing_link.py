"""A drawing as the text of a link, or as a small JSON file, and back again.

Both come from anywhere, so reading them trusts nothing: what is too large, incomplete or beside the
canvas is refused or cut off.
"""

import base64
import binascii
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import InklingError
from core.ink.strokes import checked_strokes, clip_strokes

MOST_SIGNS = 1_800
"""Of a drawing's text: with the rest of an address it stays below the 2,000 that every browser,
messenger and proxy passes on.
"""
MAX_FILE_BYTES = 2**20
MAX_SIDE, MAX_PEN = 4_000, 400
"""Of a canvas and of a pen, pixels."""

_VERSION = "1"
_PER_PIXEL = 4
"""Steps of a coordinate in a link: points come back within an eighth of a pixel."""
_MOST_BYTES = 100_000
"""Of a link unpacked: a small text may unpack to gigabytes."""


@dataclass(frozen=True, eq=False)
class LinkedDrawing:
    """strokes : each float [P, 2] in pixels of a canvas. pen : its width, pixels. size : height and
    width of the canvas, pixels.
    """

    strokes: Sequence[np.ndarray]
    pen: float
    size: tuple[int, int]

    def fitted(self, size: tuple[int, int]) -> "LinkedDrawing":
        """The same, smaller if need be, for a canvas of at most this height and width."""
        scale = min(1.0, size[0] / self.size[0], size[1] / self.size[1])
        return LinkedDrawing(
            [stroke * scale for stroke in self.strokes],
            self.pen * scale,
            (round(self.size[0] * scale), round(self.size[1] * scale)),
        )


def to_text(drawing: LinkedDrawing) -> str:
    """The drawing in letters, digits, - and _; InklingError if that is too long for a link.

    A version, then base64 of the zlib stream of whole numbers as zigzag varints (Protocol Buffers):
    pen, height and width; of each stroke its number of points, and the steps from one to the next.
    """
    numbers = [round(drawing.pen * _PER_PIXEL), *drawing.size]
    for stroke in drawing.strokes:
        places = np.round(np.asarray(stroke, float) * _PER_PIXEL).astype(np.int64)
        numbers += [len(places), *np.diff(places, axis=0, prepend=0).ravel().tolist()]
    packed = zlib.compress(_varints(numbers), 9)
    text = _VERSION + base64.urlsafe_b64encode(packed).decode().rstrip("=")
    if len(text) > MOST_SIGNS:
        raise InklingError("The drawing is too long for a link; save it as a file.")
    return text


def from_text(text: str) -> LinkedDrawing:
    """The inverse of `to_text`; InklingError for anything else."""
    damaged = InklingError("The link's drawing is damaged or cut short; ask for the link again.")
    if len(text) > MOST_SIGNS or text[:1] != _VERSION:
        raise damaged
    try:
        body = text[1:] + "=" * (-len(text[1:]) % 4)
        stream = zlib.decompressobj()
        data = stream.decompress(base64.b64decode(body, altchars=b"-_", validate=True), _MOST_BYTES)
        if not stream.eof or stream.unused_data:
            raise damaged
        pen, height, width, *rest = _numbers(data)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise damaged from error
    strokes = []
    while rest:
        end = 1 + 2 * rest[0]
        if not 1 < end <= len(rest):
            raise damaged
        steps = np.array(rest[1:end], np.int64).reshape(-1, 2)
        strokes.append(steps.cumsum(0) / _PER_PIXEL)
        rest = rest[end:]
    return _checked(strokes, pen / _PER_PIXEL, (height, width))


def to_json(drawing: LinkedDrawing) -> str:
    """A JSON object that `POST /api/predict` takes too, once a model is named: strokes, width (of
    the pen), and the canvas's size.
    """
    strokes = [np.round(stroke, 2).tolist() for stroke in drawing.strokes]
    return json.dumps({"strokes": strokes, "width": drawing.pen, "size": drawing.size})


def from_json(data: bytes) -> LinkedDrawing:
    """The inverse of `to_json`; InklingError for anything else."""
    if len(data) > MAX_FILE_BYTES:
        raise InklingError("The file is larger than 1 MB; a drawing is a small JSON file.")
    try:
        values: Any = json.loads(data)
        height, width = (int(side) for side in values["size"])
        return _checked(values["strokes"], float(values["width"]), (height, width))
    except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
        raise InklingError(
            "The file holds no drawing; choose one that was saved with Share."
        ) from error


def _checked(strokes: Any, pen: float, size: tuple[int, int]) -> LinkedDrawing:
    if not (0 < pen <= MAX_PEN and all(0 < side <= MAX_SIDE for side in size)):
        raise InklingError(
            f"A canvas has sides of at most {MAX_SIDE:,} pixels and a pen of at most {MAX_PEN}."
        )
    seen = clip_strokes(checked_strokes(strokes, width=pen), size=size)
    if not seen:
        raise InklingError("The drawing is empty; draw something and share it again.")
    return LinkedDrawing(seen, pen, size)


def _varints(numbers: Iterable[int]) -> bytes:
    """Seven bits a byte, the lowest first; the sign is the lowest bit."""
    data = bytearray()
    for number in numbers:
        left = number << 1 if number >= 0 else ~(number << 1)
        while left > 127:
            data.append(left & 127 | 128)
            left >>= 7
        data.append(left)
    return bytes(data)


def _numbers(data: bytes) -> list[int]:
    """The inverse of `_varints`; ValueError if a number is cut short or has over 32 bits."""
    numbers, number, shift = [], 0, 0
    for byte in data:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(number >> 1 ^ -(number & 1))
            number, shift = 0, 0
        elif shift > 28:
            raise ValueError("a number is too large")
    if shift:
        raise ValueError("a number is cut short")
    return numbers

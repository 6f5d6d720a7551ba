"""Characters laid side by side on one canvas."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

RESOLUTION = 96
"""Pixels per unit at which strokes are drawn and pens are changed."""


@dataclass(frozen=True)
class Piece:
    """One character of a composition: its ink uint8 [h, w], its rectangle and its pen width, in
    units, y down.
    """

    label: str
    ink: np.ndarray
    left: float
    top: float
    width: float
    height: float
    pen: float

    @property
    def right(self) -> float:
        """Where the ink ends."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Where the ink ends."""
        return self.top + self.height

    def moved(self, right: float, down: float = 0.0) -> "Piece":
        """The same elsewhere."""
        return Piece(
            self.label,
            self.ink,
            self.left + right,
            self.top + down,
            self.width,
            self.height,
            self.pen,
        )


def crop_ink(image: np.ndarray) -> np.ndarray:
    """The bounding box [h, w] of the ink (above 127) of uint8 [H, W]; the whole picture if there is
    none.
    """
    x, y, width, height = cv2.boundingRect(cv2.threshold(image, 127, 255, cv2.THRESH_BINARY)[1])
    return image[y : y + height, x : x + width] if width else image


def extent(pieces: Sequence[Piece]) -> tuple[float, float, float, float]:
    """Left, top, width and height of the bounding rectangle of all pieces, units."""
    left, top = min(piece.left for piece in pieces), min(piece.top for piece in pieces)
    return (
        left,
        top,
        max(piece.right for piece in pieces) - left,
        max(piece.bottom for piece in pieces) - top,
    )


def piece_of_strokes(label: str, strokes: Sequence[np.ndarray], pen: float) -> Piece:
    """Strokes float [P, 2], x right, y down, in units, drawn with a round pen of that width; a
    stroke of one point is a dot.
    """
    points = np.concatenate(strokes)
    low = points.min(0) - pen / 2
    wide, high = np.ceil((np.ptp(points, axis=0) + pen) * RESOLUTION).astype(int).tolist()
    ink = np.zeros((high, wide), np.uint8)
    for stroke in strokes:
        # the middle of the first pixel is at 0
        place = np.round(((stroke - low) * RESOLUTION - 0.5) * 16).astype(np.int32)
        place = np.repeat(place, 2, 0) if len(place) == 1 else place
        thickness = max(1, round(pen * RESOLUTION))
        cv2.polylines(ink, [place[:, None]], False, 255, thickness, cv2.LINE_AA, 4)
    return Piece(label, ink, low[0], low[1], wide / RESOLUTION, high / RESOLUTION, pen)


def enlarged(piece: Piece) -> np.ndarray:
    """Its ink at RESOLUTION, uint8 [h, w]."""
    wide, high = (max(1, round(side * RESOLUTION)) for side in (piece.width, piece.height))
    if piece.ink.shape == (high, wide):
        return piece.ink
    method = cv2.INTER_AREA if high < piece.ink.shape[0] else cv2.INTER_CUBIC
    return cv2.resize(piece.ink, (wide, high), interpolation=method)


def superimpose(pieces: Sequence[Piece], per_unit: float, canvas: np.ndarray) -> None:
    """Draw the pieces centred on a canvas uint8 [H, W] at `per_unit` pixels per unit; where two
    overlap, the darker ink wins.
    """
    left, top, width, height = extent(pieces)
    rows, columns = canvas.shape
    from_x, from_y = (
        columns / 2 - (left + width / 2) * per_unit,
        rows / 2 - (top + height / 2) * per_unit,
    )
    for piece in pieces:
        wide, high = (
            max(1, min(round(piece.width * per_unit), columns)),
            max(1, min(round(piece.height * per_unit), rows)),
        )
        method = cv2.INTER_AREA if high < piece.ink.shape[0] else cv2.INTER_LINEAR
        ink = cv2.resize(piece.ink, (wide, high), interpolation=method)
        # Rounding must not push ink over the edge.
        x = min(max(round(from_x + piece.left * per_unit), 0), columns - wide)
        y = min(max(round(from_y + piece.top * per_unit), 0), rows - high)
        index = canvas[y : y + high, x : x + wide]
        np.maximum(index, ink, out=index)

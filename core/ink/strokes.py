"""Pen strokes to pixels: round caps and joins, antialiased, as a canvas draws them."""

from collections.abc import Sequence

import cv2
import numpy as np

from core.errors import InklingError

MAX_STROKES, MAX_POINTS, MAX_COORDINATE = 1_000, 100_000, 1_000_000
_OVERSAMPLING, _SUBPIXEL_BITS = 4, 4

_WIDEST = 60
"""Pen width in pixels: OpenCV's line limit is 255, at four times the size."""


def draw_strokes(
    strokes: Sequence[np.ndarray], *, width: float, size: tuple[int, int]
) -> np.ndarray:
    """Ink map uint8 [height, width] of strokes, each float [P, 2] of x, y in pixels; a stroke of
    one point is a dot.

    width : pen width in pixels, clipped to 60.
    size : (height, width) of the picture.
    """
    height, breadth = size
    picture = np.zeros((height * _OVERSAMPLING, breadth * _OVERSAMPLING), np.uint8)
    thickness = max(1, round(min(width, _WIDEST) * _OVERSAMPLING))
    for stroke in strokes:
        points = np.round(
            np.asarray(stroke, np.float64) * _OVERSAMPLING * 2**_SUBPIXEL_BITS
        ).astype(np.int32)
        points = np.repeat(points, 2, axis=0) if len(points) == 1 else points
        cv2.polylines(
            picture, [points.reshape(-1, 1, 2)], False, 255, thickness, cv2.LINE_AA, _SUBPIXEL_BITS
        )
    return cv2.resize(picture, (breadth, height), interpolation=cv2.INTER_AREA)


def picture_of_strokes(strokes: Sequence[np.ndarray], *, width: float) -> np.ndarray:
    """Grey picture uint8 [H, W], dark ink on white, framed to the strokes (each float [P, 2]) at
    any position.

    Scaled so that the longer side has 200 to 1,024 pixels: strokes may be in pixels, millimetres or
    fractions of 1. A pen thinner than a hundredth of the drawing is widened to that, to be visible.
    """
    width, extent = _drawn_width(strokes, width)
    margin = 1.5 * width
    longer = extent + 2 * margin
    scale = min(max(longer, 200.0), 1024.0) / longer
    return 255 - _draw_framed(strokes, width=width, margin=margin, scale=scale)


def ink_of_strokes(strokes: Sequence[np.ndarray], *, width: float, side: int) -> np.ndarray:
    """Ink map uint8 [h, w] of strokes (each float [P, 2]), cropped to them: the longer side has
    `side` pixels, or fewer if the pen would be too wide to draw.

    A thin pen is widened as in `picture_of_strokes`.
    """
    width, extent = _drawn_width(strokes, width)
    scale = min(side / (extent + width), _WIDEST / width)
    return _draw_framed(strokes, width=width, margin=width / 2, scale=scale)


def _drawn_width(strokes: Sequence[np.ndarray], width: float) -> tuple[float, float]:
    """The pen's width, at least a hundredth of the drawing, and the drawing's longer side."""
    extent = float(np.ptp(np.concatenate(strokes), axis=0).max())
    return max(width, extent / 100, 1e-6), extent


def _draw_framed(
    strokes: Sequence[np.ndarray], *, width: float, margin: float, scale: float
) -> np.ndarray:
    """Ink map of strokes with a margin around their points, in their unit, at `scale` pixels per
    unit.
    """
    points = np.concatenate(strokes)
    low, extent = points.min(0), np.ptp(points, axis=0)
    breadth, height = np.ceil((extent + 2 * margin) * scale).astype(int)
    return draw_strokes(
        [(stroke - low + margin) * scale for stroke in strokes],
        width=width * scale,
        size=(int(height), int(breadth)),
    )


def checked_strokes(
    strokes: Sequence[Sequence[Sequence[float]]], *, width: float
) -> list[np.ndarray]:
    """Strokes from outside as float64 arrays [P, 2]; InklingError for too many, not finite, or not
    pairs of numbers.
    """
    try:
        if len(strokes) > MAX_STROKES or sum(len(stroke) for stroke in strokes) > MAX_POINTS:
            raise InklingError(
                f"A drawing has at most {MAX_STROKES:,} strokes and {MAX_POINTS:,} points; send "
                "fewer."
            )
        arrays = [
            np.array(stroke, np.float64).reshape(len(stroke), 2)
            for stroke in strokes
            if len(stroke)
        ]
    except (TypeError, ValueError) as error:
        raise InklingError("Each stroke is a list of [x, y] pairs of numbers.") from error
    numbers = np.concatenate([array.ravel() for array in arrays] or [np.zeros(0)])
    if (
        not np.isfinite(numbers).all()
        or np.abs(numbers).max(initial=0) > MAX_COORDINATE
        or not 0 < width <= MAX_COORDINATE
    ):
        raise InklingError(
            f"Coordinates and pen width must be finite numbers up to {MAX_COORDINATE:,}, the width "
            "above 0."
        )
    return arrays

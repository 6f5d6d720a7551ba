"""Pen strokes to pixels: round caps and joins, antialiased, as a canvas draws them."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from core.errors import InklingError

MAX_STROKES, MAX_POINTS, MAX_COORDINATE = 1_000, 100_000, 1_000_000
_OVERSAMPLING, _SUBPIXEL_BITS = 4, 4

_WIDEST = 60
"""Pen width in pixels: OpenCV's line limit is 255, at four times the size."""


@dataclass(frozen=True)
class Frame:
    """Where strokes lie in a picture of them, all but `scale` in the unit of the strokes.

    low : float [2], the least x and y of all points. width : of the pen. margin : paper around the
    points. scale : pixels per unit.
    """

    low: np.ndarray
    width: float
    margin: float
    scale: float

    def pixels(self, points: np.ndarray) -> np.ndarray:
        """Points float [P, 2] in pixels of the picture."""
        return (points - self.low + self.margin) * self.scale

    def points(self, pixels: np.ndarray) -> np.ndarray:
        """The inverse of `pixels`."""
        return pixels / self.scale - self.margin + self.low


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
    return 255 - _draw_framed(strokes, frame_of_strokes(strokes, width=width))


def clip_strokes(strokes: Sequence[np.ndarray], *, size: tuple[int, int]) -> list[np.ndarray]:
    """The parts of strokes, each float [P, 2] with P > 0, that lie on a canvas, border included; in
    their order.

    size : (height, width) of the canvas. A stroke that leaves it and returns becomes several.
    """
    corner = np.array(size[::-1], float)
    return [piece for stroke in strokes for piece in _clip(np.asarray(stroke, float), corner)]


def _clip(stroke: np.ndarray, corner: np.ndarray) -> list[np.ndarray]:
    """One stroke cut at the border of the rectangle from (0, 0) to `corner`.

    Each segment is cut as by Liang and Barsky (ACM Transactions on Graphics 3, 1984): it enters
    the rectangle at the last of its crossings into a side's half plane, and leaves at the first
    one out.
    """
    inside = np.asarray(((stroke >= 0) & (stroke <= corner)).all(1))
    if inside.all():
        return [stroke]
    start, step = stroke[:-1], np.diff(stroke, axis=0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        crossings = np.stack([-start / step, (corner - start) / step])
    # along a side, a segment is within it from end to end or nowhere
    within = (start >= 0) & (start <= corner)
    low = np.where(step == 0, np.where(within, -np.inf, np.inf), crossings.min(0))
    high = np.where(step == 0, np.where(within, np.inf, -np.inf), crossings.max(0))
    enter, leave = np.maximum(low.max(1), 0), np.minimum(high.min(1), 1)
    seen = np.flatnonzero(enter < leave)
    if not len(seen):
        return []
    ends = np.flatnonzero((np.diff(seen) > 1) | ~inside[seen[1:]]) + 1
    pieces = []
    for run in np.split(seen, ends):
        first, last = run[0], run[-1]
        entry = stroke[first] if inside[first] else start[first] + enter[first] * step[first]
        exit_ = stroke[last + 1] if inside[last + 1] else start[last] + leave[last] * step[last]
        piece = np.concatenate([[entry], stroke[first + 1 : last + 1], [exit_]])
        pieces.append(np.clip(piece, 0, corner))  # rounding may have left it beside the border
    return pieces


def strokes_in(strokes: Sequence[np.ndarray], box: tuple[int, int, int, int]) -> list[np.ndarray]:
    """The strokes, each float [P, 2], most of whose points lie in a box: left, top, width, height
    in their unit.
    """
    low = np.array(box[:2])
    high = low + box[2:]
    return [s for s in strokes if ((s >= low) & (s <= high)).all(1).mean() > 0.5]


def frame_of_strokes(strokes: Sequence[np.ndarray], *, width: float) -> Frame:
    """Where the strokes lie in their `picture_of_strokes`."""
    width, extent = _drawn_width(strokes, width)
    margin = 1.5 * width
    longer = extent + 2 * margin
    return Frame(_least(strokes), width, margin, min(max(longer, 200.0), 1024.0) / longer)


def ink_of_strokes(strokes: Sequence[np.ndarray], *, width: float, side: int) -> np.ndarray:
    """Ink map uint8 [h, w] of strokes (each float [P, 2]), cropped to them: the longer side has
    `side` pixels, or fewer if the pen would be too wide to draw.

    A thin pen is widened as in `picture_of_strokes`.
    """
    width, extent = _drawn_width(strokes, width)
    scale = min(side / (extent + width), _WIDEST / width)
    return _draw_framed(strokes, Frame(_least(strokes), width, width / 2, scale))


def _drawn_width(strokes: Sequence[np.ndarray], width: float) -> tuple[float, float]:
    """The pen's width, at least a hundredth of the drawing, and the drawing's longer side."""
    extent = float(np.ptp(np.concatenate(strokes), axis=0).max())
    return max(width, extent / 100, 1e-6), extent


def _least(strokes: Sequence[np.ndarray]) -> np.ndarray:
    least: np.ndarray = np.concatenate(strokes).min(0)
    return least


def _draw_framed(strokes: Sequence[np.ndarray], frame: Frame) -> np.ndarray:
    """Ink map of strokes with the frame's margin around their points."""
    extent = np.ptp(np.concatenate(strokes), axis=0)
    breadth, height = np.ceil((extent + 2 * frame.margin) * frame.scale).astype(int)
    return draw_strokes(
        [frame.pixels(stroke) for stroke in strokes],
        width=frame.width * frame.scale,
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

"""The rows of a written page, top to bottom, and each as input of a network for lines."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.ink.paper import pen_width

_MARGIN = 2
"""Pixels of a line's input above, below and beside its ink."""

WIDEST = 2048
"""Pixels of a line's input: 100 characters and more."""

_THINNEST = 1.4
"""Pixels: a thinner pen than the network has seen is widened to this."""


@dataclass(frozen=True)
class Row:
    """One row of writing: its ink uint8 [h, w], nothing of other rows, and its position in pixels
    of the page.
    """

    ink: np.ndarray
    left: int
    top: int


@dataclass(frozen=True)
class LineInput:
    """A row as the network sees it, uint8 [32, W], and how to find the way back: column x of the
    input is at `(x - margin) / scale` of the row.
    """

    image: np.ndarray
    margin: float
    scale: float

    def to_row(self, x: np.ndarray) -> np.ndarray:
        """Columns of the input as columns of the row, in pixels, fractions allowed."""
        return (x - self.margin) / self.scale


def find_rows(ink: np.ndarray) -> tuple[list[Row], bool]:
    """The rows of an ink map uint8 [H, W] (ink 255), and whether a line under or over one of them
    was left out.

    Rows are told apart by strips of paper from side to side. A strip above the dot of an i or
    below a comma separates nothing: each row has at least a third of the tallest one's height.
    """
    mask = (ink > 127).astype(np.uint8)
    count, components, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    boxes = stats[1:]
    if not len(boxes):
        return [], False
    ruled = _underlines(boxes, mask)
    kept = np.flatnonzero(~ruled)
    bands = _bands(boxes[kept])
    rows = []
    for members in bands:
        numbers = kept[members] + 1
        x0, y0 = boxes[numbers - 1, :2].min(0)
        x1, y1 = (boxes[numbers - 1, :2] + boxes[numbers - 1, 2:4]).max(0)
        left, top = max(x0 - 1, 0), max(y0 - 1, 0)
        window = slice(top, y1 + 1), slice(left, x1 + 1)
        # soft edges belong to what they surround
        others = np.isin(components[window], np.setdiff1d(np.arange(1, count), numbers))
        own = cv2.dilate(np.isin(components[window], numbers).astype(np.uint8), np.ones((3, 3)))
        rows.append(Row(np.where((own > 0) & ~others, ink[window], 0).astype(np.uint8), left, top))
    return rows, bool(ruled.any())


def line_input(row: np.ndarray, *, height: int) -> LineInput:
    """A row's ink uint8 [h, w] scaled to the height of the network's input."""
    y = np.flatnonzero((row > 127).any(1))
    x = np.flatnonzero((row > 127).any(0))
    top, bottom, left, right = y[0], y[-1] + 1, x[0], x[-1] + 1
    crop = row[top:bottom, left:right]
    room = height - 2 * _MARGIN
    # a dash has no height of its own: it is half as wide as a character is high
    pen, high, wide = pen_width(crop > 127), bottom - top, right - left
    tall = max(high, wide / 30) if high > 2 * pen else max(high, 2 * wide)
    scale = min(room / tall, WIDEST / wide)
    if pen * scale < _THINNEST:
        added = max(1, round(_THINNEST / scale - pen))
        crop = cv2.dilate(np.pad(crop, added), np.ones((added + 1, added + 1), np.uint8))
        left, top = left - added, top - added
    size = max(1, round(crop.shape[1] * scale)), max(1, min(room, round(crop.shape[0] * scale)))
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    image = np.zeros((height, max(size[0] + 2 * _MARGIN, height // 2)), np.uint8)
    above = (height - size[1]) // 2
    image[above : above + size[1], _MARGIN : _MARGIN + size[0]] = small
    return LineInput(image, _MARGIN - left * scale, scale)


def _underlines(boxes: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Whether each component, [x, y, width, height, area], is a line under, over or between the
    writing: long, flat, and with writing beside it that is taller; bool [N].
    """
    x, _, width, height, _ = boxes.T
    tall = np.median(np.sort(height)[-max(1, len(height) // 2) :])
    span = (x + width).max() - x.min()
    flat = (height < 0.35 * tall) & (width > 4 * height)
    long = width > max(0.45 * span, 1.2 * tall)
    return flat & long & (len(boxes) > 1) & (height.max() > 2.5 * height)


def _bands(boxes: np.ndarray) -> list[np.ndarray]:
    """Numbers of the components of each row, top to bottom."""
    top, bottom = boxes[:, 1], boxes[:, 1] + boxes[:, 3]
    order = np.argsort(top, kind="stable")
    bands: list[list[int]] = []
    reach = -1
    for number in order:
        if top[number] > reach:
            bands.append([])
        bands[-1].append(int(number))
        reach = max(reach, int(bottom[number]))
    heights = [bottom[band].max() - top[band].min() for band in bands]
    tallest, merged = max(heights), list[list[int]]()
    for band, height in zip(bands, heights, strict=True):
        # dots belong to what is below them, commas to what is above
        if merged and (height < tallest / 3 or _height(boxes, merged[-1]) < tallest / 3):
            merged[-1] += band
        else:
            merged.append(band)
    return [np.array(band) for band in merged]


def _height(boxes: np.ndarray, band: list[int]) -> int:
    return int((boxes[band, 1] + boxes[band, 3]).max() - boxes[band, 1].min())

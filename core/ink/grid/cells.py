"""What stands in each cell of a table, without its rules."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.ink.grid.lines import flattened
from core.ink.grid.shape import Grid
from core.ink.light import even_light

_CELL = 64
"""Pixels of the shorter side of a cell that is cut out."""

_WIDEST = 3.0
"""Shorter sides: a longer cell is cut narrower."""

_RULES = ((0.13, 0.55), (0.3, 1.2))
"""Of a cell: a rule runs so near to where it should, and so far straight on. On paper that is bent
it runs farther off, but through more than one cell, which no stroke does.
"""

_BEYOND = 0.06
"""Of a cell: what is written may reach so far beyond it."""

_TALLEST, _HEAVIEST = 0.2, 0.008
"""Of the shorter side of a cell, and of its square: what is smaller in both is no character."""

_FAINTEST = 14
"""Of 255: fainter is the grain of paper."""


@dataclass(frozen=True)
class Cells:
    """inks : uint8 [R, C, H, W], ink 255, each without its rules; blank where nothing is written.
    pictures : uint8 [R, C, H, W], the same places as photographed, dark on light. filled : float
    [R, C], the ink of a blank cell, of the least that counts as written; 1 for others.
    """

    inks: np.ndarray
    pictures: np.ndarray
    filled: np.ndarray

    @property
    def written(self) -> np.ndarray:
        """Bool [R, C]: cells that are not blank."""
        return np.asarray(self.inks.any((2, 3)))


def cut_cells(grey: np.ndarray, grid: Grid) -> Cells:
    """The cells of a table in a grey picture uint8 [H, W]."""
    size = _size(grid)
    flat, rows, columns = flattened(grid, grey, cell=size, room=0.25)
    if _light_on_dark(flat):
        flat = 255 - flat
    darkness = even_light(flat)
    threshold, _ = cv2.threshold(darkness, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    threshold = max(0.6 * threshold, _FAINTEST)
    bare = darkness
    if grid.ruled:
        rules = _rules(darkness > threshold, rows, columns, size)
        bare = np.where(rules, 0, darkness).astype(np.uint8)
    high, wide = (round((1 + 2 * _BEYOND) * side) for side in size[::-1])
    shape = (*grid.shape, high, wide)
    inks, pictures = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    filled = np.ones(grid.shape)
    for row in range(shape[0]):
        for column in range(shape[1]):
            top, bottom, left, right = (
                round(float(line))
                for line in (
                    rows[row] - _BEYOND * size[1],
                    rows[row + 1] + _BEYOND * size[1],
                    columns[column] - _BEYOND * size[0],
                    columns[column + 1] + _BEYOND * size[0],
                )
            )
            place = slice(max(top, 0), bottom), slice(max(left, 0), right)
            pictures[row, column] = cv2.resize(flat[place], (wide, high))
            ink, filled[row, column] = _written(bare[place], threshold, min(size))
            if ink is not None:
                inks[row, column] = cv2.resize(ink, (wide, high))
    return Cells(inks, pictures, filled)


def _size(grid: Grid) -> tuple[int, int]:
    """Width and height of a cell that is cut out, pixels, as wide for its height as in the
    picture.
    """
    points = grid.points
    across = np.linalg.norm(points[:, -1] - points[:, 0], axis=1).mean() / np.ptp(grid.columns)
    down = np.linalg.norm(points[-1] - points[0], axis=1).mean() / np.ptp(grid.rows)
    ratio = min(max(across / max(down, 1e-6), 1 / _WIDEST), _WIDEST)
    return round(_CELL * max(1, ratio)), round(_CELL * max(1, 1 / ratio))


def _light_on_dark(flat: np.ndarray) -> bool:
    """What stands out most from its surroundings is ink; under a shadow too."""
    off = flat.astype(np.float32) - cv2.medianBlur(flat, _CELL // 2 | 1)
    return bool((off**3).mean() > 0)


def _rules(
    mask: np.ndarray, rows: np.ndarray, columns: np.ndarray, size: tuple[int, int]
) -> np.ndarray:
    """Where the rules are, bool [H, W]: long straight ink along the lines of the table."""
    found = np.zeros(mask.shape, np.uint8)
    for dark, rule, lines, along, across in (
        (mask, found, rows, size[0], size[1]),
        (mask.T, found.T, columns, size[1], size[0]),
    ):
        thick = cv2.dilate(np.ascontiguousarray(dark).astype(np.uint8), np.ones((3, 1), np.uint8))
        for off, long in _RULES:
            straight: np.ndarray = cv2.morphologyEx(
                thick, cv2.MORPH_OPEN, np.ones((1, round(long * along)), np.uint8)
            )
            for line in lines:
                near = slice(max(0, round(line - off * across)), round(line + off * across))
                rule[near] = np.maximum(rule[near], straight[near])
    return cv2.dilate(found, np.ones((3, 3), np.uint8)) > 0


def _written(darkness: np.ndarray, threshold: float, side: int) -> tuple[np.ndarray | None, float]:
    """The ink of one cell, uint8 [h, w], of its darkness; None if nothing is written in it; and how
    much there is, of the least that counts as written.
    """
    kept, most = _characters(darkness, threshold, side)
    if most < 1:
        return None, most
    # pencil beside print: what is written is as dark as its own pen, down to the grain of paper
    grain = float(np.median(darkness[~kept]))
    grain += 5 * float(np.median(np.abs(darkness[~kept] - grain)))
    own = max(0.5 * float(np.percentile(darkness[kept], 90)), grain, _FAINTEST)
    if own < threshold:
        kept, most = _characters(darkness, own, side)
    level = max(float(np.percentile(darkness[kept], 60)), 20.0)
    # soft edges belong to what they surround
    soft = cv2.dilate(kept.astype(np.uint8), np.ones((3, 3), np.uint8)) * darkness
    return np.clip(soft * (255 / level), 0, 255).astype(np.uint8), most


def _characters(darkness: np.ndarray, threshold: float, side: int) -> tuple[np.ndarray, float]:
    """What is not cut off by the border of the cell or too small, bool [h, w]; and the largest of
    it, of what a character has at least.
    """
    high, wide = darkness.shape
    _, parts, stats, middles = cv2.connectedComponentsWithStats(
        (darkness > threshold).astype(np.uint8)
    )
    left, top, width, height, area = stats.T
    x, y = middles.T
    inside = (0.1 * wide < x) & (x < 0.9 * wide) & (0.1 * high < y) & (y < 0.9 * high)
    at_border = (left == 0) | (top == 0) | (left + width == wide) | (top + height == high)
    kept = inside & (area >= 6) & ~(at_border & (area < 0.012 * darkness.size))
    kept[0] = False
    filled = np.minimum(np.maximum(width, height) / (_TALLEST * side), area / (_HEAVIEST * side**2))
    return kept[parts], min(1.0, float(filled[kept].max(initial=0)))

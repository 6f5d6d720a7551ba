"""The cells of a table with rules: each is a patch of paper that lines enclose."""

from collections.abc import Iterator, Mapping

import cv2
import numpy as np

from core.ink.grid.shape import Grid, Place, direction, fit_grid

_LINES = (
    (21, 0.04, 0, 0.0),
    (31, 0.06, 3, 0.0),
    (51, 0.1, 3, 0.0),
    (31, 0.04, 7, 0.0),
    (41, 0.08, 13, 0.0),
    (41, 0.02, 13, 1.5),
)
"""Looked for one after the other: side of the surroundings that a line is darker than, pixels; by
which share; how far its dots or gaps are apart; and sigma of a Gaussian, pixels, against grain
where lines are faint or blurred.
"""

_SMALLEST, _LARGEST = 150, 0.12
"""Pixels, and share of the picture: no cell is smaller, or larger."""

_FULL = 0.7
"""Of its convex hull: what a cell is without the ink that reaches into it."""

_SQUARE = 0.82
"""Of the four-sided polygon about it: what the hull of a cell is."""

_TABLES = 8
"""Tables that each way finds, at most, the largest: a scribble encloses hundreds."""

_STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))
"""Right, down, left, up: as row and column."""


def find_ruled(grey: np.ndarray) -> Iterator[Grid]:
    """Tables of a grey picture uint8 [H, W], dark lines on light, as each way to look for lines
    finds them, largest first.
    """
    for window, share, gap, blur in _LINES:
        smooth = cv2.GaussianBlur(grey, (0, 0), blur) if blur else grey
        around = cv2.blur(smooth, (window, window))
        dark: np.ndarray = (smooth < around * np.float32(1 - share)).astype(np.uint8)
        if gap:
            element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (gap, gap))
            dark = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, element)
        _, parts, stats, _ = cv2.connectedComponentsWithStats(1 - dark, connectivity=4)
        corners = _in_order(_four_sided(parts, stats))
        for table in _tables(_beside(corners, parts), corners)[:_TABLES]:
            if (grid := fit_grid(table)) is not None:
                yield grid


def _four_sided(parts: np.ndarray, stats: np.ndarray) -> dict[int, np.ndarray]:
    """Corners float32 [4, 2], clockwise, of the patches that may be cells, by their number."""
    height, width = parts.shape
    wide, high, area = stats.T[2:]
    may_be = (area >= _SMALLEST) & (area <= _LARGEST * parts.size)
    may_be &= (wide < 0.6 * width) & (high < 0.6 * height) & (np.minimum(wide, high) >= 8)
    corners = {}
    for number in np.flatnonzero(may_be):
        x, y, w, h = stats[number, :4]
        own = (parts[y : y + h, x : x + w] == number).astype(np.uint8)
        contours, _ = cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        contour = max(contours, key=cv2.contourArea)
        hull = cv2.convexHull(contour)
        full = cv2.contourArea(hull)
        if len(hull) < 4 or cv2.contourArea(contour) < _FULL * full or full < _SMALLEST:
            continue
        polygon = cv2.convexHull(cv2.approxPolyN(hull, 4)[0].reshape(-1, 2))[:, 0]
        polygon = polygon.astype(np.float32)
        if len(polygon) == 4 and full >= _SQUARE * cv2.contourArea(polygon):
            corners[int(number)] = polygon + np.array((x, y), np.float32)
    return corners


def _in_order(corners: Mapping[int, np.ndarray]) -> dict[int, np.ndarray]:
    """The first corner is the top left one, however far all of them are turned."""
    if not corners:
        return {}
    polygons = np.stack(list(corners.values()))
    turn = direction(np.roll(polygons, -1, 1).reshape(-1, 2) - polygons.reshape(-1, 2))
    rightwards = np.array([np.cos(turn), np.sin(turn)])
    downwards = np.array([-rightwards[1], rightwards[0]])
    first = (polygons @ (rightwards + downwards)).argmin(1)
    return {
        number: np.roll(polygon, -start, 0)
        for number, polygon, start in zip(corners, polygons, first.tolist(), strict=True)
    }


def _beside(corners: Mapping[int, np.ndarray], parts: np.ndarray) -> dict[tuple[int, int], int]:
    """The cell on the other side of the middle of each side, by cell and side (as in _STEPS),
    where each is the other's.
    """
    if not corners:
        return {}
    height, width = parts.shape
    numbers = np.array(list(corners))
    index = np.full(int(parts.max()) + 1, -1)  # of each patch among the cells
    index[numbers] = np.arange(len(numbers))
    polygons = np.stack(list(corners.values())).astype(np.float64)
    middles = (np.roll(polygons, -1, 1) + np.roll(polygons, -2, 1)) / 2  # of the sides, [N, 4, 2]
    away = middles - polygons.mean(1, keepdims=True)
    length = np.linalg.norm(away, axis=2)
    away /= np.maximum(length, 1)[..., None]
    last = np.maximum(8, 0.5 * length)
    met = np.full(length.shape, -1)
    for step in range(1, int(np.ceil(last.max()))):
        cell, side = np.nonzero((met < 0) & (step < last))
        x, y = np.round(middles[cell, side] + step * away[cell, side]).astype(int).T
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        found = index[parts[np.where(inside, y, 0), np.where(inside, x, 0)]]
        met[cell, side] = np.where(inside & (found != cell), found, -1)
    cell, side = np.nonzero(met >= 0)
    other = met[cell, side]
    both = met[other, (side + 2) % 4] == cell
    sides = zip(numbers[cell[both]].tolist(), side[both].tolist(), strict=True)
    return dict(zip(sides, numbers[other[both]].tolist(), strict=True))


def _tables(
    beside: Mapping[tuple[int, int], int], corners: Mapping[int, np.ndarray]
) -> list[dict[Place, np.ndarray]]:
    """Cells that lie side by side, by their place, of each table; those that promise most first."""
    tables, seen = [], set[int]()
    for start in corners:
        if start in seen:
            continue
        places, waiting = {start: (0, 0)}, [start]
        while waiting:
            number = waiting.pop()
            row, column = places[number]
            for side_of, (down, right) in enumerate(_STEPS):
                other = beside.get((number, side_of))
                if other is not None and other not in places:
                    places[other] = row + down, column + right
                    waiting.append(other)
        seen |= places.keys()
        if len(places) >= 4:
            tables.append({place: corners[number] for number, place in places.items()})
    return sorted(tables, key=_promise, reverse=True)


def _promise(table: Mapping[Place, np.ndarray]) -> float:
    """More with more cells, and with larger ones."""
    area = sum(cv2.contourArea(each) for each in table.values())
    return float(len(table) * area**0.5)

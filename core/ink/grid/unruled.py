"""The cells of a table without rules: what is written stands in rows and columns."""

import cv2
import numpy as np

from core.ink.grid.shape import Grid, direction, placed

_TALL = 0.4
"""Of the usual height of a character: dots and specks are lower."""

_TOGETHER = 0.55
"""Of that height: characters of one number are as near."""

_CONE = 0.5
"""Slope: a neighbour lies within this of the direction that it is looked for in."""

_SAME = 0.3
"""Of the distance between two rows: pieces of one row lie so near to it."""

_INLIERS = 0.85
"""Of what is written: so much stands in rows and columns, or it is no table."""


def find_unruled(darkness: np.ndarray) -> Grid | None:
    """The table of evenly lit paper, darkness uint8 [H, W], if what is written makes one."""
    boxes = _numbers(darkness)
    if len(boxes) < 4:
        return None
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    turn = _turn(middles)
    along = np.array([(np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))])
    level = middles @ along  # as if the table was not turned
    rows = _lines(level)
    columns = _lines(level[:, ::-1])
    return _fitted(middles, rows, columns)


def _numbers(darkness: np.ndarray) -> np.ndarray:
    """Boxes [x, y, width, height] of what stands close together, float [N, 4]."""
    threshold, _ = cv2.threshold(darkness, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    mask = (darkness > max(threshold, 24)).astype(np.uint8)
    _, parts, stats, _ = cv2.connectedComponentsWithStats(mask)
    high = stats[1:, cv2.CC_STAT_HEIGHT].astype(np.float64)
    area = stats[1:, cv2.CC_STAT_AREA]
    seen = (area >= 8) & (high < 0.2 * darkness.shape[0]) & (high >= 5)
    if seen.sum() < 4:
        return np.zeros((0, 4))
    usual = float(np.median(np.sort(high[seen])[seen.sum() // 3 :]))
    kept = seen & (high >= _TALL * usual) & (high <= 3 * usual)
    own = np.concatenate([[False], kept])[parts].astype(np.uint8)
    reach = 2 * round(_TOGETHER * usual / 2) + 1
    joined = cv2.morphologyEx(own, cv2.MORPH_CLOSE, np.ones((3, reach), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    return stats[1:, :4].astype(np.float64)


def _turn(middles: np.ndarray) -> float:
    """The angle of the rows, or of the columns, radians."""
    away = middles[None] - middles[:, None]
    far = np.linalg.norm(away, axis=2) + np.diag(np.full(len(middles), np.inf))
    nearest = away[np.arange(len(middles)), far.argmin(1)]
    return direction(nearest / np.maximum(np.linalg.norm(nearest, axis=1, keepdims=True), 1))


def _lines(level: np.ndarray) -> np.ndarray:
    """The number of the row of each point [N, 2], from the top; -1 if it stands alone.

    Each is linked to its neighbour on the right, and chains that go on in one another are joined.
    """
    count = len(level)
    away = level[None] - level[:, None]
    right = (away[..., 0] > 0) & (np.abs(away[..., 1]) < _CONE * away[..., 0])
    # what lies off the direction counts as farther
    far = np.where(right, np.hypot(away[..., 0], 3 * away[..., 1]), np.inf)
    after, before = far.argmin(1), far.argmin(0)
    chain = np.arange(count)
    for number in range(count):
        other = int(after[number])
        if np.isfinite(far[number, other]) and before[other] == number:
            chain[chain == chain[other]] = chain[number]
    lines = []  # slope, height in the middle, members
    middle = level[:, 0].mean()
    for name in np.unique(chain):
        own = np.flatnonzero(chain == name)
        if len(own) >= 2:
            slope, height = np.polyfit(level[own, 0] - middle, level[own, 1], 1)
            lines.append((float(height), float(slope), own))
    if len(lines) < 2:
        return np.full(count, -1)
    # a line through few points is less certain than its neighbours
    slopes = np.array([slope for _, slope, _ in lines])
    sizes = np.array([len(own) for *_, own in lines])
    heights: np.ndarray = np.array([height for height, *_ in lines])
    steady = sizes >= max(3, sizes.max() // 2)
    if steady.sum() >= 2:
        fan = np.polyfit(heights[steady], slopes[steady], 1)
        heights = np.array(
            [
                np.median(level[own, 1] - np.polyval(fan, height) * (level[own, 0] - middle))
                for height, _, own in lines
            ]
        )
    order = np.argsort(heights)
    steps = np.diff(heights[order])
    usual = float(np.median(steps[steps > 0.25 * steps.max()])) if steps.max() > 0 else 1.0
    numbers, row = np.full(count, -1), 0
    for index, (number, step) in enumerate(zip(order, [0.0, *steps], strict=True)):
        row += int(index > 0 and step > _SAME * usual)
        numbers[lines[number][2]] = row
    return numbers


def _fitted(middles: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> Grid | None:
    """The grid whose cells have these middles [N, 2], in these rows and columns [N]."""
    known = (rows >= 0) & (columns >= 0)
    if known.sum() < 4 or rows.max() < 1 or columns.max() < 1:
        return None
    lines: list[np.ndarray] = [
        np.arange(numbers.max() + 1, dtype=np.float64) for numbers in (rows, columns)
    ]
    onto: np.ndarray = np.eye(3)
    places = np.stack([columns, rows], 1)
    near = known
    for _ in range(4):
        flat = np.stack([lines[1][columns], lines[0][rows]], 1)
        scale = float(
            np.median(np.linalg.norm(np.diff(np.sort(middles[known], 0), axis=0), axis=1))
        )
        found, _ = cv2.findHomography(
            flat[known].astype(np.float32),
            middles[known].astype(np.float32),
            cv2.RANSAC,
            max(4.0, 0.3 * _pitch(middles, rows, columns), scale),
        )
        if found is None or abs(np.linalg.det(found)) < 1e-12:
            return None
        onto = found
        back = placed(middles, np.linalg.inv(onto))
        near = known & (np.abs(back - flat) < 0.45).all(1)
        for axis, numbers in ((0, rows), (1, columns)):
            for number in range(len(lines[axis])):
                own = near & (numbers == number)
                if own.any():
                    lines[axis][number] = np.median(back[own, 1 - axis])
    if near.sum() < _INLIERS * len(middles) or any((np.diff(line) < 0.3).any() for line in lines):
        return None
    if len(np.unique(places[near], axis=0)) < 0.95 * near.sum():
        return None  # two in one cell
    count = len(lines[0]) * len(lines[1])
    return Grid(
        _between(lines[0]), _between(lines[1]), onto, ruled=False, share=float(near.sum() / count)
    )


def _pitch(middles: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> float:
    """Pixels between neighbouring cells, roughly."""
    span = np.ptp(middles, axis=0)
    return float(np.sqrt(span[0] * span[1] / max(1, rows.max()) / max(1, columns.max())))


def _between(middles: np.ndarray) -> np.ndarray:
    """Lines halfway between rows with these middles [R], and as far outside: [R + 1]."""
    inner = (middles[1:] + middles[:-1]) / 2
    first, last = middles[1] - middles[0], middles[-1] - middles[-2]
    return np.concatenate([[middles[0] - first / 2], inner, [middles[-1] + last / 2]])

"""The cells of a table without rules: what is written stands in rows and columns, with paper
between them.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from scipy.spatial import cKDTree

from core.ink.grid.shape import Grid, Place, direction, fit_grid

_TALL = 0.4
"""Of the usual height of a character: dots and specks are lower."""

_SLOPES = np.linspace(-0.36, 0.36, 19)
"""Of lines against the usual direction, in the middle of the table."""

_FANS = np.linspace(-0.6, 0.6, 13)
"""Change of the slope from one end of the table to the other, as perspective has it."""

_BIN = 4
"""Pixels: places of lines are told apart so finely."""

_PITCHES = 0.9, 8.0
"""Of the usual height of a character: rows and columns are so far apart."""

_SPACING = 0.6, 1.6
"""Of the usual distance between two lines: others are as near, and as far."""

_STIFF = 2.0
"""How much an uneven distance counts beside ink that a line runs through."""

_CLEAR = 0.12
"""Of the usual ink: a line between two rows of a table runs through less."""

_FILLED, _FEWEST = 0.35, 6
"""Of the cells of a table, and cells: so many hold something."""


@dataclass(frozen=True)
class _Lines:
    """Lines between rows that are roughly level: y = start + slope * (x - middle).

    clear : the ink on them, of what there is on average.
    """

    starts: np.ndarray
    slopes: np.ndarray
    clear: float


def find_unruled(darkness: np.ndarray) -> Grid | None:
    """The table of evenly lit paper, darkness uint8 [H, W], if what is written makes one."""
    boxes, usual = _characters(darkness)
    if len(boxes) < 4:
        return None
    turn = _turn(boxes)
    along = np.array([(np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))])
    # as if the table was not turned
    middles = (boxes[:, :2] + boxes[:, 2:] / 2) @ along
    halves = boxes[:, 2:] / 2
    rows = _between(middles, halves[:, 1], usual)
    columns = _between(middles[:, ::-1], halves[:, 0], usual)
    if rows is None or columns is None or max(rows.clear, columns.clear) > _CLEAR:
        return None
    meet = _meeting(rows, columns, middles.mean(0)) @ along.T
    count = len(rows.starts) - 1, len(columns.starts) - 1
    if min(count) < 2:
        return None
    corners: dict[Place, np.ndarray] = {
        (row, column): meet[[row, row, row + 1, row + 1], [column, column + 1, column + 1, column]]
        for row in range(count[0])
        for column in range(count[1])
    }
    found = fit_grid({place: each.astype(np.float32) for place, each in corners.items()})
    if found is None:
        return None
    back = cv2.perspectiveTransform(
        (boxes[:, :2] + boxes[:, 2:] / 2).astype(np.float32)[None], np.linalg.inv(found.onto)
    )[0]
    places = np.stack(
        [np.searchsorted(found.columns, back[:, 0]), np.searchsorted(found.rows, back[:, 1])], 1
    )
    filled = len(np.unique(places, axis=0))
    if filled < max(_FEWEST, _FILLED * found.cells):
        return None
    return replace(found, ruled=False, share=min(1.0, filled / found.cells))


def _characters(darkness: np.ndarray) -> tuple[np.ndarray, float]:
    """Boxes [x, y, width, height] of connected ink as large as a character, float [N, 4], and its
    usual height.
    """
    threshold, _ = cv2.threshold(darkness, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    mask = (darkness > max(threshold, 24)).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    boxes, area = stats[1:, :4].astype(np.float64), stats[1:, cv2.CC_STAT_AREA]
    high = boxes[:, 3]
    seen = (area >= 8) & (high < 0.2 * darkness.shape[0]) & (high >= 5)
    if seen.sum() < 4:
        return np.zeros((0, 4)), 0.0
    usual = float(np.median(np.sort(high[seen])[seen.sum() // 3 :]))
    return boxes[seen & (high >= _TALL * usual) & (high <= 3 * usual)], usual


def _turn(boxes: np.ndarray) -> float:
    """The angle of the rows, or of the columns, radians."""
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    nearest = middles[cKDTree(middles).query(middles, k=2)[1][:, 1]] - middles
    return direction(nearest / np.maximum(np.linalg.norm(nearest, axis=1, keepdims=True), 1))


def _between(middles: np.ndarray, halves: np.ndarray, usual: float) -> _Lines | None:
    """The lines between rows of characters at (x, y) [N, 2], `halves` of their heights [N]; the
    first and the last run outside them.
    """
    x, y = (middles - middles.mean(0)).T
    span = max(float(np.ptp(y)), 1.0)
    best: tuple[float, float, float] | None = None
    for slopes, fans in ((_SLOPES, _FANS), (_SLOPES / 12, _FANS / 8)):
        centre = best[1:] if best else (0.0, 0.0)
        for slope in centre[0] + slopes:
            for fan in centre[1] + fans:
                level = _levelled(x, y, slope, fan, span)
                sharp = float((_profile(level, halves) ** 2).sum())
                if best is None or sharp > best[0]:
                    best = sharp, float(slope), float(fan)
    assert best is not None
    _, slope, fan = best
    level = _levelled(x, y, slope, fan, span)
    profile = _profile(level, halves)
    pitch = _pitch(profile, usual)
    if pitch is None:
        return None
    places = _cheapest(profile, pitch)
    starts = (level - halves).min() + (places - _PAD) * _BIN
    # back from level: y = s + (slope + fan s / span) x
    return _Lines(
        starts + middles[:, 1].mean(),
        slope + fan * starts / span,
        float(profile[places].mean() / max(profile.mean(), 1e-9)),
    )


def _levelled(x: np.ndarray, y: np.ndarray, slope: float, fan: float, span: float) -> np.ndarray:
    """Where the lines of such slopes through points (x, y) [N] cross x = 0."""
    return (y - slope * x) / (1 + fan * x / span)


_PAD = 12
"""Empty bins about a profile."""


def _profile(level: np.ndarray, halves: np.ndarray) -> np.ndarray:
    """How many characters cover each bin, float [B]."""
    first = np.round((level - halves) / _BIN).astype(int)
    last = np.round((level + halves) / _BIN).astype(int)
    low = int(first.min()) - _PAD
    steps = np.zeros(min(int(last.max()) - low + _PAD, 4000) + 2)
    np.add.at(steps, np.clip(first - low, 0, len(steps) - 1), 1)
    np.add.at(steps, np.clip(last - low, 0, len(steps) - 1), -1)
    return np.cumsum(steps)


def _pitch(profile: np.ndarray, usual: float) -> float | None:
    """The distance between neighbouring rows, bins: where a profile is most like itself."""
    even = profile - profile.mean()
    alike = np.correlate(even, even, "full")[len(even) - 1 :]
    low, high = (round(factor * usual / _BIN) for factor in _PITCHES)
    part = alike[low : min(high, len(alike) // 2 + 1)]
    if len(part) < 3:
        return None
    # the first of nearly equal peaks, for twice the distance is as good
    peaks = np.flatnonzero((part[1:-1] >= part[:-2]) & (part[1:-1] >= part[2:])) + 1
    if part[peaks].max(initial=0) <= 0.1 * alike[0]:
        return None
    good = peaks[part[peaks] > 0.7 * part[peaks].max()]
    return float(low + good[0])


def _cheapest(profile: np.ndarray, pitch: float) -> np.ndarray:
    """The bins of lines at nearly even distances that run through the least ink (dynamic
    programming), from before the first ink to behind the last.
    """
    ink = np.convolve(profile, np.ones(3) / 3, "same") / max(float(profile.mean()), 1e-9)
    inked = np.flatnonzero(profile)
    steps = np.arange(max(1, round(_SPACING[0] * pitch)), round(_SPACING[1] * pitch) + 1)
    uneven = _STIFF * (steps / pitch - 1) ** 2
    cost, before = np.full(len(profile), np.inf), np.full(len(profile), -1)
    for place in range(len(profile)):
        if place <= inked[0]:
            # as near to the ink as lines within are
            cost[place] = ink[place] + _STIFF * (2 * (inked[0] - place) / pitch - 0.4) ** 2
        own = steps[steps <= place]
        if len(own):
            each = cost[place - own] + uneven[: len(own)]
            least = int(each.argmin())
            if each[least] + ink[place] < cost[place]:
                cost[place], before[place] = each[least] + ink[place], place - own[least]
    ends = np.arange(inked[-1], len(profile))
    away = _STIFF * (2 * (ends - inked[-1]) / pitch - 0.4) ** 2
    place = int(ends[(cost[ends] + away).argmin()])
    places = [place]
    while before[place] >= 0:
        place = int(before[place])
        places.append(place)
    return np.array(places[::-1])


def _meeting(rows: _Lines, columns: _Lines, middle: np.ndarray) -> np.ndarray:
    """Where they meet, float [R, C, 2]: y = r + a (x - mx) and x = c + b (y - my)."""
    r, a = rows.starts[:, None], rows.slopes[:, None]
    c, b = columns.starts[None], columns.slopes[None]
    mx, my = middle
    y = (r + a * (c - b * my - mx)) / (1 - a * b)
    x = c + b * (y - my)
    return np.stack([x, y], -1)

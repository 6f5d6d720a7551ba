"""Take printed lines off a page: rules, squares, margin lines, frames and the borders of a table's
cells. Strokes that cross them stay whole.
"""

from dataclasses import dataclass

import cv2
import numpy as np

_LEAN = 14
"""Degrees that a printed line may lean from level or upright."""

_SHORTEST = 0.12
"""Of the page's shorter side: shorter lines are strokes."""

_THICKEST = 0.014
"""Of the page's shorter side: thicker lines are strokes, or the grain of wood."""

_MOST = 80
"""Lines looked for in each direction."""

_REACH = 12
"""Pixels to both sides of a line in which its thickness is measured."""

_EVEN = 5
"""So many lines at one distance are a ruled sheet."""

_PALEST = 18
"""Of 255: least darkness of a printed line."""


@dataclass(frozen=True)
class _Line:
    """A straight dark line, level as in `rows`: at column x it lies at y = a + b x + c x².

    start, end : its first and last column. thick : its median thickness, pixels. dark : its median
    darkness, 0-255. at_edge : whether it begins, and ends, at the page's edge.
    """

    curve: tuple[float, float, float]
    start: int
    end: int
    thick: float
    dark: float
    at_edge: tuple[bool, bool]

    def at(self, columns: np.ndarray | float) -> np.ndarray:
        a, b, c = self.curve
        return np.asarray(a + b * np.asarray(columns) + c * np.asarray(columns) ** 2)


def without_rules(darkness: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Darkness uint8 [H, W] of a page without its printed lines.

    inside : bool [H, W], where the page is. A straight line is printed if both of its ends lie at
    the page's edge, or if it makes a frame with others: two or more each way that all cross. A
    stroke's ends lie free. Of a printed line only those places are taken that are no thicker and
    no darker than the line: where a stroke crosses, it is both.
    """
    level = _lines(darkness, inside)
    upright = _lines(darkness.T, inside.T)
    level, upright = _printed(level, upright, min(darkness.shape))
    if not level and not upright:
        return darkness
    clean = darkness.copy()
    turned = clean.T
    for line in level:
        _erase(clean, line, upright)
    for line in upright:
        _erase(turned, line, level)
    return _without_stubs(clean, level, upright)


def _lines(darkness: np.ndarray, inside: np.ndarray) -> list[_Line]:
    """Straight dark lines that are nearly level, longest first."""
    height, width = darkness.shape
    darkness = np.ascontiguousarray(darkness)
    above = np.roll(darkness, 1, axis=0)
    below = np.roll(darkness, -1, axis=0)
    grain = 4 * 1.48 * float(np.median(np.abs(darkness - np.median(darkness))))
    peak = (darkness >= above) & (darkness >= below) & (darkness > max(_PALEST, grain))
    peak &= (darkness > above) | (darkness > below)
    peak[[0, -1]] = False
    ridge = peak.astype(np.uint8)
    shortest = max(8, round(_SHORTEST * min(height, width)))
    found: list[_Line] = []
    lean = np.deg2rad(_LEAN)
    peaks = cv2.HoughLines(
        ridge,
        1,
        np.deg2rad(0.5),
        round(0.6 * shortest),
        min_theta=np.pi / 2 - lean,
        max_theta=np.pi / 2 + lean,
    )
    misses = 0
    columns = np.arange(width)
    for rho, theta in peaks.reshape(-1, 2)[:4000] if peaks is not None else ():
        rows = np.round((rho - columns * np.cos(theta)) / np.sin(theta)).astype(int)
        within = (rows > 0) & (rows < height - 1)
        rows, at = rows[within], columns[within]
        # most peaks are of lines that were found before
        if np.count_nonzero(ridge[rows - 1, at] | ridge[rows, at] | ridge[rows + 1, at]) < (
            0.6 * shortest
        ):
            continue
        line = _follow(ridge, darkness, inside, float(rho), float(theta), shortest)
        if line is None:
            misses += 1
            if misses > 300:
                break
            continue
        found.append(line)
        at = np.arange(line.start, line.end + 1)
        rows = np.round(line.at(at)).astype(int)
        for off in range(-3, 4):
            ridge[(rows + off).clip(0, height - 1), at] = 0
        if len(found) == _MOST:
            break
    return found


def _follow(
    ridge: np.ndarray,
    darkness: np.ndarray,
    inside: np.ndarray,
    rho: float,
    theta: float,
    shortest: int,
) -> _Line | None:
    """The longest unbroken part of the ridge near the line x cos t + y sin t = rho."""
    height, width = ridge.shape
    columns = np.arange(width)
    curve = (rho / np.sin(theta), -np.cos(theta) / np.sin(theta), 0.0)
    reach = 3
    for degree in (1, 2):
        hits, rows = _hits(ridge, columns, _Line(curve, 0, 0, 0, 0, (False, False)), reach)
        run = _longest_run(hits, gap=max(6, width // 40))
        if run[1] - run[0] < shortest:
            return None
        own = columns[run[0] : run[1] + 1][hits[run[0] : run[1] + 1]]
        if len(own) < 0.6 * (run[1] - run[0]):
            return None
        bent = degree == 2 and run[1] - run[0] > 0.4 * width
        fit = np.polynomial.polynomial.polyfit(own, rows[own], 2 if bent else 1)
        curve = (float(fit[0]), float(fit[1]), float(fit[2]) if bent else 0.0)
        reach = 2
    line = _Line(curve, int(run[0]), int(run[1]), 0, 0, (False, False))
    off = rows[own] - line.at(own)
    if np.sqrt(np.mean(off**2)) > 1.3:
        return None
    dark = darkness[rows[own], own]
    middle = float(np.median(dark))
    _, near = _band(darkness, rows[own], own, _REACH)
    thick = _run(near > middle / 2, np.full(len(own), _REACH))
    step = max(3, round(0.03 * max(height, width)))
    if np.median(thick) > max(6, _THICKEST * min(height, width)):
        return None
    edges = (_outside(inside, line, run[0] - step), _outside(inside, line, run[1] + step))
    return _Line(curve, int(run[0]), int(run[1]), float(np.median(thick)), middle, edges)


def _hits(
    ridge: np.ndarray, columns: np.ndarray, line: _Line, reach: int
) -> tuple[np.ndarray, np.ndarray]:
    """In which columns [W] the ridge is near the line, and its row there."""
    height = ridge.shape[0]
    middle = np.round(line.at(columns)).astype(int)
    hits = np.zeros(len(columns), bool)
    rows = middle.clip(0, height - 1)
    for off in sorted(range(-reach, reach + 1), key=abs):
        at = middle + off
        here = (at >= 0) & (at < height) & ~hits
        here[here] = ridge[at[here], columns[here]] > 0
        rows[here] = at[here]
        hits |= here
    return hits, rows


def _longest_run(hits: np.ndarray, *, gap: int) -> tuple[int, int]:
    """First and last index of the longest run of hits with no gap wider than `gap`; 0, 0 without
    hits.
    """
    at = np.flatnonzero(hits)
    if not len(at):
        return 0, 0
    breaks = np.flatnonzero(np.diff(at) > gap)
    starts, ends = np.r_[at[0], at[breaks + 1]], np.r_[at[breaks], at[-1]]
    best = int((ends - starts).argmax())
    return int(starts[best]), int(ends[best])


def _run(dark: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Length of the unbroken run of a boolean band [R, W] in each column through its row `middle`
    [W]; 0 where that is False.
    """
    index = np.arange(len(dark))[:, None]
    clear = ~dark
    before = np.where(clear & (index <= middle), index, -1).max(0)
    after = np.where(clear & (index >= middle), index, len(dark)).min(0)
    length: np.ndarray = np.maximum(after - before - 1, 0)
    return length


def _band(
    darkness: np.ndarray, rows: np.ndarray, columns: np.ndarray, reach: int
) -> tuple[np.ndarray, np.ndarray]:
    """Rows int [2 reach + 1, W] around each place, and the darkness there."""
    band = (rows + np.arange(-reach, reach + 1)[:, None]).clip(0, len(darkness) - 1)
    return band, darkness[band, columns]


def _outside(inside: np.ndarray, line: _Line, column: int) -> bool:
    """Whether the line has left the page at a column."""
    height, width = inside.shape
    row = round(float(line.at(column)))
    if not (0 <= column < width and 0 <= row < height):
        return True
    return not inside[row, column]


def _printed(
    level: list[_Line], upright: list[_Line], side: int
) -> tuple[list[_Line], list[_Line]]:
    """Of straight lines those that are printed."""
    ruled = [[line for line in lines if all(line.at_edge)] for lines in (level, upright)]
    for own, lines, others in ((0, level, upright), (1, upright, level)):
        if not ruled[own] and (even := _evenly_spaced(lines, side)):
            ruled[own] = even
            ruled[1 - own] += [
                line
                for line in others
                if sum(_cross(line, rule, near=2) for rule in even) >= len(even) - 1
            ]
    for own, lines in ((0, level), (1, upright)):
        ruled[own] += _interrupted(lines, ruled[own])
    framed = _frames(level, upright, side)
    return (
        [line for line in level if line in ruled[0] or line in framed],
        [line for line in upright if line in ruled[1] or line in framed],
    )


def _interrupted(lines: list[_Line], whole: list[_Line]) -> list[_Line]:
    """Parts of rules that a stroke along them parts: one end at the page's edge, and like two whole
    ones or more.
    """
    parts = [line for line in lines if any(line.at_edge) and line not in whole]
    return [part for part in parts if sum(_alike(part, line) for line in whole) > 1]


def _alike(a: _Line, b: _Line) -> bool:
    """Whether two lines are as thick and as dark, and lie in one direction where `a` is."""
    lean_a, lean_b = (np.diff(line.at(np.array([a.start, a.end]))) for line in (a, b))
    return bool(
        max(a.thick, b.thick) <= 1.4 * min(a.thick, b.thick) + 1
        and abs(a.dark - b.dark) <= 0.25 * max(a.dark, b.dark)
        and abs(lean_a - lean_b) <= 0.03 * (a.end - a.start) + 2
    )


def _evenly_spaced(lines: list[_Line], side: int) -> list[_Line]:
    """Of lines the long ones, if they lie one below the other at one distance: a ruled sheet whose
    edges were not found. No character has so many.
    """
    long = [line for line in lines if line.end - line.start >= 0.3 * side]
    if len(long) < _EVEN:
        return []
    middle = float(np.median([(line.start + line.end) / 2 for line in long]))
    long.sort(key=lambda line: float(line.at(middle)))
    steps = np.diff([float(line.at(middle)) for line in long])
    step = float(np.median(steps))
    off = np.abs(steps - step * np.maximum(np.round(steps / max(step, 1e-6)), 1))
    even = step > 4 and float(np.median(off)) < 0.08 * step
    return long if even else []


def _frames(level: list[_Line], upright: list[_Line], side: int) -> list[_Line]:
    """Lines of frames: each end of a line lies at another line, beyond one, or at the page's edge.

    Strokes are struck off until no line is left whose support is gone.
    """
    near = max(4.0, 0.02 * side)
    across = {
        (i, j) for i, a in enumerate(level) for j, b in enumerate(upright) if _cross(a, b, near)
    }
    rows, columns = set(range(len(level))), set(range(len(upright)))
    before = -1
    while before != len(rows) + len(columns):
        before = len(rows) + len(columns)
        rows = {
            i
            for i in rows
            if _supported(level[i], [upright[j] for j in columns if (i, j) in across], near)
        }
        columns = {
            j
            for j in columns
            if _supported(upright[j], [level[i] for i in rows if (i, j) in across], near)
        }
    return [level[i] for i in rows] + [upright[j] for j in columns]


def _supported(line: _Line, others: list[_Line], near: float) -> bool:
    """Whether both ends of a line are held by the page's edge or by lines across it that are as
    thick and as dark.
    """
    alike = [
        other
        for other in others
        if other.thick <= 1.6 * line.thick + 1
        and line.thick <= 1.6 * other.thick + 1
        and abs(other.dark - line.dark) <= 0.35 * max(other.dark, line.dark)
    ]
    places = sorted(_crossing(line, other)[0] for other in alike)
    held = list(line.at_edge)
    if not places:
        return all(held)
    length = line.end - line.start
    if held[0] or held[1]:
        return all(held) or bool(places)
    return places[-1] - places[0] >= max(0.3 * length, 4 * near)


def _crossing(a: _Line, b: _Line) -> tuple[float, float]:
    """Column along a, and along b (its row), where a, level, meets b, upright; or the other way
    round.
    """
    x = (a.start + a.end) / 2
    for _ in range(3):
        y = float(a.at(x))
        x = float(b.at(y))
    return x, float(a.at(x))


def _cross(a: _Line, b: _Line, near: float) -> bool:
    x, y = _crossing(a, b)
    return a.start - near <= x <= a.end + near and b.start - near <= y <= b.end + near


def _erase(darkness: np.ndarray, line: _Line, across: list[_Line]) -> None:
    """Take a level line off, in place, where nothing thicker or darker lies on it.

    across : printed lines that may cross it; they are no reason to keep it.
    """
    height, width = darkness.shape
    columns = np.arange(max(0, line.start - 3), min(width, line.end + 4))
    rows = np.round(line.at(columns)).astype(int)
    fits = (rows >= 0) & (rows < height)
    columns, rows = columns[fits], rows[fits]
    if not len(columns):
        return
    reach = round(line.thick / 2 + 2)
    band, dark = _band(darkness, rows, columns, reach)
    peak = dark.argmax(0) + _REACH
    _, wide = _band(darkness, rows, columns, reach + _REACH)
    thick = _run(wide > max(0.7 * _PALEST, 0.4 * line.dark), peak)
    stroke = thick > line.thick + max(2.0, 0.6 * line.thick)
    stroke |= dark.max(0) > line.dark + max(50, 0.45 * line.dark)
    stroke = np.convolve(stroke, np.ones(3), "same") > 0  # a stroke's flank is part of it
    for other in across:
        place = _crossing(line, other)[0]
        beside = np.abs(columns - place) <= other.thick / 2 + 3
        at = np.flatnonzero(beside)
        if len(at):
            stroke[at] = stroke[max(at[0] - 1, 0)] or stroke[min(at[-1] + 1, len(stroke) - 1)]
    darkness[band[:, ~stroke], columns[~stroke]] = 0


def _without_stubs(darkness: np.ndarray, level: list[_Line], upright: list[_Line]) -> np.ndarray:
    """Without what is left of lines: pieces that lie along them and beyond their ends, and pieces
    no thicker than they that the border of the picture cuts off.
    """
    along = np.zeros(darkness.shape, np.uint8)
    beyond = 0.04 * max(darkness.shape)
    for lines, turned in ((level, False), (upright, True)):
        for line in lines:
            places = np.linspace(line.start - beyond, line.end + beyond, 9)
            points = np.stack([places, line.at(places)], axis=1)
            points = np.round(points[:, ::-1] if turned else points).astype(np.int32)
            cv2.polylines(along, [points.reshape(-1, 1, 2)], False, 1, round(line.thick) + 6)
    least = 0.35 * max(line.dark for line in level + upright)
    mask = (darkness > max(least, _PALEST)).astype(np.uint8)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask)
    size = stats[:, cv2.CC_STAT_AREA]
    share = np.bincount(parts.ravel(), weights=along.ravel(), minlength=count) / size
    left, top, wide, high = (stats[:, column] for column in range(4))
    near = 0.015 * min(darkness.shape)
    bound = (left <= near) | (top <= near)
    bound |= (left + wide >= darkness.shape[1] - near) | (top + high >= darkness.shape[0] - near)
    thin = size <= np.hypot(wide, high) * (max(line.thick for line in level + upright) + 2)
    small = np.maximum(wide, high) < 0.5 * _SHORTEST * min(darkness.shape)
    stub = (share > 0.75) & (thin | small) | (bound & thin)
    stub[0] = False
    gone = cv2.dilate(stub[parts].astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    darkness[gone & (parts == 0) | stub[parts]] = 0
    return darkness

"""The rules of a table: how many there are, and where they run on paper that is not flat."""

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np

from core.ink.grid.shape import Grid, fit_grid, placed

_CELL = 32
"""Pixels of a cell of the flat table on which rules are looked for."""

_BESIDE = 0.16
"""Cells: so far from its place a rule is looked for."""

_CLEAR = 0.35
"""Of the median contrast of the rules that are known: another has this."""

_FAINTEST = 6
"""Of 255: what is fainter is the grain of paper."""

_MOST = 0.6
"""Of a row of cells: so many sides are seen of one that belongs to the table."""

_ROOM = 12
"""Rows and columns that are looked for beyond what was found, at most."""


def counted(grid: Grid, darkness: np.ndarray) -> Grid | None:
    """The grid with all rows and columns that rules enclose, and no others; darkness uint8
    [H, W]. None if nothing is left.
    """
    grid = _divided(grid, darkness)
    room = _room(grid, darkness.shape)
    rows, columns = (_widened(lines, room) for lines in (grid.rows, grid.columns))
    level, upright = _contrasts(replace(grid, rows=rows, columns=columns), darkness)
    if not level.size:
        return None
    first = [room, room]
    last = [room + len(lines) - 1 for lines in (grid.rows, grid.columns)]
    inside = np.concatenate(
        [
            level[first[0] : last[0] + 1, first[1] : last[1]].ravel(),
            upright[first[0] : last[0], first[1] : last[1] + 1].ravel(),
        ]
    )
    least = max(_FAINTEST, _CLEAR * float(np.median(inside)))
    seen = level >= least, (upright >= least).T  # lines along an axis, their segments

    def closed(axis: int, line: int, cells: int) -> bool:
        """Whether a row or column of cells is closed by its outer line and between its cells."""
        across = slice(first[1 - axis], last[1 - axis])
        outer = seen[axis][line, across]
        # one more line than cells
        ends = slice(first[1 - axis], last[1 - axis] + 1)
        sides = seen[1 - axis][ends, cells]
        return bool(min(outer.mean(), sides.mean()) >= _MOST)

    # first what is no part of the table is taken off, then what was not found is added
    for _ in range(max(grid.shape)):
        for axis in (0, 1):
            first[axis] += not closed(axis, first[axis], first[axis])
            if last[axis] > first[axis]:
                last[axis] -= not closed(axis, last[axis], last[axis] - 1)
            if last[axis] - first[axis] < 2:
                return None
    for _ in range(room):
        for axis, lines in ((0, rows), (1, columns)):
            first[axis] -= first[axis] > 0 and closed(axis, first[axis] - 1, first[axis] - 1)
            last[axis] += last[axis] < len(lines) - 1 and closed(axis, last[axis] + 1, last[axis])
    cells = [slice(first[axis], last[axis]) for axis in (0, 1)]
    kept = [slice(first[axis], last[axis] + 1) for axis in (0, 1)]
    share = np.concatenate(
        [seen[0][kept[0], cells[1]].ravel(), seen[1][kept[1], cells[0]].ravel()]
    ).mean()
    return replace(grid, rows=rows[kept[0]], columns=columns[kept[1]], share=float(share))


def _divided(grid: Grid, darkness: np.ndarray) -> Grid:
    """The grid with the rules that were passed over: between lines that are twice as far apart as
    others, or more.
    """
    rows, columns = (_filled(lines) for lines in (grid.rows, grid.columns))
    if len(rows) + len(columns) == len(grid.rows) + len(grid.columns):
        return grid
    level, upright = _contrasts(replace(grid, rows=rows, columns=columns), darkness)
    least = max(_FAINTEST, _CLEAR * float(np.median(np.append(level, upright))))
    seen = (level >= least).mean(1) >= _MOST, (upright >= least).mean(0) >= _MOST
    return replace(
        grid,
        rows=rows[seen[0] | np.isin(rows, grid.rows)],
        columns=columns[seen[1] | np.isin(columns, grid.columns)],
    )


def _filled(lines: np.ndarray) -> np.ndarray:
    """With lines between those that are farther apart than usual."""
    usual = float(np.median(np.diff(lines)))
    return np.concatenate(
        [
            *(
                start + (end - start) * np.arange(count) / count
                for start, end in pairwise(lines)
                for count in [max(1, round((end - start) / usual))]
            ),
            lines[-1:],
        ]
    )


def _room(grid: Grid, shape: tuple[int, ...]) -> int:
    """Rows and columns for which there is room in the picture beside the table, at most _ROOM."""
    height, width = shape
    border = np.array([(0, 0), (width, 0), (width, height), (0, height)])
    flat = placed(border, np.linalg.inv(grid.onto))
    first = np.array([grid.columns[0], grid.rows[0]])
    last = np.array([grid.columns[-1], grid.rows[-1]])
    away = np.nan_to_num(np.maximum(first - flat, flat - last), nan=_ROOM).max()
    return int(np.clip(np.ceil(away), 0, _ROOM))


def _widened(lines: np.ndarray, room: int) -> np.ndarray:
    """With so many more on both sides, as far apart as they usually are."""
    pitch = float(np.median(np.diff(lines)))
    more = pitch * np.arange(1, room + 1)
    return np.concatenate([lines[0] - more[::-1], lines, lines[-1] + more])


def flattened(
    grid: Grid, picture: np.ndarray, *, cell: tuple[int, int], room: float = 0.5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The picture with the table flat, cells of so many pixels (width, height), and `room` cells
    of what is beside it on each side; and where its rows [R + 1] and columns [C + 1] run there,
    pixels.
    """
    low = np.array([grid.columns[0], grid.rows[0]]) - room
    high = np.array([grid.columns[-1], grid.rows[-1]]) + room
    size = np.ceil((high - low) * cell).astype(int).tolist()
    scale = np.array([(cell[0], 0, -low[0] * cell[0]), (0, cell[1], -low[1] * cell[1]), (0, 0, 1)])
    flat = cv2.warpPerspective(
        picture,
        grid.onto @ np.linalg.inv(scale),
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return flat, (grid.rows - low[1]) * cell[1], (grid.columns - low[0]) * cell[0]


def drawn_to(grid: Grid, darkness: np.ndarray) -> Grid:
    """The grid with its lines where the rules are seen, straight ones through each; and counted
    again. It is as before if that has fewer sides.
    """
    flat, rows, columns = flattened(grid, darkness, cell=(_CELL, _CELL))
    level = _straight(flat, rows, columns)  # y = first + slope x
    upright = _straight(np.ascontiguousarray(flat.T), columns, rows)  # x = first + slope y
    first, slope = (each[:, None] for each in level.T)
    aside, lean = (each[None] for each in upright.T)
    y = (first + slope * aside) / (1 - slope * lean)
    meet = np.stack([aside + lean * y, y], -1)
    # from pixels of the flat picture back to the table, and onto the picture
    scale = (rows[-1] - rows[0]) / (grid.rows[-1] - grid.rows[0])
    meet = (meet - (columns[0], rows[0])) / scale + (grid.columns[0], grid.rows[0])
    points = placed(meet.reshape(-1, 2), grid.onto).reshape(meet.shape)
    corners = {
        (row, column): points[
            [row, row, row + 1, row + 1], [column, column + 1, column + 1, column]
        ]
        for row, column in np.ndindex(grid.shape)
    }
    found = fit_grid(corners)
    again = None if found is None else counted(found, darkness)
    return (
        again
        if again is not None and again.share * again.cells >= grid.share * grid.cells
        else grid
    )


def _straight(flat: np.ndarray, lines: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Level lines y = first + slope * x through the rules near `lines`, [L, 2]."""
    contrast, places = _along(flat, lines, across)
    middles = (across[1:] + across[:-1]) / 2
    straight = np.stack([lines, np.zeros(len(lines))], 1)
    for number, line in enumerate(lines):
        clear = contrast[number] >= max(_FAINTEST, _CLEAR * float(np.median(contrast)))
        if clear.sum() < 3:
            continue
        off = places[number] - line
        points = np.stack([middles, off], 1)[clear].astype(np.float32)
        along, up, x, y = cv2.fitLine(points, cv2.DIST_HUBER, 0, 0.01, 0.01).ravel().tolist()
        slope = up / along if abs(along) > 1e-6 else 0.0
        straight[number] = line + y - slope * x, slope
    return straight


def _contrasts(grid: Grid, darkness: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much darker than the paper beside them the sides of the cells are: of level lines
    [R + 1, C], of upright ones [R, C + 1].
    """
    flat, rows, columns = flattened(grid, darkness, cell=(_CELL, _CELL))
    level, _ = _along(flat, rows, columns)
    upright, _ = _along(np.ascontiguousarray(flat.T), columns, rows)
    return level, upright.T


def _along(
    flat: np.ndarray, lines: np.ndarray, across: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Contrast of level lines near `lines` between the places in `across`, and where they are
    darkest, both [L, A - 1].

    Along a rule all is dark, along a stroke of a character only a part: the lower third counts.
    """
    reach = round(_BESIDE * _CELL)
    thick = cv2.dilate(flat, np.ones((3, 1), np.uint8))
    dark = np.zeros((len(across) - 1, len(flat)))
    for segment, (start, end) in enumerate(pairwise(across)):
        inset = 0.15 * (end - start)
        part = thick[:, max(0, round(start + inset)) : max(1, round(end - inset))]
        if part.shape[1]:
            dark[segment] = np.percentile(part, 30, axis=1)

    # beside the table there is more of the picture than three times this reach
    rows = np.round(lines).astype(int)[:, None] + np.arange(-3 * reach, 3 * reach + 1)
    around = dark.T[np.clip(rows, 0, len(flat) - 1)]  # [L, 6 reach + 1, A - 1]
    near = around[:, 2 * reach : 4 * reach + 1]
    darkest = near.max(1, keepdims=True)
    among = near >= 0.9 * darkest
    places = (among * rows[:, 2 * reach : 4 * reach + 1, None]).sum(1) / among.sum(1)
    return darkest[:, 0] - np.median(around, 1), places

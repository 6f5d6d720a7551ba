"""Find the table in a picture."""

from dataclasses import replace

import cv2
import numpy as np

from core.errors import InklingError
from core.ink.grid.lines import counted, drawn_to
from core.ink.grid.ruled import find_ruled
from core.ink.grid.shape import Grid
from core.ink.grid.unruled import find_unruled
from core.ink.light import even_light
from core.ink.page import find_page

MAX_SIDE = 1600
"""Pictures are reduced to this first: a cell of a full page has 100 pixels then."""

MOST_CELLS = 2_000
"""Of one table; more is a pattern."""

_CANDIDATES = 6
"""Tables whose rules are counted, those that promise most."""

_SMALL = 4
"""Pixels of the picture in one of those in which tables are compared."""

_BESIDE, _SEEN, _FEWEST = 0.25, 0.9, 12
"""Another table has this share of the first one's area, of the sides of its cells were seen, and so
many cells: it is no frame of a picture.
"""


def find_grids(grey: np.ndarray) -> list[Grid]:
    """The tables of a grey picture uint8 [H, W], dark on light or light on dark; the one that is
    most likely meant comes first, then those with rules beside it.

    With rules, cells are patches of paper that lines enclose; without, what is written stands in
    rows and columns.
    """
    if min(grey.shape) < 24:
        return []
    scale = min(1.0, MAX_SIDE / max(grey.shape))
    if scale < 1:
        size = max(3, round(grey.shape[1] * scale)), max(3, round(grey.shape[0] * scale))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    back = np.diag([1 / scale, 1 / scale, 1.0])
    found = _ruled(grey)
    if not found:
        # light lines on dark paper, or a page whose edges tell its perspective
        page = find_page(grey)
        back = back @ page.onto
        found = _ruled(page.grey)
        if not found:
            darkness = even_light(page.grey)
            darkness[~page.inside] = 0
            found = list(filter(None, [find_unruled(darkness)]))
    if found and found[0].cells > MOST_CELLS:
        return []
    return [replace(grid, onto=back @ grid.onto) for grid in found]


def grid_between(corners: np.ndarray, rows: int, columns: int, *, ruled: bool = True) -> Grid:
    """The table with these corners [4, 2], clockwise from its top left, pixels; InklingError if
    they are those of no table.
    """
    corners = np.asarray(corners, np.float32)
    sides = np.roll(corners, -1, 0) - corners
    after = np.roll(sides, -1, 0)
    if not (sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0] > 1).all():
        raise InklingError(
            "The corners of a table go clockwise from its top left and enclose it; move them apart."
        )
    if min(rows, columns) < 1 or rows * columns > MOST_CELLS:
        raise InklingError(f"A table has at least one cell and at most {MOST_CELLS:,}.")
    flat = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], np.float32)
    onto = cv2.getPerspectiveTransform(flat, corners)
    return Grid(np.arange(rows + 1.0), np.arange(columns + 1.0), onto, ruled=ruled, share=1.0)


def _ruled(grey: np.ndarray) -> list[Grid]:
    """The table with rules that has the most cells, all of their sides seen, of those large enough
    to be meant; and others beside it.
    """
    candidates = sorted(find_ruled(grey), key=_promise, reverse=True)
    darkness = even_light(grey) if candidates else grey
    found: list[Grid] = []
    while candidates:
        some = candidates[:_CANDIDATES]
        tables = [(grid, table) for grid in some if (table := counted(grid, darkness)) is not None]
        source, best = max(tables, key=lambda pair: _likely(pair[1]), default=(None, None))
        if best is None or (found and (best.share < _SEEN or best.cells < _FEWEST)):
            break
        found.append(best)
        candidates = [
            grid
            for grid in candidates
            if grid is not source
            and grid.area >= _BESIDE * found[0].area
            and not any(_overlap(grid, one, grey.shape) for one in found)
        ]
    return [drawn_to(table, darkness) for table in found]


def _overlap(one: Grid, other: Grid, shape: tuple[int, ...]) -> bool:
    """Whether two tables in a picture of this shape lie over each other in part.

    They are drawn small: cv2.intersectConvexConvex finds nothing for some that do.
    """
    both = [_drawn(grid.corners / _SMALL, np.array(shape) // _SMALL + 1) for grid in (one, other)]
    return cv2.countNonZero(both[0] & both[1]) * _SMALL**2 > 0.01 * min(one.area, other.area)


def _drawn(corners: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """What a polygon [N, 2] covers of a picture of this shape, uint8 [H, W], 1 there."""
    covered = np.zeros(shape, np.uint8)
    # far outside is as good as farther, and must fit into int32
    whole = np.clip(np.nan_to_num(np.round(corners)), -9999, 9999).astype(np.int32)
    cv2.fillConvexPoly(covered, whole, (1,))
    return covered


def _promise(grid: Grid) -> float:
    """How much a table may turn out to be of which some cells were found."""
    return grid.share * grid.cells * grid.area**0.5


def _likely(grid: Grid) -> float:
    """How likely a table is to be the one that is meant: large, all sides seen, its rows and its
    columns alike.
    """
    uneven = sum(float(np.std(np.diff(lines))) for lines in (grid.rows, grid.columns))
    return grid.share**3 * _promise(grid) / (1 + uneven)

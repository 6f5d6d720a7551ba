"""The shape of a table: its lines, flat and under perspective."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

Place = tuple[int, int]
"""Row and column of a cell, from any origin."""

_TRIES = 300
"""Of RANSAC: enough where a third of the corners fit; of a table nearly all do."""

_NEAR = 0.2
"""Cells: a corner that lies farther from where its row and column meet does not count."""

_ROUNDS = 4
"""Of fitting the perspective and the widths in turns."""


@dataclass(frozen=True)
class Grid:
    """Where the lines of a table run.

    rows, columns : float [R + 1] and [C + 1], on the flat table, where a cell is about 1 wide.
    onto : homography [3, 3] of points (column, row, 1) of the flat table onto the picture. ruled :
    whether its lines are printed or drawn. share : of the sides of its cells that were seen, or of
    cells that hold something where there are no rules.
    """

    rows: np.ndarray
    columns: np.ndarray
    onto: np.ndarray
    ruled: bool
    share: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.rows) - 1, len(self.columns) - 1

    @property
    def cells(self) -> int:
        """How many there are."""
        return self.shape[0] * self.shape[1]

    @property
    def points(self) -> np.ndarray:
        """Where lines meet, float32 [R + 1, C + 1, 2], pixels of the picture."""
        flat = np.stack(np.meshgrid(self.columns, self.rows), -1)
        return placed(flat.reshape(-1, 2), self.onto).reshape(flat.shape)

    @property
    def corners(self) -> np.ndarray:
        """Of the table, float32 [4, 2], clockwise from its top left."""
        return self.points[[0, 0, -1, -1], [0, -1, -1, 0]]

    @property
    def area(self) -> float:
        """Of the table, pixels."""
        return float(cv2.contourArea(self.corners))


def placed(points: np.ndarray, onto: np.ndarray) -> np.ndarray:
    """Points float [N, 2] under a homography, float32 [N, 2]."""
    return cv2.perspectiveTransform(points.astype(np.float32)[None], onto)[0]


def direction(sides: np.ndarray) -> float:
    """The angle that sides float [N, 2] have up to quarter turns, radians between -pi/4 and pi/4;
    long ones count more.
    """
    four = 4 * np.arctan2(sides[:, 1], sides[:, 0])
    weight = np.linalg.norm(sides, axis=1)
    return float(np.arctan2((weight * np.sin(four)).sum(), (weight * np.cos(four)).sum()) / 4)


def fit_grid(corners: Mapping[Place, np.ndarray]) -> Grid | None:
    """The table of cells with their four corners, float32 [4, 2], clockwise from the top left;
    None if they are no table.

    Its lines are at equal distances under perspective, or as far apart as the cells are wide and
    high, whichever fits better.
    """
    places = np.array(list(corners))
    first = places.min(0)
    count = places.max(0) - first + 1
    if len(places) < 4 or count.min() < 2:
        return None
    cells = np.stack(list(corners.values()))
    fits = [
        fit
        for lines in (
            [np.arange(n + 1, dtype=np.float64) for n in count],
            [_measured(places[:, axis] - first[axis], cells, axis) for axis in (0, 1)],
        )
        if (fit := _fitted(places - first, cells, lines)) is not None
    ]
    if not fits:
        return None
    _, rows, columns, onto = min(fits, key=lambda fit: fit[0])
    return Grid(rows, columns, onto, ruled=True, share=len(places) / float(count.prod()))


def _measured(numbers: np.ndarray, cells: np.ndarray, axis: int) -> np.ndarray:
    """Lines [N + 1] as far apart as cells [M, 4, 2] of each row (axis 0) or column are, of the
    median.
    """
    one, other = ((0, 3), (1, 2)) if axis == 0 else ((0, 1), (3, 2))
    sides = sum(np.linalg.norm(cells[:, b] - cells[:, a], axis=1) / 2 for a, b in (one, other))
    spans = [
        np.median(sides[numbers == number]) if (numbers == number).any() else np.median(sides)
        for number in range(numbers.max() + 1)
    ]
    return np.concatenate([[0.0], np.cumsum(np.array(spans) / np.median(sides))])


def _fitted(
    places: np.ndarray, cells: np.ndarray, lines: list[np.ndarray]
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray] | None:
    """How far the corners of cells [M, 4, 2] are from where lines meet, in cells; the lines of rows
    and of columns; and their homography. The perspective is fitted robustly (RANSAC), then the
    distances are read off the corners, in turns.
    """
    # line numbers of the corners: row, column
    numbers = (places[:, None] + np.array([(0, 0), (0, 1), (1, 1), (1, 0)])).reshape(-1, 2)
    points = cells.reshape(-1, 2)
    side = float(np.sqrt(np.median([cv2.contourArea(cell) for cell in cells])))
    onto, off = np.eye(3), np.full(points.shape, 1.0)
    for _ in range(_ROUNDS):
        flat = np.stack([lines[1][numbers[:, 1]], lines[0][numbers[:, 0]]], 1)
        found, _ = cv2.findHomography(
            flat.astype(np.float32), points, cv2.RANSAC, _NEAR * side, maxIters=_TRIES
        )
        if found is None or abs(np.linalg.det(found)) < 1e-12:
            return None
        onto = np.asarray(found)
        back = placed(points, np.linalg.inv(onto))
        off = np.abs(back - flat)
        near = (off < 0.5).all(1)
        lines = [
            _medians(numbers[near, axis], back[near, 1 - axis], lines[axis]) for axis in (0, 1)
        ]
    return float(np.minimum(off, 1).mean()), lines[0], lines[1], onto


def _medians(numbers: np.ndarray, values: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The median of the values of each line, at its distance from the ones around it where there
    are none.
    """
    medians = [
        np.median(values[numbers == n]) if (numbers == n).any() else np.nan
        for n in range(len(before))
    ]
    moved = np.array(medians)
    known = ~np.isnan(moved)
    if known.sum() < 2:
        return before
    moved[~known] = np.interp(np.flatnonzero(~known), np.flatnonzero(known), moved[known])
    return moved if (np.diff(moved) > 0.2).all() else before

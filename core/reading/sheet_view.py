"""A photograph of a table as it is shown: upright, with the lines of the table over it."""

from dataclasses import dataclass

import numpy as np

_INSET = 0.1
"""Of a picture: where corners begin that nobody has found."""


@dataclass(frozen=True)
class SheetView:
    """picture : uint8 [H, W], turned so that the table stands upright. points : where its lines
    meet, float [R + 1, C + 1, 2], x and y as shares of the picture. turned : quarter turns against
    the clock.
    """

    picture: np.ndarray
    points: np.ndarray
    turned: int

    @property
    def corners(self) -> np.ndarray:
        """Of the table, float [4, 2], clockwise from its top left, shares of the picture."""
        return self.points[[0, 0, -1, -1], [0, -1, -1, 0]]

    def in_photograph(self, shares: np.ndarray) -> np.ndarray:
        """Points [N, 2] of the view in pixels of the photograph, float [N, 2]."""
        points = np.asarray(shares, np.float64)
        for _ in range(self.turned):
            points = np.stack([1 - points[:, 1], points[:, 0]], 1)
        high, wide = np.rot90(self.picture, -self.turned).shape
        return points * (wide, high)


def view_sheet(grey: np.ndarray, points: np.ndarray | None = None) -> SheetView:
    """The view of a photograph uint8 [H, W] with a table whose lines meet at `points`, float
    [R + 1, C + 1, 2], pixels; None where none was found: a table with corners to be moved.
    """
    high, wide = grey.shape
    if points is None:
        inset = np.array([_INSET, 1 - _INSET])
        return SheetView(grey, np.stack(np.meshgrid(inset, inset), -1), 0)
    x, y = points[0, -1] - points[0, 0]
    turned = round(float(np.arctan2(y, x)) / (np.pi / 2)) % 4
    shares = points / (wide, high)
    for _ in range(turned):
        shares = np.stack([shares[..., 1], 1 - shares[..., 0]], -1)
    return SheetView(np.ascontiguousarray(np.rot90(grey, turned)), shares, turned)

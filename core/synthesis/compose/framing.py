"""Joined characters as model input: what `core.ink.forms` does with one drawing, for many at a time
and so many times faster.

The joined ink is laid on cells of the final picture at OVERSAMPLING times its resolution; cells
stand below each other, so that each step is one call for all. A `Form` brings the pen to a width
and the ink to a box: the pen of the parts is known, so the scale and how far the outline is to move
follow at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from core.ink.forms import Form
from core.ink.paper import distance_inside
from core.synthesis.compose.pieces import Piece, extent, superimpose

OVERSAMPLING = 4
"""Working resolution, times the final one. Outlines are then true to an eighth of a pixel;
`core.ink.forms` works at 8 times.
"""

_THINNEST = 0.4
"""Of its own width, which a pen keeps when the form's is thinner: a stroke thinner than the others
must not vanish.
"""

SIZE, BOX, WRITTEN = 28, 24, 14.0
"""Of a picture as written, pixels: its side, what the ink's longer side fits into, and the height
of a character. Two digits and the gap between them then fit."""


@dataclass(frozen=True)
class Frame:
    """Scale, working pixels a unit, and how far outwards the outline is to move, working pixels."""

    scale: float
    move: float = 0.0


def frame_in(form: Form, pieces: Sequence[Piece], pen: float) -> Frame:
    """The frame in which the longer side becomes the form's box and the pen `pen` pixels wide, as
    far as thin strokes allow.

    A scale s and a move d make the longer side L and the pen w of the pieces sL + 2d and sw + 2d.
    """
    longer, width = max(extent(pieces)[2:]), sum(piece.pen for piece in pieces) / len(pieces)
    box, wanted = form.box * OVERSAMPLING, pen * OVERSAMPLING
    scale = (box - wanted) / max(longer - width, 1e-3 * longer)
    move = (wanted - scale * width) / 2
    # Before its outline moves inwards the ink is larger than the box: a pixel of paper must be left
    # around it.
    room = (form.size * OVERSAMPLING - box) / 2 - 1
    thinnest = min(piece.pen for piece in pieces) * (1 - _THINNEST) / 2
    move = max(move, -room, -thinnest * box / max(longer - 2 * thinnest, 1e-3 * longer))
    return Frame((box - 2 * move) / longer, move)


def frame_as_written(pieces: Sequence[Piece], height: float) -> Frame:
    """The frame in which a character `height` units high is WRITTEN pixels high, or less where the
    pieces are too wide for BOX.
    """
    return Frame(min(WRITTEN / height, BOX / max(extent(pieces)[2:])) * OVERSAMPLING)


def lay_on_cells(
    compositions: Sequence[Sequence[Piece]], frames: Sequence[Frame], size: int
) -> np.ndarray:
    """Each composition in the middle of a cell, uint8 [N, size * OVERSAMPLING, size *
    OVERSAMPLING].
    """
    cells = np.zeros((len(frames), size * OVERSAMPLING, size * OVERSAMPLING), np.uint8)
    for cell, pieces, frame in zip(cells, compositions, frames, strict=True):
        superimpose(pieces, frame.scale, cell)
    return cells


def set_pens(cells: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """The same cells with their outlines moved outwards by `moves` float [N], working pixels.

    The outline is a level set of the distance to it, soft over one pixel. The paper around the ink
    is wider than any move outwards.
    """
    moved = np.empty_like(cells)
    for outwards in (True, False):
        rows = np.flatnonzero((moves > 0) == outwards)
        if not len(rows):
            continue
        ink = cells[rows].reshape(-1, cells.shape[2]) > 127
        distance = distance_inside(~ink if outwards else ink).reshape(-1, *cells.shape[1:])
        move = 255 * moves[rows, None, None].astype(np.float32)
        level = distance * np.float32(-255 if outwards else 255)
        level += move + 255 * outwards
        np.clip(level, 0, 255, out=level)
        moved[rows] = level
    return moved


def reduce_cells(cells: np.ndarray, blur: float = 0.0) -> np.ndarray:
    """Model input uint8 [N, size, size]: softened by a Gaussian of `blur` final pixels, reduced,
    darkest pixel 255.
    """
    count, side, _ = cells.shape
    column, size = cells.reshape(count * side, side), side // OVERSAMPLING
    if blur:  # at twice the final resolution, which is all that such a blur leaves
        column = cv2.resize(column, (2 * size, 2 * size * count), interpolation=cv2.INTER_AREA)
        column = cv2.GaussianBlur(column, (0, 0), 2 * blur)
    small = cv2.resize(column, (size, count * size), interpolation=cv2.INTER_AREA).reshape(
        count, size, size
    )
    peak = np.maximum(small.max((1, 2), keepdims=True), 1)
    return (small * (255 / peak.astype(np.float32)) + 0.5).astype(np.uint8)

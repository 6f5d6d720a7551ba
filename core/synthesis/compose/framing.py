"""Joined characters as model input: a batched, much faster version of `core.ink.forms`.

The joined ink is laid on cells at OVERSAMPLING times the final resolution; cells are stacked
vertically, so each step is one call for all. A `Form` sets the pen width and the ink's box: as the
pen of the parts is known, the scale and the shift of the outline are computed directly.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from core.ink.forms import Form
from core.ink.paper import distance_inside
from core.synthesis.compose.pieces import Piece, extent, superimpose

OVERSAMPLING = 4
"""Working resolution relative to the final one. Outlines are accurate to an eighth of a pixel;
`core.ink.forms` uses 8.
"""

_THINNEST = 0.4
"""Minimum share of its own width that a pen keeps if the form's is thinner, so that thin strokes do
not vanish.
"""

SIZE, BOX, WRITTEN = 28, 24, 14.0
"""Of a picture as written, pixels: its side, the limit for the ink's longer side, and the height of
a character. Two digits and their gap fit."""


@dataclass(frozen=True)
class Frame:
    """Scale in working pixels per unit, and outward shift of the outline in working pixels."""

    scale: float
    move: float = 0.0


def frame_in(form: Form, pieces: Sequence[Piece], pen: float) -> Frame:
    """The frame that scales the longer side to the form's box and the pen to `pen` pixels, as far
    as thin strokes allow.

    A scale s and a shift d turn the longer side L and the pen w of the pieces into sL + 2d and sw +
    2d.
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
    """The frame in which a character `height` units high is WRITTEN pixels high, or less if the
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
    """The cells with their outlines shifted outwards by `moves` float [N], working pixels.

    The outline is a level set of the distance to it, soft over one pixel. The paper around the ink
    is wider than any outward shift.
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
    """Model input uint8 [N, size, size]: blurred by a Gaussian of `blur` final pixels, downsampled,
    scaled to a maximum of 255.
    """
    count, side, _ = cells.shape
    column, size = cells.reshape(count * side, side), side // OVERSAMPLING
    if blur:  # at twice the final resolution, enough after such a blur
        column = cv2.resize(column, (2 * size, 2 * size * count), interpolation=cv2.INTER_AREA)
        column = cv2.GaussianBlur(column, (0, 0), 2 * blur)
    small = cv2.resize(column, (size, count * size), interpolation=cv2.INTER_AREA).reshape(
        count, size, size
    )
    peak = np.maximum(small.max((1, 2), keepdims=True), 1)
    return (small * (255 / peak.astype(np.float32)) + 0.5).astype(np.uint8)

"""Kernels on the characters of a composition, before they are ink on one picture: where they stand,
their pens, and what is added to them.

Lengths are in heights of a capital, angles in slopes. A kernel is called as kernel(pieces, amount,
generator) and returns new pieces; what it adds has the label "".
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil, exp, radians, tan

import cv2
import numpy as np

from core.ink.paper import distance_inside
from core.synthesis.compose.composer import spread
from core.synthesis.compose.letters import is_dotted
from core.synthesis.compose.pieces import (
    RESOLUTION,
    Piece,
    enlarged,
    extent,
    piece_of_strokes,
)

Pieces = list[Piece]
Kernel = Callable[[Pieces, float, np.random.Generator], Pieces]

_PITCH = 8 / 24, 14 / 24
"""Between the middles of two i, and of an i and another letter, where letters are 24 pixels high:
YARoMNIST's 8 pixels, and 7 to either side.
"""

_THINNEST = 0.02

_APART = 1.5
"""Widths of the pen from where one letter begins to where the next does, at least."""

_KEPT = 0.7
"""Of the width of a letter: seam cleaning takes no more than the rest."""


def take_dots(pieces: Pieces, odds: float, generator: np.random.Generator) -> Pieces:
    """With these odds the small i of the text lose their dots."""
    if generator.random() >= odds:
        return pieces
    return side_by_side([_undotted(piece) if piece.label == "i" else piece for piece in pieces])


def even(pieces: Pieces, share: float, _: np.random.Generator) -> Pieces:
    """All letters as high as a capital (1), or on the way there."""
    return side_by_side([_scaled(piece, piece.height ** (-share)) for piece in pieces])


def vary_size(pieces: Pieces, deviation: float, generator: np.random.Generator) -> Pieces:
    """Each letter's size by a factor; `deviation` of its logarithm."""
    return side_by_side([_scaled(piece, exp(spread(generator, deviation))) for piece in pieces])


def broaden(pieces: Pieces, factor: float, _: np.random.Generator) -> Pieces:
    """All letters wider or narrower, at the same height."""
    return side_by_side([_widened(piece, factor) for piece in pieces])


def vary_breadth(pieces: Pieces, deviation: float, generator: np.random.Generator) -> Pieces:
    """Each letter's breadth by a factor; `deviation` of its logarithm, letter by letter."""
    return side_by_side([_widened(piece, exp(spread(generator, deviation))) for piece in pieces])


def lean(pieces: Pieces, degrees: float, generator: np.random.Generator) -> Pieces:
    """Each letter leans by an angle of its own; `degrees` is their standard deviation."""
    return side_by_side(
        [_leaning(piece, tan(radians(spread(generator, degrees)))) for piece in pieces]
    )


def crowd(pieces: Pieces, exponent: float, _: np.random.Generator) -> Pieces:
    """The more letters, the narrower they are, as if all numerals had to fit into one box: each
    width times (number of letters) ** -exponent.
    """
    return side_by_side([_widened(piece, len(pieces) ** -exponent) for piece in pieces])


def set_pen(pieces: Pieces, width: float, _: np.random.Generator) -> Pieces:
    """One pen of that width for all."""
    return side_by_side([_with_pen(piece, width) for piece in pieces])


def vary_pen(pieces: Pieces, deviation: float, generator: np.random.Generator) -> Pieces:
    """Another pen for the whole text, `deviation` of the logarithm of its width."""
    factor = exp(spread(generator, deviation))
    return side_by_side([_with_pen(piece, piece.pen * factor) for piece in pieces])


def space(pieces: Pieces, gap: float, _: np.random.Generator) -> Pieces:
    """So far from the ink of one letter to that of the next; below 0 they overlap."""
    return side_by_side(pieces, gap)


def side_by_side(pieces: Pieces, gap: float = 0.0) -> Pieces:
    """The letters from left to right, so far apart."""
    placed: Pieces = []
    for piece in pieces:
        placed.append(_after(placed, piece, placed[-1].right + gap if placed else 0.0))
    return placed


def set_pitch(pieces: Pieces, factor: float, _: np.random.Generator) -> Pieces:
    """From the middle of one letter to that of the next as in the article on YARoMNIST, times a
    factor.
    """
    placed: Pieces = []
    middle = pieces[0].left + pieces[0].width / 2
    for piece in pieces:
        if placed:
            narrow = piece.label in "iI" and placed[-1].label in "iI"
            middle += factor * _PITCH[not narrow]
        placed.append(_after(placed, piece, middle - piece.width / 2))
    return placed


def vary_gaps(pieces: Pieces, deviation: float, generator: np.random.Generator) -> Pieces:
    """Each distance changed by a normal random number."""
    placed, moved = pieces[:1], 0.0
    for piece in pieces[1:]:
        moved += spread(generator, deviation)
        placed.append(_after(placed, piece, piece.left + moved))
    return placed


def overlap(pieces: Pieces, odds: float, generator: np.random.Generator) -> Pieces:
    """With these odds a letter moves into the one before it, by up to 0.2; what follows moves with
    it.
    """
    placed, moved = pieces[:1], 0.0
    for piece in pieces[1:]:
        left = piece.left + moved
        if generator.random() < odds:
            left = min(left, placed[-1].right) - generator.uniform(0, 0.2)
        placed.append(_after(placed, piece, left))
        moved = placed[-1].left - piece.left
    return placed


def _after(placed: Sequence[Piece], piece: Piece, left: float) -> Piece:
    """The piece there, but so far behind the last that an upright stroke of both can be told
    apart.
    """
    if placed:
        left = max(left, placed[-1].left + max(0.05, _APART * placed[-1].pen))
    return piece.moved(left - piece.left)


def clean_seams(pieces: Pieces, width: float, _: np.random.Generator) -> Pieces:
    """A white rectangle so wide before each letter, over what the one before has there: the
    article's way to join two pictures without a seam.
    """
    cleaned: Pieces = []
    for piece, after in zip(pieces, [*pieces[1:], None], strict=True):
        over = piece.right - (after.left - width) if after else 0.0
        if over > 0:
            columns = piece.ink.shape[1]
            # most of a letter stays, or an i would be gone
            kept = max(round(columns * (1 - over / piece.width)), ceil(_KEPT * columns))
            ink = piece.ink.copy()
            ink[:, kept:] = 0
            piece = replace(piece, ink=ink)
        cleaned.append(piece)
    return cleaned


def lift(pieces: Pieces, deviation: float, generator: np.random.Generator) -> Pieces:
    """Each letter above or below the line by a normal random number."""
    return [piece.moved(0.0, spread(generator, deviation)) for piece in pieces]


def add_dots(pieces: Pieces, odds: float, generator: np.random.Generator) -> Pieces:
    """With these odds every small i of the text that has no dot gets one."""
    if generator.random() >= odds:
        return pieces
    dots = []
    for piece in pieces:
        if piece.label == "i" and not is_dotted(piece.ink):
            # where its stroke begins at the top
            columns = np.flatnonzero(piece.ink[: max(1, len(piece.ink) // 5)].max(0) > 127)
            share = columns.mean() / piece.ink.shape[1] if len(columns) else 0.5
            x = piece.left + share * piece.width + spread(generator, 0.03)
            y = piece.top - piece.pen - generator.uniform(0.06, 0.2)
            tail = generator.uniform(-0.03, 0.03, 2)
            pen = piece.pen * generator.uniform(1.0, 1.5)
            dots.append(piece_of_strokes("", [np.array([(x, y), (x + tail[0], y + tail[1])])], pen))
    return pieces + dots


def add_serifs(pieces: Pieces, odds: float, generator: np.random.Generator) -> Pieces:
    """With these odds every capital I of the text gets a stroke at its top and its foot, which may
    miss it by a little.
    """
    if generator.random() >= odds:
        return pieces
    reach, tilt = generator.uniform(0.15, 0.4), spread(generator, 0.06)
    added = []
    for piece in pieces:
        if piece.label == "I":
            middle = piece.left + piece.width / 2
            for y in (piece.top, piece.bottom):
                half = reach * exp(spread(generator, 0.15))
                added.append(_dash(middle, half, y, tilt, piece.pen, generator))
    return pieces + added


def add_bars(pieces: Pieces, odds: float, generator: np.random.Generator) -> Pieces:
    """With these odds every capital V and X stands between two lines of its own, a little wider."""
    if generator.random() >= odds:
        return pieces
    added = []
    for piece in pieces:
        if piece.label and piece.label in "VX":
            middle, half = piece.left + piece.width / 2, 0.65 * piece.width
            added += [
                _dash(middle, half, y, 0.0, piece.pen, generator) for y in (piece.top, piece.bottom)
            ]
    return pieces + added


def add_lines(pieces: Pieces, odds: float, generator: np.random.Generator) -> Pieces:
    """With these odds the whole text stands between two lines: they join it or not, may be slanted,
    and may be longer or shorter than it.
    """
    if generator.random() >= odds:
        return pieces
    return pieces + _lines(pieces, (-0.08, 0.3), generator)


def box(pieces: Pieces, odds: float, generator: np.random.Generator) -> Pieces:
    """With these odds it is boxed: between two lines that a stroke on each side joins, so far off
    that it is no I.
    """
    if generator.random() >= odds:
        return pieces
    lines = _lines(pieces, (0.15, 0.35), generator)
    left, top, width, height = extent([*pieces, *lines])
    pen = pieces[0].pen
    sides = []
    for x in (left + pen / 2, left + width - pen / 2):
        if generator.random() < 0.8:
            lean = spread(generator, 0.03)
            ends = np.array([(x + lean, top + pen / 2), (x - lean, top + height - pen / 2)])
            sides.append(piece_of_strokes("", [ends], pen))
    return pieces + lines + sides


def _lines(
    pieces: Sequence[Piece], beyond: tuple[float, float], generator: np.random.Generator
) -> Pieces:
    """One above and one below, reaching so far beyond the text on each side."""
    left, top, width, height = extent(pieces)
    away = generator.uniform(-0.08, 0.12)
    pen, middle = pieces[0].pen, left + width / 2
    return [
        _dash(
            middle + spread(generator, 0.04),
            max(0.2, width / 2 + generator.uniform(*beyond)),
            y + spread(generator, 0.03),
            spread(generator, 0.08),
            pen,
            generator,
        )
        for y in (top - away, top + height + away)
    ]


def _dash(
    x: float, half: float, y: float, tilt: float, pen: float, generator: np.random.Generator
) -> Piece:
    """A nearly level stroke about (x, y)."""
    sag = spread(generator, 0.03)
    along = np.array([-1, -0.5, 0, 0.5, 1])
    points = np.stack([x + half * along, y + half * tilt * along + sag * along**2], 1)
    return piece_of_strokes("", [points], pen)


def _undotted(piece: Piece) -> Piece:
    """Its tallest part alone."""
    count, parts, boxes, _ = cv2.connectedComponentsWithStats((piece.ink > 100).astype(np.uint8))
    if count < 3:
        return piece
    tallest = 1 + int(boxes[1:, cv2.CC_STAT_HEIGHT].argmax())
    return _cropped(replace(piece, ink=np.where(parts == tallest, piece.ink, np.uint8(0))))


def _scaled(piece: Piece, factor: float) -> Piece:
    """About where it stands on the line."""
    return replace(
        piece,
        top=piece.bottom - piece.height * factor,
        width=piece.width * factor,
        height=piece.height * factor,
        pen=piece.pen * factor,
    )


def _widened(piece: Piece, factor: float) -> Piece:
    """The pen changes in one direction alone; between the two stands their geometric mean."""
    return replace(piece, width=piece.width * factor, pen=piece.pen * factor**0.5)


def _leaning(piece: Piece, slope: float) -> Piece:
    """Sheared at its foot: `slope` to the right for each unit up."""
    high, wide = piece.ink.shape
    # in pixels of the ink, which need not be square
    shear = slope * (piece.height / high) / (piece.width / wide)
    room = ceil(abs(shear) * high)
    move = np.array([[1, -shear, max(shear, 0) * high], [0, 1, 0]])
    ink = cv2.warpAffine(piece.ink, move, (wide + room, high))
    return _cropped(replace(piece, ink=ink, width=piece.width * (wide + room) / wide))


def _with_pen(piece: Piece, width: float) -> Piece:
    """Its outline shifted in or out, as far as the thinnest of it allows; as `core.ink.forms` sets
    pens.
    """
    ink = enlarged(piece)
    move = (max(width, _THINNEST) - piece.pen) / 2 * RESOLUTION
    margin = int(max(move, 0)) + 2
    mask = np.pad(ink, margin) > 127
    distance = distance_inside(mask) - distance_inside(~mask)
    move = max(move, 1.5 - float(distance.max()))
    moved = (np.clip(distance + move + 0.5 - np.sign(distance) / 2, 0, 1) * 255).astype(np.uint8)
    return _cropped(
        replace(
            piece,
            ink=moved,
            left=piece.left - margin / RESOLUTION,
            top=piece.top - margin / RESOLUTION,
            width=moved.shape[1] / RESOLUTION,
            height=moved.shape[0] / RESOLUTION,
            pen=piece.pen + 2 * move / RESOLUTION,
        )
    )


def _cropped(piece: Piece) -> Piece:
    """The piece without the paper about it."""
    rows, columns = np.flatnonzero(piece.ink.max(1) > 127), np.flatnonzero(piece.ink.max(0) > 127)
    if not len(rows):
        return piece
    y, x = piece.height / piece.ink.shape[0], piece.width / piece.ink.shape[1]
    ink = piece.ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return replace(
        piece,
        ink=ink,
        left=piece.left + columns[0] * x,
        top=piece.top + rows[0] * y,
        width=ink.shape[1] * x,
        height=ink.shape[0] * y,
    )

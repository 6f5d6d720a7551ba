"""Split a line of handwriting into characters, left to right."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.ink.paper import pen_width

MAX_PIECES = 300
"""Most connected components considered, largest first; only grain has more."""


@dataclass(frozen=True)
class Character:
    """One character of a line: `ink` uint8 [h, w], only its own pixels, and its position in pixels
    of the line.
    """

    ink: np.ndarray
    left: int
    top: int


@dataclass(frozen=True)
class _Piece:
    """Connected components that belong together: their numbers and bounding box."""

    numbers: tuple[int, ...]
    left: int
    top: int
    right: int
    bottom: int

    def join(self, other: "_Piece") -> "_Piece":
        return _Piece(
            self.numbers + other.numbers,
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )


def split_line(ink: np.ndarray) -> list[Character]:
    """Characters of an ink map uint8 [H, W] (ink 255 on 0), left to right.

    Connected components are joined if one is above the other: the dot of an i and its stem, the bar
    of a broken 5 and its belly, an E drawn in four strokes. Horizontal neighbours stay separate.
    """
    mask = (ink > 127).astype(np.uint8)
    count, components, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    pieces = [
        _Piece((number,), int(x), int(y), int(x + width), int(y + height))
        for number, (x, y, width, height, _area) in enumerate(stats[1:], start=1)
    ]
    if len(pieces) > MAX_PIECES:
        pieces.sort(
            key=lambda piece: (piece.right - piece.left) * (piece.bottom - piece.top), reverse=True
        )
    joined = _join_all(pieces[:MAX_PIECES], pen_width(mask > 0))
    # Soft edges belong to the nearest component: a component grown by a pixel keeps its
    # antialiasing.
    grown = (
        cv2.dilate(components.astype(np.float32), np.ones((3, 3), np.uint8)).astype(np.int32)
        if count < 2**24
        else components
    )
    owner = np.where(components > 0, components, grown)
    characters = []
    for piece in sorted(joined, key=lambda piece: piece.left + piece.right):
        left, top = max(piece.left - 1, 0), max(piece.top - 1, 0)
        window = slice(top, piece.bottom + 1), slice(left, piece.right + 1)
        own = np.isin(owner[window], piece.numbers)
        characters.append(Character(np.where(own, ink[window], 0).astype(np.uint8), left, top))
    return characters


def _join_all(pieces: list[_Piece], pen: float) -> list[_Piece]:
    pieces = sorted(pieces, key=lambda piece: piece.left)
    height = max((piece.bottom - piece.top for piece in pieces), default=0)
    before = -1
    while before != len(pieces):
        before, index = len(pieces), 0
        while index < len(pieces):
            match = next(
                (
                    j
                    for j in range(index + 1, len(pieces))
                    if _belong_together(pieces[index], pieces[j], pen, height)
                ),
                None,
            )
            if match is None:
                index += 1
            else:
                pieces[index] = pieces[index].join(pieces.pop(match))
    return _join_dots(pieces, height)


def _join_dots(pieces: list[_Piece], line_height: int) -> list[_Piece]:
    """Join each dot above no piece (hasty writing) to the nearest piece below, at most a fifth of
    the line height to the side.
    """
    dots = [
        piece
        for piece in pieces
        if max(piece.right - piece.left, piece.bottom - piece.top) < 0.3 * line_height
    ]
    bodies = [piece for piece in pieces if piece not in dots]
    for dot in dots:
        gaps = {
            index: max(body.left - dot.right, dot.left - body.right)
            for index, body in enumerate(bodies)
            if dot.bottom <= body.top + 0.15 * line_height
        }
        nearest = min(gaps, key=lambda index: gaps[index], default=-1)
        if nearest >= 0 and gaps[nearest] <= 0.2 * line_height:
            bodies[nearest] = bodies[nearest].join(dot)
        else:
            bodies.append(dot)
    return bodies


def _belong_together(a: _Piece, b: _Piece, pen: float, line_height: int) -> bool:
    """Whether two pieces overlap horizontally: by half of the narrower one or, for a small mark, at
    its middle within a pen width.
    """
    overlap = min(a.right, b.right) - max(a.left, b.left)
    narrower = min(a.right - a.left, b.right - b.left)
    if overlap >= 0.5 * narrower:
        return True
    small, large = sorted((a, b), key=lambda piece: piece.bottom - piece.top)
    is_mark = small.bottom - small.top < 0.45 * line_height
    above_or_below = (
        small.bottom <= large.top + 0.35 * line_height
        or small.top >= large.bottom - 0.2 * line_height
    )
    touches = overlap > -1.0 * pen and is_mark and above_or_below
    # a bar that starts where the body ends: a broken 5, 7 or T
    return touches and small.right - small.left > 0.25 * line_height

"""From a glyph to the path of a pen: the variant, its jittered control points, and the Bezier
curves through them.

Plain Python on arrays, compiled by `core.synthesis.pen` for thousands of images; usable here
without compiling.
"""

from typing import NamedTuple

import numpy as np

UNIFORMS = 256
"""Random numbers reserved per image; each has a fixed use, so that changing one setting does not
affect others.
"""

MAX_POINTS, MAX_CURVES, MAX_PARTS = 72, 200, 8
"""Limits per variant: the pen's space and random numbers."""

U_VARIANT, U_PEN, U_HAND, U_PARTS, U_POINTS = 0, 1, 2, 10, 18
LINE, QUADRATIC, CUBIC, SMOOTH = range(4)

MARGIN = 3.0
"""Units from the paper's edge kept free of control points of leaning glyphs; more than half the pen
of any shipped hand.
"""


class Table(NamedTuple):
    """A glyph set as arrays: the variants of all glyphs concatenated, with their points, parts and
    curves.

    glyphs : int [G, 2], first variant and one past the last. variants : int [V, 6], the same for
    points, parts, curves.
    shares : float [V], cumulative within a glyph, ending at 1. thinnest : float [V], units.
    points : float [P, 4], row, column, factor, spread (negative: the radius itself is drawn twice,
    as for a bow). of : int [P, 2], indices of other points in the variant, -1 for none. parts :
    float [Q, 2], probability, and index of the enclosing part.
    curves : int [C, 6], kind, indices of four points, index of the part, -1 for none.
    """

    glyphs: np.ndarray
    variants: np.ndarray
    shares: np.ndarray
    thinnest: np.ndarray
    points: np.ndarray
    of: np.ndarray
    parts: np.ndarray
    curves: np.ndarray


class Manner(NamedTuple):
    """`Hand` as numbers for the kernel; angles in radians."""

    jitter: float
    correlation: float
    turn: float
    slant: float
    slant_spread: float
    breadth: float
    pressure: float
    thinnest: float
    thickest: float


def scratch() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Buffers for one glyph: points [P, 2], pressures [P] and discs [P, 3] of `points_in_pixels`,
    cubics and forces of `trace`.
    """
    points, pressures, discs = (
        np.empty((MAX_POINTS, 2)),
        np.empty(MAX_POINTS),
        np.empty((MAX_POINTS, 3)),
    )
    return points, pressures, discs, np.empty((MAX_CURVES, 4, 2)), np.empty((MAX_CURVES, 2))


def choose_variant(table: Table, glyph: int, uniform: float) -> int:
    """The variant of a glyph selected by a number in 0-1."""
    variant = table.glyphs[glyph, 0]
    while uniform >= table.shares[variant] and variant + 1 < table.glyphs[glyph, 1]:
        variant += 1
    return variant


def points_in_pixels(
    table: Table,
    manner: Manner,
    variant: int,
    uniforms: np.ndarray,
    points: np.ndarray,
    pressures: np.ndarray,
    discs: np.ndarray,
) -> int:
    """Write the jittered control points float [P, 2] (row, column, units), the pen's pressure at
    each [P], and their jitter discs [P, 3] (row, column, radius); returns P."""
    first, last = table.variants[variant, 0], table.variants[variant, 1]
    drift_row, drift_column, force = 0.0, 0.0, 0.0
    selected = np.sqrt(1 - manner.correlation**2)
    for index in range(last - first):
        row, column, factor, spread = table.points[first + index]
        one, two = table.of[first + index]
        radius = manner.jitter * factor
        if one >= 0:
            other = two if two >= 0 else one
            row += (points[one, 0] + points[other, 0]) / 2
            column += (points[one, 1] + points[other, 1]) / 2
            if spread != 0:
                radius = np.hypot(
                    points[one, 0] - points[other, 0], points[one, 1] - points[other, 1]
                ) / abs(spread)
        u = U_POINTS + 3 * index
        share, angle = uniforms[u], 2 * np.pi * uniforms[u + 1]
        if spread < 0:
            share *= uniforms[u + 2]
        away_row, away_column = share * np.sin(angle), share * np.cos(angle)
        if spread == 0:  # errors of consecutive points are correlated
            drift_row = manner.correlation * drift_row + selected * away_row
            drift_column = manner.correlation * drift_column + selected * away_column
            away_row, away_column = drift_row, drift_column
        discs[index, 0], discs[index, 1], discs[index, 2] = row, column, radius
        points[index, 0], points[index, 1] = row + radius * away_row, column + radius * away_column
        force = 0.8 * force + 0.6 * np.sqrt(3.0) * (2 * uniforms[u + 2] - 1)
        pressures[index] = np.exp(manner.pressure * force)
    return int(last - first)


def lean(
    manner: Manner, uniforms: np.ndarray, points: np.ndarray, count: int, leaning: np.ndarray
) -> None:
    """Write the affine map float [2, 3] that rotates, slants and stretches a glyph about the grid's
    centre.

    A glyph whose control points (drawn or not) would then reach into the paper's margin is shrunk
    and moved, as a writer would. A hand with none of these (the notebook's) has no margin either.
    """
    leaning[:] = np.eye(2, 3)
    if manner.turn == 0 and manner.slant == 0 and manner.slant_spread == 0 and manner.breadth == 0:
        return
    normals = np.empty(4)
    for pair in range(2):  # Box & Muller (1958)
        length = np.sqrt(-2 * np.log(1 - uniforms[U_HAND + 2 * pair]))
        angle = 2 * np.pi * uniforms[U_HAND + 2 * pair + 1]
        normals[2 * pair], normals[2 * pair + 1] = length * np.cos(angle), length * np.sin(angle)
    turn, slant = manner.turn * normals[0], manner.slant + manner.slant_spread * normals[1]
    breadth = np.exp(manner.breadth * normals[2])
    cos, sin = np.cos(turn), np.sin(turn)
    leaning[0, 0], leaning[0, 1] = cos - sin * slant, sin * breadth
    leaning[1, 0], leaning[1, 1] = -sin - cos * slant, cos * breadth
    scale = 1.0
    for axis in range(2):
        indices = leaning[axis, 0] * (points[:count, 0] - 14) + leaning[axis, 1] * (
            points[:count, 1] - 14
        )
        scale = min(scale, (28 - 2 * MARGIN) / max(indices.max() - indices.min(), 1e-9))
    leaning *= scale
    for axis in range(2):
        leaning[axis, 2] = 14 - 14 * (leaning[axis, 0] + leaning[axis, 1])
        indices = (
            leaning[axis, 0] * points[:count, 0]
            + leaning[axis, 1] * points[:count, 1]
            + leaning[axis, 2]
        )
        leaning[axis, 2] += max(0.0, MARGIN - indices.min()) + min(0.0, 28 - MARGIN - indices.max())


def move(leaning: np.ndarray, points: np.ndarray, count: int) -> None:
    """Apply an affine map to points float [P, 2] in place."""
    for index in range(count):
        row, column = points[index, 0], points[index, 1]
        points[index, 0] = leaning[0, 0] * row + leaning[0, 1] * column + leaning[0, 2]
        points[index, 1] = leaning[1, 0] * row + leaning[1, 1] * column + leaning[1, 2]


def trace(
    table: Table,
    variant: int,
    uniforms: np.ndarray,
    points: np.ndarray,
    pressures: np.ndarray,
    cubics: np.ndarray,
    forces: np.ndarray,
) -> int:
    """Write the curves as cubic Beziers float [S, 4, 2] and the pen's pressure at their ends, [S,
    2]; returns S.
    """
    drawn = np.zeros(MAX_PARTS, np.bool_)
    first, last = table.variants[variant, 2], table.variants[variant, 3]
    for index in range(last - first):
        probability, within = table.parts[first + index]
        drawn[index] = uniforms[U_PARTS + index] < probability and (
            within < 0 or drawn[int(within)]
        )
    count = 0
    for number in range(table.variants[variant, 4], table.variants[variant, 5]):
        kind, a, b, c, d, part = table.curves[number]
        if part >= 0 and not drawn[part]:
            continue
        curve = cubics[count]
        start, end = a, b
        if kind == CUBIC:
            end = d
            curve[1], curve[2] = points[b], points[c]
        elif kind == LINE:
            curve[1], curve[2] = (2 * points[a] + points[b]) / 3, (points[a] + 2 * points[b]) / 3
        elif kind == SMOOTH:  # Catmull-Rom; a missing neighbour is mirrored
            start, end = b, c
            chord = points[c] - points[b]
            curve[1] = points[b] + ((points[c] - points[a]) / 6 if a >= 0 else chord / 3)
            curve[2] = points[c] - ((points[d] - points[b]) / 6 if d >= 0 else chord / 3)
        elif kind == QUADRATIC:  # degree elevation
            end = c
            curve[1], curve[2] = (points[a] + 2 * points[b]) / 3, (2 * points[b] + points[c]) / 3
        curve[0], curve[3] = points[start], points[end]
        forces[count, 0], forces[count, 1] = pressures[start], pressures[end]
        count += 1
    return count


def pen_width(table: Table, manner: Manner, variant: int, uniform: float) -> float:
    """In units; uniform in the hand's range, but at least the variant's minimum, up to the end of
    the range.
    """
    thinnest = min(max(manner.thinnest, table.thinnest[variant]), manner.thickest)
    return thinnest + uniform * (manner.thickest - thinnest)

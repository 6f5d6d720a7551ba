"""Effects before the pen: what they do to strokes.

Strokes are a list of float64 [P, 2], x right, y down, in a box of longer side 1; no effect changes
the list or its arrays.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np

Strokes = list[np.ndarray]

_GRID = 4
"""Points along each side of the grid on which an elastic field is drawn."""


def turn(strokes: Strokes, degrees: float) -> Strokes:
    """Turned about the centre, counter-clockwise."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return _mapped(strokes, [[cos, sin], [-sin, cos]])


def slant(strokes: Strokes, degrees: float) -> Strokes:
    """Leaning to the right by degrees under 90."""
    return _mapped(strokes, [[1, -math.tan(math.radians(degrees))], [0, 1]])


def broaden(strokes: Strokes, logarithm: float) -> Strokes:
    """The width times exp(logarithm), the height divided by it."""
    return _mapped(strokes, [[math.exp(logarithm), 0], [0, math.exp(-logarithm)]])


def bend(strokes: Strokes, amount: float, generator: np.random.Generator) -> Strokes:
    """Displaced by a smooth field: on a 4x4 grid uniform in ±amount of the box, cubic between."""
    field = generator.uniform(-amount, amount, (_GRID, _GRID, 2)).astype(np.float32)
    sizes = [len(stroke) for stroke in strokes]
    where = (np.concatenate(strokes) * (_GRID - 1)).astype(np.float32)
    x, y = where[:, :1], where[:, 1:]
    moves = cv2.remap(field, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    parts = np.split(moves[:, 0].astype(np.float64), np.cumsum(sizes)[:-1])
    return [stroke + part for stroke, part in zip(strokes, parts, strict=True)]


def tremble(strokes: Strokes, amount: float, generator: np.random.Generator) -> Strokes:
    """Each point moved on its own, sigma `amount` of the box."""
    return [stroke + generator.normal(0, amount, stroke.shape) for stroke in strokes]


def resize_parts(strokes: Strokes, amount: float, generator: np.random.Generator) -> Strokes:
    """Each stroke scaled about its centre by up to exp(±amount), and moved by up to a fifth of
    that share of the box.
    """
    if len(strokes) == 1:
        return strokes
    parts = []
    for stroke in strokes:
        centre = (stroke.min(0) + stroke.max(0)) / 2
        scale = np.exp(generator.uniform(-amount, amount, 2))
        moved = generator.uniform(-amount / 5, amount / 5, 2)
        parts.append((stroke - centre) * scale + centre + moved)
    return parts


def change_starts(strokes: Strokes, odds: float, generator: np.random.Generator) -> Strokes:
    """With probability `odds` each end of a stroke is cut by up to 8 % of its points, or drawn
    again as a hook of up to 6 % of the box.
    """
    changed = []
    for stroke in strokes:
        for _ in range(2):  # the end, then, turned round, the start
            if len(stroke) > 4 and generator.random() < odds:
                if generator.random() < 0.5:
                    stroke = stroke[
                        : len(stroke) - math.ceil(generator.uniform(0, 0.08) * len(stroke))
                    ]
                else:
                    hook = stroke[-1] + generator.uniform(-0.06, 0.06, 2)
                    stroke = np.concatenate([stroke, hook[None]])
            stroke = stroke[::-1]
        changed.append(stroke)
    return changed


def sample_sparsely(strokes: Strokes, spacing: float) -> Strokes:
    """Only points at least `spacing` of the box apart along the stroke, as from a browser that
    hears of a fast pen too seldom; both ends stay.
    """
    sparse = []
    for stroke in strokes:
        steps = np.hypot(*np.diff(stroke, axis=0).T)
        ticks = np.floor(np.concatenate([[0], steps.cumsum()]) / max(spacing, 1e-6))
        keep = np.concatenate([[True], np.diff(ticks) > 0])
        keep[-1] = True
        sparse.append(stroke[keep])
    return sparse


def _mapped(strokes: Sequence[np.ndarray], matrix: Sequence[Sequence[float]]) -> Strokes:
    """Strokes under a linear map about the centre of their box."""
    points = np.concatenate(strokes)
    centre, turned = (points.min(0) + points.max(0)) / 2, np.array(matrix).T
    return [(stroke - centre) @ turned + centre for stroke in strokes]

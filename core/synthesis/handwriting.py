"""One hand writing a glyph: anchors jittered together, slant, turn and proportion, and a smooth pen path."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from core.synthesis.glyphs import CORNER, GLYPHS

POINTS_PER_SEGMENT = 8


def write_digit(
    digit: str, generator: np.random.Generator, *, jitter: float = 0.045, height: float = 150, size: int = 280
) -> list[np.ndarray]:
    """Strokes of a digit, each float32 [P, 2] of x, y in pixels, centred on a canvas of `size`.

    jitter : standard deviation of the anchors in heights. height : of the glyph before slant and turn, pixels.
    """
    glyph = GLYPHS[digit][generator.integers(len(GLYPHS[digit]))]
    turn, slant = generator.normal(0, np.radians(5)), generator.normal(0.1, 0.18)
    breadth = 0.55 * np.exp(generator.normal(0, 0.22))
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ np.array([[breadth, -slant], [0, 1]])
    strokes = []
    for stroke in glyph:
        points = np.array([anchor[:2] for anchor in stroke]) - 0.5
        points = points + generator.normal(0, jitter, points.shape)
        strokes.append((smooth(points, [CORNER in anchor for anchor in stroke]) @ matrix.T * height + size / 2).astype(np.float32))
    return strokes


def smooth(points: np.ndarray, corners: Sequence[bool]) -> np.ndarray:
    """A Catmull-Rom spline through points float [P, 2], broken at corners; two points make a straight line."""
    breaks = [0, *(index for index in range(1, len(points) - 1) if corners[index]), len(points) - 1]
    pieces = [_catmull_rom(points[start : end + 1]) for start, end in pairwise(breaks)]
    return np.concatenate([piece if index == 0 else piece[1:] for index, piece in enumerate(pieces)])


def _catmull_rom(points: np.ndarray) -> np.ndarray:
    if len(points) == 2:
        return points
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    t = np.linspace(0, 1, POINTS_PER_SEGMENT, endpoint=False)[:, None]
    before, start, end, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    curve = 0.5 * (
        2 * start[:, None]
        + (end - before)[:, None] * t
        + (2 * before - 5 * start + 4 * end - after)[:, None] * t**2
        + (3 * start - before - 3 * end + after)[:, None] * t**3
    )
    return np.concatenate([curve.reshape(-1, 2), points[-1:]])

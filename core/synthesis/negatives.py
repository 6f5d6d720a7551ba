"""Drawings that are none of the characters: a dash, a plus, a scribble, a heart, two digits at
once. What learns from them answers them without confidence.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.ink.forms import Form
from core.synthesis.drawing import draw_inputs
from core.synthesis.effects.strokes import Strokes
from core.synthesis.handwriting import DIGITS, Handwriting

Generator = np.random.Generator

_VARIED = (("elastic", 0.6), ("shear", 8.0), ("rotation", 8.0), ("stretch", 0.15))
"""Effects on the strokes of model input."""


def dash(generator: Generator) -> Strokes:
    end = np.array([1, generator.normal(0, 0.08)])
    return [_curve([[0, 0], end], generator)]


def plus(generator: Generator) -> Strokes:
    middle, reach = generator.normal(0.5, 0.03, 2), generator.uniform(0.8, 1.25)
    return [
        _curve([[0, middle[1]], [1, middle[1]]], generator),
        _curve([[middle[0], 0.5 - reach / 2], [middle[0], 0.5 + reach / 2]], generator),
    ]


def equals(generator: Generator) -> Strokes:
    gap, shift = generator.uniform(0.2, 0.5), generator.normal(0, 0.06)
    return [
        _curve([[0, 0], [1, generator.normal(0, 0.05)]], generator),
        _curve([[shift, gap], [1 + shift, gap + generator.normal(0, 0.05)]], generator),
    ]


def heart(generator: Generator) -> Strokes:
    t = np.linspace(0, 2 * np.pi, 40) + generator.normal(0, 0.1)
    # the curve of MathWorld's "Heart Curve" (7), https://mathworld.wolfram.com/HeartCurve.html
    x = 16 * np.sin(t) ** 3
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return [np.stack([x, -y], 1) / 33 * generator.uniform(0.8, 1.2, 2)]


def star(generator: Generator) -> Strokes:
    corners = int(generator.integers(5, 7))
    step = 2 if corners == 5 else 1
    angle = np.arange(corners + 1) * step * 2 * np.pi / corners - np.pi / 2
    if corners == 5:
        return [_polygon(np.stack([np.cos(angle), np.sin(angle)], 1) / 2, generator)]
    ends = np.stack([np.cos(angle), np.sin(angle)], 1) / 2
    return [_curve([end, -end], generator) for end in ends[:3]]


def scribble(generator: Generator) -> Strokes:
    """Back and forth, or round and round."""
    turns = int(generator.integers(4, 10))
    if generator.random() < 0.5:
        across = np.arange(turns * 2)
        x = np.where(across % 2, 1.0, 0.0) + generator.normal(0, 0.12, len(across))
        y = across / len(across) * generator.uniform(0.45, 1) + generator.normal(
            0, 0.06, len(across)
        )
        points = np.stack([x, y], 1)
        return [_smooth(points @ _turned(generator.uniform(0, np.pi)))]
    angle = np.linspace(0, turns * 2 * np.pi, turns * 14)
    astray = generator.normal(0, 0.03, (len(angle), 2)).cumsum(0)
    radius = np.linspace(0.5, generator.uniform(-0.2, 0.2), len(angle))[:, None]
    return [np.stack([np.cos(angle), np.sin(angle)], 1) * radius + astray]


def wander(generator: Generator) -> Strokes:
    """A long random walk with inertia."""
    turning = generator.normal(0, 0.55, 60).cumsum()
    steps = np.stack([np.cos(turning), np.sin(turning)], 1)
    return [steps.cumsum(0) / 10 * generator.uniform(0.6, 1.4, 2)]


def arrow(generator: Generator) -> Strokes:
    head = generator.uniform(0.2, 0.4)
    strokes = [
        _curve([[0, 0], [1, 0]], generator),
        _polygon(np.array([[1 - head, -head], [1, 0], [1 - head, head]]), generator),
    ]
    turn = _turned(generator.choice([0, 0.5, 1, 1.5]) * np.pi + generator.normal(0, 0.2))
    return [stroke @ turn for stroke in strokes]


def hash_sign(generator: Generator) -> Strokes:
    first, second = generator.uniform(0.25, 0.4), generator.uniform(0.6, 0.75)
    lean = generator.uniform(-0.05, 0.2)
    return [
        *(_curve([[0, y], [1, y]], generator) for y in (first, second)),
        *(_curve([[x + lean, 0], [x - lean, 1]], generator) for x in (first, second)),
    ]


def wave(generator: Generator) -> Strokes:
    x = np.linspace(0, 1, 30)
    periods = generator.uniform(1, 3.5)
    y = generator.uniform(0.05, 0.15) * np.sin(2 * np.pi * periods * x + generator.uniform(0, 6.3))
    return [np.stack([x, y], 1)]


def dots(generator: Generator) -> Strokes:
    count = int(generator.integers(2, 5))
    places = np.arange(count)[:, None] * np.array([1, generator.normal(0, 0.05)])
    turn = _turned(generator.choice([0, 0.5]) * np.pi)
    return [(place + generator.normal(0, 0.03, (2, 2))) @ turn for place in places]


def divide(generator: Generator) -> Strokes:
    gap = generator.uniform(0.25, 0.45)
    return [
        _curve([[0, 0], [1, 0]], generator),
        *(np.array([[0.5, y], [0.52, y + 0.02]]) for y in (-gap, gap)),
    ]


@dataclass(frozen=True)
class Negative:
    """One kind of drawing. resembles : characters that people draw the same; a model that knows
    one of them is not told that this is none of its classes.
    """

    draw: Callable[[Generator], Strokes]
    resembles: str = ""


NEGATIVES = (
    Negative(dash),
    Negative(plus, resembles="t"),
    Negative(equals),
    Negative(heart),
    Negative(star),
    Negative(scribble),
    Negative(wander),
    Negative(arrow),
    Negative(hash_sign),
    Negative(wave),
    Negative(dots),
    Negative(divide),
)


def draw_negatives(count: int, *, seed: int, classes: Sequence[str] = DIGITS) -> list[Strokes]:
    """`count` drawings as strokes float64 [P, 2] in a unit of their own; a third are two or three
    digits side by side.
    """
    kinds = [kind for kind in NEGATIVES if not set(kind.resembles) & set(classes)]
    writing = Handwriting(seed=seed)
    drawings = []
    for number in range(count):
        generator = np.random.default_rng((seed, number))
        if generator.random() < 1 / 3:
            drawings.append(_several(writing, generator))
        else:
            drawings.append(kinds[generator.integers(len(kinds))].draw(generator))
    return drawings


def negative_inputs(
    count: int, form: Form, *, seed: int, classes: Sequence[str] = DIGITS
) -> np.ndarray:
    """`draw_negatives`, varied, as model input uint8 [count, size, size]."""
    pieces = [("", drawn) for drawn in draw_negatives(count, seed=seed, classes=classes)]
    return draw_inputs(pieces, form, effects=_VARIED, seed=seed)


def _several(writing: Handwriting, generator: Generator) -> Strokes:
    """Two or three digits side by side, sometimes touching; not only ones, which are a U or N."""
    strokes: Strokes = []
    right = 0.0
    for index in range(int(generator.choice([2, 2, 3]))):
        digit = generator.integers(index == 0, 10) if index else generator.integers(2, 10)
        sketch = writing.sketch(int(generator.integers(100_000)) * 10 + int(digit))
        drawn = sketch.strokes(size=1.0)
        points = np.concatenate(drawn)
        low = points.min(0)
        lift = generator.normal(0, 0.05)
        strokes += [stroke - low + (right, lift) for stroke in drawn]
        right += float(np.ptp(points[:, 0])) + generator.uniform(0.0, 0.3)
    return strokes


def _curve(ends: Sequence[Sequence[float] | np.ndarray], generator: Generator) -> np.ndarray:
    """Nine points from one end to the other, slightly bent."""
    start, end = np.asarray(ends[0], float), np.asarray(ends[1], float)
    t = np.linspace(0, 1, 9)[:, None]
    across = (end - start)[::-1] * (1, -1)
    return start + t * (end - start) + 4 * t * (1 - t) * across * generator.normal(0, 0.04)


def _polygon(corners: np.ndarray, generator: Generator) -> np.ndarray:
    """Its sides, with corners a little off."""
    corners = corners + generator.normal(0, 0.03, corners.shape)
    sides = [np.linspace(a, b, 8) for a, b in pairwise(corners)]
    return np.concatenate(sides)


def _smooth(points: np.ndarray) -> np.ndarray:
    """Four points for each, cubic between."""
    import cv2

    dense = cv2.resize(
        points.astype(np.float32), (2, len(points) * 4), interpolation=cv2.INTER_CUBIC
    )
    return dense.astype(np.float64)


def _turned(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])

"""Ways of writing that a person has and a scan may lack: marks added to strokes.

A slashed or dotted zero, a crossed 7 or Z, a 1 with a foot.
"""

from collections.abc import Callable

import numpy as np

from core.synthesis.effects.strokes import Strokes

Draw = Callable[[Strokes, np.random.Generator], Strokes]


def slash(strokes: Strokes, generator: np.random.Generator) -> Strokes:
    """A stroke from low left to high right across the box, now and then from high left, or level
    through the middle, as in a theta.
    """
    low, high = _box(strokes)
    reach = generator.uniform(-0.18, 0.22, 2) * (high - low).max()
    unit = generator.normal(0, 0.05, (2, 2))
    start = np.array([low[0] - reach[0], high[1] + reach[0]]) + unit[0]
    end = np.array([high[0] + reach[1], low[1] - reach[1]]) + unit[1]
    if generator.random() < 0.12:
        start[0], end[0] = end[0], start[0]
    if generator.random() < 0.15:
        start[1] = end[1] = (low[1] + high[1]) / 2 + generator.normal(0, 0.06)
    return [*strokes, _bowed(start, end, generator)]


def dot(strokes: Strokes, generator: np.random.Generator) -> Strokes:
    """A dot or a short dash in the middle."""
    low, high = _box(strokes)
    centre = (low + high) / 2 + generator.normal(0, 0.03, 2)
    length = generator.choice([0.0, 0.12]) * generator.random()
    angle = generator.uniform(0, np.pi)
    half = length * np.array([np.cos(angle), np.sin(angle)])
    return [*strokes, np.stack([centre - half, centre + half])]


def cross_stem(strokes: Strokes, generator: np.random.Generator) -> Strokes:
    """A bar across the stem, near the middle."""
    low, high = _box(strokes)
    points = np.concatenate(strokes)
    height = low[1] + generator.uniform(0.4, 0.68) * (high[1] - low[1])
    near = points[np.argsort(np.abs(points[:, 1] - height))[:3]]
    centre = np.array([near[:, 0].mean(), height])
    half = generator.uniform(0.12, 0.3) * np.array([1, generator.normal(-0.15, 0.25)])
    return [*strokes, _bowed(centre - half, centre + half, generator)]


def underline(strokes: Strokes, generator: np.random.Generator) -> Strokes:
    """A foot below the stem."""
    _, high = _box(strokes)
    points = np.concatenate(strokes)
    foot = points[points[:, 1].argmax()]
    left, right = generator.uniform(0.1, 0.32, 2)
    y = high[1] + generator.normal(0, 0.02)
    start, end = np.array([foot[0] - left, y]), np.array([foot[0] + right, y])
    return [*strokes, _bowed(start, end, generator)]


VARIANTS: dict[str, tuple[tuple[float, Draw], ...]] = {
    "0": ((0.25, slash), (0.08, dot)),
    "7": ((0.25, cross_stem),),
    "Z": ((0.25, cross_stem),),
    "z": ((0.25, cross_stem),),
    "1": ((0.12, underline),),
}
"""By label: (probability, way) of at most one mark that is added to a character without one."""


def add_variant(strokes: Strokes, label: str, generator: np.random.Generator) -> Strokes:
    """The strokes in a box of longer side 1, with a mark of VARIANTS or as they are: a character
    of several strokes may have its mark already.
    """
    if len(strokes) > 1:
        return strokes
    draw = generator.random()
    for odds, way in VARIANTS.get(label, ()):
        if draw < odds:
            return way(strokes, generator)
        draw -= odds
    return strokes


def _box(strokes: Strokes) -> tuple[np.ndarray, np.ndarray]:
    points = np.concatenate(strokes)
    return points.min(0), points.max(0)


def _bowed(start: np.ndarray, end: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """A stroke of seven points from start to end, slightly curved."""
    t = np.linspace(0, 1, 7)[:, None]
    across = (end - start)[::-1] * (1, -1)
    return start + t * (end - start) + 4 * t * (1 - t) * across * generator.normal(0, 0.05)

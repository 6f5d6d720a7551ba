"""Take a shadow with a straight edge off a picture, where it lies over a sheet and a desk alike."""

from dataclasses import dataclass

import cv2
import numpy as np

_SIDE = 160
"""The edge is looked for in the picture reduced to this."""

_MEDIAN = 7
"""Pixels of that: thin strokes and rules are taken out first."""

_THIN = 9
"""Pixels of the whole picture: thinner lines, and grain, are no part of the edge."""

_BESIDE = 8
"""Pixels of that: so far from its edge a shadow deepens no more, and both sides are compared."""

_EDGES = 12
"""Straight edges that are tried, the strongest first."""

_STEP, _DEEPEST = 0.2, 1.0
"""Of the natural logarithm of brightness: the step at a shadow's edge lies between these."""

_EVEN, _AGREE = 0.12, 0.5
"""How much that may vary along the edge, for this share of it: what lies under a shadow changes,
its depth does not.
"""

_AT_ONE_END, _AT_THE_OTHER = 0.55, 0.45
"""The same share at the ends of the edge: that of a sheet ends before the picture does."""

_ACROSS = 0.7
"""Of the picture's shorter side: a shorter edge is none that runs across."""


@dataclass(frozen=True)
class _Edge:
    """A straight line through a point (x, y) in pixels; along : its direction, of length 1."""

    point: np.ndarray
    along: np.ndarray

    @property
    def normal(self) -> np.ndarray:
        return np.array([-self.along[1], self.along[0]])

    def nearest(self, level: np.ndarray) -> np.ndarray:
        """Its point nearest to the middle of a picture [H, W]."""
        middle = np.array(level.shape[::-1]) / 2
        nearest: np.ndarray = self.point + self.along * ((middle - self.point) @ self.along)
        return nearest


@dataclass(frozen=True)
class Shadow:
    """A straight edge that runs across a picture, where the light steps.

    depth : by how much the logarithm of brightness steps. reach : pixels from the edge after which
    the shadow deepens no more. certain : whether both ends of the edge are seen; otherwise it may
    be a sheet's, and what is found without it tells.
    """

    edge: _Edge
    depth: float
    reach: int
    certain: bool


def find_shadows(grey: np.ndarray) -> list[Shadow]:
    """The shadows of a grey picture uint8 [H, W], the least dark first; none where only one thing
    lies under an edge, whose light `even_light` evens.
    """
    scale = _SIDE / max(grey.shape)
    size = max(3, round(grey.shape[1] * scale)), max(3, round(grey.shape[0] * scale))
    small = cv2.medianBlur(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), _MEDIAN)
    level, near = _level(small), np.arange(-_BESIDE, _BESIDE + 1, dtype=np.float32)
    shadows = []
    for edge in _edges(level):
        edge = _fitted(level, edge, near)
        depth, certain = _depth(level, edge)
        if depth:
            edge = _Edge((edge.point + 0.5) / scale - 0.5, edge.along)
            shadows.append(Shadow(edge, depth, round(_BESIDE / scale), certain))
    # where a strip of desk crosses a shadow each looks like the other, and a shadow is less dark
    return sorted(shadows, key=lambda shadow: abs(shadow.depth))


def _level(grey: np.ndarray) -> np.ndarray:
    level: np.ndarray = np.log(np.maximum(grey, 4).astype(np.float32))
    return level


def _edges(level: np.ndarray) -> list[_Edge]:
    """Straight edges, the strongest first."""
    across, down = (
        cv2.Sobel(level, cv2.CV_32F, *order, ksize=7, scale=0.1).astype(np.int16)
        for order in ((1, 0), (0, 1))
    )
    outline = cv2.Canny(across, down, 4, 12, L2gradient=True)
    lines = cv2.HoughLines(outline, 1, np.pi / 180, round(_ACROSS / 3 * min(level.shape)))
    found: list[_Edge] = []
    for rho, angle in [] if lines is None else lines.reshape(-1, 2)[: 20 * _EDGES]:
        normal = np.array([np.cos(angle), np.sin(angle)])
        edge = _Edge(rho * normal, np.array([-normal[1], normal[0]]))
        if len(found) < _EDGES and all(_differ(level, edge, other) for other in found):
            found.append(edge)
    return found


def _differ(level: np.ndarray, one: _Edge, other: _Edge) -> bool:
    """Whether two edges are turned or far apart."""
    away = (one.nearest(level) - other.point) @ other.normal
    return bool(abs(away) > _BESIDE / 2 or abs(one.along @ other.along) < np.cos(np.deg2rad(6)))


def _beside(level: np.ndarray, edge: _Edge, distances: np.ndarray) -> np.ndarray:
    """Levels float [n, D] at distances from each place along an edge, a pixel apart; NaN outside of
    the picture.
    """
    places = _places(level, edge)
    at = (places[:, None] + distances[:, None] * edge.normal).astype(np.float32)
    sampled: np.ndarray = cv2.remap(level, at[..., 0], at[..., 1], cv2.INTER_LINEAR)
    sampled[(at < 0).any(2) | (at > np.array(level.shape[::-1]) - 1).any(2)] = np.nan
    return sampled


def _places(level: np.ndarray, edge: _Edge) -> np.ndarray:
    """Points (x, y) along an edge, float [n, 2], over all of the picture."""
    half = float(np.hypot(*level.shape)) / 2
    places: np.ndarray = edge.nearest(level) + np.arange(-half, half)[:, None] * edge.along
    return places


def _depth(level: np.ndarray, edge: _Edge) -> tuple[float, bool]:
    """By how much the logarithm of brightness steps at the edge of a shadow over two things, 0 if
    it is none; and whether it does so at both ends.
    """
    sides = _beside(level, edge, np.array([-_BESIDE, _BESIDE], np.float32))
    sides = sides[~np.isnan(sides).any(1)]
    if len(sides) < _ACROSS * min(level.shape):
        return 0.0, False
    steps = sides[:, 1] - sides[:, 0]
    depth = float(np.median(steps))
    even = np.abs(steps - depth) < _EVEN
    end = max(1, len(even) // 20)
    ends = even[:end].mean(), even[-end:].mean()
    under = np.percentile(sides.mean(1), (5, 95))
    shadow = (
        _STEP <= abs(depth) <= _DEEPEST
        and even.mean() >= _AGREE
        and under[1] - under[0] >= _STEP
        and max(ends) > _AT_ONE_END
    )
    return depth if shadow else 0.0, bool(min(ends) >= _AT_THE_OTHER)


def without_shadow(grey: np.ndarray, shadow: Shadow) -> np.ndarray:
    """A grey picture uint8 [H, W] as if the light were the same on both sides of a shadow's edge:
    divided by the shadow, whose depth at each distance from the edge is the median along it.
    """
    edge, depth = shadow.edge, shadow.depth
    level = _level(cv2.medianBlur(grey, _THIN))
    distances = np.arange(-shadow.reach, shadow.reach + 1, dtype=np.float32)
    # the edge found in small is pixels away from where it is here
    for _ in range(2):
        edge = _fitted(level, edge, distances, depth)
    profile = _even(_beside(level, edge, distances), depth)[0]
    if not len(profile):
        return grey
    profile = np.median(profile - profile[:, [0, -1]].mean(1, keepdims=True), axis=0)
    profile = np.sort(profile)[:: 1 if depth > 0 else -1]  # it deepens one way
    rows, columns = np.indices(grey.shape, np.float32)
    x, y = edge.normal.astype(np.float32)
    away = (columns - np.float32(edge.point[0])) * x + (rows - np.float32(edge.point[1])) * y
    dark = np.interp(away, distances, profile - profile.max()).astype(np.float32)
    return np.clip(grey * np.exp(-dark), 0, 255).astype(np.uint8)


def _fitted(
    level: np.ndarray, edge: _Edge, distances: np.ndarray, depth: float | None = None
) -> _Edge:
    """The line through where the level is half way between those at both ends of `distances`.

    depth : how much it steps there; None for as much as most do.
    """
    sampled, even = _even(_beside(level, edge, distances), depth)
    if len(sampled) < 20:
        return edge
    rising = np.sign(np.median(sampled[:, -1] - sampled[:, 0]))
    past = (sampled - sampled[:, [0, -1]].mean(1, keepdims=True)) * rising > 0
    offsets = distances[0] + (~past).sum(1)
    moved = _places(level, edge)[even] + offsets[:, None] * edge.normal
    # further away is another edge
    moved = moved[np.abs(offsets) <= distances[-1] / 2]
    if len(moved) < 20:
        return edge
    x, y, left, top = cv2.fitLine(moved.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
    along = np.array([x, y]) * np.sign(np.array([x, y]) @ edge.along)
    return _Edge(np.array([left, top]), along)


def _even(sampled: np.ndarray, depth: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Of levels [n, D] beside an edge those that step by `depth`, and which they are, bool [n]."""
    steps, whole = sampled[:, -1] - sampled[:, 0], ~np.isnan(sampled).any(1)
    if depth is None:
        depth = float(np.median(steps[whole])) if whole.any() else 0.0
    even = whole & (np.abs(steps - depth) < _EVEN)
    return sampled[even], even

"""A glyph set of one's own: drawings become control points, the hand is what they have in common,
and between two drawings of a character lie others.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np

from core.errors import InklingError
from core.ink.handwritten import Handwritten, in_unit_box
from core.ink.strokes import draw_strokes
from core.synthesis.effects.strokes import Strokes
from core.synthesis.glyphs import Curve, GlyphSet, Hand, Point, Variant, smooth_curves
from core.synthesis.handwriting import Handwriting
from core.synthesis.path import MAX_POINTS

OWN = "own"
"""Stands for the set that is made of the drawings at hand."""

HEIGHT, MIDDLE = 20.0, 14.0
"""Units: the longer side of a glyph, and where its middle is on the grid, as in the shipped set."""

NEAR = 0.5
"""Units that a curve may lie beside what was drawn."""

MOST = 6
"""Drawings of one character that become ways of writing it, the last ones; a file stays small."""

_STEP = 0.25
"""Units between the points that a drawing is measured at."""

_REACH, _TURN = 1.5, 60.0
"""A corner turns by so many degrees between the chords of so many units before and behind it."""

_ALIKE = 3.0
"""Units that two drawings of the same strokes are apart, on average, at most: between others lies
nothing that a person would write.
"""

_KNOWN = 10
"""Drawings that the usual hand counts for beside those measured."""

_SHARE = 0.6
"""Radius of the jitter, of the distance of two drawings: most of it is in the ways of writing."""

_USUAL = Hand(
    jitter=0.8,
    correlation=0.8,
    turn=3.0,
    slant_spread=0.1,
    breadth=0.1,
    pressure=0.12,
    thinnest=2.0,
    thickest=3.4,
    ramp=0.5,
)
"""What is not measured in the drawings, or where there is one of each character."""


def own_glyphs(pieces: Iterable[tuple[str, Strokes]], *, name: str, title: str = "") -> GlyphSet:
    """The glyph set of (label, strokes) of one hand, in any unit, oldest first.

    A character has a variant for each of its last `MOST` drawings, and one for the middle between
    each two of the same strokes. InklingError without a drawing, or if one has too many strokes.
    """
    drawn: dict[str, list[Strokes]] = {}
    for label, strokes in pieces:
        if "/" not in label and strokes:  # a / separates the names of a set
            drawn.setdefault(label, []).append(on_grid(strokes))
    if not drawn:
        raise InklingError("There is no drawing with strokes; draw each character once or more.")
    last = {label: drawings[-MOST:] for label, drawings in sorted(drawn.items())}
    glyphs = {label: _variants(label, drawings) for label, drawings in last.items()}
    return GlyphSet(name, title or name, glyphs, hand_of(last))


def on_grid(strokes: Strokes) -> Strokes:
    """Strokes float64 [P, 2] of (row, column) on the grid, from (x, y) in any unit."""
    boxed = in_unit_box(strokes)
    middle = np.concatenate(boxed).max(0) / 2
    return [((stroke - middle) * HEIGHT + MIDDLE)[:, ::-1] for stroke in boxed]


def _variants(label: str, drawings: Sequence[Strokes]) -> tuple[Variant, ...]:
    """Each drawing as a variant; one between each two that are alike."""
    variants = [
        _variant(label, f"drawing {number}", *_anchors(strokes))
        for number, strokes in enumerate(drawings, 1)
    ]
    for (first, one), (second, other) in combinations(enumerate(drawings, 1), 2):
        between = _between(one, other)
        if between is not None:
            variants.append(_variant(label, f"between {first} and {second}", *_anchors(between)))
    return tuple(variants)


def _variant(
    label: str, name: str, strokes: Sequence[np.ndarray], corners: Sequence[Sequence[bool]]
) -> Variant:
    """Of strokes float [P, 2], P > 1, through whose points it goes."""
    points: dict[str, Point] = {}
    curves: list[Curve] = []
    for stroke, breaks in zip(strokes, corners, strict=True):
        names = [str(len(points) + number + 1) for number in range(len(stroke))]
        points |= {
            key: Point(round(float(row), 2), round(float(column), 2))
            for key, (row, column) in zip(names, stroke, strict=True)
        }
        curves += smooth_curves(names, breaks)
    if len(points) > MAX_POINTS:
        raise InklingError(
            f"A drawing of {label} has too many strokes for a glyph; draw it with fewer."
        )
    return Variant(name, points, tuple(curves))


def _anchors(strokes: Strokes) -> tuple[list[np.ndarray], list[list[bool]]]:
    """The points of each stroke, and which are corners: as few as lie near what was drawn, and no
    more than a variant may have.
    """
    near = NEAR
    while True:
        fitted = [_fitted(stroke, near) for stroke in strokes]
        if sum(len(points) for points, _ in fitted) <= MAX_POINTS or near > HEIGHT:
            return [points for points, _ in fitted], [corners for _, corners in fitted]
        near *= 1.5


def _fitted(stroke: np.ndarray, near: float) -> tuple[np.ndarray, list[bool]]:
    """Anchors float [P, 2] of one stroke, P > 1: between corners evenly along it, because an even
    spline does not overshoot.
    """
    fine = evenly(stroke, max(2, int(_length(stroke) / _STEP) + 1))
    breaks = [0, *_corners(fine), len(fine) - 1]
    anchors, corners = [fine[:1]], [False]
    for first, last in pairwise(breaks):
        piece = fine[first : last + 1]
        points = evenly(piece, 2)
        for count in range(3, min(len(piece), MAX_POINTS) + 1):
            if _farthest(piece, points) <= near:
                break
            points = evenly(piece, count)
        anchors.append(points[1:])
        corners += [False] * (len(points) - 2) + [True]
    if len(fine) == 2 and np.array_equal(fine[0], fine[1]):
        anchors[-1] = fine[1:] + np.array([0.0, 0.1])  # a dot
    corners[-1] = False
    return np.concatenate(anchors), corners


def evenly(stroke: np.ndarray, count: int) -> np.ndarray:
    """`count` points float [count, 2] at equal distances along a polyline float [P, 2]."""
    along = np.concatenate([[0], np.hypot(*np.diff(stroke, axis=0).T).cumsum()])
    where = np.linspace(0, along[-1], count)
    return np.stack([np.interp(where, along, stroke[:, axis]) for axis in range(2)], 1)


def _length(stroke: np.ndarray) -> float:
    return float(np.hypot(*np.diff(stroke, axis=0).T).sum())


def _corners(fine: np.ndarray) -> list[int]:
    """Where a stroke, measured every `_STEP`, turns most, and sharply."""
    reach = round(_REACH / _STEP)
    if len(fine) <= 2 * reach:
        return []
    middle = np.arange(reach, len(fine) - reach)
    before, behind = fine[middle] - fine[middle - reach], fine[middle + reach] - fine[middle]
    lengths = np.hypot(*before.T) * np.hypot(*behind.T)
    cosine = (before * behind).sum(1) / np.maximum(lengths, 1e-9)
    corners: list[int] = []
    for index in np.argsort(cosine):
        if cosine[index] > np.cos(np.radians(_TURN)):
            break
        if all(abs(middle[index] - other) > reach for other in corners):
            corners.append(int(middle[index]))
    return sorted(corners)


def _farthest(piece: np.ndarray, anchors: np.ndarray) -> float:
    """Largest distance of a piece's points from the spline through its anchors."""
    from scipy.spatial import cKDTree  # takes 0.3 s

    ends = 2 * anchors[:1] - anchors[1:2], 2 * anchors[-1:] - anchors[-2:-1]
    a, b, c, d = (np.concatenate([ends[0], anchors, ends[1]])[i : i - 3 or None] for i in range(4))
    t = np.linspace(0, 1, len(piece) // (len(anchors) - 1) + 2)[:, None, None]
    curve = b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    dense = np.concatenate([curve[:-1].swapaxes(0, 1).reshape(-1, 2), anchors[-1:]])
    return float(cKDTree(dense).query(piece)[0].max())


def _matched(one: Strokes, other: Strokes) -> tuple[np.ndarray, np.ndarray] | None:
    """Points float [P, 2] along two drawings that belong together, None if they were not written
    alike: strokes in the same order and direction.
    """
    both = _along(one, other)
    if both is None:
        return None
    first, second = (np.concatenate(strokes) for strokes in both)
    return (first, second) if np.hypot(*(first - second).T).mean() <= _ALIKE else None


def _along(one: Strokes, other: Strokes) -> tuple[Strokes, Strokes] | None:
    """Two drawings with as many points along each stroke; None if they have other strokes."""
    if len(one) != len(other):
        return None
    pairs = list(zip(one, other, strict=True))
    counts = [max(2, int(max(_length(a), _length(b)) / _STEP)) for a, b in pairs]
    first, second = (
        [evenly(stroke, count) for stroke, count in zip(drawing, counts, strict=True)]
        for drawing in (one, other)
    )
    return first, second


def _between(one: Strokes, other: Strokes) -> Strokes | None:
    """The drawing in the middle of two, None if they were not written alike."""
    both = _along(one, other)
    if both is None or _matched(one, other) is None:
        return None
    return [(a + b) / 2 for a, b in zip(*both, strict=True)]


def hand_of(drawn: Mapping[str, Sequence[Strokes]]) -> Hand:
    """The hand of drawings on the grid, by character: how far those of one character differ.

    What few drawings say is drawn towards the usual hand, which counts as `_KNOWN` of them.
    """
    slants, breadths, distances = [], [], []
    for drawings in drawn.values():
        if len(drawings) > 1:
            slants.append([_slant(strokes) for strokes in drawings])
            breadths.append([_log_breadth(strokes) for strokes in drawings])
        pairs = [_matched(one, other) for one, other in combinations(drawings, 2)]
        distances += [_SHARE * float(np.hypot(*(a - b).T).mean()) for a, b in filter(None, pairs)]
    weight = len(distances) / (len(distances) + _KNOWN)
    jitter = weight * float(np.mean(distances or [0])) + (1 - weight) * _USUAL.jitter
    return replace(
        _USUAL,
        jitter=round(min(jitter, 1.5), 2),
        slant_spread=_pooled(slants, _USUAL.slant_spread, most=0.2),
        breadth=_pooled(breadths, _USUAL.breadth, most=0.2),
    )


def _pooled(groups: Sequence[Sequence[float]], usual: float, *, most: float) -> float:
    """Standard deviation within groups, shrunk to a usual one, at most `most`."""
    squares = sum(((np.array(group) - np.mean(group)) ** 2).sum() for group in groups)
    freedom = sum(len(group) - 1 for group in groups)
    variance = (squares + _KNOWN * usual**2) / (freedom + _KNOWN)
    return round(min(float(np.sqrt(variance)), most), 3)


def _slant(strokes: Strokes) -> float:
    """Columns to the right for each row up, by the regression of columns on rows; clipped to 1."""
    rows, columns = np.concatenate(strokes).T
    spread = float(rows.var())
    slope = -float(np.cov(rows, columns, bias=True)[0, 1]) / spread if spread > 1 else 0.0
    return min(max(slope, -1.0), 1.0)


def _log_breadth(strokes: Strokes) -> float:
    """Log of width over height; what is less than a fifth of the grid counts as that."""
    height, width = np.maximum(np.ptp(np.concatenate(strokes), axis=0), HEIGHT / 5)
    return float(np.log(width / height))


def preview(glyphs: GlyphSet, count: int, *, side: int) -> tuple[np.ndarray, list[str]]:
    """`count` pictures uint8 [count, side, side] of what the set's hand writes, its characters in
    turn, and what each shows; drawn without the compiled pen, which takes seconds to load.
    """
    writing = Handwriting(glyphs, labels=tuple(glyphs.glyphs))
    sketches = [writing.sketch(number) for number in range(count)]
    pictures = [
        draw_strokes(
            sketch.strokes(size=side), width=sketch.widths.mean() * side / 28, size=(side, side)
        )
        for sketch in sketches
    ]
    return np.stack(pictures), [sketch.label for sketch in sketches]


def write_variants(
    glyphs: GlyphSet, count: int, *, seed: int, only: Collection[str] | None = None
) -> Handwritten:
    """`count` pieces of handwriting in the set's own hand, its characters in turn.

    only : of these characters; None is all. None of them: no pieces.
    """
    labels = tuple(label for label in glyphs.glyphs if only is None or label in only)
    if not labels:
        return Handwritten.of([])
    writing = Handwriting(glyphs, labels=labels, seed=seed)
    sketches = (writing.sketch(number) for number in range(count))
    return Handwritten.of((sketch.label, "", sketch.strokes(size=28)) for sketch in sketches)

"""A glyph set as arrays for the compiled pen."""

from functools import lru_cache

import numpy as np

from core.errors import InklingError
from core.synthesis.glyphs import Curve, GlyphSet, Hand, Variant
from core.synthesis.path import CUBIC, LINE, MAX_POINTS, QUADRATIC, SMOOTH, Manner, Table


@lru_cache(maxsize=64)
def table_of(glyphs: GlyphSet, labels: tuple[str, ...]) -> Table:
    """The table of the glyphs of `labels`, in that order; InklingError if a glyph is missing."""
    missing = [label for label in labels if label not in glyphs.glyphs]
    if missing or not labels:
        raise InklingError(
            f"The glyph set {glyphs.name} has no {missing[0] if missing else 'glyph'!r}; it has "
            f"{' '.join(glyphs.glyphs)}."
        )
    ranges, shares, thinnest = [], [], []
    rows: list[list[int]] = []
    points: list[list[float]] = []
    of: list[list[int]] = []
    parts: list[list[float]] = []
    curves: list[list[int]] = []
    for label in labels:
        variants = glyphs.glyphs[label]
        ranges.append([len(rows), len(rows) + len(variants)])
        shares += list(
            np.cumsum([variant.share for variant in variants])
            / sum(variant.share for variant in variants)
        )
        for variant in variants:
            own_points, own_of, own_curves = _compiled(variant)
            begin = [len(points), len(parts), len(curves)]
            points += own_points
            of += own_of
            curves += own_curves
            names = [part.name for part in variant.parts]
            parts += [
                [part.probability, names.index(part.within) if part.within else -1]
                for part in variant.parts
            ]
            rows.append([begin[0], len(points), begin[1], len(parts), begin[2], len(curves)])
            thinnest.append(variant.thinnest)
    return Table(
        glyphs=np.array(ranges, np.int64),
        variants=np.array(rows, np.int64),
        shares=np.array(shares, np.float64),
        thinnest=np.array(thinnest, np.float64),
        points=np.array(points, np.float64),
        of=np.array(of, np.int64),
        parts=np.array(parts, np.float64).reshape(-1, 2),
        curves=np.array(curves, np.int64),
    )


def _compiled(variant: Variant) -> tuple[list[list[float]], list[list[int]], list[list[int]]]:
    """Points, their reference points, and curves of one variant; a bow becomes a quadratic with its
    own point.
    """
    indices = {name: index for index, name in enumerate(variant.points)}
    points = [
        [point.row, point.column, point.factor, point.spread] for point in variant.points.values()
    ]
    of = [
        [indices[name] for name in (*point.of, "", "")[:2] if name]
        for point in variant.points.values()
    ]
    curves: list[list[int]] = []

    def add(curve: Curve, part: int) -> None:
        kind, names, k = curve
        a, b, c, d = ([indices.get(name, -1) for name in names] + [-1] * 4)[:4]
        if kind == "bow":
            points.append([0.0, 0.0, 0.0, -k])
            of.append([a, b])
            curves.append([QUADRATIC, a, len(points) - 1, b, -1, part])
        else:
            curves.append(
                [
                    {"line": LINE, "quadratic": QUADRATIC, "cubic": CUBIC, "smooth": SMOOTH}[kind],
                    a,
                    b,
                    c,
                    d,
                    part,
                ]
            )

    for curve in variant.curves:
        add(curve, -1)
    for number, part in enumerate(variant.parts):
        for curve in part.curves:
            add(curve, number)
    if len(points) > MAX_POINTS:
        raise InklingError(
            f"The variant {variant.name!r} has {len(points)} points, those of its bows included; "
            f"{MAX_POINTS} is the most."
        )
    return points, [[*row, -1, -1][:2] for row in of], curves


def manner_of(hand: Hand) -> Manner:
    """The numbers of a hand that the compiled pen needs."""
    return Manner(
        hand.jitter,
        hand.correlation,
        np.radians(hand.turn),
        hand.slant,
        hand.slant_spread,
        hand.breadth,
        hand.pressure,
        hand.thinnest,
        hand.thickest,
    )

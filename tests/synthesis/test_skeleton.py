"""A skeleton tells, without the table, where all goes when a point is moved: here against the
sketch of a set whose point was moved.
"""

from dataclasses import replace

import numpy as np
import pytest

from core.synthesis.glyph_file import SETS, load_glyphs
from core.synthesis.glyphs import GlyphSet, move_points
from core.synthesis.handwriting import Handwriting, Skeleton, Sketch


def placed(skeleton: Skeleton, moved: str, by: tuple[float, float]) -> np.ndarray:
    """Points [P, 2] as the browser places them: pages/synthesise/glyph_editor/editor.js."""
    points = np.empty_like(skeleton.rest)
    for index, (one, two) in enumerate(skeleton.of):
        name = skeleton.names[index] if index < len(skeleton.names) else ""
        at, reach = skeleton.rest[index] + (by if name == moved else (0, 0)), 1.0
        if one >= 0:
            other = two if two >= 0 else one
            at = at + (points[one] + points[other]) / 2
            if skeleton.spread[index]:
                reach = float(np.hypot(*(points[one] - points[other])))
        points[index] = at + reach * skeleton.thrown[index]
    return points


def upright(glyphs: GlyphSet, label: str) -> Handwriting:
    hand = replace(glyphs.hand, turn=0, slant=0, slant_spread=0, breadth=0)
    return Handwriting(glyphs, hand, (label,), seed=3)


def check(sketch: Sketch, skeleton: Skeleton, points: np.ndarray) -> None:
    np.testing.assert_allclose(points, sketch.points, atol=1e-9)
    np.testing.assert_allclose(skeleton.weights @ points, sketch.cubics, atol=1e-9)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("number", range(3))
def test_every_point_of_every_digit_moves_as_in_the_table(name, number):
    glyphs = load_glyphs(name)
    for label in "0123456789":
        writing = upright(glyphs, label)
        skeleton = writing.skeleton(number)
        assert (skeleton.label, skeleton.names) == (
            label,
            tuple(next(v for v in glyphs.glyphs[label] if v.name == skeleton.variant).points),
        )
        check(writing.sketch(number), skeleton, placed(skeleton, "", (0, 0)))
        for point in skeleton.names:
            by = (2.5, -1.5)
            moved = move_points(glyphs, {(label, skeleton.variant, point): by})
            after = replace(writing, glyphs=moved).sketch(number)
            check(after, skeleton, placed(skeleton, point, by))


def test_its_discs_are_those_of_the_sketch():
    writing = upright(load_glyphs("classic"), "2")
    sketch, skeleton = writing.sketch(0), writing.skeleton(0)
    radii = np.ptp(sketch.discs[..., 0], axis=1) / 2
    bows = skeleton.spread > 0
    np.testing.assert_allclose(skeleton.radius[~bows], radii[~bows], atol=1e-9)
    one, two = sketch.points[skeleton.of[bows, 0]], sketch.points[skeleton.of[bows, 1]]
    apart = np.hypot(*(one - two).T)
    np.testing.assert_allclose(apart / skeleton.spread[bows], radii[bows], atol=1e-9)

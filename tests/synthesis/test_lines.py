"""Lines composed of single characters: complete, in order, as near as asked, reproducible."""

from itertools import pairwise
from string import ascii_letters, digits

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ink.handwritten import Handwritten
from core.synthesis.compose.lines import (
    Spacing,
    Typesetter,
    draw_line,
    underline,
    vary_line,
)
from core.synthesis.compose.texts import CHARACTERS, Texts


@pytest.fixture(scope="module")
def setter() -> Typesetter:
    """Two writers' characters: each a stem and a foot as long as its place in the alphabet."""
    pieces = []
    for place, label in enumerate(digits + ascii_letters):
        for writer in "ab":
            foot = 0.2 + place / 200
            corner = np.array([[0.0, 0.0], [0.0, 0.5], [0.0, 1.0], [foot, 1.0]])
            pieces.append((label, writer, [corner]))
    return Typesetter(Handwritten.of(pieces))


EVEN = Spacing(gap=0.3, uneven=0.0, lift=0.0, size=0.0)


def gap(one: np.ndarray, other: np.ndarray) -> float:
    return float(other[:, 0].min() - one[:, 0].max())


def test_characters_stand_in_their_order_and_at_their_heights(setter: Typesetter) -> None:
    strokes = setter.write("AgxT", np.random.default_rng(0), EVEN)
    assert len(strokes) == 4
    lefts = [stroke[:, 0].min() for stroke in strokes]
    assert lefts == sorted(lefts)
    heights = [(stroke[:, 1].min(), stroke[:, 1].max()) for stroke in strokes]
    for (top, bottom), expected in zip(
        heights, [(0, 1), (0.45, 1.4), (0.45, 1), (0, 1)], strict=True
    ):
        assert (top, bottom) == (pytest.approx(expected[0], abs=0.12), pytest.approx(expected[1]))


@pytest.mark.parametrize("apart", [0.0, 0.1, 0.4])
def test_neighbours_are_as_far_apart_as_asked(setter: Typesetter, apart: float) -> None:
    spacing = Spacing(gap=apart, uneven=0.0, lift=0.0, size=0.0)
    for seed in range(5):
        strokes = setter.write("HH8A", np.random.default_rng(seed), spacing)
        for one, other in pairwise(strokes):
            # the gap is measured in bands, where slanted strokes may be nearer
            assert gap(one, other) == pytest.approx(apart, abs=0.1)


def test_a_space_is_wider_than_a_gap(setter: Typesetter) -> None:
    generator = np.random.default_rng(0)
    close, wide = (setter.write(text, generator, EVEN) for text in ("HH", "H H"))
    assert gap(*wide) > gap(*close) + 0.4


def test_signs_are_drawn_where_they_belong(setter: Typesetter) -> None:
    generator = np.random.default_rng(1)
    for sign, low, high in ((".", 0.9, 1.1), (",", 0.9, 1.3), ("-", 0.3, 0.75)):
        mark = setter.write(f"1{sign}", generator, EVEN)[-1]
        assert low < mark[:, 1].min() <= mark[:, 1].max() < high


def test_one_writer_a_line(setter: Typesetter) -> None:
    own = Handwritten.of(
        [("1", "tall", [np.array([[0, 0], [0, 1.0]])])] * 3
        + [("1", "flat", [np.array([[0, 0], [1.0, 0.5]])])] * 3
    )
    for seed in range(8):
        strokes = Typesetter(own).write("111", np.random.default_rng(seed), EVEN)
        wide = [np.ptp(stroke[:, 0]) > 0.5 for stroke in strokes]
        assert len(set(wide)) == 1


@given(st.text(st.sampled_from(CHARACTERS[:62]), min_size=1, max_size=6), st.integers(0, 999))
def test_same_seed_same_line_and_everything_is_drawn(text, seed) -> None:
    pieces = [(label, "w", [np.array([[0, 0], [0.4, 0.3], [0, 1.0]])]) for label in CHARACTERS[:62]]
    images = []
    for _ in range(2):
        generator = np.random.default_rng(seed)
        strokes = vary_line(Typesetter(Handwritten.of(pieces)).write(text, generator), generator)
        images.append(draw_line(strokes, height=32, margin=2, pen=2.0))
    image, again = images
    np.testing.assert_array_equal(image, again)
    assert image.shape[0] == 32
    assert (image[2:-2] > 100).any()
    assert not image[0].any()
    assert not image[-1].any()


def test_an_underline_lies_under_the_text(setter: Typesetter) -> None:
    strokes = setter.write("AB", np.random.default_rng(0), EVEN)
    *before, line = underline(strokes, np.random.default_rng(0))
    assert len(before) == len(strokes)
    assert line[:, 1].min() > max(stroke[:, 1].max() for stroke in strokes)


def test_texts_are_of_every_kind() -> None:
    texts = Texts(["the", "of", "it's", "house"])
    generator = np.random.default_rng(0)
    drawn = [texts.draw(generator) for _ in range(3000)]
    assert set("".join(drawn)) <= set(CHARACTERS)
    assert np.mean([text.isdigit() for text in drawn]) == pytest.approx(0.25, abs=0.05)
    assert np.mean([text in ("THE", "OF", "HOUSE") for text in drawn]) == pytest.approx(
        0.25, abs=0.04
    )
    for kind in (
        lambda text: " " in text,
        lambda text: text.startswith("-"),
        lambda text: "." in text,
        lambda text: text.islower(),
        lambda text: text.istitle() and len(text) > 2,
    ):
        assert any(map(kind, drawn))
    assert "its" not in drawn

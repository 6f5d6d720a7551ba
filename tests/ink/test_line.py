import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from core.ink.line import split_line
from core.ink.strokes import draw_strokes
from tests.handwriting import FIVE, FOUR, SEVEN, THREE, Strokes, in_box, pen_digits

STEM, DOT = [(0.5, 0.32), (0.5, 1.0)], [(0.5, 0.0)]
ONE = ([(0.5, 0.0), (0.5, 1.0)],)
BROKEN_FIVE = (
    [(0.2, 0.05), (0.1, 0.45), (0.6, 0.4), (0.95, 0.7), (0.5, 1.0), (0.0, 0.9)],
    [(0.45, -0.12), (1.15, -0.16)],
)
J = ([(0.6, 0.3), (0.6, 0.85), (0.3, 1.0), (0.0, 0.9)], DOT)
E_OF_FOUR = (
    [(0.0, 0.0), (0.0, 1.0)],
    [(0.2, 0.0), (0.9, 0.0)],
    [(0.2, 0.5), (0.8, 0.5)],
    [(0.2, 1.0), (0.9, 1.0)],
)


def line(
    *characters: Strokes, gap: float = 30, pen: float = 14, height: float = 120, breadth: float = 70
) -> np.ndarray:
    """Ink map of characters side by side, `gap` pixels of paper between their boxes."""
    strokes, left = [], 40.0
    for character in characters:
        points = np.concatenate([np.array(stroke, float) for stroke in character])
        strokes += in_box(
            character,
            left=left - points[:, 0].min() * breadth,
            top=60,
            width=breadth,
            height=height,
        )
        left += np.ptp(points[:, 0]) * breadth + pen + gap
    return draw_strokes(strokes, width=pen, size=(260, int(left) + 60))


def test_no_ink_has_no_characters() -> None:
    assert split_line(np.zeros((50, 90), np.uint8)) == []


@pytest.mark.parametrize("pen", [8, 14, 20])
@pytest.mark.parametrize("gap", [10, 30, 80])
def test_digits_side_by_side_come_in_order(pen: float, gap: float) -> None:
    characters = [SEVEN, THREE, ONE, ONE, FIVE, FOUR]
    ink = line(*characters, gap=gap, pen=pen)
    result = split_line(ink)
    assert len(result) == 6
    assert [one.left for one in result] == sorted(one.left for one in result)
    for one, character in zip(result, characters, strict=True):
        alone = line(character, pen=pen)
        assert int(one.ink.sum()) == pytest.approx(int(alone.sum()), rel=0.02)


def test_two_strokes_upright_are_eleven() -> None:
    for slant in (-0.25, 0.0, 0.25):
        one = ([(0.5 + slant, 0.0), (0.5 - slant, 1.0)],)
        assert len(split_line(line(one, one, gap=12))) == 2


@pytest.mark.parametrize("aside", [-0.25, -0.1, 0.0, 0.1, 0.25])
@pytest.mark.parametrize("slant", [0.0, 0.15])
@pytest.mark.parametrize("neighbours", [False, True])
def test_an_i_keeps_its_dot(aside: float, slant: float, neighbours: bool) -> None:
    """A dot up to a quarter of the letter's breadth (17 px of 120 high) off to the side."""
    i = ([(0.5 + slant, 0.32), (0.5 - slant, 1.0)], [(0.5 + slant + aside, 0.0)])
    characters = (SEVEN, i, THREE) if neighbours else (i,)
    assert len(split_line(line(*characters))) == len(characters)


@pytest.mark.parametrize("aside", [-0.2, 0.0, 0.2])
def test_a_j_keeps_its_dot(aside: float) -> None:
    j = (J[0], [(0.6 + aside, 0.0)])
    assert len(split_line(line(j, J, ONE))) == 3


@pytest.mark.parametrize(
    ("name", "character"),
    [
        ("broken five", BROKEN_FIVE),
        ("equals", ([(0.0, 0.4), (1.0, 0.4)], [(0.0, 0.7), (1.0, 0.7)])),
        ("colon", (DOT, [(0.5, 0.8)])),
        ("exclamation mark", ([(0.5, 0.0), (0.5, 0.65)], [(0.5, 1.0)])),
        ("E", E_OF_FOUR),
        ("7 with a loose bar", (*SEVEN, [(0.75, 0.55), (1.1, 0.5)])),
        ("division", ([(0.0, 0.5), (1.0, 0.5)], [(0.5, 0.15)], [(0.5, 0.85)])),
        ("dash", ([(0.0, 0.5), (1.0, 0.5)],)),
    ],
)
@pytest.mark.parametrize("pen", [8, 14])
def test_parts_of_one_character_stay_together(name: str, character: Strokes, pen: float) -> None:
    assert len(split_line(line(character, pen=pen))) == 1
    assert len(split_line(line(THREE, character, ONE, pen=pen, gap=35))) == 3


def test_a_small_character_beside_a_large_one_stays_apart() -> None:
    """A full stop and a minus sign are not parts of their neighbours."""
    assert len(split_line(line(ONE, ([(0.0, 0.5), (0.5, 0.5)],), SEVEN))) == 3
    assert len(split_line(line(SEVEN, ([(0.0, 1.0)],), THREE))) == 3


def test_every_character_has_its_own_ink_alone() -> None:
    ink = line(SEVEN, FIVE, J)
    together = np.zeros_like(ink)
    for one in split_line(ink):
        height, breadth = one.ink.shape
        window = together[one.top : one.top + height, one.left : one.left + breadth]
        assert not (window.astype(bool) & one.ink.astype(bool)).any()
        window += one.ink
    np.testing.assert_array_equal(together, ink)


@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40)))
def test_any_ink_is_shared_out_once(ink: np.ndarray) -> None:
    result = split_line(ink)
    strong = np.zeros(ink.shape, int)
    for one in result:
        height, breadth = one.ink.shape
        strong[one.top : one.top + height, one.left : one.left + breadth] += one.ink > 127
    np.testing.assert_array_equal(strong, ink > 127)
    assert len(result) <= cv2.connectedComponents((ink > 127).astype(np.uint8))[0] - 1


@given(st.permutations(range(6)))
def test_the_order_is_that_of_the_page(order: list[int]) -> None:
    ink = np.zeros((60, 400), np.uint8)
    for column, height in enumerate(order):
        ink[10 : 20 + 6 * height, 20 + 60 * column : 45 + 60 * column] = 255
    assert [one.ink.shape[0] for one in split_line(ink)] == [12 + 6 * height for height in order]


def test_dense_noise_takes_no_time(random: np.random.Generator) -> None:
    """Thousands of specks: the work must not grow with their square or cube beyond bearing."""
    ink = np.where(random.random((400, 1000)) < 0.05, 255, 0).astype(np.uint8)
    start = time.process_time()
    assert split_line(ink)
    assert time.process_time() - start < 5


def test_lines_of_real_digits(real_data: Path, random: np.random.Generator) -> None:
    """Three to five pen digits, 100-140 px high, 10-40 px of paper between them; n = 300 lines."""
    digits = pen_digits(real_data)
    right = 0
    for _ in range(300):
        count, pen = int(random.integers(3, 6)), random.uniform(8, 20)
        strokes, left = [], 40.0
        for row in random.integers(len(digits), size=count):
            drawn = digits[row][1]
            points = np.concatenate(drawn)
            scale = random.uniform(100, 140) / max(np.ptp(points[:, 1]), 0.35)
            strokes += [
                (stroke - points.min(0)) * scale + (left, random.uniform(52, 68))
                for stroke in drawn
            ]
            left += np.ptp(points[:, 0]) * scale + pen + random.uniform(10, 40)
        right += (
            len(split_line(draw_strokes(strokes, width=pen, size=(300, int(left) + 60)))) == count
        )
    assert right / 300 >= 0.98

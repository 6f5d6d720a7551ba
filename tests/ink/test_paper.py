import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from core.ink.paper import MAX_SIDE, MIN_SIDE, find_ink, pen_width
from tests.handwriting import FIVE, canvas, likeness


@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40)))
def test_any_picture_gives_ink_or_none(grey: np.ndarray) -> None:
    ink = find_ink(grey)
    assert ink is None or (max(ink.shape) >= MIN_SIDE and ink.dtype == np.uint8 and ink.max() > 127)


@given(st.integers(0, 255), array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=60))
def test_one_grey_all_over_is_blank(value: int, shape: tuple[int, ...]) -> None:
    """Empty paper as well as a canvas full of ink."""
    assert find_ink(np.full(shape, value, np.uint8)) is None


@pytest.mark.parametrize("shape", [(480, 640), (3000, 2000)])
@pytest.mark.parametrize("light", ["even", "gradient"])
def test_paper_with_grain_alone_is_blank(
    shape: tuple[int, int], light: str, random: np.random.Generator
) -> None:
    paper = random.normal(200, 6, shape)
    if light == "gradient":
        paper = paper * np.linspace(0.5, 1.15, shape[1])
    assert find_ink(np.clip(paper, 0, 255).astype(np.uint8)) is None


@pytest.mark.parametrize("sigma", [0, 8])
def test_ink_is_found_where_it_is(sigma: float, random: np.random.Generator) -> None:
    clean = canvas(FIVE)
    ink = find_ink(
        np.clip(clean * 0.7 + 20 + random.normal(0, sigma, clean.shape), 0, 255).astype(np.uint8)
    )
    assert ink is not None
    truth = clean < 128
    assert ((ink > 127) & truth).sum() / ((ink > 127) | truth).sum() > 0.93


def test_both_polarities_give_the_same_ink() -> None:
    for grey in (canvas(), (canvas() * 0.6 + 50).astype(np.uint8)):
        dark, light = find_ink(grey), find_ink(255 - grey)
        assert dark is not None
        np.testing.assert_array_equal(dark, light)


@pytest.mark.parametrize("direction", [0, 1, "corner"])
def test_uneven_light_is_divided_out(direction: object) -> None:
    grey = canvas(FIVE) * 0.8 + 20
    ramp = np.linspace(0.45, 1.0, 280)
    light = {0: ramp[:, None], 1: ramp[None], "corner": np.minimum.outer(ramp, ramp)}[direction]
    even, uneven = find_ink(grey.astype(np.uint8)), find_ink((grey * light).astype(np.uint8))
    assert even is not None
    assert uneven is not None
    assert likeness(even, uneven) > 0.98


def test_dust_is_dropped_and_a_dot_is_not() -> None:
    clean = canvas(pen=16)
    dusty = clean.copy()
    for row, column in ((10, 12), (265, 30), (140, 270), (30, 150)):
        dusty[row : row + 2, column : column + 3] = 0
    without, with_dust = find_ink(clean), find_ink(dusty)
    assert without is not None
    assert with_dust is not None
    np.testing.assert_allclose(with_dust.astype(int), without, atol=2)
    cv2.circle(dusty, (240, 240), 8, 0, -1, cv2.LINE_AA)
    ink = find_ink(dusty)
    assert ink is not None
    assert ink[240, 240] == 255


def test_large_pictures_are_reduced() -> None:
    ink = find_ink(cv2.resize(canvas(), (3000, 1500)))
    assert ink is not None
    assert max(ink.shape) == MAX_SIDE


@pytest.mark.parametrize("width", [1, 2, 3, 5, 8, 20, 41])
@pytest.mark.parametrize("kind", ["level", "upright", "ring"])
def test_the_width_of_a_pen_that_is_known(width: int, kind: str) -> None:
    mask = np.zeros((300, 300), np.uint8)
    if kind == "ring":
        radius = np.hypot(*(np.indices(mask.shape) - 150))
        mask[np.abs(radius - 100) <= width / 2] = 1
    elif kind == "level":
        mask[100 : 100 + width, 20:280] = 1
    else:
        mask[20:280, 100 : 100 + width] = 1
    assert pen_width(mask > 0) == pytest.approx(width, abs=1.1)


def test_no_ink_has_no_width() -> None:
    assert pen_width(np.zeros((9, 9), bool)) == 0

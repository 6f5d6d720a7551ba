"""The rows of a page, and a row as a network's input."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ink.rows import find_rows, line_input


def page(*boxes: tuple[int, int, int, int], size: tuple[int, int] = (200, 300)) -> np.ndarray:
    """Filled rectangles of (left, top, width, height)."""
    ink = np.zeros(size, np.uint8)
    for left, top, width, height in boxes:
        ink[top : top + height, left : left + width] = 255
    return ink


TWO = [(20, 20, 12, 50), (60, 22, 12, 48), (30, 110, 12, 55), (90, 112, 12, 50)]


def test_rows_are_read_from_top_to_bottom() -> None:
    rows, ruled = find_rows(page(*TWO))
    assert not ruled
    assert [(row.left, row.top) for row in rows] == [(19, 19), (29, 109)]
    for row, boxes in zip(rows, (TWO[:2], TWO[2:]), strict=True):
        assert (row.ink > 0).sum() == sum(width * height for *_, width, height in boxes)


@pytest.mark.parametrize(
    "extra",
    [(24, 6, 6, 6), (50, 78, 6, 14), (70, 64, 5, 5)],
    ids=["a dot above", "a comma below", "a point on the line"],
)
def test_dots_and_commas_are_no_rows(extra) -> None:
    rows, ruled = find_rows(page(*TWO[:2], extra))
    assert (len(rows), ruled) == (1, False)
    assert (rows[0].ink > 0).sum() == (page(*TWO[:2], extra) > 0).sum()


@pytest.mark.parametrize("line", [(10, 80, 90, 4), (5, 76, 120, 6), (10, 6, 90, 4)])
def test_a_line_under_or_over_the_writing_is_left_out(line) -> None:
    rows, ruled = find_rows(page(*TWO[:2], line))
    assert (len(rows), ruled) == (1, True)
    assert (rows[0].ink > 0).sum() == (page(*TWO[:2]) > 0).sum()


@pytest.mark.parametrize(
    "boxes",
    [
        [(20, 60, 60, 6)],
        [(20, 60, 60, 6), (20, 80, 60, 6)],
        [(20, 40, 12, 50), (50, 62, 22, 5)],
        [(20, 20, 60, 8), (45, 20, 8, 60)],
    ],
    ids=["a dash alone", "an equals sign", "a minus", "a T"],
)
def test_what_is_no_line_under_writing_stays(boxes) -> None:
    rows, ruled = find_rows(page(*boxes))
    assert not ruled
    assert sum((row.ink > 0).sum() for row in rows) == (page(*boxes) > 0).sum()


def test_no_ink_no_rows() -> None:
    assert find_rows(np.zeros((50, 90), np.uint8)) == ([], False)


@given(st.integers(4, 150), st.integers(4, 150), st.integers(0, 40), st.integers(0, 40))
def test_the_input_has_its_height_and_leads_back(width, height, left, top) -> None:
    row = page((left, top, width, height), size=(200, 300))
    given_input = line_input(row, height=32)
    image = given_input.image
    assert image.shape[0] == 32
    x = np.flatnonzero((image > 127).any(0))
    y = np.flatnonzero((image > 127).any(1))
    assert y[0] > 0
    assert y[-1] < 31
    back = given_input.to_row(np.array([x[0], x[-1] + 1], float))
    np.testing.assert_allclose(back, [left, left + width], atol=1.5 / given_input.scale + 1)


def test_a_dash_stays_flat() -> None:
    (row,), _ = find_rows(page((100, 90, 80, 12)))
    image = line_input(row.ink, height=32).image
    assert (image > 127).any(1).sum() < 6
    assert 10 <= (image > 127).any(0).sum() <= 20


def test_a_thin_pen_is_widened() -> None:
    row = np.zeros((200, 400), np.uint8)
    cv2.line(row, (20, 20), (20, 180), 255, 1)
    cv2.line(row, (20, 180), (380, 20), 255, 1)
    image = line_input(row, height=32).image
    assert image.max() > 150

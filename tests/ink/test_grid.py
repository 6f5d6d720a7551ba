"""Where tables run, against pages that were drawn and photographed with known corners."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InklingError
from core.ink.decode import decode, read_picture
from core.ink.grid.cells import cut_cells
from core.ink.grid.find import find_grids, grid_between
from core.ink.grid.shape import Grid, direction
from tests.conftest import SHARED_DATA
from tests.handwriting import FIVE, SEVEN, canvas
from tests.malformed import pictures
from tests.tables import table


def grid_of(image: np.ndarray) -> Grid:
    (found,) = find_grids(image)
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("rules", "near"), [("lines", 6), ("dots", 6), ("none", 30)])
def test_rows_columns_and_corners_are_those_of_the_page(seed: int, rules: str, near: int) -> None:
    page = table(seed, rules)
    grid = grid_of(page.image)
    assert grid.shape == (6, 8)
    assert grid.ruled == (rules != "none")
    # without rules the border is as far from the numbers as they are from one another
    assert np.abs(grid.corners - page.corners).max() < near


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_picture_has_the_same_table(turns: int) -> None:
    page = table(1)
    grid = grid_of(np.ascontiguousarray(np.rot90(page.image, turns)))
    assert grid.shape == ((8, 6) if turns % 2 else (6, 8))
    assert grid.area == pytest.approx(grid_of(page.image).area, rel=0.02)


@pytest.mark.parametrize("degrees", [-40, 20, 38])
def test_a_table_may_lie_at_any_angle(degrees: float) -> None:
    page = table(2, tilt=0, turn=0)
    high, wide = page.image.shape
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), degrees, 0.7)
    turned = cv2.warpAffine(page.image, turn, (wide, wide), borderMode=cv2.BORDER_REPLICATE)
    assert sorted(grid_of(turned).shape) == [6, 8]


def test_light_lines_on_dark_paper() -> None:
    assert grid_of(255 - table(3, tilt=5).image).shape == (6, 8)


def test_columns_of_different_widths() -> None:
    columns, rows = np.cumsum([40, 60, 200, 90, 60, 130, 60]), np.cumsum([40, 60, 60, 90, 60])
    image = np.full((380, 720), 250, np.uint8)
    for x in columns:
        image[rows[0] : rows[-1] + 2, x : x + 2] = 60
    for y in rows:
        image[y : y + 2, columns[0] : columns[-1] + 2] = 60
    grid = grid_of(image)
    assert grid.shape == (4, 6)
    assert np.abs(grid.points[0, :, 0] - columns).max() < 4
    assert np.abs(grid.points[:, 0, 1] - rows).max() < 4


@pytest.mark.parametrize("axis", [0, 1])
def test_tables_beside_one_another_are_found_each(axis: int) -> None:
    pages = table(1), table(2, shape=(5, 6))
    high, wide = np.max([page.image.shape for page in pages], 0)
    image = np.concatenate(
        [
            np.pad(
                page.image,
                ((0, high - page.image.shape[0]), (0, wide - page.image.shape[1])),
                mode="edge",
            )
            for page in pages
        ],
        axis,
    )
    moved = np.array([[0, 0], [0, high] if axis == 0 else [wide, 0]])
    found = find_grids(image)
    assert [grid.shape for grid in found] == [(6, 8), (5, 6)]
    for grid, page, by in zip(found, pages, moved, strict=True):
        assert np.abs(grid.corners - page.corners - by).max() < 6


def nothing() -> list[np.ndarray]:
    generator = np.random.default_rng(0)
    text = np.full((400, 600), 255, np.uint8)
    for row in range(9):
        words = " ".join("abcdefghij"[: n + 2] for n in generator.integers(7, size=7))
        cv2.putText(text, words, (20, 40 + 40 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, 2)
    return [
        np.zeros((1, 1), np.uint8),
        np.full((300, 400), 200, np.uint8),
        generator.integers(0, 256, (300, 400), np.uint8),
        canvas(SEVEN),
        np.concatenate([canvas(SEVEN), canvas(FIVE)], 1),
        text,
        cv2.resize(generator.integers(0, 256, (6, 8), np.uint8), (800, 600)),
    ]


@pytest.mark.parametrize("number", range(7))
def test_no_table_is_found_where_there_is_none(number: int) -> None:
    assert not find_grids(nothing()[number])


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 60))
def test_any_picture_has_a_table_or_none(seed: int, high: int, wide: int) -> None:
    coarse = np.random.default_rng(seed).integers(0, 256, (high, wide), np.uint8)
    image = cv2.resize(coarse, (8 * wide, 8 * high), interpolation=cv2.INTER_NEAREST)
    for grid in find_grids(image):
        assert np.isfinite(grid.points).all()
        assert cut_cells(image, grid).inks.shape[:2] == grid.shape


@pytest.mark.parametrize("rules", ["lines", "none"])
def test_cells_are_blank_where_nothing_was_written(rules: str) -> None:
    page = table(0, rules, blank=0.3)
    cells = cut_cells(page.image, grid_of(page.image))
    written = np.array(page.texts) != ""
    assert (cells.written == written).all()
    assert (cells.filled[~written] < 1).all()
    # rules would be ink at the border of every cell
    border = np.concatenate([cells.inks[:, :, [0, -1]].ravel(), cells.inks[..., [0, -1]].ravel()])
    assert (border > 127).mean() < 0.02


@pytest.mark.timeout(60)
def test_a_pattern_full_of_tables_is_looked_through_once() -> None:
    """OpenCV says of two of its tables that lie over each other that they share nothing."""
    ((name, data),) = pictures([701], seed=0)
    assert len(find_grids(decode(data, name=name))) < 10


def test_given_corners_and_counts() -> None:
    page = table(1)
    grid = grid_between(page.corners, 6, 8)
    assert np.abs(grid.points - grid_of(page.image).points).max() < 8
    with pytest.raises(InklingError, match="clockwise"):
        grid_between(page.corners[::-1], 6, 8)
    with pytest.raises(InklingError, match="at most"):
        grid_between(page.corners, 1000, 1000)
    with pytest.raises(InklingError, match="at least one"):
        grid_between(page.corners, 0, 8)


def test_the_direction_of_sides() -> None:
    sides = np.array([(np.cos(0.3), np.sin(0.3)), (-np.sin(0.3), np.cos(0.3))])
    assert direction(sides) == pytest.approx(0.3)


@pytest.mark.slow
@pytest.mark.skipif(not SHARED_DATA.exists(), reason="the photographs are not here")
def test_the_tables_of_real_photographs() -> None:
    for path in sorted((SHARED_DATA / "sheets" / "sudoku").glob("*.jpg")):
        assert grid_of(read_picture(path)).shape == (9, 9), path.name

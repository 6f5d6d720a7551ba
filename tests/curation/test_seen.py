"""A sheet holds every picture where its number says."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.curation.collection import open_collection
from core.curation.seen import see, see_all, sheet_of
from core.ink.decode import decode
from tests.curation.collections import numerals, picture

SIDES = st.integers(1, 60)


@given(st.lists(st.none() | st.tuples(SIDES, SIDES), min_size=1, max_size=9), st.integers(1, 40))
def test_cells(sizes, most):
    """Dark pictures of any sizes: each darkens its own cell, in its middle, and no other."""
    images = [None if size is None else np.zeros(size, np.uint8) for size in sizes]
    sheet = decode(sheet_of(images, columns=4, most=most))
    side = min(most, max((max(size) for size in sizes if size), default=1))
    assert sheet.shape == (-(-len(sizes) // 4) * side, 4 * side)
    for number in range(sheet.shape[0] // side * 4):
        row, column = divmod(number, 4)
        cell = sheet[row * side : (row + 1) * side, column * side : (column + 1) * side]
        shown = number < len(images) and images[number] is not None
        assert (cell == 0).any() == shown
        if shown:  # in the middle, to half a pixel
            rows, columns = np.nonzero(cell == 0)
            assert abs(rows.min() + rows.max() + 1 - side) <= 1
            assert abs(columns.min() + columns.max() + 1 - side) <= 1


def test_a_picture_that_fits_is_shown_pixel_by_pixel():
    one, other = picture(1, side=20), picture(2, side=40)
    sheet = decode(sheet_of([one, other], columns=2, most=100))
    assert (sheet[:, 40:] == other).all()
    assert (sheet[:, :40] == np.kron(one, np.ones((2, 2), np.uint8))).all()


def test_all_are_seen_in_order(tmp_path, settings):
    folder = numerals(tmp_path / "set")
    (folder / "train" / "iv" / "1.png").write_text("broken")
    collection = open_collection(str(folder), settings)
    seen = list(see_all(collection, [5, 4, 0], lambda one: one))
    assert [one.index for one in seen] == [5, 4, 0]
    assert seen[1].image is None
    assert "1.png" in seen[1].problem
    assert seen[2].digest == see(collection, 0).digest != ""

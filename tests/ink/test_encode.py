"""Contact sheets against images cut out again."""

import numpy as np
import pytest

from core.ink.encode import contact_sheet, diverging


@pytest.mark.parametrize(
    ("count", "columns", "border"), [(1, 1, 0), (7, 3, 0), (7, 3, 2), (9, 3, 1), (2, 5, 1)]
)
def test_every_image_stands_in_its_place(random, count, columns, border):
    images = random.integers(0, 256, (count, 5, 4), dtype=np.uint8)
    sheet = contact_sheet(images, columns=columns, border=border)
    for number, image in enumerate(images):
        top, left = (
            (number // columns) * (5 + 2 * border) + border,
            (number % columns) * (4 + 2 * border) + border,
        )
        np.testing.assert_array_equal(255 - sheet[top : top + 5, left : left + 4], image)
    assert (255 - sheet).sum(dtype=int) == images.sum(dtype=int)


def test_no_images_are_blank_paper():
    assert (contact_sheet(np.zeros((0, 5, 4), np.uint8), columns=3) == 255).all()


def test_a_diverging_scale_has_its_colours_at_its_ends_and_at_0():
    values = np.array([[-2.0, 0, 4], [2, -4, 1]])
    colors = diverging(values, ("#0000ff", "#ffffff", "#ff0000"))
    red, green, blue = (colors[..., channel].astype(int) for channel in (2, 1, 0))
    assert colors[1, 1].tolist() == [255, 0, 0]  # BGR: blue at the least
    assert colors[0, 2].tolist() == [0, 0, 255]
    assert colors[0, 1].tolist() == [255, 255, 255]
    np.testing.assert_array_equal(red, [[128, 255, 255], [255, 0, 255]])
    np.testing.assert_array_equal(blue, [[255, 255, 0], [128, 255, 191]])
    np.testing.assert_array_equal(green, np.minimum(red, blue))


def test_nothing_but_zeros_is_the_middle():
    assert (diverging(np.zeros((2, 2)), ("#000000", "#102030", "#ffffff")) == [48, 32, 16]).all()

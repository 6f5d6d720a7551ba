"""Contact sheets against images cut out again."""

import numpy as np
import pytest

from core.ink.encode import contact_sheet


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

"""Copies are found whatever was done to the file; different drawings are not taken for copies."""

from itertools import combinations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.curation.duplicates import (
    SIDE,
    duplicates_of,
    find_duplicates,
    outline_of,
    same_groups,
)
from core.datasets.pictures import find_pictures
from core.ink.decode import read_picture
from tests.handwriting import FIVE, SEVEN, canvas

COPIES = {
    "jpeg": lambda image: cv2.imdecode(cv2.imencode(".jpg", image, [1, 40])[1], 0),
    "half the size": lambda image: cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=3),
    "larger": lambda image: cv2.resize(image, None, fx=1.4, fy=1.4, interpolation=2),
    "shifted": lambda image: np.roll(image, (2, -1), (0, 1)),
    "cropped": lambda image: image[8:-6, 5:-9],
    "a wider margin": lambda image: np.pad(image, 30, constant_values=255),
    "inverted": lambda image: 255 - image,
    "two levels": lambda image: np.where(image > 127, 255, 0).astype(np.uint8),
}


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_is_found(copy):
    drawings = [canvas(SEVEN), canvas(FIVE)]
    found = find_duplicates([*drawings, COPIES[copy](drawings[0])])
    assert (found.exact, found.near) == ((), ((0, 2),))


def test_exact_copies_stand_in_near_groups_with_the_others():
    seven = canvas(SEVEN)
    found = find_duplicates([seven, canvas(FIVE), seven, COPIES["jpeg"](seven)])
    assert found.exact == ((0, 2),)
    assert found.near == ((0, 2, 3),)


def test_pictures_without_ink_are_equal_or_nothing():
    white, grey = np.full((20, 30), 255, np.uint8), np.full((20, 30), 250, np.uint8)
    assert outline_of(white) is None
    assert find_duplicates([white, grey, white]).exact == ((0, 2),)
    assert find_duplicates([white, grey, white]).near == ()
    assert find_duplicates([]).near == ()


@given(st.lists(st.integers(0, 5)))
def test_equal_digests_are_one_group(digests):
    groups = same_groups(digests)
    together = {pair for group in groups for pair in combinations(group, 2)}
    assert together == {
        (one, other)
        for one, other in combinations(range(len(digests)), 2)
        if digests[one] == digests[other]
    }


@given(st.integers(0, 2**32 - 1), st.floats(0.5, 0.95))
def test_groups_are_the_connected_components_of_pairs(seed, likeness):
    random = np.random.default_rng(seed)
    kinds = random.integers(0, 255, (4, SIDE * SIDE))
    shares = random.random((12, 1)) * 0.5
    others = random.integers(0, 255, (12, SIDE * SIDE))
    rows = kinds[random.integers(0, 4, 12)] * (1 - shares) + others * shares
    rows = rows.astype(np.uint8)
    expected = [{number} for number in range(12)]
    for one, other in zip(*np.nonzero(np.corrcoef(rows) >= likeness), strict=True):
        merged = expected[one] | expected[other]
        for number in merged:
            expected[number] = merged
    found = duplicates_of(list(range(12)), list(rows), likeness=likeness)
    assert {frozenset(group) for group in found.near} == {
        frozenset(group) for group in expected if len(group) > 1
    }


def test_the_competition_has_49_in_both_parts_and_6_more_that_were_cropped_anew(real_data):
    paths = find_pictures([real_data / "roman" / part for part in ("train", "val")])
    assert len(paths) == 2880
    images = [read_picture(path) for path in paths]
    found = find_duplicates(images)
    across = [
        group for group in found.exact if len({paths[number].parts[-3] for number in group}) == 2
    ]
    assert len(across) == len(found.exact) == 49
    # looked at: each shows one drawing twice
    assert sorted(map(len, found.near)) == [2] * 6

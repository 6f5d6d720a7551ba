"""Mixtures of data sets: how often each image occurs, and invalid mixtures."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.ink.handwritten import Handwritten
from core.training.mixture import MOST, format_mixture, mix, parse_mixture
from tests.sentences import is_sentence


def numbered(count, start=0, classes=("a", "b")):
    """Images identified by their first two pixels."""
    images = np.zeros((count, 28, 28), np.uint8)
    numbers = np.arange(start, start + count)
    images[:, 0, 0], images[:, 0, 1] = numbers % 251, numbers // 251
    return Dataset("d", "D", images, np.arange(count) % len(classes), classes, "mnist", "made here")


def numbers_of(images):
    return images[:, 0, 0].astype(int) + 251 * images[:, 0, 1].astype(int)


@given(st.floats(0.01, 4), st.integers(1, 300), st.integers(0, 5))
def test_each_image_is_there_as_often_as_its_weight_says(weight, count, seed):
    images, indices = mix([(weight, numbered(count))], ("a", "b"), seed=seed)
    times = np.bincount(numbers_of(images), minlength=count)
    assert set(times) <= {int(weight), int(weight) + 1}
    assert abs(len(images) - weight * count) <= 0.5
    np.testing.assert_array_equal(indices, numbers_of(images) % 2)


def test_labels_are_places_among_the_classes_asked_for():
    images, indices = mix(
        [(1, numbered(4)), (1, numbered(2, 100, ("c",)))], ("c", "b", "a"), seed=0
    )
    assert dict(zip(numbers_of(images).tolist(), indices.tolist(), strict=True)) == {
        0: 2,
        1: 1,
        2: 2,
        3: 1,
        100: 0,
        101: 0,
    }


def test_drawings_are_varied_and_pictures_among_them_stay():
    line = [np.array([[0, 0], [10, 100]])]
    pieces = [("a", "", []), ("b", "", line), ("a", "", [])]
    dataset = replace(numbered(3), written=Handwritten.of(pieces, keep_pictures=True))
    images, indices = mix([(2, dataset)], ("a", "b"), seed=0, effects=[("rotation", 9.0)])
    drawn = indices == 1
    np.testing.assert_array_equal(images[~drawn], dataset.images[[0, 0, 2, 2]])
    assert not np.array_equal(*images[drawn])


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.25, 1.0, 2.0, 3.5]),
            st.sampled_from(["mnist", "my-drawings", "a b:test"]),
        ),
        min_size=1,
    )
)
def test_what_is_written_is_read_back(parts):
    assert parse_mixture(format_mixture(parts)) == parts


@pytest.mark.parametrize(
    "text", ["", "mnist+", "0*mnist", "-1*mnist", "nan*mnist", "inf*mnist", "x*mnist", "2*", "+"]
)
def test_what_is_no_mixture_is_a_sentence(text):
    with pytest.raises(InklingError) as caught:
        parse_mixture(text)
    assert is_sentence(str(caught.value))


def test_a_mixture_beyond_memory_is_refused():
    with pytest.raises(InklingError, match="smaller weights"):
        mix([(MOST, numbered(2))], ("a", "b"), seed=0)

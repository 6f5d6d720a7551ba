"""Marks on pictures: saved, replaced, removed, and only counted while picture and label are
unchanged.
"""

from dataclasses import replace

import numpy as np
import pytest

from core.datasets.dataset import Dataset
from core.datasets.marks import (
    HARD,
    MISLABELLED,
    UNREADABLE,
    Mark,
    mark,
    marks_of,
    unmark,
    with_marks,
)
from core.errors import InklingError
from core.settings import Settings
from tests.sentences import is_sentence


@pytest.fixture
def dataset(random: np.random.Generator) -> Dataset:
    images = random.integers(0, 256, (6, 8, 8), np.uint8)
    return Dataset(
        "some:test", "Some", images, np.array([0, 1, 2, 0, 1, 2]), ("a", "b", "c"), "", "made up"
    )


MARKS = [Mark(0, "a", MISLABELLED, "c"), Mark(1, "b", UNREADABLE), Mark(5, "c", HARD)]


def test_marks_are_kept_replaced_and_taken_off(settings: Settings, dataset: Dataset) -> None:
    assert marks_of(settings, dataset) == {}
    mark(settings, dataset, MARKS)
    assert marks_of(settings, dataset) == {item.row: item for item in MARKS}
    mark(settings, dataset, [Mark(0, "a", HARD)])
    unmark(settings, dataset, [1])
    assert marks_of(settings, dataset) == {0: Mark(0, "a", HARD), 5: MARKS[2]}
    mark(settings, dataset, [])
    assert marks_of(settings, replace(dataset, name="other:test")) == {}


def test_a_mark_on_what_has_changed_does_not_count(settings: Settings, dataset: Dataset) -> None:
    mark(settings, dataset, MARKS)
    other = dataset.images.copy()
    other[0, 0, 0] ^= 1
    assert set(marks_of(settings, replace(dataset, images=other))) == {1, 5}
    assert set(marks_of(settings, replace(dataset, labels=np.array([0, 0, 2, 0, 1, 2])))) == {0, 5}
    assert set(
        marks_of(settings, replace(dataset, images=dataset.images[:3], labels=dataset.labels[:3]))
    ) == {0, 1}


@pytest.mark.parametrize(
    "bad",
    [
        Mark(9, "a", HARD),
        Mark(-1, "a", HARD),
        Mark(0, "a", "odd"),
        Mark(0, "a", MISLABELLED),
        Mark(0, "a", HARD, "b"),
    ],
)
def test_what_is_no_mark_is_refused(settings: Settings, dataset: Dataset, bad: Mark) -> None:
    with pytest.raises(InklingError) as error:
        mark(settings, dataset, [MARKS[2], bad])
    assert is_sentence(str(error.value))
    assert marks_of(settings, dataset) == {}


def test_a_store_that_cannot_be_written_is_one_sentence(
    settings: Settings, dataset: Dataset
) -> None:
    with pytest.raises(InklingError) as error:
        mark(replace(settings, database="sqlite:////proc/nowhere/drawings.db"), dataset, MARKS)
    assert is_sentence(str(error.value))
    assert str(error.value).startswith("Marks")


def test_with_marks_it_is_as_they_say(dataset: Dataset) -> None:
    changed, marked = with_marks(dataset, {item.row: item for item in MARKS})
    np.testing.assert_array_equal(changed.images, dataset.images[[0, 2, 3, 4, 5]])
    assert [changed.classes[label] for label in changed.labels] == ["c", "c", "a", "b", "c"]
    assert marked.tolist() == [0, 4]
    assert dataset.labels.tolist() == [0, 1, 2, 0, 1, 2]


def test_a_true_label_that_is_no_class_leaves_the_picture_out(dataset: Dataset) -> None:
    changed, marked = with_marks(dataset, {5: MARKS[2], 0: Mark(0, "a", MISLABELLED, "z")})
    np.testing.assert_array_equal(changed.images, dataset.images[1:])
    assert marked.tolist() == [4]
    same, none = with_marks(dataset, {})
    assert same.images is dataset.images
    assert none.tolist() == []

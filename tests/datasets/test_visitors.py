"""What one visitor has made, another can neither see, guess, change nor delete."""

from dataclasses import replace

import numpy as np
import pytest

from core.datasets import drawings
from core.datasets.dataset import Dataset
from core.datasets.drawings import Drawing
from core.datasets.marks import HARD, MISLABELLED, Mark, mark, marks_of, unmark
from core.errors import InklingError
from core.settings import Settings

INK = np.full((40, 40), 255, np.uint8)
INK[10:30, 18:22] = 0
DRAWING = Drawing(INK, [[[20.0, 10.0], [20.0, 30.0]]], "1", "7", 0.5, "tiny", id=4711)
OTHERS = Drawing(255 - INK, [], "x", "", 0.0, "", id=4711)
DATASET = Dataset(
    "some:test", "Some", np.zeros((2, 8, 8), np.uint8), np.array([0, 1]), ("a", "b"), "", "made up"
)


@pytest.fixture(params=["", "b" * 32])
def other(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """A second visitor, or Inkling's user, beside `first`."""
    return replace(settings, visitor=request.param)


@pytest.fixture
def first(settings: Settings) -> Settings:
    return replace(settings, visitor="a" * 32)


def seen(settings: Settings) -> list[tuple[int, str, bytes]]:
    return [(one.id, one.label, one.picture.tobytes()) for one in drawings.load(settings)]


def test_another_visitors_drawings_are_not_there(first: Settings, other: Settings):
    drawings.save(first, DRAWING)
    assert drawings.load(other) == drawings.load(other, newest=1) == []
    assert drawings.labels(other) == {}
    assert drawings.with_strokes(other) == {}
    assert drawings.count(other) == 0
    with pytest.raises(InklingError, match="is empty"):
        drawings.open_drawings(other)
    assert len(drawings.open_drawings(first)) == drawings.count(first) == 1


def test_another_visitors_drawings_cannot_be_deleted(first: Settings, other: Settings):
    drawings.save(first, DRAWING)
    before = seen(first)
    drawings.delete(other, [DRAWING.id])
    assert seen(first) == before
    drawings.delete(first, [DRAWING.id])
    assert seen(first) == []


def test_an_id_of_another_visitor_is_a_drawing_of_ones_own(first: Settings, other: Settings):
    """Neither an error, which would tell that it is taken, nor a change of the other's."""
    drawings.save(first, DRAWING)
    before = seen(first)
    assert drawings.save_all(other, [OTHERS]) == [DRAWING.id]
    drawings.save(other, replace(OTHERS, label="y"))
    assert seen(first) == before
    assert seen(other) == [(DRAWING.id, "y", OTHERS.picture.tobytes())]
    assert list(drawings.with_strokes(first)) == [DRAWING.id]
    drawings.delete(other, [DRAWING.id])
    assert (seen(first), drawings.count(other)) == (before, 0)


def test_marks_are_each_visitors_own(first: Settings, other: Settings):
    mark(first, DATASET, [Mark(0, "a", HARD), Mark(1, "b", HARD)])
    assert marks_of(other, DATASET) == {}
    changed = Mark(0, "a", MISLABELLED, "b")
    mark(other, DATASET, [changed])
    unmark(other, DATASET, [1])
    assert marks_of(other, DATASET) == {0: changed}
    assert marks_of(first, DATASET) == {0: Mark(0, "a", HARD), 1: Mark(1, "b", HARD)}
    unmark(first, DATASET, [0, 1])
    assert (marks_of(first, DATASET), marks_of(other, DATASET)) == ({}, {0: changed})

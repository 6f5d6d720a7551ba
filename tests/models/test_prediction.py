"""Probabilities and their scores when the answer is known to be one of some classes."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score

from core.models.prediction import Prediction, ScoredPrediction

CLASSES = tuple("abcdef")
_ROW = st.lists(st.integers(0, 100), min_size=6, max_size=6).filter(any)
_SOME = st.sets(st.sampled_from(CLASSES), min_size=1).map(sorted)


@given(st.lists(_ROW, min_size=1, max_size=5), _SOME)
def test_the_rest_is_shared_in_proportion(rows: list[list[int]], some: list[str]) -> None:
    """Bayes' rule in fractions: P(class | one of some) = P(class) / P(one of some)."""
    table = np.array([[number / sum(row) for number in row] for row in rows], np.float32)
    narrowed = Prediction(table, CLASSES).only(some)
    assert narrowed.classes == tuple(some)
    for row, shares in zip(rows, narrowed.probabilities, strict=True):
        chosen = [row[CLASSES.index(name)] for name in some]
        total = sum(chosen)
        expected = [Fraction(n, total) if total else Fraction(1, len(some)) for n in chosen]
        assert shares.tolist() == pytest.approx([float(share) for share in expected], abs=1e-5)


def test_all_classes_change_nothing() -> None:
    prediction = Prediction(np.array([[0.5, 0.5, 0, 0, 0, 0]], np.float16), CLASSES)
    assert prediction.only(CLASSES).probabilities.tolist() == prediction.probabilities.tolist()


@given(st.data(), _SOME)
def test_images_of_other_classes_are_not_scored(data: st.DataObject, some: list[str]) -> None:
    rows = np.array(data.draw(st.lists(_ROW, min_size=1, max_size=20)), np.float32)
    truth = np.array(data.draw(st.lists(st.integers(0, 5), min_size=len(rows), max_size=len(rows))))
    scored = ScoredPrediction(rows / rows.sum(1, keepdims=True), CLASSES, truth).only(some)
    names = [
        (name, max(some, key=lambda each: row[CLASSES.index(each)]))
        for row, name in zip(rows, (CLASSES[index] for index in truth), strict=True)
        if name in some
    ]
    assert len(scored) == len(names)
    assert [scored.classes[index] for index in scored.truth] == [name for name, _ in names]
    if names:
        assert scored.right.mean() == accuracy_score(*zip(*names, strict=True))

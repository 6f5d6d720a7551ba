"""Synthetic characters as model input."""

import numpy as np
import pytest

from core.errors import InklingError
from core.ink.forms import FORMS
from core.synthesis.characters import synthetic_characters, written_forms
from tests.sentences import is_sentence

FORM = FORMS["mnist"]


def test_digits_as_model_input():
    images, labels = synthetic_characters(FORM, per_class=3, seed=5)
    longer, _ = synthetic_characters(FORM, per_class=3, seed=5)
    assert labels == list("0123456789" * 3)
    np.testing.assert_array_equal(images, longer)
    for image in images:
        assert max(np.ptp(places) + 1 for places in np.nonzero(image)) == FORM.box


def test_each_class_is_drawn_as_often_and_merged_cases_by_turns():
    classes = (*"01", "C", "I", "a")
    images, labels = synthetic_characters(FORM, per_class=4, seed=1, classes=classes)
    assert labels == ["0", "1", "C", "I", "a", "0", "1", "c", "i", "a"] * 2
    assert written_forms(classes) == [["0"], ["1"], ["C", "c"], ["I", "i"], ["a"]]
    assert images.any(axis=(1, 2)).all()


def test_only_what_is_one_character_is_drawn():
    images, labels = synthetic_characters(FORM, per_class=2, seed=1, classes=("ii", "v", "#"))
    assert labels == ["v", "v"]
    assert len(images) == 2
    assert written_forms(("ii", "iii")) == []
    with pytest.raises(InklingError) as caught:
        synthetic_characters(FORM, per_class=2, seed=1, classes=("ii", "iii"))
    assert is_sentence(str(caught.value))

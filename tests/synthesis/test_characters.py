"""Synthetic characters as model input."""

import numpy as np
import pytest

from core.errors import InklingError
from core.ink.forms import FORMS
from core.synthesis.characters import synthetic_characters
from tests.sentences import is_sentence

FORM = FORMS["mnist"]


def test_digits_as_model_input():
    images, labels = synthetic_characters(FORM, per_class=3, seed=5)
    longer, _ = synthetic_characters(FORM, per_class=3, seed=5)
    assert labels == list("0123456789" * 3)
    np.testing.assert_array_equal(images, longer)
    for image in images:
        assert max(np.ptp(indices) + 1 for indices in np.nonzero(image)) == FORM.box


def test_each_class_is_drawn_as_often_and_merged_cases_by_turns():
    images, labels = synthetic_characters(
        FORM, per_class=4, seed=1, classes=("0", "1", "Cc", "Ii", "a")
    )
    assert labels == ["0", "1", "C", "I", "a", "0", "1", "c", "i", "a"] * 2
    assert images.any(axis=(1, 2)).all()


def test_no_character_is_a_sentence():
    with pytest.raises(InklingError) as caught:
        synthetic_characters(FORM, per_class=2, seed=1, classes=())
    assert is_sentence(str(caught.value))

"""Classifying real against synthetic: easy where it should be, impossible where they do not
differ.
"""

import numpy as np
import pytest

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.evaluation.robustness.realism import realism
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.handwriting import Handwriting
from tests.conftest import DIGITS
from tests.sentences import is_sentence


def dataset(images, labels):
    return Dataset(
        "x", "X", images, np.array([int(label) for label in labels]), DIGITS, "mnist", "x"
    )


def written(seed, count=600, name="classic"):
    return Handwriting(load_glyphs(name), seed=seed).draw(0, count)


def test_the_same_writer_cannot_be_told_apart():
    result = realism(Handwriting(load_glyphs("classic"), seed=1), dataset(*written(2)), count=600)
    low, high = result.interval
    assert low < 0.5 < high
    assert result.n == 600
    assert result.labels == DIGITS


def test_other_writers_can():
    result = realism(
        Handwriting(load_glyphs("classic"), seed=1), dataset(*written(2, name="natural")), count=600
    )
    assert result.accuracy > 0.8
    assert np.isclose(np.mean(list(result.by_label.values())), result.accuracy)


def test_mean_maps_are_means():
    images, labels = written(2, count=300)
    result = realism(
        Handwriting(load_glyphs("classic"), seed=1), dataset(images, labels), count=300
    )
    threes = images[np.array(labels) == "3"]
    np.testing.assert_allclose(result.real[3], threes.mean(0) / 255)
    ours, _ = Handwriting(load_glyphs("classic"), seed=1).draw(0, 300)
    np.testing.assert_allclose(result.synthetic[3], ours[3::10].mean(0) / 255)
    assert result.to_json()["labels"] == list(DIGITS)


@pytest.mark.parametrize(("count", "size"), [(100, 28), (100_000, 28), (2000, 28), (600, 20)])
def test_what_cannot_be_compared_is_a_sentence(count, size):
    images, labels = written(2)
    with pytest.raises(InklingError) as caught:
        realism(
            Handwriting(load_glyphs("classic"), size=size), dataset(images, labels), count=count
        )
    assert is_sentence(str(caught.value))

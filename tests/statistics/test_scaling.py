"""Scalers and neighbours against the formulas, in NumPy."""

from typing import Any

import numpy as np
import pytest

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.intervals import wilson_interval
from core.statistics.scaling import SCALINGS, scalings
from tests.sentences import is_sentence


def dataset(images, labels, classes=("a", "b", "c"), title="X"):
    return Dataset("x", title, images, labels, classes, "", "x")


@pytest.fixture
def sets(random):
    """Three classes that overlap, on 6x5 pixels; one pixel is constant in training, two more have a
    small range.
    """
    labels = np.arange(700) % 3
    images = np.clip(random.normal(random.uniform(60, 190, (3, 6, 5))[labels], 60), 0, 255).astype(
        np.uint8
    )
    images[:, 0, 1:3] //= 40
    images[:400, 0, 0] = 7
    return dataset(images[:400], labels[:400]), dataset(images[400:], labels[400:])


def nearest(known, labels, asked, neighbours):
    """Brute force; the lowest label wins a tie."""
    distance = ((asked[:, None] - known[None]) ** 2).sum(2)
    return np.array(
        [np.bincount(labels[row]).argmax() for row in distance.argsort(1)[:, :neighbours]]
    )


def by_hand(name, known, asked):
    if name == "none":
        return known, asked
    shift, scale = (
        (known.mean(0), known.std(0)) if name == "standard" else (known.min(0), np.ptp(known, 0))
    )
    scale = np.where(scale == 0, 1, scale)
    return (known - shift) / scale, (asked - shift) / scale


@pytest.mark.parametrize("neighbours", [1, 5, 20])
def test_averages_and_accuracies_are_those_of_the_formulas(sets, neighbours):
    train, test = sets
    result = scalings(train, test, neighbours=neighbours)
    assert [one.name for one in result] == list(SCALINGS) == ["none", "standard", "minmax"]
    for one in result:
        known, asked = by_hand(
            one.name,
            train.images.reshape(400, -1).astype(float),
            test.images.reshape(300, -1).astype(float),
        )
        hits = int((nearest(known, train.labels, asked, neighbours) == test.labels).sum())
        assert (one.accuracy, one.n, one.learned) == (hits / 300, 300, 400)
        assert one.interval == wilson_interval(hits, 300)
        np.testing.assert_allclose(one.average, known.mean(0).reshape(6, 5), atol=1e-8)
        assert (one.low, one.high) == pytest.approx((known.min(), known.max()))
    assert len({one.accuracy for one in result}) > 1


def test_a_constant_pixel_becomes_0(sets):
    raw, standard, minmax = scalings(*sets)
    assert (raw.average[0, 0], standard.average[0, 0], minmax.average[0, 0]) == (7, 0, 0)
    assert not standard.average.any()
    assert (minmax.low, minmax.high) == (0, 1)


def test_samples_are_of_the_size_asked_for_and_hang_on_the_seed(sets):
    first, again, other = (
        scalings(*sets, count=100, tested=50, seed=seed)[0] for seed in (1, 1, 2)
    )
    assert (first.learned, first.n) == (100, 50)
    np.testing.assert_array_equal(first.average, again.average)
    assert first.accuracy == again.accuracy
    assert (first.average != other.average).any()


def test_what_cannot_be_compared_is_a_sentence(sets):
    train, test = sets
    unfit: list[tuple[Dataset, dict[str, Any]]] = [
        (dataset(test.images[:, 1:], test.labels), {}),
        (dataset(test.images, test.labels, ("a", "b", "d")), {}),
        (dataset(test.images[:0], test.labels[:0]), {}),
        (test, {"neighbours": 401}),
        (test, {"count": 10}),
    ]
    for other, asked in unfit:
        with pytest.raises(InklingError) as caught:
            scalings(train, other, **asked)
        assert is_sentence(str(caught.value))

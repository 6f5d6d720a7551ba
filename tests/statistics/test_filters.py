"""Matched filters: each score is NumPy's correlation coefficient, and filters find their own
patterns.
"""

from pathlib import Path

import numpy as np
import pytest

from core.datasets.dataset import Dataset
from core.datasets.published import open_mnist
from core.errors import InklingError
from core.statistics import filters
from core.statistics.filters import filter_accuracy, scores
from tests.sentences import is_sentence


def z_maps(images, labels, classes):
    """The notebook's formula, directly."""
    maps = []
    for label in range(classes):
        ours, others = images[labels == label] / 255, images[labels != label] / 255
        error = np.sqrt(ours.var(0, ddof=1) / len(ours) + others.var(0, ddof=1) / len(others))
        maps.append(
            np.divide(
                ours.mean(0) - others.mean(0), error, out=np.zeros_like(error), where=error > 0
            )
        )
    return np.stack(maps)


def dataset(images, labels, classes):
    return Dataset("x", "X", images, np.asarray(labels), classes, "", "x")


@pytest.fixture
def three(random):
    """z of three noisy bars, and other images of them: a top, a middle and a bottom one."""
    labels = np.arange(300) % 3
    images = random.integers(0, 120, (300, 9, 7)).astype(np.uint8)
    for label in range(3):
        images[labels == label, 3 * label : 3 * label + 2] += 120
    return z_maps(images[:150], labels[:150], 3), dataset(
        images[150:], labels[150:], ("top", "middle", "bottom")
    )


@pytest.mark.parametrize("with_background", [False, True])
def test_a_score_is_the_correlation_coefficient(random, three, with_background):
    z, data = three
    background = random.uniform(0, 1, (9, 7)) if with_background else None
    result = scores(z, data.images, background)
    assert result.shape == (150, 3)
    assert result.dtype == np.float32
    for image, row in zip(data.images[:20], result, strict=False):
        ink = image / 255 - (background if with_background else 0)
        np.testing.assert_allclose(
            row, [np.corrcoef(ink.ravel(), one.ravel())[0, 1] for one in z], atol=1e-5
        )


def test_neither_scale_nor_chunks_nor_an_offset_of_the_map_matter(random, three, monkeypatch):
    z, data = three
    whole = scores(z, data.images)
    monkeypatch.setattr(filters, "_CHUNK_PIXELS", 7 * 63)
    np.testing.assert_allclose(
        scores(z * random.uniform(0.1, 50, (3, 1, 1)) + 5, data.images), whole, atol=1e-5
    )


def test_what_is_blank_scores_0(three):
    z, data = three
    z[1] = 0
    result = scores(
        z,
        np.concatenate(
            [data.images[:1], np.full((1, 9, 7), 200, np.uint8), np.zeros((1, 9, 7), np.uint8)]
        ),
    )
    assert not result[1:].any()
    assert result[0, 1] == 0 != result[0, 0]
    assert scores(z, data.images[:0]).shape == (0, 3)


def test_filters_find_their_own_classes_in_any_order(three):
    z, data = three
    result = filter_accuracy(z, data.classes, data)
    assert (result.accuracy, result.n, result.interval[1]) == (1, 150, 1)
    assert result.by_class == dict.fromkeys(data.classes, (50, 50))
    turned = dataset(
        data.images[data.labels > 0], 2 - data.labels[data.labels > 0], ("bottom", "middle")
    )
    assert filter_accuracy(z, data.classes, turned).by_class == {
        "middle": (50, 50),
        "bottom": (50, 50),
    }
    wrong = filter_accuracy(z, ("bottom", "middle", "top"), data)
    assert wrong.accuracy == pytest.approx(1 / 3)
    assert wrong.by_class == {"bottom": (0, 50), "middle": (50, 50), "top": (0, 50)}
    assert wrong.interval[0] < 1 / 3 < wrong.interval[1]


def test_what_does_not_fit_is_a_sentence(three):
    z, data = three
    with pytest.raises(InklingError) as size:
        filter_accuracy(z[:, 1:], data.classes, data)
    with pytest.raises(InklingError, match="no filter for bottom") as lacking:
        filter_accuracy(z[:2], data.classes[:2], data)
    assert is_sentence(str(size.value))
    assert is_sentence(str(lacking.value))


def test_on_real_digits_the_background_is_worth_ten_points(real_data: Path):
    train = open_mnist(real_data, "train")
    images, labels = np.asarray(train.images[:6000]), train.labels[:6000]
    z, held_out = (
        z_maps(images, labels, 10),
        dataset(train.images[50_000:], train.labels[50_000:], train.classes),
    )
    bare = filter_accuracy(z, train.classes, held_out)
    result = filter_accuracy(z, train.classes, held_out, images.mean(0) / 255)
    assert 0.6 < bare.accuracy < result.accuracy - 0.08
    assert 0.8 < result.accuracy < 0.9
    assert sum(hits for hits, _ in result.by_class.values()) == round(result.accuracy * result.n)

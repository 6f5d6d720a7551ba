"""k nearest neighbours against scikit-learn's."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import MinMaxScaler

import core.models.knn
from core.models.fitted import RARE
from core.models.knn import NearestNeighbours, build_knn, fit_knn
from tests.models.fitted_data import digits, speckle


def oracle(images, labels, k):
    """scikit-learn's classifier after its scaler: a function from images to (neighbours,
    probabilities).
    """
    scaler = MinMaxScaler().fit(images.reshape(len(images), -1).astype(float))
    model = KNeighborsClassifier(k, algorithm="brute").fit(
        scaler.transform(images.reshape(len(images), -1).astype(float)), labels
    )

    def ask(others):
        rows = scaler.transform(others.reshape(len(others), -1).astype(float))
        return model.kneighbors(rows)[1], model.predict_proba(rows), model.predict(rows)

    return ask


def rows(images):
    return torch.from_numpy(images.reshape(len(images), -1).copy())


def inputs(images):
    return torch.from_numpy(images.copy()).unsqueeze(1).float() / 255


@pytest.mark.parametrize("k", [1, 2, 20, 300])
@pytest.mark.parametrize("block", [64, 2**13])
def test_neighbours_votes_and_ties_are_scikit_learns(k, block, monkeypatch):
    monkeypatch.setattr(core.models.knn, "_BLOCK", block)
    images, labels = digits(500)
    images, others, labels = images[:300], images[300:], labels[:300]
    network = fit_knn(images, labels, 10, k=k)
    neighbours, probabilities, answers = oracle(images, labels, k)(others)
    np.testing.assert_array_equal(network.neighbours(rows(others)).numpy(), neighbours)
    logits = network(inputs(others)).double()
    np.testing.assert_allclose(logits.exp().numpy() - RARE, probabilities, atol=1e-6)
    np.testing.assert_array_equal(logits.argmax(1).numpy(), answers)


def test_pixels_count_by_their_range():
    """The second pixel has a narrow range: what is near without scaling is far with it. The third
    is constant.
    """
    known = np.array([[[0, 100, 9]], [[255, 104, 9]], [[60, 104, 9]]], np.uint8)
    network = fit_knn(known, np.array([0, 1, 2]), 3, k=1)
    others = np.array([[[60, 101, 9]], [[60, 101, 255]], [[200, 104, 0]]], np.uint8)
    assert network.neighbours(rows(others))[:, 0].tolist() == [0, 0, 1]
    assert oracle(known, np.array([0, 1, 2]), 1)(others)[0][:, 0].tolist() == [0, 0, 1]


def test_a_faint_pixel_spoils_no_other_digit():
    """Ink where the training images have next to none makes distances huge; the order of the rest
    must survive float32.
    """
    images, labels = digits(600)
    images[:500, 0, 0] = 0
    images[3, 0, 0], images[500:, 0, 0] = 1, 255
    network = fit_knn(images[:500], labels[:500], 10, k=7)
    np.testing.assert_array_equal(
        network.neighbours(rows(images[500:])).numpy(),
        oracle(images[:500], labels[:500], 7)(images[500:])[0],
    )


def test_of_copies_the_first_counts():
    images, labels = speckle(30, 3)
    network = fit_knn(
        np.concatenate([images, images, images]), np.concatenate([labels, labels, labels]), 3, k=3
    )
    np.testing.assert_array_equal(
        network.neighbours(rows(images)).numpy(), np.arange(30)[:, None] + [0, 30, 60]
    )


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(1, 12))
def test_any_few_images(seed, count, k):
    images, labels = speckle(count + 5, 4, seed, size=4)
    known, k = images[:count], min(k, count)
    network = fit_knn(known, labels[:count], 4, k=k)
    assert network.weights.shape == (16,)
    theirs = oracle(known, labels[:count], k)(images)
    there = np.unique(labels[:count])
    np.testing.assert_allclose(
        network(inputs(images)).double().exp().numpy()[:, there] - RARE, theirs[1], atol=1e-6
    )


def test_files_that_contradict_themselves():
    images, labels = speckle(12, 3)
    good = fit_knn(images, labels, 3, k=4).state_dict()
    for change in (
        {"labels": good["labels"] - 1},
        {"labels": good["labels"] + 1},
        {"k": torch.tensor(0)},
        {"k": torch.tensor(13)},
        {"k": torch.tensor(2**62)},
        {"images": good["images"][:, 1:]},
        {"images": good["images"][1:]},
    ):
        with pytest.raises(RuntimeError):
            build_knn(3).load_state_dict({**good, **change})
    network = NearestNeighbours(3)
    network.load_state_dict({**good, "k": torch.tensor(12)})
    assert torch.softmax(network(inputs(images)), 1).allclose(torch.full((12, 3), 1 / 3), atol=1e-4)

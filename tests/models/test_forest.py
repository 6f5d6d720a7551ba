"""Forests against scikit-learn's own trees."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from core.models.fitted import RARE
from core.models.forest import (
    MIXED,
    PURE,
    build_forest,
    fit_extra_trees,
    fit_random_forest,
    of_trees,
)
from tests.models.fitted_data import digits, speckle


def rows(images):
    return images.reshape(len(images), -1)


def probabilities(forest, images):
    return (
        forest(torch.from_numpy(images.copy()).unsqueeze(1).float() / 255).double().exp().numpy()
        - RARE
    )


@pytest.mark.parametrize("kind", [RandomForestClassifier, ExtraTreesClassifier])
@pytest.mark.parametrize(
    "limits",
    [{}, {"max_depth": 1}, {"max_depth": 5}, {"min_samples_leaf": 9}, {"max_depth": 25}],
    ids=str,
)
def test_probabilities_are_scikit_learns(kind, limits):
    images, labels = digits(600)
    model = kind(12, random_state=0, **limits).fit(rows(images[:300]), labels[:300])
    forest = of_trees(model.estimators_, model.classes_, 10, 784)
    np.testing.assert_allclose(
        probabilities(forest, images), model.predict_proba(rows(images)), atol=1e-6
    )


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(1, 5), st.integers(1, 4))
def test_any_few_images(seed, count, classes, depth):
    """Classes with gaps between their numbers, trees of a single leaf, every byte a pixel can
    be.
    """
    images, labels = speckle(count, classes, seed, size=3)
    labels = 40 * labels + 3
    model = RandomForestClassifier(3, max_depth=depth, random_state=seed).fit(rows(images), labels)
    others = np.random.default_rng(seed).integers(0, 256, (50, 3, 3)).astype(np.uint8)
    result = probabilities(of_trees(model.estimators_, model.classes_, 200, 9), others)
    np.testing.assert_allclose(
        result[:, model.classes_], model.predict_proba(rows(others)), atol=1e-6
    )
    np.testing.assert_allclose(result.sum(1), 1, atol=1e-4)


@pytest.mark.parametrize(
    ("fit", "kind"),
    [(fit_random_forest, RandomForestClassifier), (fit_extra_trees, ExtraTreesClassifier)],
)
def test_a_fit_in_groups_is_as_good_as_one(fit, kind):
    images, labels = digits(1700)
    forest = fit(images[:700], labels[:700], 10, seed=3, trees=40, max_depth=0)
    assert len(forest.starts) == 41
    assert (
        len(
            {
                tuple(part.tolist()[:9])
                for part in forest.feature.split(forest.starts.diff().tolist())
            }
        )
        == 40
    )
    theirs = [
        kind(40, random_state=seed)
        .fit(rows(images[:700]), labels[:700])
        .score(rows(images[700:]), labels[700:])
        for seed in range(3)
    ]
    own = (probabilities(forest, images[700:]).argmax(1) == labels[700:]).mean()
    assert own > min(theirs) - 0.01


def test_settings_reach_the_trees():
    images, labels = digits(600)
    nodes = [
        len(fit_random_forest(images, labels, 10, trees=8, **limit).feature)
        for limit in ({}, {"max_samples": 0.2}, {"max_depth": 2})
    ]
    assert nodes[0] > 2 * nodes[1] > 2 * nodes[2]
    assert nodes[2] <= 8 * 7
    forest = fit_extra_trees(images, labels, 10, trees=8, max_depth=0)
    # without a bootstrap or a limit every leaf is pure, and all training images are read
    assert (forest.feature != MIXED).all()
    assert (probabilities(forest, images).argmax(1) == labels).all()


def test_a_node_takes_seven_bytes():
    forest = fit_random_forest(*digits(1700), 10, trees=16)
    size = sum(tensor.numel() * tensor.element_size() for tensor in forest.state_dict().values())
    assert size < 7.5 * len(forest.feature)


def test_several_threads_may_ask_at_once():
    images, labels = digits(500)
    forest = fit_random_forest(images, labels, 10, trees=20)
    alone = probabilities(forest, images)
    with ThreadPoolExecutor(6) as pool:
        for answer in pool.map(lambda _: probabilities(forest, images), range(12)):
            np.testing.assert_array_equal(answer, alone)


def stump(**changes):
    """Two trees: 0 -> (1 pure 2, 2 -> (3 mixed, 4 pure 0)), and one leaf; three classes."""
    tensors = {
        "feature": torch.tensor([5, PURE, 783, MIXED, PURE, PURE], dtype=torch.int16),
        "threshold": torch.tensor([99, 0, 10, 2, 0, 0], dtype=torch.uint8),
        "right": torch.tensor([2, 2, 4, 1, 0, 1], dtype=torch.int32),
        "starts": torch.tensor([0, 5, 6]),
        "pair_class": torch.tensor([1, 0, 2], dtype=torch.uint8),
        "pair_count": torch.tensor([1, 3, 1], dtype=torch.int32),
        "width": torch.tensor(784),
    }
    for name, (index, value) in changes.items():
        tensors[name][index] = value
    return tensors


def test_a_forest_by_hand():
    forest = build_forest(3)
    forest.load_state_dict(stump())
    images = np.zeros((4, 28, 28), np.uint8)
    images[1:, 0, 5] = 100
    images[2, 27, 27], images[3, 27, 27] = 10, 11
    expected = [[0, 0.5, 0.5], [0.375, 0.5, 0.125], [0.375, 0.5, 0.125], [0.5, 0.5, 0]]
    np.testing.assert_allclose(probabilities(forest, images), expected, atol=1e-6)


@pytest.mark.parametrize(
    "change",
    [
        {"right": (0, 0)},
        {"right": (0, 1)},
        {"right": (0, 5)},
        {"right": (0, 2**31 - 1)},
        {"right": (0, -1)},
        {"right": (2, 2)},
        {"right": (1, 3)},
        {"right": (1, -1)},
        {"right": (3, 2)},
        {"right": (3, -1)},
        {"right": (3, 2**31 - 1)},
        {"threshold": (3, 0)},
        {"threshold": (3, 255)},
        {"feature": (0, 784)},
        {"feature": (0, -3)},
        {"feature": (4, 0)},
        {"feature": (5, 0)},
        {"starts": (0, 1)},
        {"starts": (0, -1)},
        {"starts": (1, 6)},
        {"starts": (1, 2)},
        {"starts": (1, 2**62)},
        {"starts": (2, 5)},
        {"starts": (2, 7)},
        {"pair_class": (0, 3)},
        {"pair_class": (2, 255)},
        {"pair_count": (1, 0)},
        {"pair_count": (1, -1)},
    ],
    ids=str,
)
def test_files_that_contradict_themselves(change):
    with pytest.raises(RuntimeError):
        build_forest(3).load_state_dict(stump(**change))


def test_counts_as_large_as_they_come():
    forest = build_forest(3)
    forest.load_state_dict(stump(pair_count=(slice(None), 2**31 - 1)))
    images = np.zeros((1, 28, 28), np.uint8)
    images[0, 0, 5] = 255
    np.testing.assert_allclose(probabilities(forest, images), [[0.25, 0.5, 0.25]], atol=1e-6)


def test_trees_numbered_otherwise_are_refused():
    images, labels = digits(200)
    model = RandomForestClassifier(1, max_leaf_nodes=20, random_state=0).fit(rows(images), labels)
    with pytest.raises(ValueError, match="depth first"):
        of_trees(model.estimators_, model.classes_, 10, 784)
    with pytest.raises(ValueError, match="255"):
        of_trees(
            model.set_params(max_leaf_nodes=None).fit(rows(images), labels).estimators_,
            model.classes_,
            256,
            784,
        )

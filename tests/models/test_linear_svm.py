"""Logistic regression and the support vector machine against scikit-learn's decision functions."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn import linear_model
from sklearn.svm import SVC

from core.models.linear import build_logistic, fit_logistic
from core.models.svm import build_svm, fit_svm, stratified
from tests.models.fitted_data import digits, speckle


def rows(images):
    return images.reshape(len(images), -1) / 255


def logits(network, images):
    return network(torch.from_numpy(images.copy()).unsqueeze(1).float() / 255).numpy()


def many_classes():
    """Ten digits called by 47 names: most pairs of classes are hard to tell apart."""
    images, labels = digits(700)
    return images, (5 * labels + np.arange(700) % 5) % 47


SETS = {2: speckle(120, 2), 3: speckle(150, 3), 10: digits(700), 47: many_classes()}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    ("classes", "settings"),
    [(3, {}), *((classes, {"C": 0.01, "max_iter": 5}) for classes in SETS), (10, {"max_iter": 15})],
    ids=str,
)
def test_logits_are_the_logistic_decision_function(classes, settings):
    images, labels = SETS[classes]
    half = len(images) // 2
    network = fit_logistic(images[:half], labels[:half], classes, **settings)
    model = linear_model.LogisticRegression(**{"max_iter": 100, **settings}).fit(
        rows(images[:half]).astype(np.float32), labels[:half]
    )
    result, theirs = (
        logits(network, images),
        model.decision_function(rows(images).astype(np.float32)),
    )
    np.testing.assert_allclose(
        result if classes > 2 else result[:, 1] - result[:, 0], theirs, atol=1e-4
    )
    probabilities = torch.softmax(torch.from_numpy(result), 1).numpy()
    np.testing.assert_allclose(
        probabilities, model.predict_proba(rows(images).astype(np.float32)), atol=1e-4
    )


@pytest.mark.parametrize("classes", SETS)
@pytest.mark.parametrize("settings", [{}, {"C": 0.5}, {"C": 20.0, "gamma": 0.002}], ids=str)
def test_logits_are_the_decision_function_of_the_svm(classes, settings):
    images, labels = SETS[classes]
    half = len(images) // 2
    network = fit_svm(images[:half], labels[:half], classes, **settings)
    model = SVC(**{"C": 5.0, "gamma": "scale", **settings}).fit(rows(images[:half]), labels[:half])
    duels = SVC(**{"C": 5.0, "gamma": "scale", **settings}, decision_function_shape="ovo").fit(
        rows(images[:half]), labels[:half]
    )
    # float32 may turn closer ones
    clear = np.abs(duels.decision_function(rows(images)).reshape(len(images), -1)).min(1) > 1e-5
    assert clear.mean() > 0.9
    result, theirs = logits(network, images), model.decision_function(rows(images))
    np.testing.assert_allclose(
        (result if classes > 2 else result[:, 1] - result[:, 0])[clear], theirs[clear], atol=1e-4
    )
    # libsvm lets the first class win a tie of duels
    assert (result.argmax(1) == model.predict(rows(images))).mean() > 0.97


def test_pairwise_decisions_are_libsvms():
    images, labels = SETS[10]
    network = fit_svm(images[:300], labels[:300], 10)
    model = SVC(C=5, decision_function_shape="ovo").fit(rows(images[:300]), labels[:300])
    decisions = network.decisions(torch.from_numpy(rows(images).astype(np.float32)))
    np.testing.assert_allclose(decisions, model.decision_function(rows(images)), atol=1e-4)


def test_blank_images_can_be_learnt_from():
    """Their variance is 0, by which the default gamma would divide."""
    network = fit_svm(np.zeros((6, 5, 5), np.uint8), np.arange(6) % 2, 2)
    assert np.isfinite(logits(network, np.zeros((1, 5, 5), np.uint8))).all()


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=200), st.integers(2, 100), st.integers(0, 9)
)
def test_a_stratified_draw_keeps_proportions(labels, at_most, seed):
    chosen = stratified(np.array(labels), at_most, seed)
    assert len(chosen) == min(len(labels), at_most)
    assert (np.diff(chosen) > 0).all()
    share = len(chosen) / len(labels)
    difference = (
        np.bincount(np.array(labels)[chosen], minlength=6)
        - np.bincount(labels, minlength=6) * share
    )
    assert np.abs(difference).max() <= 1
    np.testing.assert_array_equal(chosen, stratified(np.array(labels), at_most, seed))


def test_no_more_images_than_asked_for_are_drawn_at_random():
    images, labels = SETS[10]
    one, other = (fit_svm(images, labels, 10, at_most=50, seed=seed) for seed in (0, 1))
    assert 10 <= len(one.vectors) <= 50
    assert one.vectors.shape != other.vectors.shape or not torch.equal(one.vectors, other.vectors)


def test_svm_files_that_contradict_themselves():
    images, labels = SETS[3]
    good = fit_svm(images, labels, 3).state_dict()
    counts = good["counts"]
    for change in (
        {"vectors": good["vectors"][:, 1:]},
        {"duals": good["duals"][:, :1]},
        {"intercepts": good["intercepts"][:2]},
        {"counts": counts + 1},
        {"counts": torch.tensor([-1, int(counts[0]) + 1, int(counts[1:].sum())])},
        {"counts": counts[:2]},
        {"counts": torch.tensor([2**62, 2**62, 2**63 - 1])},
        {"labels": torch.tensor([0, 1, 3])},
        {"labels": torch.tensor([-1, 1, 2])},
        {"labels": torch.tensor([0, 2, 1])},
        {"labels": torch.tensor([0, 0, 1])},
        {"labels": torch.tensor([1])},
        {"gamma": torch.tensor(0.0, dtype=torch.float64)},
        {"gamma": torch.tensor(-1.0, dtype=torch.float64)},
    ):
        with pytest.raises(RuntimeError):
            build_svm(3).load_state_dict({**good, **change})


def test_logistic_files_that_contradict_themselves():
    images, labels = SETS[3]
    good = fit_logistic(images, labels, 3).state_dict()
    for change in (
        {"weight": good["weight"][:2]},
        {"weight": good["weight"][:, 1:]},
        {"bias": good["bias"][:2]},
    ):
        with pytest.raises(RuntimeError):
            build_logistic(3).load_state_dict({**good, **change})
    with pytest.raises(RuntimeError):
        build_logistic(4).load_state_dict(good)

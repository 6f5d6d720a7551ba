"""Proposals against scikit-learn's logistic regression, the rows that are made of them, and the
learning curve.
"""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from core.curation import proposals
from core.curation.collection import open_collection
from core.curation.expected import FEWEST, LearningCurve, learning_curve
from core.curation.proposals import Features, Proposals, features_of, propose
from core.curation.rows import ORDERS, SIZE, pick_rows
from core.ink.encode import negative
from core.models.recognizer import load_recognizer
from tests.curation.collections import write

NAMES = ("0", "1", "2")


def blobs(count: int = 300, *, sure: float = 0.4, seed: int = 0) -> tuple[Features, list[str]]:
    """Three clusters of points and their names; the recognizer gives each class so little more
    than the others.
    """
    random = np.random.default_rng(seed)
    labels = random.integers(3, size=count)
    centres = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])
    vectors = (centres[labels] + random.normal(0, 0.25, (count, 4))).astype(np.float32)
    shares = np.full((count, 3), (1 - sure) / 2, np.float32)
    shares[np.arange(count), labels] = sure
    return Features(np.arange(count), vectors, shares, NAMES), [NAMES[one] for one in labels]


def test_without_labels_the_recognizer_is_right():
    features, _ = blobs()
    found = propose(features, np.zeros(0, np.int64), [])
    assert found.classes == NAMES
    np.testing.assert_allclose(found.probabilities, features.probabilities, atol=1e-6)


def test_what_is_learnt_is_a_logistic_regression():
    """With a recognizer that says the same of all, as scikit-learn's, whose C is 1 / penalty; the
    bias is that of a constant input.
    """
    features, labels = blobs(sure=1 / 3)
    places = np.arange(0, 300, 5)
    given_labels = [labels[place] for place in places]
    found = propose(features, places, given_labels)
    inputs = np.column_stack([features.vectors, np.ones(len(features))])
    wrong = sum(label != "0" for label in given_labels)  # a tie goes to the first class
    penalty = 0.03 * (len(places) + 2) / (wrong + 1)
    other = LogisticRegression(C=1 / penalty, fit_intercept=False, tol=1e-8, max_iter=2000)
    other.fit(inputs[places], given_labels)
    np.testing.assert_allclose(found.probabilities, other.predict_proba(inputs), atol=2e-3)


def test_a_class_that_the_recognizer_does_not_know_is_learnt():
    features, labels = blobs()
    known = Features(
        features.rows,
        features.vectors,
        features.probabilities[:, :2] / features.probabilities[:, :2].sum(1, keepdims=True),
        NAMES[:2],
    )
    places = np.arange(100)
    found = propose(known, places, [f"{name}!" if name == "2" else name for name in labels[:100]])
    assert found.classes == ("0", "1", "2!")
    read = np.array(found.classes)[found.answers[100:]]
    assert np.mean(read == [name.replace("2", "2!") for name in labels[100:]]) > 0.95


def test_doubt_is_one_minus_the_margin():
    shares = np.array([[0.5, 0.5, 0], [0.1, 0.7, 0.2], [1, 0, 0]], np.float32)
    np.testing.assert_allclose(Proposals(shares, NAMES).doubt, [1, 0.5, 0], atol=1e-6)


@given(
    st.sampled_from(ORDERS),
    st.integers(1, 30),
    st.integers(1, 80),
    st.integers(0, 80),
    st.floats(0.34, 0.99),
)
def test_rows_are_of_one_proposal_and_only_of_those_that_wait(order, length, size, done, sure):
    features, labels = blobs(120, sure=sure)
    places, waiting = np.arange(done), np.arange(done, 120)
    proposals = propose(features, np.zeros(0, np.int64), [])
    rows = pick_rows(
        features,
        proposals,
        waiting=waiting,
        places=places,
        labels=labels[:done],
        order=order,
        length=length,
        size=size,
    )
    every = np.concatenate(rows)
    assert len(set(every.tolist())) == len(every) < size + length
    assert set(every.tolist()) <= set(waiting.tolist())
    for row in rows:
        assert 0 < len(row) <= length
        assert len(set(proposals.answers[row].tolist())) == 1
        assert (np.diff(proposals.doubt[row]) <= 0).all()


def test_everything_is_labelled_in_the_end():
    features, labels = blobs()
    waiting, places = np.arange(300), np.zeros(0, np.int64)
    for _ in range(100):
        proposals = propose(features, places, [labels[place] for place in places])
        rows = pick_rows(
            features,
            proposals,
            waiting=waiting,
            places=places,
            labels=[labels[place] for place in places],
        )
        if not rows:
            break
        places = np.concatenate([places, *rows])
        waiting = np.setdiff1d(waiting, places)
    assert sorted(places.tolist()) == list(range(300))


def test_first_come_the_most_doubtful_or_the_surest():
    features, _ = blobs()
    shares = np.array(features.probabilities)
    shares[:] = [0.96, 0.02, 0.02]
    shares[7] = [0.55, 0.45, 0]
    shares[9] = [0.98, 0.01, 0.01]
    features = Features(features.rows, features.vectors, shares, NAMES)
    proposals = propose(features, np.zeros(0, np.int64), [])
    for order, first in (("informative", 7), ("sure", 9), ("listed", 0)):
        rows = pick_rows(
            features,
            proposals,
            waiting=np.arange(300),
            places=np.zeros(0, np.int64),
            labels=[],
            order=order,
        )
        assert first in rows[0]


def test_of_a_recognizer_that_does_not_know_them_any_come_first():
    """Its only doubts are about one class; pictures of all three are shown."""
    features, labels = blobs(sure=1 / 3)
    shares = np.array(features.probabilities)
    shares[np.array(labels) == "0"] = [0.34, 0.33, 0.33]
    shares[np.array(labels) != "0"] = [0.6, 0.2, 0.2]
    features = Features(features.rows, features.vectors, shares, NAMES)
    rows = pick_rows(
        features,
        propose(features, np.zeros(0, np.int64), []),
        waiting=np.arange(300),
        places=np.zeros(0, np.int64),
        labels=[],
        size=24,
    )
    assert {labels[place] for row in rows for place in row} == set(NAMES)


def test_a_power_law_is_found_again():
    curve = LearningCurve((10, 20), (0.8, 0.9), 100, 2.0, 0.5)
    assert curve.at(400) == pytest.approx(0.9)
    assert curve.at(1) == 0


def test_the_learning_curve_rises_as_a_fit_on_as_many_labels_does():
    features, labels = blobs(sure=0.34)
    assert learning_curve(features, np.arange(FEWEST - 1), labels[: FEWEST - 1]) is None
    curve = learning_curve(features, np.arange(200), labels[:200])
    assert curve.n == 200
    assert curve.sizes[-1] == pytest.approx(2 / 3 * 200, abs=1)
    other = LogisticRegression(C=100, max_iter=2000).fit(features.vectors[:133], labels[:133])
    expected = other.score(features.vectors[133:], labels[133:])
    assert curve.accuracy[-1] == pytest.approx(expected, abs=0.03)
    assert curve.at(1000) >= curve.at(100)


def test_features_of_a_folder_and_of_a_set(tmp_path, settings, monkeypatch):
    """The recognizer's own, of pictures that are not blank; many are drawn by the seed."""
    monkeypatch.setattr(proposals, "_AT_ONCE", 5)
    recognizer = load_recognizer("digits", settings)
    data = open_collection("uci-digits:test", settings)
    for number in range(12):
        write(tmp_path / "set" / f"{number:02d}.png", data.read(number))
    write(tmp_path / "set" / "zz.png", np.full((40, 40), 255, np.uint8))
    found = features_of(open_collection(str(tmp_path / "set"), settings), recognizer)
    assert found.rows.tolist() == list(range(12))
    assert found.classes == recognizer.classes
    assert (found.vectors**2).sum(1).mean() == pytest.approx(1, abs=1e-3)
    np.testing.assert_allclose(found.vectors.mean(0), 0, atol=1e-4)
    some = features_of(data, recognizer, most=40, seed=3)
    assert len(some) == 40
    assert (np.diff(some.rows) > 0).all()
    images = np.stack([negative(data.read(int(row))) for row in some.rows])
    np.testing.assert_allclose(
        some.probabilities, recognizer.predict(images).probabilities, atol=1e-4
    )


def test_some_thousand_pictures_take_no_time():
    features, labels = blobs(5000)
    started = time.monotonic()
    proposals = propose(features, np.arange(1000), labels[:1000])
    rows = pick_rows(
        features,
        proposals,
        waiting=np.arange(1000, 5000),
        places=np.arange(1000),
        labels=labels[:1000],
    )
    assert sum(map(len, rows)) <= SIZE + 6
    assert time.monotonic() - started < 20  # a tenth of a second where nothing else runs

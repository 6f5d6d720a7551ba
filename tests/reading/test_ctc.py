"""Connectionist temporal classification against all paths written out, and against torch."""

from itertools import groupby, product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from core.reading.ctc import align, alternatives, restrict, search


def columns(seed: int, steps: int, classes: int, sharp: float = 2.0) -> np.ndarray:
    logits = np.random.default_rng(seed).normal(0, sharp, (steps, 1 + classes))
    return (logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)).astype(np.float32)


def even(_: tuple[int, ...]) -> np.ndarray:
    return np.zeros(10)


def text_of(path: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(label for label, _ in groupby(path) if label)


def all_texts(given: np.ndarray) -> dict[tuple[int, ...], float]:
    """Probability of every text but the empty one, if there are others: the sum over the paths that
    spell it.
    """
    sums: dict[tuple[int, ...], float] = {}
    for path in product(range(given.shape[1]), repeat=len(given)):
        probability = np.exp(sum(float(given[t, label]) for t, label in enumerate(path)))
        sums[text_of(path)] = sums.get(text_of(path), 0.0) + probability
    del sums[()]
    return {text: probability / sum(sums.values()) for text, probability in sums.items()}


@given(st.integers(0, 10_000))
def test_the_search_finds_the_most_probable_text(seed) -> None:
    given_columns = columns(seed, 5, 2)
    sums = all_texts(given_columns)
    found = search(given_columns, even, weight=1, bonus=0)
    assert sums[found.text] == pytest.approx(max(sums.values()), rel=1e-4)
    # few texts are left out of so short a line, so that its share is its probability
    assert np.exp(found.score) == pytest.approx(sums[found.text], abs=0.05)
    assert found.second <= found.score


@given(st.integers(0, 10_000))
def test_the_search_weighs_the_prior_of_each_character(seed) -> None:
    given_columns = columns(seed, 4, 2, 1.0)
    table = np.random.default_rng(seed).normal(0, 1, (3, 3))

    def prior(prefix: tuple[int, ...]) -> np.ndarray:
        return table[prefix[-1] if prefix else 0]

    def score(text: tuple[int, ...], probability: float) -> float:
        pairs = zip((0, *text), text, strict=False)
        return np.log(probability) + sum(0.7 * table[a, b] + 0.3 for a, b in pairs)

    scores = {text: score(text, value) for text, value in all_texts(given_columns).items()}
    found = search(given_columns, prior, weight=0.7, bonus=0.3)
    assert scores[found.text] == pytest.approx(max(scores.values()), abs=1e-4)


@given(st.integers(0, 10_000), st.integers(1, 3))
def test_the_alignment_is_the_most_probable_path_of_the_text(seed, length) -> None:
    given_columns = columns(seed, 6, 2)
    text = tuple(np.random.default_rng(seed).integers(1, 3, length).tolist())
    paths = [p for p in product(range(3), repeat=6) if text_of(p) == text]
    best = max(paths, key=lambda p: sum(given_columns[t, c] for t, c in enumerate(p)))
    spans, at = [], 0
    for label, run in groupby(best):
        size = len(list(run))
        if label:
            spans.append([at, at + size - 1])
        at += size
    np.testing.assert_array_equal(align(given_columns, text), spans)


def test_alternatives_are_shares_of_whole_texts() -> None:
    given_columns, text = columns(3, 8, 4), (2, 4, 1)
    spans = align(given_columns, text)
    for place, options in enumerate(alternatives(given_columns, text, spans, even, weight=1)):
        scores = []
        for label, _ in options:
            changed = torch.tensor([[*text[:place], label, *text[place + 1 :]]])
            loss = F.ctc_loss(
                torch.from_numpy(given_columns)[:, None],
                changed,
                torch.tensor([8]),
                torch.tensor([3]),
                reduction="sum",
            )
            scores.append(-float(loss))
        shares = np.exp(scores - np.logaddexp.reduce(scores))
        np.testing.assert_allclose([share for _, share in options], shares, atol=1e-5)
        assert sorted(label for label, _ in options) == [1, 2, 3, 4]
        assert shares[0] == shares.max()


def test_only_allowed_classes_are_left() -> None:
    allowed = np.array([True, False, True, False, True])
    before = columns(1, 5, 4)
    receivers = np.array([False, False, True, False, True])
    known = restrict(before, receivers, ~allowed)
    np.testing.assert_allclose(np.exp(known).sum(1), 1, rtol=1e-5)
    np.testing.assert_array_equal(known[:, 0], before[:, 0])
    ratio = before[:, 2] - before[:, 4]
    np.testing.assert_allclose(known[:, 2] - known[:, 4], ratio, rtol=1e-4, atol=1e-5)
    assert (known[:, ~allowed] == -np.inf).all()
    found = search(known, even, weight=1, bonus=0)
    assert set(found.text) <= {2, 4}
    options = alternatives(known, (2,), align(known, (2,)), even, weight=1)[0]
    assert {label for label, share in options if share > 0} <= {2, 4}


def test_where_there_is_ink_there_is_a_text() -> None:
    given_columns = np.log(np.array([[0.9, 0.04, 0.06]] * 3, np.float32))
    assert search(given_columns, even, weight=1, bonus=0).text == (2,)
    nothing = np.log(np.array([[1.0, 1e-9, 1e-9]], np.float32))
    assert search(nothing, even, weight=1, bonus=0).text == ()


def test_an_empty_line_has_no_characters() -> None:
    blank = np.log(np.full((4, 3), 1e-9, np.float32))
    blank[:, 0] = 0
    assert search(blank, even, weight=1, bonus=0).text == ()
    assert align(blank, ()).shape == (0, 2)

"""Rows of look-alikes with one label proposed for all of them, in an order to label them in."""

from collections.abc import Sequence

import numpy as np

from core.curation.proposals import Features, Proposals

INFORMATIVE, SURE, LISTED = "informative", "sure", "listed"
ORDERS = (INFORMATIVE, SURE, LISTED)
"""Those first from which most is learnt; those that are surely right; as they are listed."""

LENGTH, SIZE = 12, 96
"""Pictures in a row, and on a page of rows, at most."""

_TRUSTED = 0.9
"""Share of the labels so far that the recognizer had read, or without labels its confidence: with
less its doubts say little.
"""

_SOME = 20
"""Labels that say how far the recognizer is right."""

_EACH = 4
"""Labels of each class, on average, after which what was learnt knows its own doubts."""

_ALIKE = 3
"""A row is made of those nearest to its first one, of so many rows' most wanted."""

_MOST = 2000
"""Pictures among which some that are spread are looked for."""


def pick_rows(
    features: Features,
    proposals: Proposals,
    *,
    waiting: np.ndarray,
    places: np.ndarray,
    labels: Sequence[str],
    order: str = INFORMATIVE,
    length: int = LENGTH,
    size: int = SIZE,
    seed: int = 0,
) -> list[np.ndarray]:
    """The next rows to label: indices int64 into K of some that wait, in each row those of one
    proposal, the least sure first; about `size` in all.

    waiting : indices int64 of the pictures to label. places, labels : those labelled so far, see
    `propose`.
    """
    if not len(waiting):
        return []
    wanted = {
        INFORMATIVE: proposals.doubt,
        SURE: -proposals.doubt,
        LISTED: -np.arange(len(features)),
    }[order]
    if order == INFORMATIVE and _is_new(features, proposals, places, labels):
        # its sure answers may be wrong: see all kinds of pictures first (Hacohen et al., ICML 2022)
        waiting = _spread(features.vectors, waiting, places, size, seed)
    answers, free = proposals.answers, np.zeros(len(features), bool)
    free[waiting] = True
    rows: list[np.ndarray] = []
    for first in waiting[np.argsort(-wanted[waiting], kind="stable")]:
        if not free[first]:
            continue
        alike = np.flatnonzero(free & (answers == answers[first]))
        alike = alike[np.argsort(-wanted[alike], kind="stable")[: _ALIKE * length]]
        distances = ((features.vectors[alike] - features.vectors[first]) ** 2).sum(1)
        row = alike[np.argsort(distances, kind="stable")[:length]]
        free[row] = False
        rows.append(row[np.argsort(-proposals.doubt[row], kind="stable")])
        if sum(map(len, rows)) + length // 2 >= size:
            break
    return rows


def _is_new(
    features: Features, proposals: Proposals, places: np.ndarray, labels: Sequence[str]
) -> bool:
    """Whether the recognizer does not read these pictures, as far as is known, and no other does
    yet.
    """
    if len(labels) < _SOME:
        return float(features.probabilities.max(1).mean()) < _TRUSTED
    answers = features.probabilities[places].argmax(1)
    right = sum(features.classes[a] == label for a, label in zip(answers, labels, strict=True))
    few = len(labels) < _EACH * len(proposals.classes)
    return few and right < _TRUSTED * len(labels)


def _spread(
    vectors: np.ndarray, waiting: np.ndarray, places: np.ndarray, count: int, seed: int
) -> np.ndarray:
    """So many that are unlike each other and unlike the labelled ones, at `places`: of clusters in
    which nothing is labelled yet, the largest first, those nearest to the centre.
    """
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    if len(waiting) <= count:
        return waiting
    if len(waiting) > _MOST:
        chosen = np.random.default_rng(seed).choice(len(waiting), _MOST, replace=False)
        waiting = waiting[np.sort(chosen)]
    every = vectors[np.concatenate([waiting, places])]
    clusters = min(count + len(places), len(every))
    with threadpool_limits(1):
        fitted = KMeans(clusters, n_init=1, max_iter=20, random_state=seed).fit(every)
        mine, centres = every[: len(waiting)], fitted.cluster_centers_
        nearest = ((centres**2).sum(1) - 2 * mine @ centres.T).argmin(0)
    sizes = np.bincount(fitted.labels_, minlength=clusters)
    sizes[fitted.labels_[len(waiting) :]] = 0
    largest = np.argsort(-sizes, kind="stable")[:count]
    return waiting[np.unique(nearest[largest[sizes[largest] > 0]])]

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
"""Labels of each class, on average, after which what was learnt knows its own doubts; random ones
until then.
"""

_ALIKE = 3
"""A row is made of those nearest to its first one, of so many rows' most wanted."""


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
        # its sure answers are wrong ones, its doubts say nothing: any pictures teach more
        generator = np.random.default_rng((seed, len(places)))
        waiting = generator.permutation(waiting)[:size]
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
    """Whether the recognizer does not read these pictures, as far as is known, and too little is
    learnt yet.
    """
    if len(labels) < _SOME:
        return float(features.probabilities.max(1).mean()) < _TRUSTED
    answers = features.probabilities[places].argmax(1)
    right = sum(features.classes[a] == label for a, label in zip(answers, labels, strict=True))
    few = len(labels) < _EACH * len(proposals.classes)
    return few and right < _TRUSTED * len(labels)

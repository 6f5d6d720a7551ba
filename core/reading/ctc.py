"""From a line network's columns to text: connectionist temporal classification (Graves et al., ICML
2006), searched with what is known of texts.

Log-probabilities are float32 [T, 1 + C], the blank in column 0; a text is a sequence of classes,
1 to C.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

Prior = Callable[[tuple[int, ...]], np.ndarray]
"""Log-probability of each class, float [1 + C], after those of a prefix."""

MEMORY = 4
"""Last classes of a prefix that a prior looks at."""

_BEAM, _LIKELY = 16, -7.0
"""Prefixes kept after each column; natural logarithm below which a class is passed over there."""

_CANDIDATES, _FEWEST, _TEXTS = 8, 3, 256
"""Classes tried in the place of one character; of a long text fewer, so that no more texts than
that are tried.
"""


@dataclass(frozen=True)
class Decoded:
    """The most probable text, its log-probability given the columns and the prior among all texts
    found, and the log of the runner-up's (-inf if there is none).
    """

    text: tuple[int, ...]
    score: float
    second: float


def restrict(
    log_probabilities: np.ndarray, allowed: np.ndarray, excluded: np.ndarray
) -> np.ndarray:
    """The same without the classes `excluded`, whose probability is shared in each column among the
    classes `allowed`; both bool [1 + C].

    What is neither keeps its own: a character is read as another, not left out as a blank.
    """
    known = np.where(excluded, -np.inf, log_probabilities)
    both = np.logaddexp.reduce(log_probabilities[:, allowed | excluded], axis=1, keepdims=True)
    among = np.logaddexp.reduce(log_probabilities[:, allowed], axis=1, keepdims=True)
    known[:, allowed] += both - among
    return known


def search(log_probabilities: np.ndarray, prior: Prior, *, weight: float, bonus: float) -> Decoded:
    """Prefix beam search (Hannun et al., arXiv:1408.2873): each new character multiplies a text's
    probability by its prior to the power of `weight`, and by exp(`bonus`), which makes up for
    what a prior takes from long texts. The empty text is found only where nothing else is.
    """
    # log-probability of each prefix with a blank at its end, and without
    beam: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, -np.inf)}
    known: dict[tuple[int, ...], float] = {(): 0.0}
    priors: dict[tuple[int, ...], np.ndarray] = {}
    for column in log_probabilities:
        likely = [int(c) for c in np.flatnonzero(column > _LIKELY) if c]
        grown: dict[tuple[int, ...], list[float]] = defaultdict(lambda: [-np.inf, -np.inf])
        for text, (blank, ink) in beam.items():
            both = np.logaddexp(blank, ink)
            stay = grown[text]
            stay[0] = np.logaddexp(stay[0], both + column[0])
            if text:
                stay[1] = np.logaddexp(stay[1], ink + column[text[-1]])
            for new in likely:
                longer = (*text, new)
                before = blank if text and text[-1] == new else both
                if before == -np.inf:
                    continue
                if longer not in known:
                    if text not in priors:
                        priors[text] = prior(text)
                    known[longer] = known[text] + weight * float(priors[text][new]) + bonus
                grow = grown[longer]
                grow[1] = np.logaddexp(grow[1], before + column[new])
        best = sorted(
            grown.items(),
            key=lambda item: np.logaddexp(item[1][0], item[1][1]) + known[item[0]],
            reverse=True,
        )[:_BEAM]
        beam = {text: (values[0], values[1]) for text, values in best}
    # where there is ink there is a text
    written = {text: ends for text, ends in beam.items() if text} or beam
    scores = {
        text: float(np.logaddexp.reduce(np.array(ends))) + known[text]
        for text, ends in written.items()
    }
    total = np.logaddexp.reduce(np.array(list(scores.values())))
    first, *others = sorted(scores, key=lambda text: scores[text], reverse=True)
    second = scores[others[0]] - total if others else -np.inf
    return Decoded(first, scores[first] - total, float(second))


def align(log_probabilities: np.ndarray, text: Sequence[int]) -> np.ndarray:
    """The columns of each character on the most probable path, int [N, 2], first and last (Viterbi
    over the text with blanks between).
    """
    if not len(text):
        return np.zeros((0, 2), int)
    states = np.zeros(2 * len(text) + 1, int)
    states[1::2] = text
    emitted = log_probabilities[:, states]
    # a blank may be passed over between two different characters
    jumps = np.zeros(len(states), bool)
    jumps[3::2] = states[3::2] != states[1:-2:2]
    score = np.full(len(states), -np.inf)
    score[:2] = emitted[0, :2]
    came = np.zeros(emitted.shape, int)
    for column in range(1, len(emitted)):
        one = np.concatenate([[-np.inf], score[:-1]])
        two = np.where(jumps, np.concatenate([[-np.inf] * 2, score[:-2]]), -np.inf)
        options = np.stack([score, one, two])
        came[column] = options.argmax(0)
        score = options.max(0) + emitted[column]
    state = len(states) - 1 - int(score[-2] > score[-1])
    spans = np.full((len(text), 2), -1)
    for column in range(len(emitted) - 1, -1, -1):
        if state % 2:
            spans[state // 2, 0] = column
            spans[state // 2, 1] = max(spans[state // 2, 1], column)
        state -= came[column, state]
    return spans


def alternatives(
    log_probabilities: np.ndarray,
    text: Sequence[int],
    spans: np.ndarray,
    prior: Prior,
    *,
    weight: float,
) -> list[list[tuple[int, float]]]:
    """For each character the classes that could stand in its place and their probabilities, most
    probable first: those of the whole text with that one character changed.
    """
    tried = []
    most = max(_FEWEST, min(_CANDIDATES, _TEXTS // max(len(text), 1)))
    for (first, last), label in zip(spans, text, strict=True):
        seen = log_probabilities[max(first, 0) : last + 1, 1:].max(0)
        likely = [int(c) + 1 for c in np.argsort(-seen)[:most] if seen[c] > -np.inf]
        tried.append([label, *(c for c in likely if c != label)])
    texts = [
        (*text[:place], new, *text[place + 1 :])
        for place, classes in enumerate(tried)
        for new in classes
    ]
    scores = _log_probability(log_probabilities, texts)
    places = [place for place, classes in enumerate(tried) for _ in classes]
    scores += [
        weight * _prior_from(place, changed, prior)
        for place, changed in zip(places, texts, strict=True)
    ]
    results, start = [], 0
    for classes in tried:
        own = scores[start : start + len(classes)]
        start += len(classes)
        shares = np.exp(own - np.logaddexp.reduce(own))
        order = np.argsort(-shares, kind="stable")
        results.append([(classes[index], float(shares[index])) for index in order])
    return results


def _log_probability(log_probabilities: np.ndarray, texts: Sequence[Sequence[int]]) -> np.ndarray:
    """Of each text, all of one length, given the columns."""
    columns = torch.from_numpy(np.maximum(log_probabilities, -1e4)).float()[:, None]
    count, length = len(texts), len(texts[0])
    loss = F.ctc_loss(
        columns.expand(-1, count, -1),
        torch.tensor(texts),
        torch.full((count,), len(columns)),
        torch.full((count,), length),
        reduction="none",
    )
    scores: np.ndarray = -loss.double().numpy()
    return scores


def _prior_from(place: int, text: tuple[int, ...], prior: Prior) -> float:
    """Of the character at a place and of those after it that remember it: what else there is, a
    change of this one does not change.
    """
    end = min(place + MEMORY + 1, len(text))
    return sum(float(prior(text[:at])[text[at]]) for at in range(place, end))

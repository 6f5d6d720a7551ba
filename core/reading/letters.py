"""What is known of a text before it is read: a run is a number or a word, its letters are of one
case, and some follow others more often.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.reading.ctc import MEMORY
from core.settings import SHIPPED_MODELS

ORDER = 4
"""Letters that one table entry holds: the one in question after three."""

_START = 26
"""Stands for what is before a word."""

LETTERS = SHIPPED_MODELS / "lines" / "letters.npz"


@dataclass(frozen=True)
class Texts:
    """The prior of texts of some classes.

    classes : single characters. after : float32 [27, 27, 27, 26], log-probability of a letter after
    three others; 26 stands for the beginning of a word.
    """

    classes: tuple[str, ...]
    after: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "_cache", {})

    def __call__(self, prefix: tuple[int, ...]) -> np.ndarray:
        """Log-probability of each class after a prefix, float [1 + C], for `core.reading.ctc`."""
        text = "".join(self.classes[index - 1] for index in prefix[-MEMORY:])
        cache: dict[str, np.ndarray] = self._cache  # type: ignore[attr-defined]
        if text not in cache:
            cache[text] = self._after(text)
        return cache[text]

    def _after(self, text: str) -> np.ndarray:
        kinds = _NEXT[_kind(text[-1:])]
        word = text[len(text.rstrip(_LETTERS)) :].lower()[-3:]
        place = tuple(ord(letter) - 97 for letter in word)
        letters = self.after[(_START,) * (3 - len(place)) + place]
        result = np.zeros(1 + len(self.classes))
        for index, name in enumerate(self.classes, start=1):
            kind = _kind(name)
            own = letters[ord(name.lower()) - 97] if kind in "Aa" else -np.log(_SIZES[kind])
            result[index] = kinds[kind] + own
        return result


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SIZES = {"0": 10, "A": 26, "a": 26, ".": 3, " ": 1}

_NEXT_IN_PERCENT: Mapping[str, Mapping[str, float]] = {
    "": {"0": 46, "A": 40, "a": 11, ".": 2.9, " ": 0.1},
    "0": {"0": 96.6, "A": 0.3, "a": 0.1, ".": 2.5, " ": 0.5},
    "A": {"0": 0.2, "A": 93.8, "a": 4.5, ".": 0.5, " ": 1},
    "a": {"0": 0.1, "A": 0.3, "a": 96.6, ".": 1, " ": 2},
    ".": {"0": 96, "A": 1.5, "a": 0.5, ".": 0.5, " ": 1.5},
    " ": {"0": 40, "A": 35, "a": 23, ".": 1.9, " ": 0.1},
}
"""Of a hundred characters that follow a digit (0), a capital (A), a small letter (a), a sign (.), a
space or nothing: ours, from what people write on the canvas; the lines are read alike with others.
"""

_NEXT = {
    before: {kind: float(np.log(share / 100)) for kind, share in shares.items()}
    for before, shares in _NEXT_IN_PERCENT.items()
}


def _kind(sign: str) -> str:
    if sign in ("", " "):
        return sign
    if sign.isdigit():
        return "0"
    return ("A" if sign.isupper() else "a") if sign.isalpha() else "."


def count_letters(words: Sequence[tuple[str, float]]) -> np.ndarray:
    """The table `Texts.after` from words of letters and how often each occurs.

    Of c occurrences of a letter among n after the same last letters, of which T are different, the
    probability is (c + T p) / (n + T), where p is that after one letter less (Witten and Bell, IEEE
    Transactions on Information Theory 37, 1991).
    """
    counts = np.zeros((27, 27, 27, 26))
    for word, count in words:
        places = [_START] * 3 + [ord(letter) - 97 for letter in word.lower()]
        for index in range(3, len(places)):
            counts[tuple(places[index - 3 : index + 1])] += count
    result = np.full(26, 1 / 26)
    for length in range(ORDER):
        own = counts.sum(tuple(range(ORDER - 1 - length)))
        total, different = own.sum(-1, keepdims=True), (own > 0).sum(-1, keepdims=True)
        seen = (own + different * result) / np.maximum(total + different, 1e-9)
        result = np.where(total > 0, seen, result)
    return np.log(result).astype(np.float32)


def save_letters(path: Path, table: np.ndarray) -> None:
    """As bytes: sixteenths of a natural logarithm, rounded."""
    np.savez_compressed(path, sixteenths=np.clip(np.round(-table * 16), 0, 255).astype(np.uint8))


@lru_cache(maxsize=1)
def load_letters() -> np.ndarray:
    """The shipped table, float32 [27, 27, 27, 26]."""
    with np.load(LETTERS) as file:
        table: np.ndarray = -file["sixteenths"].astype(np.float32) / 16
    return table

"""Roman numerals of any value, 1 to 3999, read as lines of letters that must make a numeral."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log

import numpy as np

from core.models.recognizer import Recognizer
from core.reading.line import Line, read_line
from core.synthesis.compose.numerals import LARGEST, LETTERS, numeral

ONLY = LETTERS + LETTERS.upper()
"""The letters that a line of a numeral is read with."""

_FLOOR = 1e-6
"""Probability of a letter that is not among the most probable ones of its place."""


@dataclass(frozen=True)
class Numeral:
    """text : in small letters. confidence : of this numeral among all of as many letters, 0-1.
    as_read : the letters that are most probable one by one, which may be no numeral. line : all
    that was read.
    """

    text: str
    value: int
    confidence: float
    as_read: str
    line: Line


def read_numeral(recognizer: Recognizer, grey: np.ndarray) -> Numeral | None:
    """The most probable numeral in a grey picture uint8 [H, W]; None if it is blank, or if none has
    as many letters.
    """
    line = read_line(recognizer, grey, only=ONLY)
    if line is None:
        return None
    found = most_probable([dict(character.top) for character in line.characters])
    if found is None:
        return None
    value, confidence = found
    read = "".join(character.label for character in line.characters).lower()
    return Numeral(numeral(value), value, confidence, read, line)


def most_probable(places: Sequence[Mapping[str, float]]) -> tuple[int, float] | None:
    """The value of the numeral whose letters are together the most probable, and its share among
    all numerals of as many letters; None if there is none.

    places : for each letter its probabilities, 0-1; capitals and small letters count together.
    """
    values, letters = _numerals_of(len(places))
    if not len(values):
        return None
    scores = np.full((len(places), len(LETTERS)), _FLOOR)
    for row, options in enumerate(places):
        for name, share in options.items():
            if name.lower() in LETTERS and name:
                scores[row, LETTERS.index(name.lower())] += share
    logarithms = np.log(scores)[np.arange(len(places)), letters].sum(1)
    best = int(logarithms.argmax())
    return int(values[best]), float(np.exp(logarithms[best] - _log_sum(logarithms)))


@cache
def _numerals_of(length: int) -> tuple[np.ndarray, np.ndarray]:
    """The values [N] of all numerals of so many letters, and their letters as indices [N, length]
    into LETTERS.
    """
    texts = {value: numeral(value) for value in range(1, LARGEST + 1)}
    fitting = {value: text for value, text in texts.items() if len(text) == length}
    letters = [[LETTERS.index(letter) for letter in text] for text in fitting.values()]
    return np.array(list(fitting), int), np.array(letters, int).reshape(len(fitting), length)


def _log_sum(logarithms: np.ndarray) -> float:
    top = float(logarithms.max())
    return top + log(float(np.exp(logarithms - top).sum()))

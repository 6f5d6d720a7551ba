"""Texts to write on lines: numbers, words in capitals or not, and characters at random."""

from collections.abc import Callable, Sequence
from string import ascii_lowercase, ascii_uppercase, digits

import numpy as np

CHARACTERS = tuple(digits + ascii_uppercase + ascii_lowercase + ".,- ")
"""What texts are made of."""

_LENGTHS = (1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 10)
"""Digits of a number, each as likely as the others."""

_RARE = 0.6
"""The word of rank n is drawn in proportion to 1 / (n + 10) to this power."""

Generator = np.random.Generator


class Texts:
    """Draws texts; words : small letters only, the most frequent first."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = [word for word in words if word.isascii() and word.isalpha()]
        shares = 1 / np.arange(10, 10 + len(self._words)) ** _RARE
        self._until = shares.cumsum() / shares.sum()

    def draw(self, generator: Generator) -> str:
        """A text of one of the kinds in _KINDS."""
        chosen = generator.random()
        for share, kind in _KINDS:
            if chosen < share:
                return kind(self, generator)
            chosen -= share
        return self.word(generator)

    def word(self, generator: Generator) -> str:
        return self._words[int(np.searchsorted(self._until, generator.random()))]


def _some(characters: str, longest: int) -> Callable[[Texts, Generator], str]:
    return lambda _, generator: "".join(
        generator.choice(list(characters), int(generator.integers(1, longest + 1)))
    )


def _number(_: Texts, generator: Generator) -> str:
    return "".join(map(str, generator.integers(0, 10, int(generator.choice(_LENGTHS)))))


def _measure(_: Texts, generator: Generator) -> str:
    """With a minus, a point or a comma."""
    whole, sign = str(generator.integers(0, 1000)), generator.random()
    part = f"{generator.choice(['.', ','])}{generator.integers(0, 1000)}" if sign > 0.2 else ""
    return ("-" if sign < 0.35 else "") + whole + part


def _two(texts: Texts, generator: Generator) -> str:
    return f"{texts.word(generator)[:7]} {texts.word(generator)[:7]}"


_KINDS: tuple[tuple[float, Callable[[Texts, Generator], str]], ...] = (
    (0.24, _number),
    (0.09, _measure),
    (0.04, _some(ascii_uppercase + digits, 6)),
    (0.10, _some(ascii_uppercase, 6)),
    (0.24, lambda texts, generator: texts.word(generator).upper()),
    (0.06, lambda texts, generator: texts.word(generator).capitalize()),
    (0.04, _some(digits + ascii_uppercase + ascii_lowercase, 5)),
    (0.03, _two),
)
"""(share, kind); the rest are words in small letters."""

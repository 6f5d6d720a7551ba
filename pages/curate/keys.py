"""One key for each class."""

from collections.abc import Sequence

from core.synthesis.compose.roman import NUMERALS
from pages.curate.board import LABEL, Key

_DIGITS = "1234567890"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def keys_of(classes: Sequence[str]) -> list[Key]:
    """A class of one character has its own key, of one case the other case too; the digits 1 to 0
    stand for i to x; other names get the keys left, in order. Beyond them a class has its button.
    """
    if set(classes) <= set(NUMERALS):
        own = {name: _DIGITS[NUMERALS.index(name)] for name in classes}
    else:
        own = {name: name for name in classes if len(name) == 1 and name != "-"}
    free = iter(sign for sign in _DIGITS + _LETTERS + _LETTERS.upper() if sign not in own.values())
    return [Key(own.get(name) or next(free, ""), LABEL + name, name) for name in classes]

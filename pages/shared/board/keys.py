"""Keys for classes."""

from collections.abc import Sequence
from string import ascii_letters

from core.synthesis.compose.roman import NUMERALS

_DIGITS = "1234567890"
_TAKEN = "?!-"
"""Signs that mean something else on every board."""


def keys_of(classes: Sequence[str]) -> dict[str, str]:
    """Key -> class: the digits 1 to 0 stand for the numerals i to x; a class of one character has
    that, and a letter its other case too if that is no class; numbers of several digits are typed;
    other longer names get the keys left, in order. A class's first key is the one to show.
    """
    keys: dict[str, str] = {}
    if set(classes) <= set(NUMERALS):
        keys = {_DIGITS[NUMERALS.index(name)]: name for name in classes}
    own = {name: name for name in classes if len(name) == 1 and name not in _TAKEN}
    own |= {name: name for name in classes if name.isdecimal()}
    keys |= own | {
        name.swapcase(): name for name in own if name.isalpha() and name.swapcase() not in own
    }
    free = iter(sign for sign in _DIGITS + ascii_letters if sign not in keys)
    waiting = (name for name in classes if name not in keys.values())
    return keys | dict(zip(free, waiting, strict=False))

"""Roman numerals and their values, 1 to 3999 (i to mmmcmxcix), in canonical form only."""

from collections.abc import Iterable

from core.errors import InklingError
from core.settings import MAX_DIGITS

LARGEST = 3999

_PARTS = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)

LETTERS = "ivxlcdm"


def numeral(value: int) -> str:
    """The canonical numeral of 1 to 3999, in small letters; InklingError for another value."""
    if not 1 <= value <= LARGEST:
        raise InklingError(f"Roman numerals are written here from 1 to {LARGEST}, not {value}.")
    text = ""
    for part, letters in _PARTS:
        times, value = divmod(value, part)
        text += letters * times
    return text


def value(text: str) -> int:
    """What a numeral in small letters or in capitals is worth; InklingError for a text that is no
    canonical numeral (iiii, ic, or mixed case).
    """
    letters = text.lower() if text.isupper() else text
    total, rest = 0, letters
    for part, sign in _PARTS:
        while rest.startswith(sign):
            total, rest = total + part, rest[len(sign) :]
    if rest or not 1 <= total <= LARGEST or numeral(total) != letters:
        raise InklingError(f"{text!r} is no Roman numeral.")
    return total


def is_numeral(text: str) -> bool:
    """Whether `value` reads it."""
    try:
        value(text)
    except InklingError:
        return False
    return True


def parse_numerals(text: str) -> tuple[str, ...]:
    """Numerals by name, value or range, in small letters: `i-x`, `1-10`, `iv,ix,xl-lx`."""
    values: list[int] = []
    for piece in text.split(","):
        first, dash, last = (side.strip() for side in piece.partition("-"))
        low, high = _value(first), _value(last) if dash else _value(first)
        if low > high:
            raise InklingError(f"{piece!r} names no numerals; write i-x, or 1-10, or iv,ix,xl.")
        values += range(low, high + 1)
    return tuple(numeral(number) for number in dict.fromkeys(values))


def letters_of(texts: Iterable[str]) -> str:
    """The different characters of these texts, in the order of their values."""
    used = set("".join(texts))
    return "".join(sign for sign in LETTERS + LETTERS.upper() + "0123456789" if sign in used)


def _value(text: str) -> int:
    if text.isdecimal() and len(text) <= MAX_DIGITS and 1 <= int(text) <= LARGEST:
        return int(text)
    return value(text)

"""Characters and numbers named in a text: by themselves, and by ranges."""

from core.errors import InklingError

_MOST = 1000
"""Numbers in a range."""


def parse_labels(text: str) -> tuple[str, ...]:
    """Characters by name or range: `0-9`, `0,3,7`, `i,v,x`, `A-F,0-9`; numbers too: `10-36`."""
    labels: list[str] = []
    for piece in text.split(","):
        first, dash, last = piece.partition("-")
        if len(first) == 1 and dash and len(last) == 1 and first <= last:
            labels += map(chr, range(ord(first), ord(last) + 1))
        elif _numbers(first) and _numbers(last) and 0 <= int(last) - int(first) < _MOST:
            labels += map(str, range(int(first), int(last) + 1))
        elif piece and not dash:
            labels.append(piece)
        else:
            raise InklingError(f"{piece!r} names no characters; write 0-9, or 0,3,7, or A-F,x.")
    return tuple(dict.fromkeys(labels))


def _numbers(text: str) -> bool:
    """Whether it is a number as it is written."""
    return text.isdecimal() and text.isascii() and len(text) < 7 and text == str(int(text))

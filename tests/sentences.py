"""The required form of an error message."""

import re


def is_sentence(text: str) -> bool:
    """One line that ends with a full stop or the command to type, and shows no program
    internals.
    """
    inside = ("Traceback", "Error(", "<class", "object at 0x", "[Errno")
    ends = text.endswith(".") or re.search(r": python -m core [\w ./-]+$", text) is not None
    return (
        "\n" not in text
        and ends
        and 10 < len(text) < 6_000
        and not any(word in text for word in inside)
    )

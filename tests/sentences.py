"""What an error message has to look like."""


def is_sentence(text: str) -> bool:
    """One line that begins like a sentence or a name, ends with a full stop, and shows nothing of the program's inside."""
    inside = ("Traceback", "Error(", "<class", "object at 0x", "errno")
    return "\n" not in text and text.rstrip().endswith(".") and 10 < len(text) < 2_000 and not any(word in text for word in inside)

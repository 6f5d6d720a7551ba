"""The required form of an error message."""


def is_sentence(text: str) -> bool:
    """One line that ends with a full stop, tells nobody to type a command, and shows no program
    internals.
    """
    inside = ("Traceback", "Error(", "<class", "object at 0x", "[Errno", "python -m core ")
    return (
        "\n" not in text
        and text.endswith(".")
        and 10 < len(text) < 6_000
        and not any(word in text for word in inside)
    )


def sentence_of(stderr: str) -> str:
    """The message that a command left: without progress bars, and without the command below it that
    helps, which must be one of ours.
    """
    sentence, *commands = stderr.partition("python -m core: ")[2].splitlines()
    assert all(line.startswith("    python -m core ") for line in commands), stderr
    return sentence

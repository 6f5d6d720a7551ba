"""The one exception whose message is shown to users, and a check for out-of-memory errors."""


class InklingError(Exception):
    """Something the user can act on; the message is one sentence: what happened and what to do
    next.

    command : arguments of the `python -m core` that does it, if one does. A terminal prints it
    below; whoever reads the sentence on a screen has a button instead.
    """

    def __init__(self, sentence: str, *, command: str = "") -> None:
        super().__init__(sentence)
        self.command = command


def out_of_memory(error: Exception) -> bool:
    """Whether memory ran out; torch has no separate exception for CPU memory."""
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and "memory" in str(error)
    )

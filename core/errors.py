"""The one exception whose message is meant for the person at the screen, and what others mean to
them.
"""


class InklingError(Exception):
    """Something the user can act on; the message is one sentence: what happened and what to do
    next.
    """


def out_of_memory(error: Exception) -> bool:
    """Whether memory ran out; torch has no exception of its own for the processor's."""
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and "memory" in str(error)
    )

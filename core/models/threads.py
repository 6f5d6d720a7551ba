"""How many of torch's threads work for one answer."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def one_thread(*, alone: bool = True) -> Iterator[None]:
    """One thread for what is small: several wait for each other longer than they work, and each
    session would start its own. alone : False leaves them as they are.
    """
    before = torch.get_num_threads()
    if not alone or before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)

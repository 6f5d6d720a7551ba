"""The processes of one run: one, or as many as `torchrun` started."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import distributed


def count() -> int:
    """Number of processes that train together."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def number() -> int:
    """Index of this process, from 0."""
    return int(os.environ.get("RANK", "0"))


def first() -> bool:
    """Whether this is the process that writes."""
    return number() == 0


def device() -> torch.device:
    """This process's GPU if there is one, or else the processor."""
    return (
        torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        if torch.cuda.is_available()
        else torch.device("cpu")
    )


def composers() -> int:
    """Processes that compose batches while a GPU trains; 0 if this one does, as training on a
    processor needs all of it.
    """
    return max(1, (os.cpu_count() or 1) - 1) if device().type == "cuda" else 0


@contextmanager
def together() -> Iterator[None]:
    """Connect to the other processes that `torchrun` started, if any."""
    if int(os.environ.get("WORLD_SIZE", "1")) < 2:
        yield
        return
    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


@contextmanager
def first_alone() -> Iterator[None]:
    """The first process runs the block before the others, which then find its files."""
    if count() > 1 and not first():
        distributed.barrier()
    yield
    if count() > 1 and first():
        distributed.barrier()


def agree(value: Any) -> Any:
    """The first process's value, on every process."""
    texts = [value]
    if count() > 1:
        distributed.broadcast_object_list(texts, src=0)
    return texts[0]

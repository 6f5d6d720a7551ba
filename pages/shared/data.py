"""Results of data that are kept in memory."""

import zlib
from collections.abc import Callable
from typing import Any

import streamlit as st

from core.datasets.dataset import Dataset
from core.progress import Progress

MOST_KEPT = 50
"""Results in memory; the oldest go first."""


def kept(
    kind: str,
    key: object,
    compute: Callable[[Progress], Any],
    *,
    total: int,
    doing: str,
) -> Any:
    """What `compute(progress)` gave for this key, from a bounded memory, or now, with a bar; any
    click elsewhere stops it.

    None is not kept: what is not there yet may be there at the next look.
    """
    # always: elements below must not move up when nothing is computed
    memory, bar = _memory(), st.empty()
    if (kind, key) not in memory:

        def told(done: int, total: int = total, note: str = "") -> None:
            bar.progress(min(done / total, 1.0), text=f"{doing}, {done:,} of {total:,}")

        value = compute(told)
        bar.empty()
        if value is not None:
            memory[kind, key] = value
        for old in list(memory)[:-MOST_KEPT]:
            memory.pop(old, None)
        return value
    return memory[kind, key]


def state_of(dataset: Dataset) -> tuple[str, int, int]:
    """Tells two states of a data set apart: by its labels, and by its pixels where they are few."""
    pixels = zlib.crc32(dataset.images[:: max(1, len(dataset) // 2000)].tobytes())
    return dataset.name, len(dataset), pixels ^ zlib.crc32(dataset.labels.tobytes())


@st.cache_resource(show_spinner=False)
def _memory() -> dict[tuple[str, object], Any]:
    return {}

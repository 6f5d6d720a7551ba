"""Data on a screen: what is said where they are missing, and results of them that are kept in
memory.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.datasets import drawings
from core.datasets.catalogue import Entry
from core.datasets.dataset import Dataset
from core.jobs.job import Job
from core.progress import Progress
from core.settings import Settings
from pages.shared.jobs import run_job

MOST_KEPT = 50
"""Results in memory; the oldest go first."""


@dataclass(frozen=True)
class Missing:
    """Data of which nothing is here; `problem` says why."""

    entry: Entry
    problem: str


def say_missing(entry: Entry, settings: Settings, sentence: str) -> None:
    """An empty state: what is missing, and, where that can be had, a button that fetches it with
    progress and Cancel.
    """
    st.info(sentence, icon=":material/download:" if entry.download else ":material/info:")
    if entry.name == drawings.NAME:
        st.page_link("draw/page.py", label="Draw", icon=":material/draw:")
    if not entry.download:
        return
    arguments = ["data", "download", entry.name]
    label = "Draw them" if entry.name.startswith("synthetic-") else "Download"
    run_job(label, arguments, Job.of(arguments, settings), key="fetch", done=lambda _: None)


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

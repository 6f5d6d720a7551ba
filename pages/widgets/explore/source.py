"""Which data are looked at: any set of the catalogue, or one's own; and their class maps, counted once."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.datasets import drawings
from core.datasets.catalogue import Entry, find_entries
from core.datasets.dataset import Dataset
from core.datasets.uploads import PREFIX
from core.errors import InklingError
from core.jobs import Job
from core.settings import Settings
from core.statistics.class_maps import ClassMaps, class_maps
from core.statistics.maps_file import shipped_maps
from pages.widgets.explore.upload import own_data
from pages.widgets.jobs import run_job

MOST_KEPT = 50
"""Results in memory; the oldest go first."""


@dataclass(frozen=True)
class Source:
    """What was chosen: `maps` are always there, `dataset` only where the images are on this machine."""

    entry: Entry
    part: str
    maps: ClassMaps
    dataset: Dataset | None
    settings: Settings

    @property
    def name(self) -> str:
        """As the command line takes it."""
        return f"{self.entry.name}:{self.part}"

    def other(self, part: str) -> Dataset | None:
        """Another part of the same data, where there is one."""
        try:
            return self.entry.open(self.settings, part) if part in self.entry.splits else None
        except InklingError:
            return None


@dataclass(frozen=True)
class Missing:
    """Data of which nothing is here; `problem` says why."""

    entry: Entry
    problem: str


def pick_source(settings: Settings) -> Source | Missing:
    """The picker of data."""
    picker = st.container()
    own_data(settings)
    with picker:
        return _pick(find_entries(settings), settings)


def _pick(entries: dict[str, Entry], settings: Settings) -> Source | Missing:
    name = st.selectbox("Data", list(entries), key="data", bind="query-params")
    entry = entries[name]
    if not name.startswith(PREFIX):
        st.caption(entry.title)
    part = entry.splits[0]
    if len(entry.splits) > 1:
        part = st.segmented_control("Part", entry.splits, default=part, required=True, key="part", bind="query-params")
    try:
        dataset = entry.open(settings, part)
        if len(dataset):
            return Source(entry, part, _maps(dataset), dataset, settings)
        problem = "Nothing is in it yet; draw something and keep it, or choose other data."
    except InklingError as error:
        problem = str(error)
    maps = shipped_maps(f"{name}:{part}")
    return Source(entry, part, maps, None, settings) if maps else Missing(entry, problem)


def say_missing(entry: Entry, settings: Settings, sentence: str) -> None:
    """An empty state: what is missing, and, where that can be had, a button that fetches it with progress and Cancel."""
    st.info(sentence, icon=":material/download:" if entry.download else ":material/info:")
    if entry.name == drawings.NAME:
        st.page_link("draw.py", label="Draw", icon=":material/draw:")
    if not entry.download:
        return
    arguments = ["data", "download", entry.name]
    label = "Draw them" if entry.name.startswith("synthetic-") else "Download"
    run_job(label, arguments, Job.of(arguments, settings), key="fetch", done=lambda _: None)


def kept(kind: str, key: object, compute: Callable[[Callable[[int], None]], Any], *, total: int, doing: str) -> Any:
    """What `compute(progress)` gave for this key, from a bounded memory, or now, with a bar; any click elsewhere stops it."""
    memory, bar = _memory(), st.empty()  # always: elements below must not move up when nothing is computed
    if (kind, key) not in memory:

        def told(done: int) -> None:
            bar.progress(min(done / total, 1.0), text=f"{doing}, {done:,} of {total:,}")

        value = memory[kind, key] = compute(told)
        bar.empty()
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


def _maps(dataset: Dataset) -> ClassMaps:
    maps: ClassMaps = kept(
        "maps", state_of(dataset), lambda told: class_maps(dataset, progress=told), total=len(dataset), doing="Counting pixels"
    )
    return maps

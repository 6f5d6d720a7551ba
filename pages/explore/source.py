"""The data set to explore, of the catalogue or uploaded; and its class maps, computed once."""

from dataclasses import dataclass

import streamlit as st

from core.datasets.catalogue import Entry, find_entries, first_here
from core.datasets.dataset import Dataset
from core.datasets.digest import quick_digest
from core.errors import InklingError
from core.settings import Settings
from core.statistics.class_maps import ClassMaps, class_maps
from core.statistics.maps_file import shipped_maps
from pages.explore.upload import own_data
from pages.shared.cache import cached_with_progress
from pages.shared.data import pick_data
from pages.shared.missing import Missing, opened


@dataclass(frozen=True)
class Source:
    """What was chosen: `maps` are always there, `dataset` only if the images are on this
    machine.
    """

    entry: Entry
    part: str
    maps: ClassMaps
    dataset: Dataset | None
    settings: Settings

    @property
    def name(self) -> str:
        """As named on the command line."""
        return f"{self.entry.name}:{self.part}"

    def other(self, part: str) -> Dataset | None:
        """Another split of the same data, if there is one."""
        try:
            return self.entry.open(self.settings, part) if part in self.entry.splits else None
        except InklingError:
            return None


def pick_source(settings: Settings) -> Source | Missing:
    """The picker of data."""
    picker = st.container()
    own_data(settings)
    with picker:
        return _pick(find_entries(settings), settings)


def _pick(entries: dict[str, Entry], settings: Settings) -> Source | Missing:
    usual = first_here(list(entries.values()), settings).name
    entry = pick_data(entries, settings, usual=usual)
    part = entry.splits[0]
    if len(entry.splits) > 1:
        part = st.segmented_control(
            "Part", entry.splits, default=part, required=True, key="part", bind="query-params"
        )
    dataset = opened(entry, lambda: entry.open(settings, part))
    if not isinstance(dataset, Missing):
        return Source(entry, part, _maps(dataset), dataset, settings)
    maps = shipped_maps(f"{entry.name}:{part}")
    return Source(entry, part, maps, None, settings) if maps else dataset


def _maps(dataset: Dataset) -> ClassMaps:
    return cached_with_progress(
        "maps",
        (dataset.name, dataset.source, quick_digest(dataset)),
        lambda report: class_maps(dataset, report=report),
        total=len(dataset),
        doing="Counting pixels",
    )

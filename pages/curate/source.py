"""What is curated: a set of the catalogue or a folder, and the log of decisions on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.curation.cells import folder_of_cells, kept_cells
from core.curation.collection import Collection, FolderCollection, open_collection
from core.curation.curated import Curated, curated
from core.curation.decisions import (
    Decision,
    decided,
    log_decisions,
    log_of,
    read_log,
    steps_back,
)
from core.datasets.catalogue import find_entries, first_here
from core.errors import InklingError
from core.settings import Settings
from core.visitors import check_room
from pages.curate.actions import value_of
from pages.shared.address import read_choice, write_choice
from pages.shared.cache import cached
from pages.shared.data import pick_data
from pages.shared.missing import Missing, opened
from pages.shared.text import plain

STEPS = 50
"""Decisions that can be undone after a reload."""


@dataclass(frozen=True, eq=False)
class Source:
    """A collection and the log of the decisions on it."""

    collection: Collection
    log: Path
    settings: Settings

    def decisions(self) -> list[Decision]:
        """All that were made, other tabs' too."""
        # by its size: two decisions may have one time, and it only grows
        size = self.log.stat().st_size if self.log.exists() else 0
        return cached("decisions", (str(self.log), size), lambda: read_log(self.log))

    def curated(self) -> Curated:
        """The collection with what is decided now."""
        return curated(self.collection, self.held())

    def held(self) -> Mapping[str, Decision]:
        """The decision that holds for each picture."""
        return decided(self.decisions())

    def steps(self) -> list[tuple[str, str]]:
        """What can be undone: names with the values that they get back."""
        steps = steps_back(self.decisions(), STEPS)
        return [(decision.picture, value_of(before)) for decision, before in steps]

    def decide(self, decisions: Sequence[Decision]) -> list[Decision] | None:
        """Log decisions; as they are on disk, or None if they are not. Errors are shown."""
        try:
            check_room(self.settings)
            return log_decisions(self.log, decisions)
        except (InklingError, OSError) as error:
            reason = str(error) if isinstance(error, InklingError) else error.strerror
            st.toast(f"Not saved: {plain(reason)}", icon=":material/error:", duration="long")
            return None


def pick_source(settings: Settings) -> Source | Missing:
    """A picker of the catalogue, or a folder, which counts if one is given."""
    picker = st.container()
    folder = _cells(settings) if settings.own else _folder()
    if folder:
        return _source(folder, settings)
    entries = find_entries(settings)
    with picker:
        usual = first_here(list(entries.values()), settings).name
        entry = pick_data(entries, settings, usual=usual)
    missing = opened(entry, lambda: entry.open(settings, entry.splits[0]))
    return missing if isinstance(missing, Missing) else _source(entry.name, settings)


def _folder() -> str:
    """The path of one that is there; "" for none."""
    folder = st.text_input(
        "A folder of pictures",
        key="folder",
        bind="query-params",
        placeholder="/path/to/pictures",
        help="On the machine that Inkling runs on; with class folders in it, or with parts such as "
        "train/ and val/ that hold them, or with pictures that have no labels yet. Empty it to "
        "choose from the catalogue.",
    ).strip()
    if folder and not Path(folder).expanduser().is_dir():
        raise InklingError(f"There is no folder {folder}; give one with pictures in it.")
    return str(Path(folder).expanduser().resolve()) if folder else ""


def _cells(settings: Settings) -> str:
    """For a visitor of a demo, who names no folder of the machine: that of cells from Sheet."""
    names = kept_cells(settings)
    if not names:
        return ""
    read_choice("folder", "", ["", *names])
    name = st.selectbox(
        "Cells of your sheets",
        ["", *names],
        key="folder",
        format_func=lambda name: name or "None, but data as above",
    )
    write_choice("folder", "", name)
    return str(folder_of_cells(name, settings)) if name else ""


def _source(name: str, settings: Settings) -> Source:
    collection = _listed(name, settings)
    return Source(collection, log_of(settings, collection.name), settings)


def _listed(name: str, settings: Settings) -> Collection:
    """Listed once, and again when a file came or went; the difference is said."""
    state, key = st.session_state, f"listed-{name}"
    before = state.get(key)
    if isinstance(before, FolderCollection) and before.is_current():
        return before
    now = open_collection(name, settings)
    if isinstance(now, FolderCollection):
        state[key] = now
        if isinstance(before, FolderCollection) and before.state != now.state:
            st.toast(_difference(before, now), icon=":material/sync:", duration="long")
    return now


def _difference(before: FolderCollection, now: FolderCollection) -> str:
    had, have = set(before.names), set(now.names)
    return f"The folder has changed: {len(have - had):,} new, {len(had - have):,} gone."

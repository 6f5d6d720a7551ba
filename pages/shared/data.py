"""Pickers of data sets: by their titles, marked where they are not on this machine, and by their
names in the address.

Streamlit's own binding would put the titles into the address, and with them what is here today.
"""

from collections.abc import Callable, Mapping

import streamlit as st

from core.datasets.catalogue import DESCRIBED, Entry, find_entry, is_here
from core.datasets.requested import PREFIX, check_glyphs
from core.errors import InklingError
from core.settings import Settings
from pages.shared.address import read_choice, write_choice
from pages.shared.text import plain


def pick_data(
    entries: Mapping[str, Entry],
    settings: Settings,
    *,
    usual: str,
    key: str = "data",
    label: str = "Data",
) -> Entry:
    """A picker of one, bound to `?KEY=NAME`. usual : the name until another is picked."""
    entries = {**entries, **_described(key, settings)}
    read_choice(key, usual, entries)
    name = st.selectbox(label, list(entries), key=key, format_func=_titles(entries, settings))
    write_choice(key, usual, name)
    return entries[name]


def pick_more_data(
    entries: Mapping[str, Entry], settings: Settings, *, key: str, label: str, help: str
) -> list[Entry]:
    """A picker of any number, bound to `?KEY=NAME&KEY=NAME`."""
    entries = {**entries, **_described(key, settings)}
    read_choice(key, [], entries)
    names = st.multiselect(
        label,
        list(entries),
        key=key,
        format_func=_titles(entries, settings),
        placeholder="Nothing else",
        help=help,
    )
    write_choice(key, [], names)
    return [entries[name] for name in names]


def _described(key: str, settings: Settings) -> dict[str, Entry]:
    """The sets in the address whose names say how they are drawn, with glyphs of this machine."""
    entries = {}
    for name in st.query_params.get_all(key):
        if not name.startswith(tuple(DESCRIBED)):
            continue
        try:
            if name.startswith(PREFIX):
                check_glyphs(name, settings)
            entry = find_entry(name, settings)
        except InklingError as error:
            st.warning(plain(error), icon=":material/error:")
            continue
        if entry:
            entries[name] = entry
    return entries


def _titles(entries: Mapping[str, Entry], settings: Settings) -> Callable[[str], str]:
    def title(name: str) -> str:
        entry = entries[name]
        if is_here(entry, settings):
            return entry.title
        return f"{entry.title} ({'not made yet' if entry.make else 'not here'})"

    return title

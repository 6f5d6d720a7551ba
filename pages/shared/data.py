"""Pickers of data sets: by their titles, marked where they are not on this machine, and by their
names in the address.

Streamlit's own binding would put the titles into the address, and with them what is here today.
"""

from collections.abc import Callable, Collection, Mapping

import streamlit as st

from core.datasets.catalogue import Entry, is_here
from core.settings import Settings


def pick_data(
    entries: Mapping[str, Entry],
    settings: Settings,
    *,
    usual: str,
    key: str = "data",
    label: str = "Data",
) -> Entry:
    """A picker of one, bound to `?KEY=NAME`. usual : the name until another is picked."""
    _read_address(key, usual, entries)
    name = st.selectbox(label, list(entries), key=key, format_func=_titles(entries, settings))
    _write_address(key, usual, name)
    return entries[name]


def pick_more_data(
    entries: Mapping[str, Entry], settings: Settings, *, key: str, label: str, help: str
) -> list[Entry]:
    """A picker of any number, bound to `?KEY=NAME&KEY=NAME`."""
    _read_address(key, [], entries)
    names = st.multiselect(
        label,
        list(entries),
        key=key,
        format_func=_titles(entries, settings),
        placeholder="Nothing else",
        help=help,
    )
    _write_address(key, [], names)
    return [entries[name] for name in names]


def _titles(entries: Mapping[str, Entry], settings: Settings) -> Callable[[str], str]:
    def title(name: str) -> str:
        entry = entries[name]
        if is_here(entry, settings):
            return entry.title
        return f"{entry.title} ({'not made yet' if entry.make else 'not here'})"

    return title


def _read_address(key: str, usual: str | list[str], known: Collection[str]) -> None:
    """Before it is drawn: the address counts if something else than the picker changed it, and a
    choice that nobody made follows what is usual.
    """
    state, address = st.session_state, st.query_params.get_all(key)
    names = [name for name in address if name in known]
    said = names if isinstance(usual, list) else names[-1] if names else usual
    chosen = state.get(key)
    gone = not set([chosen] if isinstance(chosen, str) else chosen or []) <= set(known)
    unmade = chosen is None or chosen == state.get(f"{key}-usual")
    if unmade or gone or address != state.get(f"{key}-address", []):
        state[key] = said


def _write_address(key: str, usual: str | list[str], chosen: str | list[str]) -> None:
    names = [] if chosen == usual else [chosen] if isinstance(chosen, str) else chosen
    if st.query_params.get_all(key) != names:
        st.query_params[key] = names  # none removes it
    st.session_state.update({f"{key}-usual": usual, f"{key}-address": names})

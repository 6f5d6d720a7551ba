"""What is chosen in the address: by its name, and under today's names in addresses of earlier
versions.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

import streamlit as st
from streamlit.errors import StreamlitAPIException


def renamed(names: Mapping[str, str]) -> dict[str, list[str]]:
    """The argument of `correct_address` that renames parameters; where the new name is present too,
    its value wins.
    """
    parameters: dict[str, list[str]] = {}
    for old, new in names.items():
        values = st.query_params.get_all(old)
        if values:
            parameters |= {old: [], new: st.query_params.get_all(new) or values}
    return parameters


def correct_address(parameters: Mapping[str, Sequence[str]]) -> None:
    """Set query parameters to these values (none removes one) and, if that changes the address,
    rerun the page. To be called before the controls: once a control is drawn, it owns its
    parameter, which is then left alone.
    """
    changed = False
    for name, values in parameters.items():
        if st.query_params.get_all(name) != list(values):
            with suppress(StreamlitAPIException):
                st.query_params[name] = list(values)
                changed = True
    if changed:
        st.rerun()


def read_choice(key: str, usual: str | list[str], known: Collection[str]) -> None:
    """Before a picker of names is drawn that shows their titles, which Streamlit's own binding
    would put into the address: the address counts if something else than the picker changed it, and
    a choice that nobody made follows what is usual.
    """
    state, address = st.session_state, st.query_params.get_all(key)
    names = [name for name in address if name in known]
    said = names if isinstance(usual, list) else names[-1] if names else usual
    chosen = state.get(key)
    gone = not set([chosen] if isinstance(chosen, str) else chosen or []) <= set(known)
    unmade = chosen is None or (not address and chosen == state.get(f"{key}-usual"))
    if unmade or gone or address != state.get(f"{key}-address", []):
        state[key] = said


def write_choice(key: str, usual: str | list[str], chosen: str | list[str]) -> None:
    """After it is drawn: what is usual is not in the address."""
    names = [] if chosen == usual else [chosen] if isinstance(chosen, str) else chosen
    if st.query_params.get_all(key) != names:
        st.query_params[key] = names  # none removes it
    st.session_state.update({f"{key}-usual": usual, f"{key}-address": names})

"""Addresses of earlier versions: their parameters under the names of today."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

import streamlit as st
from streamlit.errors import StreamlitAPIException


def renamed(names: Mapping[str, str]) -> dict[str, list[str]]:
    """What `correct_address` needs to give parameters other names; one that is there by its new
    name too stays as that says.
    """
    parameters: dict[str, list[str]] = {}
    for old, new in names.items():
        values = st.query_params.get_all(old)
        if values:
            parameters |= {old: [], new: st.query_params.get_all(new) or values}
    return parameters


def correct_address(parameters: Mapping[str, Sequence[str]]) -> None:
    """Set parameters of the address to these values (none: it is taken out) and, if that changes
    it, draw the page anew. To be called before the controls: once one is drawn, its parameter is
    its own, and is left alone.
    """
    changed = False
    for name, values in parameters.items():
        if st.query_params.get_all(name) != list(values):
            with suppress(StreamlitAPIException):
                st.query_params[name] = list(values)
                changed = True
    if changed:
        st.rerun()

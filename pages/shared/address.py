"""Addresses of earlier versions: their parameters under today's names."""

from collections.abc import Mapping, Sequence
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

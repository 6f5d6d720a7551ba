"""Settings of a new run survive a switch to other views; Streamlit forgets widgets that are not on
the screen.
"""

import streamlit as st

from pages.train.controls import ADDED, FIRST, MORE, VARIED

_KEPT = "new-run-settings"


def remember() -> None:
    """Save the settings, after the controls are drawn."""
    controls = (*FIRST, *MORE, *VARIED, *ADDED)
    names = {"data", "mix", "model", "recipe", "start", *(control.name for control in controls)}
    st.session_state[_KEPT] = {
        str(key): value
        for key, value in st.session_state.items()
        if str(key) in names
        or str(key).startswith(("weight-", f"{st.session_state.get('model')}-"))
    }


def recall() -> None:
    """Restore them before the controls are drawn, unless those are on the screen already or set in
    the address.
    """
    selected = st.session_state.get(_KEPT, {})
    bound = set(selected) - {"data", "mix"}  # which stay in the address, whatever the view
    if "model" in st.session_state or any(key in st.query_params for key in bound):
        return
    for key, value in selected.items():
        st.session_state[key] = value


def forget() -> None:
    """For callers that set everything anew."""
    st.session_state.pop(_KEPT, None)

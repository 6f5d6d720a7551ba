"""What was set for a new run outlives a look at the other views; Streamlit forgets widgets that are
not on the screen.
"""

import streamlit as st

from pages.train.controls import ADDED, FIRST, MORE, VARIED

_KEPT = "new-run-settings"


def remember() -> None:
    """Note what is set, after the controls are drawn."""
    controls = (*FIRST, *MORE, *VARIED, *ADDED)
    names = {"data", "mix", "model", "recipe", "start", *(control.name for control in controls)}
    st.session_state[_KEPT] = {
        str(key): value
        for key, value in st.session_state.items()
        if str(key) in names
        or str(key).startswith(("weight-", f"{st.session_state.get('model')}-"))
    }


def recall() -> None:
    """Put it back before they are drawn, unless they are on the screen already or the address says
    otherwise.
    """
    selected = st.session_state.get(_KEPT, {})
    if "model" in st.session_state or any(key in st.query_params for key in selected):
        return
    for key, value in selected.items():
        st.session_state[key] = value


def forget() -> None:
    """For who sets everything anew."""
    st.session_state.pop(_KEPT, None)

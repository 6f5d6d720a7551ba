"""What was changed last can be undone as long as the visit lasts."""

from collections.abc import Sequence

import streamlit as st

from core.datasets import drawings
from core.datasets.drawings import Drawing
from core.errors import InklingError
from core.settings import Settings
from pages.shared.text import plain
from pages.shared.visitor import check_drawings

_CHANGED, _PROBLEM = "changed-drawings", "undo-problem"


def changed(sentence: str, before: Sequence[Drawing], new: Sequence[int] = ()) -> None:
    """Remember a change: the drawings as they were before it, and ids that were not there."""
    st.session_state[_CHANGED] = sentence, list(before), list(new)


def offer_undo(settings: Settings) -> None:
    """What was changed last, and a button to undo it."""
    if last := st.session_state.get(_CHANGED):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(plain(last[0]))
            st.button("Undo", icon=":material/undo:", on_click=_undo, args=(*last[1:], settings))
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(plain(problem), icon=":material/error:")


def _undo(before: list[Drawing], new: list[int], settings: Settings) -> None:
    try:
        check_drawings(settings, before)
        drawings.save_all(settings, before)
        drawings.delete(settings, new)
    except InklingError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    for drawing in before:  # the label that the widget has is the one undone
        st.session_state.pop(f"label-{drawing.id}", None)
    del st.session_state[_CHANGED]

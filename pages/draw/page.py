"""Draw: a character, read while it is drawn; or a line of them; or a picture."""

from collections.abc import Callable

import streamlit as st

from core.settings import Settings
from pages.draw.character import show_character
from pages.draw.line import show_line
from pages.draw.picture import show_picture
from pages.shared.visitor import settings_here

MODES: dict[str, Callable[[Settings], None]] = {
    "Character": show_character,
    "Line": show_line,
    "Picture": show_picture,
}


def page() -> None:
    st.title("Draw")
    st.caption("Draw a character and see it read while you draw.")
    row = st.container(horizontal=True, vertical_alignment="center")
    mode = row.segmented_control(
        "Read",
        list(MODES),
        default="Character",
        required=True,
        key="mode",
        bind="query-params",
        label_visibility="collapsed",
    )
    row.page_link("demo/page.py", label="Demo", icon=":material/present_to_all:")
    MODES[mode](settings_here())


page()

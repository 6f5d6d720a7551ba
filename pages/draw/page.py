"""Draw: a character, read as the pen lifts; or a line of them; or a picture."""

from collections.abc import Callable

import streamlit as st

from core.models.cards import Card
from core.settings import Settings
from pages.draw.character import show_character
from pages.draw.line import show_line
from pages.draw.picture import show_picture
from pages.shared.models import pick_model, warm_up

MODES: dict[str, Callable[[Card, Settings], None]] = {
    "Character": show_character,
    "Line": show_line,
    "Picture": show_picture,
}


def page() -> None:
    settings = Settings.from_environment()
    st.title("Draw")
    st.caption("Draw a character and see it read as the pen lifts.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mode = st.segmented_control(
            "Read",
            list(MODES),
            default="Character",
            required=True,
            key="mode",
            bind="query-params",
        )
        with st.container(width=260):
            card = pick_model(settings)
    if card is None:
        return
    warm_up(card.name, settings)
    MODES[mode](card, settings)


page()

"""Draw: a character, read as the pen lifts; or a line of them; or a picture."""

from collections.abc import Callable

import streamlit as st

from core.models.cards import Card
from core.settings import Settings
from pages.draw.character import show_character
from pages.draw.classes import pick_classes, say_what_is_wrong
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
        with st.container(width=200):
            card = pick_model(settings)
        if card is not None:
            with st.container(width=140):
                pick_classes(card)
    if card is None:
        return
    say_what_is_wrong(card)
    warm_up(card.name, settings)
    MODES[mode](card, settings)


page()

"""Home: a canvas that reads at once, and a small picture of what each screen shows."""

from pathlib import Path

import streamlit as st

from core.models.cards import find_cards
from pages.home.canvas import show_canvas
from pages.home.screens import show_screens
from pages.shared.fragment import fragment
from pages.shared.models import warm_up
from pages.shared.visitor import settings_here

_STYLE = (Path(__file__).parent / "page.css").read_text("utf-8")


def page() -> None:
    settings = settings_here()
    st.title("Inkling")
    st.caption("A handwriting lab in the browser. Draw a character: it is read while you draw.")
    st.html(f"<style>{_STYLE}</style>")
    # the one that Draw begins with, so that it says the same there
    reader = next(iter(find_cards(settings)), "")
    waiting = bool(reader) and warm_up(reader, settings).is_alive()
    show_canvas(settings, reader)
    fragment(show_screens, every=1.0 if waiting else None)(settings, reader, waiting)


page()

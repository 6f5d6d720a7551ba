"""Synthesise: synthetic handwriting, its sliders, and a recognizer's answers to it."""

from collections.abc import Callable

import streamlit as st

from core.errors import InklingError
from core.settings import Settings
from core.synthesis.handwriting import DIGITS, Handwriting
from core.synthesis.request import Request
from pages.shared.models import pick_model, warm_up
from pages.synthesise.compare import show_compare
from pages.synthesise.controls import request_of_controls
from pages.synthesise.export import show_export
from pages.synthesise.filmstrip import show_filmstrip
from pages.synthesise.glyph import show_glyph
from pages.synthesise.grid import show_grid
from pages.synthesise.realism import show_realism
from pages.synthesise.source import Source

VIEWS: dict[str, Callable[[Source], None]] = {
    "Grid": show_grid,
    "Filmstrip": show_filmstrip,
    "One glyph": show_glyph,
    "Compare": show_compare,
    "How real?": show_realism,
    "Export and code": show_export,
}


def page() -> None:
    settings = Settings.from_environment()
    st.title("Synthesise")
    st.caption(
        "Handwriting that nobody wrote: move a slider and see what changes, and what is read in it."
    )
    with st.sidebar:
        request = request_of_controls(settings)
    writing = _writing(request)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = st.segmented_control(
            "Show", list(VIEWS), default="Grid", required=True, key="show", bind="query-params"
        )
        with st.container(width=220):
            card = pick_model(settings, classes=writing.labels if writing else DIGITS)
    if card is not None:
        warm_up(card.name, settings)
    if request is None or writing is None:
        return
    with st.spinner("Compiling the pen, which takes seconds the first time …"):
        writing.draw(0, 1)
    VIEWS[view](Source(settings, request, writing, card))


def _writing(request: Request | None) -> Handwriting | None:
    try:
        return request.handwriting() if request else None
    except InklingError as error:
        st.error(str(error), icon=":material/error:")
        return None


page()

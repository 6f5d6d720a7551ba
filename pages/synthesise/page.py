"""Synthesise: synthetic handwriting, its controls beside it, and a recognizer's answers to it."""

from collections.abc import Callable

import streamlit as st

from core.errors import InklingError
from core.models.cards import Card
from core.settings import Settings
from core.synthesis.handwriting import DIGITS, Handwriting
from core.synthesis.labels import parse_labels
from core.synthesis.request import Request
from pages.shared.fragment import fragment
from pages.shared.live import live
from pages.shared.models import pick_model, warm_up
from pages.shared.picture import close_picture
from pages.shared.text import plain
from pages.shared.visitor import settings_here
from pages.synthesise.compare import show_compare
from pages.synthesise.controls import Choices, show_controls, sliders_moved
from pages.synthesise.effects import correct_effects
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
STAY = "Grid", "Filmstrip", "Compare"
"""Views that stay in sight on a phone while the controls below them are scrolled."""


def page() -> None:
    st.title("Synthesise")
    st.caption(
        "Handwriting that nobody wrote: move a slider and see what changes, and what is read in it."
    )
    correct_effects()
    fragment(_workbench)(settings_here())


def _workbench(settings: Settings) -> None:
    """The controls and the result; what they set in motion draws nothing else anew."""
    st.session_state.pop("redraw", None)
    above = st.container(horizontal=True, vertical_alignment="bottom")
    with st.container(horizontal=True, key="workbench"):
        controls = st.container(key="controls")
        # where only a slider was moved the result is sent before the controls, which take the
        # browser longer to draw
        choices = moved = sliders_moved()
        if moved is None:
            with controls:
                choices = show_controls(settings)
        with above:
            view = st.segmented_control(
                "Show",
                list(VIEWS),
                default="Grid",
                required=True,
                key="show",
                bind="query-params",
                on_change=close_picture,
            )
            with st.container(width=220):
                card = pick_model(settings, classes=_labels(choices))
        if card is not None:
            warm_up(card.name, settings)
        with st.container(key="result-stays" if view in STAY else "result"):
            if choices is not None:
                fragment(_result)(settings, choices, view, card)
        if moved is not None:
            with controls:
                choices = show_controls(settings)
            if choices != moved:
                st.rerun()


def _labels(choices: Choices | None) -> tuple[str, ...]:
    """The characters that are asked for, for a recognizer that knows them."""
    try:
        return parse_labels(choices.digits) if choices else DIGITS
    except InklingError:  # the result says so
        return DIGITS


def _result(settings: Settings, choices: Choices, view: str, card: Card | None) -> None:
    """What a view makes of the controls, and of a thumb while it is held."""
    if st.session_state.pop("redraw", None):
        st.rerun()
    request = choices.request(live(choices.values))
    writing = _writing(request)
    if writing is not None:
        _compile_pen()
        VIEWS[view](Source(settings, request, writing, card))


def _writing(request: Request) -> Handwriting | None:
    try:
        return request.handwriting()
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")
        return None


@st.cache_resource(show_spinner="Compiling the pen, which takes seconds the first time …")
def _compile_pen() -> bool:
    Handwriting().draw(0, 1)
    return True


page()

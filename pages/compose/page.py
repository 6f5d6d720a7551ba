"""Compose: numerals and numbers joined from single characters, every step of it live."""

from collections.abc import Callable

import streamlit as st

from core.datasets.catalogue import CATALOGUE
from core.datasets.letter_sources import open_letters, source_of
from core.errors import InklingError
from core.settings import Settings
from core.synthesis.compose.letters import Letters
from core.synthesis.compose.request import ComposeRequest
from pages.compose.controls import Choices, show_controls
from pages.compose.export import show_export
from pages.compose.grid import show_grid
from pages.compose.making import show_making
from pages.compose.source import Source
from pages.shared.cache import cached
from pages.shared.fragment import fragment
from pages.shared.live import live
from pages.shared.missing import say_missing
from pages.shared.picture import close_picture
from pages.shared.text import plain
from pages.shared.visitor import settings_here

VIEWS: dict[str, Callable[[Source], None]] = {
    "Grid": show_grid,
    "Step by step": show_making,
    "Export and code": show_export,
}
STAY = "Grid", "Step by step"
"""Views that stay in sight on a phone while the controls below them are scrolled."""


def page() -> None:
    st.title("Compose")
    st.caption("Roman numerals and whole numbers joined from single characters, step by step.")
    fragment(_workbench)(settings_here())


def _workbench(settings: Settings) -> None:
    """The controls and the result; what they set in motion draws nothing else anew."""
    view = st.segmented_control(
        "Show",
        list(VIEWS),
        default="Grid",
        required=True,
        key="show",
        bind="query-params",
        on_change=close_picture,
    )
    with st.container(horizontal=True, key="workbench"):
        with st.container(key="controls"):
            choices = show_controls(settings)
        with st.container(key="result-stays" if view in STAY else "result"):
            fragment(_result)(settings, choices, view)


def _result(settings: Settings, choices: Choices, view: str) -> None:
    """What a view makes of the controls, and of a thumb while it is held."""
    request = choices.request(live(choices.values))
    try:
        letters = _letters(request, settings)
        if letters is None:
            return
        made = request.compositions(letters, called=source_of(request.letters).title)
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")
        return
    VIEWS[view](Source(settings, request, made))


def _letters(request: ComposeRequest, settings: Settings) -> Letters | None:
    """The source, opened once; None, with the way to it, if it is not on this machine."""
    source = source_of(request.letters)
    if not source.is_here(settings):
        try:
            open_letters(request.letters, settings)
        except InklingError as error:
            _say_missing(source.data, str(error), settings)
        return None
    with st.spinner(f"Opening {source.title} …", show_time=False):
        key = request.letters, str(settings.data), source.state(settings)
        return cached("letters", key, lambda: open_letters(request.letters, settings))


def _say_missing(data: str, problem: str, settings: Settings) -> None:
    if data:
        say_missing(CATALOGUE[data], settings, problem)
    else:
        st.info(plain(problem), icon=":material/info:")


page()

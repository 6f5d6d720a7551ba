"""The same characters under pinned settings and under those of the controls, side by side."""

import shlex
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from core.errors import InklingError
from core.synthesis.glyph_file import find_glyphs
from core.synthesis.request import Request
from pages.shared.gallery import gallery
from pages.shared.picture import close_picture
from pages.shared.style import icon_button
from pages.shared.text import plain
from pages.synthesise.grid import MOST_SHOWN
from pages.synthesise.picture import Large, show_large
from pages.synthesise.sliders import described, redraw_controls, take
from pages.synthesise.source import Source, read_captions

MOST_PINS = 4
ROWS, ABREAST = 5, 2
_USUAL = "--seed 0"


@dataclass(frozen=True)
class _Panel:
    """title : above it. request : None if the address cannot be read. pin : its text in the
    address, "" for one that is not pinned.
    """

    title: str
    request: Request | None
    pin: str = ""


def show_compare(source: Source) -> None:
    """The present settings, and then the pinned ones, at most four of them."""
    words = shlex.join(source.request.arguments()) or _USUAL
    pins = _pins()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Pin these settings",
            icon=":material/keep:",
            disabled=words in pins or len(pins) == MOST_PINS,
            on_click=_pin,
            args=(words,),
        )
        if not pins:
            st.caption("Until you pin others, the usual settings stand beside yours.")
        elif len(pins) == MOST_PINS:
            st.caption(f"{MOST_PINS} are pinned; unpin one to pin others.")
    # what a slider changes comes first: it stays in sight
    now = _Panel(f"Now: {described(source.request)}", source.request)
    panels = [now, *(map(_pinned, pins) if pins else [_Panel("Usual", Request())])]
    pictures: list[Large] = []
    with st.container(key="pictures"):
        for first in range(0, len(panels), ABREAST):
            columns = st.columns(min(len(panels), ABREAST))
            # the last row may have fewer
            for column, panel in zip(columns, panels[first : first + ABREAST], strict=False):
                with column:
                    _show(panel, source, pictures)
    st.code(
        "\n".join(panel.request.command() for panel in panels if panel.request),
        language="bash",
    )
    show_large(source, pictures, "pictures")


def _pinned(text: str) -> _Panel:
    try:
        request = Request.parse(shlex.split(text))
        request.handwriting()
    except (ValueError, InklingError):
        return _Panel("Pinned", None, text)
    return _Panel(described(request), request, text)


def _show(panel: _Panel, source: Source, pictures: list[Large]) -> None:
    """One panel; its pictures are added to the list."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{plain(panel.title)}**", width="stretch")
        if panel.pin:
            icon_button(
                f"Use these settings: {panel.title}",
                ":material/input:",
                key=f"use-{panel.pin}",
                disabled=panel.request is None,
                on_click=partial(_use, panel, source),
            )
            icon_button(
                f"Unpin {panel.title}",
                ":material/close:",
                key=f"unpin-{panel.pin}",
                on_click=partial(_unpin, panel.pin),
            )
    if panel.request is None:
        st.error(
            "The pinned settings in the address cannot be read; unpin them and pin others.",
            icon=":material/error:",
        )
        return
    writing = panel.request.handwriting()
    shown = replace(source, request=panel.request, writing=writing)
    images, labels = writing.draw(0, min(ROWS * len(writing.labels), MOST_SHOWN))
    _, right = read_captions(images, labels, shown)
    if source.card:
        st.caption(f"{sum(right)} of {len(right)} read right")
    numbers = range(len(pictures), len(pictures) + len(images))
    columns = min(len(writing.labels), 10)
    gallery(images, alts=labels, layout="tight", columns=columns, numbers=numbers)
    pictures += [Large(panel.request, number) for number in range(len(images))]


def _use(panel: _Panel, source: Source) -> None:
    if panel.request is not None:
        take(panel.request, find_glyphs(source.settings))
        redraw_controls()


def _pins() -> list[str]:
    return list(dict.fromkeys(st.query_params.get_all("pin")))[:MOST_PINS]


def _pin(words: str) -> None:
    if words not in _pins():
        st.query_params["pin"] = [*_pins(), words][:MOST_PINS]
    close_picture()


def _unpin(words: str) -> None:
    st.query_params["pin"] = [pin for pin in _pins() if pin != words]
    close_picture()

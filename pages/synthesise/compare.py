"""The same seed under the pinned settings and under the current sliders."""

import shlex
from dataclasses import replace

import streamlit as st

from core.errors import InklingError
from core.synthesis.request import Request
from pages.shared.gallery import gallery
from pages.synthesise.grid import MOST_SHOWN
from pages.synthesise.source import Source, read_captions

USUAL = "--seed 0"


def show_compare(source: Source) -> None:
    words = shlex.join(source.request.arguments()) or USUAL
    st.button(
        "Pin these settings",
        icon=":material/keep:",
        on_click=lambda: st.query_params.update(pin=words),
    )
    pinned = st.query_params.get("pin")
    if pinned is None:
        st.caption("Until you pin others, the usual settings stand beside yours: move a slider.")
    try:
        request = Request.parse(shlex.split(pinned or USUAL))
        before = replace(source, request=request, writing=request.handwriting())
    except (ValueError, InklingError):
        st.error(
            "The pinned settings in the address cannot be read; pin others.",
            icon=":material/error:",
        )
        return
    for column, title, shown in zip(
        st.columns(2), ("Pinned" if pinned else "Usual", "Now"), (before, source), strict=True
    ):
        with column:
            _show(title, shown)
    st.code(
        f"before: {before.request.command()}\nnow:    {source.request.command()}", language="bash"
    )


def _show(title: str, source: Source) -> None:
    writing = source.writing
    images, labels = writing.draw(0, min(5 * len(writing.labels), MOST_SHOWN))
    _, right = read_captions(images, labels, source)
    read = f": {sum(right)} of {len(right)} read right" if source.card else ""
    st.caption(title + read)
    gallery(images, alts=labels, layout="tight", columns=min(len(writing.labels), 10))

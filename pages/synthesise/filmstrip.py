"""A filmstrip: one image across the range of any slider or effect, with its answers."""

import streamlit as st

from core.synthesis.filmstrip import TRACKS, filmstrip
from pages.shared.gallery import Line, gallery
from pages.shared.picture import close_picture
from pages.shared.text import code
from pages.synthesise.picture import Large, show_large
from pages.synthesise.source import Source, read_captions

COUNT = 15


def show_filmstrip(source: Source) -> None:
    """Pickers of the setting and of the character, and the strip."""
    labels = source.writing.labels
    with st.container(horizontal=True, vertical_alignment="bottom"):
        along = st.selectbox(
            "Along",
            list(TRACKS),
            key="along",
            format_func=lambda name: TRACKS[name].label,
            bind="query-params",
            on_change=close_picture,
            width=260,
        )
        label = st.selectbox(
            "Character",
            labels,
            key="strip-of",
            bind="query-params",
            on_change=close_picture,
            width=120,
        )
    number = labels.index(label)
    images, values = filmstrip(source.request, along, number, count=COUNT)
    answers, right = read_captions(images, [label] * len(images), source)
    captions = [
        [Line(f"{value:.3g}"), *answer] for value, answer in zip(values, answers, strict=True)
    ]
    with st.container(key="pictures"):
        gallery(
            images,
            captions,
            alts=[f"{TRACKS[along].label} {value:.3g}" for value in values],
            columns=8,
            name="filmstrip",
            numbers=range(len(images)),
        )
    read = (
        f" {code(source.card.name)} reads {sum(right)} of {len(right)} right."
        if source.card
        else ""
    )
    st.caption(
        f"Image {number} of seed {source.writing.seed}, with nothing but this setting changed; "
        f"below each its value and the answer.{read}"
    )
    at = TRACKS[along].at
    show_large(source, [Large(at(source.request, value), number) for value in values], "pictures")

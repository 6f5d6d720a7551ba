"""One picture large, with all stages of its making."""

from collections.abc import Sequence

import streamlit as st

from pages.compose.making import show_stages
from pages.compose.source import Source
from pages.shared.gallery import gallery
from pages.shared.picture import on_picture, opened, picture_dialog, turn_over


def show_large(source: Source, numbers: Sequence[int], within: str) -> None:
    """Listen to presses on the pictures in the container with that key, and show the one that the
    address names.
    """
    on_picture(within)
    if opened() in numbers:
        picture_dialog(_closely, source, numbers)


def _closely(source: Source, numbers: Sequence[int]) -> None:
    number = opened()
    if number not in numbers:
        return
    made = source.made
    image = made.picture(number)
    turn_over(f"Picture {number:,}, {made.text(number)}", number, numbers)
    with st.container(width=420):
        gallery([image], alts=[f"Picture {number}: {made.text(number)}"], columns=1, name="large")
    show_stages(source, number)

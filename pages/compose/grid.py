"""The grid: every text in turn, small and in capitals; each opens with its making."""

import streamlit as st

from pages.compose.picture import show_large
from pages.compose.source import Source
from pages.shared.gallery import gallery

MOST_SHOWN = 120


def show_grid(source: Source) -> None:
    """Rows of them, their number below, where it moves none of them."""
    made = source.made
    above = st.container()
    with st.container(width=320):
        rows = st.slider("Rows", 1, 8, 2, key="rows", bind="query-params")
    columns = min(len(made.texts), 10)
    count = min(rows * columns, MOST_SHOWN)
    images = [made.picture(number) for number in range(count)]
    texts = [made.text(number) for number in range(count)]
    with above, st.container(key="pictures"):
        gallery(
            images,
            texts,
            alts=[f"Picture {number}: {text}" for number, text in enumerate(texts)],
            columns=min(columns, 5),
            name="compositions",
            numbers=range(count),
        )
    show_large(source, range(count), "pictures")

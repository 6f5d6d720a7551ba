"""The grid: images of every character in turn, each with its answer."""

from dataclasses import replace

import numpy as np
import streamlit as st

from core.intervals import percent
from pages.shared.gallery import gallery
from pages.shared.text import code
from pages.synthesise.picture import Large, show_large
from pages.synthesise.source import Source, read_captions

MOST_SHOWN = 200


def show_grid(source: Source) -> None:
    """Rows of them, their number below, where it moves none of them."""
    writing = source.writing
    above = st.container()
    with st.container(width=320):
        rows = st.slider("Rows", 1, 12, 4, key="rows", bind="query-params")
    count = min(rows * len(writing.labels), MOST_SHOWN)
    images, labels = writing.draw(0, count)
    captions, right = read_captions(images, labels, source)
    alts = [f"Image {number}: {label}" for number, label in enumerate(labels)]
    with above, st.container(key="pictures"):
        if writing.effects:
            plain = replace(writing, effects=()).draw(0, count)[0]
            gallery(
                np.stack([plain, images], 1),
                captions,
                alts=alts,
                variants=("without effects", "with effects"),
                columns=min(len(writing.labels), 5),
                name="grid",
                numbers=range(count),
            )
        else:
            columns = min(len(writing.labels), 10)
            gallery(images, captions, alts=alts, columns=columns, name="grid", numbers=range(count))
    with above:
        if source.card is not None:
            hits = sum(right)
            st.caption(
                f"{code(source.card.name)} reads {hits} of these {count} right "
                f"({percent(hits / count)}); images go to it as they are, 28x28."
            )
    show_large(source, [Large(source.request, number) for number in range(count)], "pictures")

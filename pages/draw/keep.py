"""Wrong? It was …: keep a drawing with its true label."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.errors import InklingError
from core.models.cards import Card
from core.settings import Settings
from pages.shared.canvas import Strokes


def wrong_it_was(
    card: Card,
    picture: np.ndarray,
    strokes: Strokes,
    top: Sequence[tuple[str, float]],
    settings: Settings,
) -> None:
    """A picker of the true label and a button that keeps the drawing in *My drawings*."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        likely = [label for label, _ in top]
        options = likely + [label for label in card.classes if label not in likely]
        label = st.selectbox(
            "Wrong? It was", options, width=140, key=f"truth-{card.name}-{likely[0]}"
        )
        if st.button("Keep in My drawings", icon=":material/bookmark_add:"):
            _keep(card, picture, strokes, top[0], label, settings)


def _keep(
    card: Card,
    picture: np.ndarray,
    strokes: Strokes,
    answer: tuple[str, float],
    label: str,
    settings: Settings,
) -> None:
    from core.datasets.drawings import Drawing, save

    try:
        save(settings, Drawing(picture, strokes, label, answer[0], answer[1], card.name))
        st.toast(f"Kept as {label}.", icon=":material/bookmark_added:")
    except InklingError as error:
        st.error(f"{error} Your drawing is still here.", icon=":material/error:")

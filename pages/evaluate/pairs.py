"""The most confused pairs as a list to tap: what a phone shows instead of a matrix of many
classes.
"""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.evaluation.scores import confused_pairs
from core.intervals import percent
from pages.evaluate.cell import choose_cell
from pages.shared.text import plain

_LISTED = 8


def show_pairs(classes: Sequence[str], confusion: np.ndarray) -> None:
    """Truth and answer, how many, and of how many; the style sheet hides it on a wide screen."""
    with st.container(key="pairs-instead", gap="small"):
        st.caption("Confused most; tap one for its pictures. A wider screen shows the matrix.")
        for truth, answer, count in confused_pairs(confusion, _LISTED):
            of = int(confusion[truth].sum())
            st.button(
                f"{plain(classes[truth])} read as {plain(classes[answer])}: {count:,} of {of:,} "
                f"({percent(count / of)})",
                key=f"pair-{truth}-{answer}",
                on_click=choose_cell,
                args=(classes[truth], classes[answer]),
                width="stretch",
            )

"""The way from made pictures to a network that is trained on exactly these."""

import streamlit as st

from pages.shared.visitor import settings_here

_UNCHANGED = "Plain Adam"
"""The recipe on Train that neither varies the images nor adds any."""


def train_link(data: str, help: str) -> None:
    """A link to Train with the data set of that name, but in a demo, which does not train."""
    if settings_here().own:
        return
    st.page_link(
        "train/page.py",
        label="Train with exactly these",
        icon=":material/model_training:",
        query_params={"data": data, "recipe": _UNCHANGED},
        help=help,
    )

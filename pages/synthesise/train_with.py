"""The way from the sliders to a network that is trained on exactly what they draw."""

import streamlit as st

from core.datasets.requested import MOST, Requested
from core.synthesis.request import Request

_UNCHANGED = "Plain Adam"
"""The recipe on Train that neither varies the images nor adds any."""


def show_train_with(request: Request, count: int) -> None:
    """A link to Train, with the first `count` images of the request as its data."""
    data = Requested(request, min(count, MOST)).name
    st.page_link(
        "train/page.py",
        label="Train with exactly these",
        icon=":material/model_training:",
        query_params={"data": data, "recipe": _UNCHANGED},
        help="A network learns from the same images, by a recipe that changes nothing in them.",
    )

"""Who reads: a model, and the classes that its answer is among."""

from collections.abc import Sequence

import streamlit as st

from core.models.cards import Card
from core.settings import Settings
from pages.shared.classes import pick_classes, say_what_is_wrong
from pages.shared.models import pick_model, warm_up


def pick_reader(settings: Settings, *, classes: Sequence[str] = ()) -> Card | None:
    """Pickers of both, the model best for `classes` first; None, with a message, if no recognizer
    is installed.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=150):
            card = pick_model(settings, classes=classes)
        if card is None:
            return None
        with st.container(width=130):
            pick_classes(card)
    say_what_is_wrong(card)
    warm_up(card.name, settings)
    return card

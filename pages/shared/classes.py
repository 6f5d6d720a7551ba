"""What the characters may be: all classes of a model, those of one kind, or a list."""

from typing import TYPE_CHECKING

import streamlit as st

from core.datasets.labels import GROUPS, select_classes
from core.errors import InklingError
from core.models.cards import Card
from pages.shared.text import plain

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer

_KEY = "only"
ALL = "All"


def pick_classes(card: Card) -> None:
    """A picker bound to `?only=`, which takes what the command line and REST do: a kind, or a list
    of one's own.
    """
    st.selectbox(
        "Classes",
        [ALL, *map(str.capitalize, GROUPS)],
        key=_KEY,
        bind="query-params",
        accept_new_options=True,
        help="What it may be. Choose a kind, or type a list of your own, such as 0-9,A-F.",
    )


def say_what_is_wrong(card: Card) -> None:
    """A message if the model has none of the chosen classes; all are then read."""
    try:
        _selected(card)
    except InklingError as error:
        st.warning(f"{plain(error)} Until then all are read.", icon=":material/filter_alt_off:")


def chosen_classes(card: Card) -> tuple[str, ...]:
    """The chosen classes of the model; () for all."""
    try:
        return _selected(card)
    except InklingError:
        return ()


def narrowed(model: "Recognizer") -> "Recognizer":
    """The model, whose answers are among the chosen classes."""
    return model.only(chosen_classes(model.card))


def _selected(card: Card) -> tuple[str, ...]:
    text = str(st.session_state.get(_KEY) or ALL)
    text = text.lower() if text.lower() in GROUPS else text.replace(" ", "")
    return () if text == ALL else select_classes(text, card.classes)

"""The model picker, and recognizers loaded without making a page wait for torch."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.intervals import percent
from core.models.cards import Card, best_for, find_cards
from core.settings import Settings
from pages.shared.text import plain

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer


def pick_model(settings: Settings, *, classes: Sequence[str] = ()) -> Card | None:
    """A picker bound to `?model=`, best for these classes first, which it follows until somebody
    picks one. None, with a message, if no recognizer is installed.
    """
    cards = {name: card for name, (card, _) in find_cards(settings).items()}
    if not cards:
        say_no_model("No model is installed; train one.")
        return None
    about = "\n".join(
        f"- {plain(card.name)}: {plain(card.title)}, {_measured(card)}" for card in cards.values()
    )
    names = [card.name for card in best_for(classes, cards.values())] if classes else list(cards)
    state = st.session_state
    if state.get("model") == state.get("usual-model", names[0]) and "model" in state:
        state["model"] = names[0]
    state["usual-model"] = names[0]
    return cards[st.selectbox("Model", names, key="model", bind="query-params", help=about)]


def say_no_model(sentence: str) -> None:
    """The empty state of a screen without a recognizer, and the way to one."""
    st.warning(sentence)
    st.page_link("train/page.py", label="Train", icon=":material/model_training:")


def _measured(card: Card) -> str:
    figure = card.measured
    if figure is None or figure.accuracy is None:
        return "not measured yet"
    return f"{percent(figure.accuracy or 0.0)} on {plain(figure.data)} (n = {figure.n:,})"


def recognizer(name: str, settings: Settings) -> "Recognizer":
    """The recognizer; the first call of a process imports torch."""
    from core.models.recognizer import load_recognizer

    return load_recognizer(name, settings)


@st.cache_resource(show_spinner=False)
def warm_up(name: str, _settings: Settings) -> threading.Thread:
    """Load a recognizer in the background: the page is painted at once, and the model is ready at
    the first stroke.
    """
    thread = threading.Thread(target=_load_and_ask, args=(name, _settings), daemon=True)
    thread.start()
    return thread


def _load_and_ask(name: str, settings: Settings) -> None:
    import numpy as np

    loaded = recognizer(name, settings)
    # the first pass compiles kernels
    loaded.predict(np.zeros((1, loaded.form.size, loaded.form.size), np.uint8))

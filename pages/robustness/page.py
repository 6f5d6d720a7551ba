"""Robustness: how far handwriting can be varied before a recognizer fails, and the effect of
training on the failures.
"""

from collections.abc import Callable

import streamlit as st

from core.datasets.labels import class_index
from core.errors import InklingError
from core.models.cards import best_for, find_cards
from core.synthesis.glyph_file import SETS
from core.synthesis.labels import parse_labels
from core.synthesis.request import Request
from pages.robustness.hard_examples import show_hard_examples
from pages.robustness.source import Source
from pages.robustness.sweep import show_sweep
from pages.shared.models import say_no_model
from pages.shared.text import plain
from pages.shared.visitor import settings_here

SWEEP = "Sweep"
VIEWS: dict[str, Callable[[Source], None]] = {
    SWEEP: show_sweep,
    "Hard examples": show_hard_examples,
}
_DIGITS = "0-9"


def page() -> None:
    settings = settings_here()
    st.title("Robustness")
    st.caption(
        "How far can handwriting be varied before it is misread, and does training on the failures "
        "help?"
    )
    view = st.segmented_control(
        "Show", list(VIEWS), default=SWEEP, required=True, key="show", bind="query-params"
    )
    with st.sidebar:
        # The notebook swept its own digits; those whose failures are worth learning from are the
        # natural ones.
        key, usual = ("glyphs", "classic") if view == SWEEP else ("mined-glyphs", "natural")
        glyphs = st.selectbox("Glyph set", SETS, SETS.index(usual), key=key, bind="query-params")
        text = _DIGITS
        if view == SWEEP:
            text = st.text_input(
                "Characters",
                _DIGITS,
                key="digits",
                bind="query-params",
                help="0-9, or 3,7, or A-F,x. The classic glyphs are digits only.",
            )
        seed = int(st.number_input("Seed", 0, 2**31 - 1, 0, key="seed", bind="query-params"))
    try:
        labels = parse_labels(text)
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")
        return
    known = {
        name: (card, path)
        for name, (card, path) in find_cards(settings).items()
        if all(class_index(label, card.classes) is not None for label in labels)
    }
    if not known:
        what = "digits" if text == _DIGITS else f"all of {text}"
        say_no_model(f"No model that reads {what} is installed; train one.")
        return
    cards = best_for(labels, [card for card, _ in known.values()])
    weights = {card.name: known[card.name][1] for card in cards}
    request = Request(glyphs, text, seed)
    VIEWS[view](Source(settings, {card.name: card for card in cards}, weights, request))


page()

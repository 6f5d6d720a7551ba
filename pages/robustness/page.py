"""Robustness: the jitter at which a recognizer fails, and the effect of training on the
failures.
"""

from collections.abc import Callable

import streamlit as st

from core.models.cards import best_for, find_cards
from core.settings import Settings
from core.synthesis.glyph_file import SETS
from core.synthesis.handwriting import DIGITS
from pages.robustness.hard_examples import show_hard_examples
from pages.robustness.source import Source
from pages.robustness.sweep import show_sweep
from pages.shared.models import say_no_model

SWEEP = "Sweep"
VIEWS: dict[str, Callable[[Source], None]] = {
    SWEEP: show_sweep,
    "Hard examples": show_hard_examples,
}


def page() -> None:
    settings = Settings.from_environment()
    st.title("Robustness")
    st.caption(
        "How far can handwriting be jittered before it is misread, and does training on the "
        "failures help?"
    )
    known = {
        name: (card, path)
        for name, (card, path) in find_cards(settings).items()
        if set(card.classes) >= set(DIGITS)
    }
    if not known:
        say_no_model("No model that reads digits is installed; train one.")
        return
    view = st.segmented_control(
        "Show", list(VIEWS), default=SWEEP, required=True, key="show", bind="query-params"
    )
    with st.sidebar:
        # The notebook swept its own digits; those whose failures are worth learning from are the
        # natural ones.
        key, usual = ("glyphs", "classic") if view == SWEEP else ("mined-glyphs", "natural")
        glyphs = st.selectbox("Glyph set", SETS, SETS.index(usual), key=key, bind="query-params")
        seed = int(st.number_input("Seed", 0, 2**31 - 1, 0, key="seed", bind="query-params"))
    cards = best_for(DIGITS, [card for card, _ in known.values()])
    weights = {card.name: known[card.name][1] for card in cards}
    VIEWS[view](Source(settings, {card.name: card for card in cards}, weights, glyphs, seed))


page()

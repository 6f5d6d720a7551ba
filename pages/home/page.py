"""Home: Inkling's features, shown rather than described."""

import numpy as np
import streamlit as st

from core.datasets import drawings
from core.errors import InklingError
from core.ink.encode import negative
from core.ink.forms import canonical_strokes
from core.ink.strokes import picture_of_strokes
from core.intervals import probability
from core.models.cards import best_for, find_cards
from core.settings import Settings
from core.synthesis.handwriting import DIGITS, Handwriting
from pages.shared.fragment import fragment
from pages.shared.gallery import gallery
from pages.shared.models import recognizer, warm_up

SCREENS = [
    (
        "draw/page.py",
        {},
        "Draw a character",
        ":material/draw:",
        "Read as the pen lifts, stroke by stroke, with the reason why.",
    ),
    (
        "draw/page.py",
        {"mode": "Line"},
        "Write a line",
        ":material/edit_note:",
        "Several characters side by side, each boxed and read.",
    ),
    (
        "draw/page.py",
        {"mode": "Picture"},
        "Show a picture",
        ":material/photo_camera:",
        "Upload, paste or photograph it.",
    ),
    (
        "synthesise/page.py",
        {},
        "Make handwriting",
        ":material/gesture:",
        "Sliders, control points to drag, and as many images as you like.",
    ),
    (
        "explore/page.py",
        {},
        "Explore the data",
        ":material/travel_explore:",
        "Class maps, a map of every image, and what differs.",
    ),
    (
        "train/page.py",
        {},
        "Train",
        ":material/model_training:",
        "Any model of the sources on any data, watched live, compared, kept.",
    ),
    (
        "evaluate/page.py",
        {},
        "Evaluate",
        ":material/fact_check:",
        "From the confusion matrix to the pictures behind a cell, and what to do.",
    ),
    (
        "robustness/page.py",
        {},
        "Robustness",
        ":material/vital_signs:",
        "How far it can be jittered until it is misread, and what helps.",
    ),
    (
        "my_drawings/page.py",
        {},
        "My drawings",
        ":material/collections_bookmark:",
        "What you kept, to export or to train on.",
    ),
]

_PEN = 22  # pixels, of the miniatures' pen on a canvas of 280


def page() -> None:
    settings = Settings.from_environment()
    st.title("Inkling")
    st.caption("A handwriting lab in the browser.")
    reader = _reader(settings)
    waiting = bool(reader) and warm_up(reader, settings).is_alive()
    fragment(_miniatures, every=1.0 if waiting else None)(settings, reader, waiting)
    for start in range(0, len(SCREENS), 3):
        for column, (screen, query, title, icon, sentence) in zip(
            st.columns(3), SCREENS[start : start + 3], strict=False
        ):
            with column.container(border=True, height="stretch"):
                st.page_link(screen, label=f"**{title}**", icon=icon, query_params=query)
                st.caption(
                    sentence + _count(settings) if screen == "my_drawings/page.py" else sentence
                )


def _miniatures(settings: Settings, reader: str, waiting: bool) -> None:
    """Ten synthetic digits and their answers; while the model loads, checked again every second."""
    if waiting and not warm_up(reader, settings).is_alive():
        st.rerun()
    seed = st.session_state.setdefault("home-seed", 0)
    writing = Handwriting(seed=seed)
    drawn = [writing.sketch(number).strokes(size=280) for number in range(len(DIGITS))]
    pictures = [picture_of_strokes(strokes, width=_PEN) for strokes in drawn]
    captions = ["…" if waiting else "" for _ in DIGITS]
    if reader and not waiting:
        model = recognizer(reader, settings)
        inputs = [canonical_strokes(strokes, model.form, width=_PEN) for strokes in drawn]
        prediction = model.predict(np.stack([stages.model_input for stages in inputs if stages]))
        captions = [
            f"{label}, {probability(share)}"
            for label, share in zip(prediction.labels(), prediction.confidence, strict=True)
        ]
    read = f", and read by `{reader}`" if reader else ""
    st.caption(f"Nobody wrote these: they are drawn from tables of strokes{read}.")
    gallery([negative(picture) for picture in pictures], captions)
    if st.button("Draw others", icon=":material/refresh:"):
        st.session_state["home-seed"] = seed + 1
        st.rerun(scope="fragment")


def _reader(settings: Settings) -> str:
    """The recognizer that is best at digits, "" if none reads them."""
    cards = [card for card, _ in find_cards(settings).values()]
    best = best_for(DIGITS, [card for card in cards if set(card.classes) >= set(DIGITS)])
    return best[0].name if best else ""


def _count(settings: Settings) -> str:
    try:
        return f" {drawings.count(settings)} so far."
    except InklingError:
        return ""


page()

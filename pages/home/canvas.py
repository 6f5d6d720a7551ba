"""Home's canvas: the same drawing as on Draw, and its answer."""

import streamlit as st

from core.ink.forms import canonical_strokes
from core.settings import Settings
from pages.shared.canvas import Drawn, answered, canvas
from pages.shared.fragment import fragment
from pages.shared.models import recognizer, say_no_model
from pages.shared.reading import show_empty, show_reading
from pages.shared.tour import link_to_tour

SIDE, ANSWER = 320, 330
"""Pixels of the canvas, as on Draw, and of the answer."""

INVITATION = "Draw a digit or a letter with the mouse, a finger or a pen."


@fragment
def show_canvas(settings: Settings, reader: str) -> None:
    """The canvas called as Draw's, so that a drawing goes along to Draw and back."""
    with st.container(horizontal=True, gap="medium", key="try-it"):
        left, right = st.container(width=SIDE + 4), st.container(width=ANSWER)
        ways = st.container(width="stretch", key="ways", gap="small")
    with left:
        drawn = canvas("character", width=SIDE, height=SIDE, pen=20, live=True)
    with ways:
        st.page_link("draw/page.py", label="Go on in Draw", icon=":material/draw:")
        st.page_link("demo/page.py", label="Full-screen demo", icon=":material/present_to_all:")
        link_to_tour()
    with right:
        _show_answer(drawn, settings, reader)
    answered(drawn)


def _show_answer(drawn: Drawn, settings: Settings, reader: str) -> None:
    if not reader:
        say_no_model("No model is installed; train one.")
        return
    stages = None
    if drawn.strokes:
        model = recognizer(reader, settings)
        stages = canonical_strokes(drawn.strokes, model.form, width=drawn.pen)
    if stages is None:
        show_empty(INVITATION)
    else:
        show_reading(model.predict(stages.model_input[None], blur=[stages.blur]).top())

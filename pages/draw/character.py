"""One character: a canvas, and the answer as the pen lifts."""

import numpy as np
import streamlit as st

from core.models.cards import Card
from core.settings import Settings
from pages.draw.answer import show_answer, show_empty
from pages.draw.pen import SIDE, canvas_and_pen
from pages.shared.canvas import clear_button, picture_on_canvas, put_strokes
from pages.shared.fragment import fragment


@fragment
def show_character(card: Card, settings: Settings) -> None:
    """The hot path: nothing but the canvas and the answer may run before the answer is on the
    screen.
    """
    with st.container(horizontal=True, gap="large"):
        left, right = st.container(width=SIDE + 4), st.container(width="stretch")
    with left:
        strokes, pen = canvas_and_pen("character", width=SIDE, height=SIDE, pen=20)
        with st.container(horizontal=True):
            clear_button("character")
            st.button(
                "Draw one for me",
                icon=":material/auto_awesome:",
                on_click=_draw_one,
                args=(card, pen),
            )
    picture = picture_on_canvas(strokes, pen=pen)
    if picture is None:
        with right:
            show_empty(
                "Draw with the mouse, a finger or a pen: the answer appears here when you lift it."
            )
        return
    show_answer(card, picture, strokes, settings, right, pen=pen)


def _draw_one(card: Card, pen: int) -> None:
    from core.synthesis.glyph_file import load_glyphs
    from core.synthesis.handwriting import Handwriting

    known = tuple(label for label in load_glyphs("natural").glyphs if label in card.classes)
    numbers = np.random.default_rng()
    writing = Handwriting(labels=known, seed=int(numbers.integers(2**31)))
    sketch = writing.sketch(int(numbers.integers(len(known))))
    put_strokes("character", sketch.strokes(size=SIDE), pen=pen)

"""One character: a canvas, and the answer as the pen lifts."""

from functools import partial

import numpy as np
import streamlit as st

from core.ink.forms import canonical_strokes
from core.ink.strokes import picture_of_strokes
from core.models.cards import Card
from core.settings import Settings
from pages.draw.answer import show_answer, show_empty
from pages.draw.classes import chosen_classes
from pages.draw.pen import SIDE, canvas_and_pen
from pages.shared.canvas import put_strokes, strokes_on_canvas
from pages.shared.fragment import fragment
from pages.shared.models import recognizer


@fragment
def show_character(card: Card, settings: Settings) -> None:
    """The hot path: nothing but the canvas and the answer may run before the answer is on the
    screen.
    """
    with st.container(horizontal=True, gap="large"):
        left, right = st.container(width=SIDE + 4), st.container(width="stretch")
    with left:
        strokes, pen = canvas_and_pen("character", width=SIDE, height=SIDE, pen=20)
        st.button(
            "Draw one for me",
            icon=":material/auto_awesome:",
            on_click=_draw_one,
            args=(card, pen),
        )
    drawn = strokes_on_canvas(strokes, pen=pen)
    if not drawn:
        with right:
            show_empty(
                "Draw with the mouse, a finger or a pen: the answer appears here when you lift it."
            )
        return
    model = recognizer(card.name, settings)
    stages = canonical_strokes(drawn, model.form, width=pen)
    picture = partial(picture_of_strokes, drawn, width=pen)
    show_answer(model, stages, picture, strokes, settings, right, pen=pen)


def _draw_one(card: Card, pen: int) -> None:
    from core.synthesis.glyph_file import load_glyphs
    from core.synthesis.handwriting import Handwriting

    wanted = chosen_classes(card) or card.classes
    glyphs = load_glyphs("natural").glyphs
    # of a kind without a glyph, anything that the model knows
    known = tuple(label for label in glyphs if label in wanted) or tuple(
        label for label in glyphs if label in card.classes
    )
    numbers = np.random.default_rng()
    writing = Handwriting(labels=known, seed=int(numbers.integers(2**31)))
    sketch = writing.sketch(int(numbers.integers(len(known))))
    put_strokes("character", sketch.strokes(size=SIDE), pen=pen)

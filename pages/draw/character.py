"""One character: a canvas, and the answer while the pen moves and as it lifts."""

from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.ink.forms import canonical_strokes
from core.ink.strokes import picture_of_strokes
from core.models.cards import Card
from core.settings import Settings
from pages.draw.answer import ANSWER, show_answer
from pages.draw.explain import explain, pick_view
from pages.draw.share import share
from pages.shared.canvas import Drawn, answered, canvas, put_strokes
from pages.shared.classes import chosen_classes, narrowed
from pages.shared.fragment import fragment
from pages.shared.models import recognizer
from pages.shared.reader import pick_reader
from pages.shared.reading import show_empty

SIDE = 320
"""Of the canvas, pixels."""


@fragment
def show_character(settings: Settings) -> None:
    """The hot path: nothing but the canvas, the pickers and the answer may run before the answer is
    on the screen.
    """
    with st.container(horizontal=True, gap="medium", key="beside"):
        left, middle = st.container(width=SIDE + 4), st.container(width=ANSWER)
        closer = st.container(width="stretch", key="closer")
    with left:
        drawn = canvas("character", width=SIDE, height=SIDE, pen=20, live=True)
    _show_answer(drawn, middle, closer, settings)
    answered(drawn)


def _show_answer(
    drawn: Drawn, middle: DeltaGenerator, closer: DeltaGenerator, settings: Settings
) -> None:
    with middle:
        answer = st.container()
        card = pick_reader(settings)
        if card is None:
            return
        st.button(
            "Draw one for me", icon=":material/auto_awesome:", on_click=_draw_one, args=(card,)
        )
        share("character", drawn, size=(SIDE, SIDE))
    with closer:
        view = pick_view(drawn=True)
    with answer:
        if not drawn.strokes:
            show_empty(
                "Draw with the mouse, a finger or a pen: the answer appears here while you do."
            )
            return
        model = narrowed(recognizer(card.name, settings))
        stages = canonical_strokes(drawn.strokes, model.form, width=drawn.pen)
        picture = partial(picture_of_strokes, drawn.strokes, width=drawn.pen)
        show_answer(model, stages, picture, settings, drawn)
    if stages is not None:
        with closer:
            explain(view, model, stages, picture, drawn, settings)


def _draw_one(card: Card) -> None:
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
    put_strokes("character", sketch.strokes(size=SIDE))

"""The answer to a picture of one character; if it is wrong, a way to save the drawing with its true
label.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.errors import InklingError
from core.ink.forms import Stages
from core.models.cards import Card
from core.settings import Settings
from pages.shared.canvas import Drawn
from pages.shared.reading import show_empty, show_reading
from pages.shared.text import plain
from pages.shared.visitor import check_drawings

if TYPE_CHECKING:
    from core.datasets.drawings import Drawing
    from core.models.recognizer import Recognizer


ANSWER = 330
"""Width of an answer, pixels."""


def show_answer(
    model: "Recognizer",
    stages: Stages | None,
    picture: Callable[[], np.ndarray],
    settings: Settings,
    drawn: Drawn | None = None,
) -> None:
    """The answer to a picture, which is only rendered when it is saved."""
    if stages is None:
        show_empty("No ink was found here; try a wider pen or a picture with more contrast.")
        return
    top = model.predict(stages.model_input[None], blur=[stages.blur]).top()
    show_reading(top)
    _wrong_it_was(model.card, picture, drawn, top, settings)


def _wrong_it_was(
    card: Card,
    picture: Callable[[], np.ndarray],
    drawn: Drawn | None,
    top: Sequence[tuple[str, float]],
    settings: Settings,
) -> None:
    """A picker of the true label and a button that saves the drawing in *My drawings*."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        likely = [label for label, _ in top]
        own: list[str] = st.session_state.setdefault("own-labels", [])
        label = st.selectbox(
            "Wrong? It was",
            dict.fromkeys([*likely, *own, *card.classes]),
            width=140,
            key=f"truth-{card.name}-{likely[0]}",
            accept_new_options=True,
            help="Choose a class, or write a label of your own: My drawings teaches it as a new "
            "class.",
        )
        if st.button("Keep in My drawings", icon=":material/bookmark_add:"):
            if drawn and drawn.under_way:
                st.toast("Lift the pen first: half a stroke is not kept.")
                return
            from core.datasets.drawings import Drawing

            strokes = drawn.to_json() if drawn else []
            drawing = Drawing(picture(), strokes, label, *top[0], card.name)
            try:
                st.toast(plain(_keep(drawing, settings)), icon=":material/bookmark_added:")
                if label not in [*card.classes, *own]:
                    own.append(label)  # a dozen are drawn of a new class
            except InklingError as error:
                st.error(f"{plain(error)} Your drawing is still here.", icon=":material/error:")


def _keep(drawing: "Drawing", settings: Settings) -> str:
    """Save a drawing once: a second time it is there already, or gets its other label. A sentence
    that says so.
    """
    from core.datasets.drawings import delete, save

    name = sha256(drawing.picture.tobytes()).hexdigest()
    before: tuple[str, str, int] = st.session_state.get("kept", ("", "", 0))
    if before[:2] == (name, drawing.label):
        return f"It is kept as {drawing.label} already."
    check_drawings(settings, [drawing])
    number = save(settings, drawing)
    st.session_state["kept"] = name, drawing.label, number
    if before[0] != name:
        return f"Kept as {drawing.label}."
    delete(settings, [before[2]])
    return f"Kept as {drawing.label} instead of {before[1]}."

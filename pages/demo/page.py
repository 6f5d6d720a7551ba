"""Demo: a large canvas and a large answer on the whole screen, for a stand or a projector."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.ink.forms import canonical_strokes
from core.models.cards import find_cards
from core.settings import Settings
from pages.demo.keys import stand_keys
from pages.shared.canvas import Drawn, answered, canvas
from pages.shared.fragment import fragment
from pages.shared.gallery import img
from pages.shared.models import pick_model, recognizer, warm_up
from pages.shared.reading import show_reading
from pages.shared.visitor import settings_here

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer

SIDE, PEN = 320, 20
"""Pixels of the canvas and of its pen, as on Draw; both are shown larger where there is room."""

REST, LONGEST_REST = 20, 3600
"""Seconds without a pen after which the canvas clears itself, and the most that can be asked."""


def page() -> None:
    _stand(settings_here())


@fragment
def _stand(settings: Settings) -> None:
    with st.container(key="demo"):
        with st.container(key="demo-canvas"):
            drawn = canvas(
                "demo", width=SIDE, height=SIDE, pen=PEN, pens=(PEN, PEN), live=True, scales=True
            )
        answer = st.container(key="demo-answer")
        with st.container(key="demo-bar", horizontal=True, vertical_alignment="center"):
            st.title("Inkling")
            with st.container(width=130):
                card = pick_model(settings)
            why = st.toggle("Why", True, key="why", bind="query-params")
            stand_keys(list(find_cards(settings)), rest=_rest())
            with st.container(key="demo-leave", width="content"):
                st.page_link("home/page.py", label="Leave", icon=":material/close:")
    if card is not None:
        warm_up(card.name, settings)
        with answer:
            _show_answer(drawn, card.name, settings, why=why)
    answered(drawn)


def _show_answer(drawn: Drawn, reader: str, settings: Settings, *, why: bool) -> None:
    if not drawn.strokes:
        st.html(f'<div class="invitation" role="status">{_invitation()}</div>')
        return
    model = recognizer(reader, settings)
    stages = canonical_strokes(drawn.strokes, model.form, width=drawn.pen)
    if stages is None:
        st.html('<div class="invitation" role="status">Draw a little more.</div>')
        return
    top = model.predict(stages.model_input[None], blur=[stages.blur]).top()
    show_reading(top)
    if why and not drawn.under_way:  # it takes longer than the answer
        _show_why(model, stages.model_input, top[0][0])


def _show_why(model: "Recognizer", image: np.ndarray, label: str) -> None:
    from core.reading.saliency import METHODS, evidence_picture, methods_for

    explain = METHODS[methods_for(model)[0]]
    evidence = explain(model, image, model.card.classes.index(label))
    picture = img(evidence_picture(evidence, image), alt=f"Evidence for {label} in each pixel")
    st.html(f'<div class="why">{picture}<p>Orange ink spoke for it,<br>blue against it.</p></div>')


def _rest() -> int:
    """Seconds, from `?rest=`; 0 for never."""
    asked = st.query_params.get("rest", "")
    return min(int(asked[:9]), LONGEST_REST) if asked.isdecimal() else REST


def _invitation() -> str:
    rest = _rest()
    clears = f"<p>It clears itself {rest} seconds after the last stroke.</p>" if rest else ""
    read = "<p>It is read while you draw; then the ink that spoke for the answer is shown.</p>"
    return f"<b>Draw a digit or a letter.</b>{read}{clears}"


page()

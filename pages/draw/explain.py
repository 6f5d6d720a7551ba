"""What the model saw, why it answered so, how its answer evolved, and its layers."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.ink.encode import negative
from core.ink.forms import Stages
from core.settings import Settings
from pages.draw.growth import show_growth
from pages.draw.inside import show_inside
from pages.shared.canvas import Drawn
from pages.shared.gallery import gallery, img
from pages.shared.text import plain

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer

SAW, WHY, GREW, INSIDE = "What it saw", "Why", "Stroke by stroke", "Inside"


def pick_view(*, drawn: bool) -> str:
    """A picker of one view, so that only that one is computed; there before anything is drawn too,
    so that the choice outlives Clear. drawn : whether there are strokes.
    """
    shown = [SAW, WHY, GREW, INSIDE] if drawn else [SAW, WHY, INSIDE]
    return st.segmented_control(
        "Look closer", shown, default=SAW, required=True, key="view", bind="query-params"
    )


def explain(
    view: str,
    model: "Recognizer",
    stages: Stages,
    picture: Callable[[], np.ndarray],
    drawn: Drawn | None,
    settings: Settings,
) -> None:
    """The chosen view."""
    if view == WHY:
        _why(model, stages)
    elif view == GREW and drawn:
        show_growth(model, drawn)
    elif view == INSIDE:
        show_inside(model, stages, settings)
    else:
        height, width = stages.crop.shape
        steps = {
            "Drawing": negative(picture()),
            **_found(stages),
            f"Crop, {width} x {height}": stages.crop,
            "Pen width made equal": stages.normalised,
            f"Model input, {model.form.size} x {model.form.size} ({model.form.name})": (
                stages.model_input
            ),
        }
        gallery(list(steps.values()), list(steps), layout="strip")


def _found(stages: Stages) -> dict[str, np.ndarray]:
    """How the ink of a photograph was found, ink 255; stages that changed nothing are left out."""
    if stages.found is None:
        return {}
    found = stages.found
    return {
        **({"Page": negative(found.page)} if found.cut else {}),
        **({"Light evened": found.darkness} if found.uneven else {}),
        **({"Printed lines taken off": found.bare} if found.printed else {}),
        **({"Ink": stages.ink} if found.uneven or found.printed else {}),
    }


def _why(model: "Recognizer", stages: Stages) -> None:
    from core.reading.saliency import METHODS, evidence_picture, methods_for

    top = model.predict(stages.model_input[None], blur=[stages.blur]).top()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.selectbox(
            "Evidence for", [label for label, _ in top], width=140, key=f"for-{top[0][0]}"
        )
        method = st.selectbox(
            "Method", methods_for(model), width=220, key="method", bind="query-params"
        )
    evidence = METHODS[method](model, stages.model_input, model.card.classes.index(label))
    with st.container(width=320):
        st.html(
            img(
                evidence_picture(evidence, stages.model_input),
                alt=f"Evidence for {label} in each pixel",
            )
        )
    shown_label = plain(label)
    st.caption(
        f"Orange speaks for {shown_label}, blue against it. It shows what this model used, not "
        f"what "
        f"makes a {shown_label}."
    )

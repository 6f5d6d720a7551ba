"""What the model saw, why it answered so, and how its answer evolved."""

import time
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.ink.encode import negative
from core.ink.forms import Stages
from core.intervals import probability
from pages.shared.canvas import Drawn
from pages.shared.charts import show_figure
from pages.shared.gallery import gallery, img
from pages.shared.style import INKS

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer
    from core.reading.replay import Replay

SAW, WHY, GREW = "What it saw", "Why", "Stroke by stroke"


def pick_view(*, drawn: bool) -> str:
    """A picker of one view, so that only that one is computed; there before anything is drawn too,
    so that the choice outlives Clear. drawn : whether there are strokes.
    """
    shown = [SAW, WHY, GREW] if drawn else [SAW, WHY]
    return st.segmented_control(
        "Look closer", shown, default=SAW, required=True, key="view", bind="query-params"
    )


def explain(
    view: str,
    model: "Recognizer",
    stages: Stages,
    picture: Callable[[], np.ndarray],
    drawn: Drawn | None,
) -> None:
    """The chosen view."""
    if view == WHY:
        _why(model, stages)
    elif view == GREW and drawn:
        _grew(model, drawn)
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
    st.caption(
        f"Orange speaks for {label}, blue against it. It shows what this model used, not what "
        f"makes a {label}."
    )


def _grew(model: "Recognizer", drawn: Drawn) -> None:
    from core.reading.replay import replay

    replayed = replay(model, drawn.strokes, width=drawn.pen, size=drawn.size)
    with st.container(horizontal=True, vertical_alignment="center"):
        frame = st.container(width=132).empty()
        replay_it = st.button("Replay", icon=":material/replay:")
    show_figure(
        _growth_chart(replayed),
        "growth",
        alt="Probability of the leading classes while the pen moved",
        table=lambda: _growth_table(replayed),
    )
    if replay_it:
        for moment in range(len(replayed.pictures)):
            _frame(frame, replayed, moment)
            time.sleep(0.09)
    _frame(frame, replayed, len(replayed.pictures) - 1)


def _frame(container: "st.delta_generator.DeltaGenerator", replay: "Replay", moment: int) -> None:
    label, confidence = replay.prediction.top(1, moment)[0]
    drawing = img(
        negative(replay.pictures[moment]), alt=f"The drawing after {replay.stroke[moment]} strokes"
    )
    container.html(
        f"{drawing}<p>Stroke {replay.stroke[moment]}: <b>{escape(label)}</b> "
        f"{probability(confidence)}</p>"
    )


def _growth_chart(replay: "Replay") -> go.Figure:
    probabilities, share = replay.prediction.probabilities, _share_of_ink(replay)
    leading = np.argsort(-probabilities.max(0))[:4]
    figure = go.Figure(layout={"colorway": INKS})
    for index in leading:
        figure.add_scatter(
            x=share, y=probabilities[:, index], name=replay.prediction.classes[index], mode="lines"
        )
    for moment in np.flatnonzero(np.diff(replay.stroke)):
        figure.add_vline(x=share[moment], line_dash="dot", line_width=1, opacity=0.5)
    figure.update_layout(height=280, legend_title="Read as")
    figure.update_xaxes(title="share of the ink; dotted: the pen was lifted", tickformat=".0%")
    figure.update_yaxes(title="probability", tickformat=".0%", range=[0, 1.02])
    return figure


def _growth_table(replay: "Replay") -> list[list[object]]:
    """Table of every class at every moment, the header first."""
    columns = zip(
        _share_of_ink(replay), replay.stroke, replay.prediction.probabilities, strict=True
    )
    return [
        ["share of the ink", "stroke", *replay.prediction.classes],
        *([share, stroke, *probabilities] for share, stroke, probabilities in columns),
    ]


def _share_of_ink(replay: "Replay") -> np.ndarray:
    """Share drawn at each moment, above 0 to 1."""
    return np.linspace(0, 1, len(replay.pictures) + 1)[1:]

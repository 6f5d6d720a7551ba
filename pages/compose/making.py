"""Step by step: the pictures of the making of one numeral or number."""

import streamlit as st

from core.synthesis.compose.compositions import Stage
from core.synthesis.compose.steps import STEPS
from core.synthesis.effects.table import number_text
from pages.compose.source import Source
from pages.shared.gallery import Line, gallery
from pages.shared.text import plain

_USUAL = "vii"
"""The numeral that the articles show."""


def show_making(source: Source) -> None:
    """Pickers of the text and of the take, and the strip."""
    made = source.made
    texts = list(made.texts)
    if st.session_state.get("making-of") not in texts:
        st.session_state["making-of"] = _asked(texts)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.selectbox("Making of", texts, key="making-of", on_change=_put_text, width=140)
        with st.container(width=140):
            take = st.number_input("Take", 0, 9999, 0, key="take", bind="query-params")
    number = texts.index(text) + int(take) * len(texts)
    show_stages(source, number)
    st.caption(
        f"Picture {number:,} of seed {made.seed}, written {plain(made.text(number))}. Below each "
        f"step is "
        "its amount; each has random numbers of its own, so that another amount of one changes "
        "nothing in the others."
    )


def show_stages(source: Source, number: int) -> None:
    """The picture after each step."""
    stages = source.made.stages(number)
    gallery(
        [stage.image for stage in stages],
        [_caption(stage, place, source) for place, stage in enumerate(stages)],
        alts=[f"{place}. {stage.title}" for place, stage in enumerate(stages)],
        layout="strip",
        name="stages",
    )


def _caption(stage: Stage, place: int, source: Source) -> list[Line]:
    lines = [Line(f"{place}. {stage.title}" if place else stage.title)]
    if stage.name in STEPS and stage.name != "sheet":
        lines.append(Line(number_text(round(source.request.recipe.amount(stage.name), 4))))
    else:
        height, width = stage.image.shape
        lines.append(Line(f"{width} x {height} pixels"))
    return lines


def _asked(texts: list[str]) -> str:
    """The text that the address names."""
    wanted = st.query_params.get("of", _USUAL)
    return wanted if wanted in texts else texts[-1]


def _put_text() -> None:
    st.query_params["of"] = st.session_state["making-of"]

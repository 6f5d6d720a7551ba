"""One glyph: draggable control points, its answer, and moved points saved as a set."""

import streamlit as st

from core.errors import InklingError
from core.synthesis.glyph_file import dump_glyphs
from core.synthesis.glyphs import format_moves, parse_moves
from core.synthesis.handwriting import Handwriting
from pages.shared.models import recognizer
from pages.shared.reading import show_reading
from pages.synthesise.controls import keep_set
from pages.synthesise.glyph_editor import glyph_editor
from pages.synthesise.source import Source


def show_glyph(source: Source) -> None:
    writing = source.writing
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.segmented_control(
            "Character", writing.labels, default=writing.labels[0], required=True, key="one"
        )
        with st.container(width=130):
            turn = st.number_input("Which of them", 0, 10_000, 0, key="which", bind="query-params")
    number = writing.labels.index(label) + int(turn) * len(writing.labels)
    sketch, (images, _) = writing.sketch(number), writing.draw(number, 1)
    variant = next(
        variant for variant in writing.glyphs.glyphs[label] if variant.name == sketch.variant
    )
    straight = _is_straight(writing)
    left, right = st.columns([1.5, 1])
    with left:
        key = f"editor-{st.session_state.get('edits', 0)}"
        moved = glyph_editor(images[0], sketch, list(variant.points), editable=straight, key=key)
        how = (
            "Drag a point, or focus it and use the arrow keys."
            if straight
            else "To drag the points, set rotation, slant and spreads to 0."
        )
        st.caption(
            f"{label}, {sketch.variant}. Red points are the table's, in the discs they are thrown "
            f"into; blue ones belong to bows. {how}"
        )
        if not straight:
            st.button("Write it upright", icon=":material/straighten:", on_click=_upright)
    with right:
        if source.card is not None:
            show_reading(recognizer(source.card.name, source.settings).predict(images).top())
        _own_set(source)
    if moved and straight:
        _move(label, sketch.variant, moved)
        st.session_state["edits"] = st.session_state.get("edits", 0) + 1
        st.rerun()


def _is_straight(writing: Handwriting) -> bool:
    """Whether points on the screen are where the table has them."""
    manner = writing.manner
    return not any((manner.turn, manner.slant, manner.slant_spread, manner.breadth))


def _upright() -> None:
    st.session_state.update(turn=0.0, slant=0.0, slant_spread=0.0, breadth=0.0)


def _move(label: str, variant: str, moved: dict[str, object]) -> None:
    """Add a moved point to the address, on top of earlier moves."""
    moves = dict(parse_moves(st.query_params.get_all("moves")))
    key = label, variant, str(moved["name"])
    rows, columns = moves.get(key, (0.0, 0.0))
    moves[key] = (
        round(rows + float(str(moved["rows"])), 2),
        round(columns + float(str(moved["columns"])), 2),
    )
    st.query_params["moves"] = format_moves(moves)


def _own_set(source: Source) -> None:
    """Actions for moved points."""
    if not st.query_params.get_all("moves"):
        return
    text = dump_glyphs(source.writing.glyphs)
    st.caption(
        "Points were moved: the address of this page holds them. Keep them as a set of your own:"
    )
    name = st.text_input("Name of the set", "custom", max_chars=40)
    with st.container(horizontal=True):
        if st.button("Keep", icon=":material/save:"):
            try:
                keep_set(text, name, source.settings)
            except InklingError as error:
                st.error(str(error), icon=":material/error:")
        st.download_button(
            "File",
            text,
            f"{name}.json",
            "application/json",
            icon=":material/download:",
            on_click="ignore",
        )
        st.button(
            "Put them back",
            icon=":material/undo:",
            on_click=lambda: st.query_params.update(moves=[]),
        )

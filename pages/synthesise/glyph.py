"""One glyph: draggable control points, its answer, and moved points saved as a set."""

from dataclasses import replace

import numpy as np
import streamlit as st

from core.synthesis.glyph_file import dump_glyphs
from core.synthesis.glyphs import LARGEST_MOVE, format_moves, parse_moves
from core.synthesis.handwriting import Handwriting
from pages.shared.gallery import gallery
from pages.shared.own_set import offer_set
from pages.shared.reading import show_bars
from pages.shared.text import plain
from pages.synthesise.glyph_editor import Moves, glyph_editor
from pages.synthesise.source import Source, answers

_OTHERS = 5
"""Images of the same character beside it."""


def show_glyph(source: Source) -> None:
    """The glyph upright in an editor, and what the hand makes of it."""
    writing = source.writing
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.segmented_control(
            "Character",
            writing.labels,
            default=writing.labels[0],
            required=True,
            format_func=plain,
            key="one",
            bind="query-params",
        )
        with st.container(width=130):
            turn = st.number_input("Which of them", 0, 10_000, 0, key="which", bind="query-params")
    count = len(writing.labels)
    number = writing.labels.index(label) + int(turn) * count
    upright = _upright(writing)
    skeleton = upright.skeleton(number)
    together = st.container(horizontal=True)
    with together, st.container(key="editor"):
        moves = parse_moves(st.query_params.get_all("moves"))
        glyph_editor(
            upright.draw(number, 1)[0][0],
            skeleton,
            {
                name: move
                for (of, variant, name), move in moves.items()
                if (of, variant) == (skeleton.label, skeleton.variant)
            },
            lambda moved: _move(skeleton.label, skeleton.variant, moved),
        )
        st.caption(
            f"{plain(label)}, {plain(skeleton.variant)}, written upright. Drag a red point, or "
            f"focus it and use "
            "the arrow keys. Around each is the disc that it is thrown into; blue ones belong to "
            "bows."
        )
    with together, st.container(key="edited"):
        images = np.stack(
            [writing.draw(number + other * count, 1)[0][0] for other in range(_OTHERS)]
        )
        if source.card is not None:
            show_bars(answers(images[:1], source.card, source.settings).top(5))
        st.caption("As the settings write it, and the next ones")
        alts = [f"{label}, number {number + other * count}" for other in range(_OTHERS)]
        gallery(images, alts=alts, layout="tight", columns=_OTHERS, name="written")
        _own_set(source)


def _upright(writing: Handwriting) -> Handwriting:
    """The same points, with nothing that would put them elsewhere than the table has them."""
    hand = writing.hand or writing.glyphs.hand
    hand = replace(hand, turn=0.0, slant=0.0, slant_spread=0.0, breadth=0.0)
    return replace(writing, hand=hand, effects=())


def _move(label: str, variant: str, moved: Moves) -> None:
    """Put the moves of a variant's points into the address."""
    texts = st.query_params.get_all("moves")
    others = {key: move for key, move in parse_moves(texts).items() if key[:2] != (label, variant)}
    most = float(LARGEST_MOVE)
    these = {
        (label, variant, name): (min(max(rows, -most), most), min(max(columns, -most), most))
        for name, (rows, columns) in moved.items()
    }
    _put(format_moves(others | these))


def _put(moves: list[str]) -> None:
    """Change the moves in the address; Undo knows those before."""
    st.session_state.setdefault("moves-before", []).append(st.query_params.get_all("moves"))
    st.query_params["moves"] = moves


def _undo() -> None:
    before = st.session_state.get("moves-before")
    if before:
        st.query_params["moves"] = before.pop()


def _own_set(source: Source) -> None:
    """Actions for moved points."""
    moved = bool(st.query_params.get_all("moves"))
    with st.container(horizontal=True):
        st.button(
            "Undo",
            icon=":material/undo:",
            shortcut="Ctrl+Z",
            disabled=not st.session_state.get("moves-before"),
            on_click=_undo,
        )
        st.button(
            "Put all back",
            icon=":material/restart_alt:",
            disabled=not moved,
            on_click=_put,
            args=([],),
        )
    if not moved:
        return
    text = dump_glyphs(source.writing.glyphs)
    st.caption(
        "Points were moved: the address of this page holds them. Keep them as a set of your own:"
    )
    name = st.text_input("Name of the set", "custom", max_chars=40)
    with st.container(horizontal=True):
        offer_set(text, name, source.settings)

"""One glyph large: its ink, Bezier curves, control points with their jitter discs. Points are
dragged, or moved with the arrow keys; the curves follow at once.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import streamlit as st

from core.ink.encode import data_uri, negative
from core.synthesis.handwriting import Skeleton

Moves = Mapping[str, tuple[float, float]]
"""Name of a point -> rows and columns that it was moved by."""

_HTML = (
    '<svg viewBox="-2 -2 32 32" role="group" aria-label="The glyph with its control points"></svg>'
)
_CSS, _JS = (
    (Path(__file__).parent / f"editor.{kind}").read_text("utf-8") for kind in ("css", "js")
)
_component = st.components.v2.component("inkling_glyph", html=_HTML, css=_CSS, js=_JS)


def glyph_editor(
    image: np.ndarray, skeleton: Skeleton, moves: Moves, on_move: Callable[[Moves], None]
) -> None:
    """Show an image uint8 [H, W] with the skeleton it was drawn from.

    moves : of its points, which are in the skeleton already. on_move : called with the moves of all
    its points, before the script runs again, when one was moved.
    """
    state, key = st.session_state, "glyph-editor"

    def moved() -> None:
        sent = state[key].get("moved") or {}
        state["glyph-moves"] = sent.get("number", 0)
        if (sent.get("label"), sent.get("variant")) == (skeleton.label, skeleton.variant):
            on_move(checked_moves(sent.get("moves"), skeleton.names))

    data = {
        "label": skeleton.label,
        "variant": skeleton.variant,
        "image": data_uri(negative(image)),
        "number": state.get("glyph-moves", 0),
        "moves": moves,
        "names": skeleton.names,
        "rest": _listed(skeleton.rest),
        "of": skeleton.of.tolist(),
        "spread": _listed(skeleton.spread),
        "thrown": _listed(skeleton.thrown),
        "radius": _listed(skeleton.radius),
        # of each curve and each of its four points: [point, weight], …
        "curves": [
            [[[int(at), round(float(row[at]), 5)] for at in np.flatnonzero(row)] for row in curve]
            for curve in skeleton.weights
        ],
    }
    # as text: of a dictionary Streamlit asks pandas, which it then imports, whether it is a table
    _component(key=key, data={"json": json.dumps(data)}, on_moved_change=moved)


def _listed(values: np.ndarray) -> list[object]:
    return np.round(values, 4).tolist()


def checked_moves(sent: object, names: tuple[str, ...]) -> Moves:
    """What a browser sent, which may be anything; only points that were moved."""
    moves: dict[str, tuple[float, float]] = {}
    for name, move in sent.items() if isinstance(sent, dict) else ():
        try:
            rows, columns = (round(float(value), 2) for value in move)
        except (TypeError, ValueError):
            continue
        if name in names and (rows or columns):
            moves[name] = rows, columns
    return moves

"""The drawing canvas: pen strokes in, pen strokes out."""

import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from core.errors import InklingError
from core.ink.strokes import checked_strokes, clip_strokes
from pages.shared.fingers import one_pointer
from pages.shared.style import PAPER_AND_INK, theme

Strokes = list[list[list[float]]]
"""[[[x, y], …], …] in canvas pixels, x right, y down."""

_CURVE_STEPS = 4


def canvas(name: str, *, width: int, height: int, pen: int) -> Strokes:
    """A canvas, with undo, redo and clear in its toolbar; returns what is seen of its strokes.

    The drawing outlives reruns, a change of theme, and visits to other screens and modes: wherever
    the component would be remounted, it starts from its last drawing.
    """
    from streamlit_drawable_canvas import st_canvas  # works only under a running Streamlit

    paper, ink = PAPER_AND_INK[theme()]
    selected: dict[str, Any] = st.session_state.setdefault(f"canvas-{name}", {"latest": None})
    index = (name, ink, st.session_state.get("visit"))
    if st.session_state.get("canvas-place") != index or "key" not in selected:
        st.session_state["canvas-place"] = index
        selected.update(key=uuid.uuid4().hex, start=_in_color(selected["latest"], ink))
    result = st_canvas(
        stroke_width=pen,
        stroke_color=ink,
        background_color=paper,
        width=width,
        height=height,
        initial_drawing=selected["start"],
        key=selected["key"],
    )
    one_pointer()
    selected["latest"] = result.json_data
    objects = (result.json_data or {}).get("objects", [])
    strokes = [np.array(stroke) for stroke in map(_stroke_of, objects) if stroke]
    # the pen may leave the canvas and draw on, where nobody sees it
    seen = clip_strokes(strokes, size=(height, width))
    return [np.round(stroke, 2).tolist() for stroke in seen]


def put_strokes(name: str, strokes: Sequence[np.ndarray], *, pen: int) -> None:
    """Replace the drawing on the canvas called `name` by strokes, each [P, 2] in canvas pixels; an
    empty list clears it.
    """
    objects = [_object_of(stroke, pen=pen) for stroke in strokes]
    st.session_state[f"canvas-{name}"] = {"latest": {"objects": objects}}


def clear_button(name: str) -> None:
    """A button that clears the canvas called `name`."""
    st.button(
        "Clear", icon=":material/delete:", on_click=put_strokes, args=(name, []), kwargs={"pen": 1}
    )


def strokes_on_canvas(strokes: Strokes, *, pen: int) -> list[np.ndarray]:
    """Strokes float [P, 2] to be read; none, and a message, if there are too many."""
    try:
        return checked_strokes(strokes, width=pen)
    except InklingError as error:
        st.error(str(error))
        return []


def leave_canvas() -> None:
    """Record that no canvas is on the screen, so that the next one starts from the last drawing."""
    st.session_state["canvas-place"] = None


def _stroke_of(path: dict[str, Any]) -> list[list[float]]:
    """Points of one Fabric.js path: M, L and Q commands, curves sampled, moved to the object's
    position.
    """
    points: list[tuple[float, float]] = []
    for command, *numbers in path.get("path", []):
        if command in ("M", "L"):
            points.append((numbers[0], numbers[1]))
        elif command == "Q" and points:
            start, control, end = np.array(points[-1]), np.array(numbers[:2]), np.array(numbers[2:])
            steps = np.linspace(0, 1, _CURVE_STEPS + 1)[1:, None]
            points += map(
                tuple, (1 - steps) ** 2 * start + 2 * steps * (1 - steps) * control + steps**2 * end
            )
    if not points:
        return []
    array = np.array(points)
    # with the canvas's edit tool: Fabric turns and scales about the middle of the path's box
    if _was_edited(path):
        angle = np.radians(path.get("angle", 0))
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        middle = (array.min(0) + array.max(0)) / 2
        array = (array - middle) * [path.get("scaleX", 1), path.get("scaleY", 1)] @ turn.T + [
            path["left"],
            path["top"],
        ]
    return [[round(float(x), 2), round(float(y), 2)] for x, y in array]


def _was_edited(path: dict[str, Any]) -> bool:
    xs, ys = zip(*[command[-2:] for command in path["path"]], strict=True)
    moved = abs(path["left"] - (min(xs) + max(xs)) / 2) + abs(path["top"] - (min(ys) + max(ys)) / 2)
    return bool(
        moved > 4 or path.get("angle") or path.get("scaleX", 1) != 1 or path.get("scaleY", 1) != 1
    )


def _object_of(stroke: np.ndarray, *, pen: int) -> dict[str, Any]:
    points = [[round(float(x), 2), round(float(y), 2)] for x, y in stroke]
    (left, top), (right, bottom) = np.min(stroke, 0), np.max(stroke, 0)
    return {
        "type": "Path",
        "originX": "center",
        "originY": "center",
        "left": float(left + right) / 2,
        "top": float(top + bottom) / 2,
        "fill": None,
        "strokeWidth": pen,
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
        "path": [["M", *points[0]], *(["L", *point] for point in points[1:] or points)],
    }


def _in_color(drawing: dict[str, Any] | None, ink: str) -> dict[str, Any] | None:
    return drawing and {
        **drawing,
        "objects": [{**item, "stroke": ink} for item in drawing.get("objects", [])],
    }

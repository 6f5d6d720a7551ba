"""The canvas of streamlit-drawable-canvas, for browsers in which ours does not work: start with
INKLING_CANVAS=drawable. It answers more slowly, and its drawing is not redrawn with another pen.
"""

import uuid
from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from pages.shared.style import PAPER_AND_INK, theme

_CURVE_STEPS = 4


def drawable_canvas(
    name: str,
    *,
    width: int,
    height: int,
    pen: int,
    pens: tuple[int, int],
    put: Mapping[str, Any] | None,
) -> Mapping[str, Any]:
    """The same state as our own component has: strokes, pen and size.

    Wherever the component would be mounted anew, it starts from its last drawing.
    """
    from streamlit_drawable_canvas import st_canvas  # works only under a running Streamlit

    if pens[0] < pens[1]:
        pen = st.slider("Pen width, pixels", *pens, pen, key=f"pen{pen}", bind="query-params")
    paper, ink = PAPER_AND_INK[theme()]
    kept: dict[str, Any] = st.session_state.setdefault(f"drawable-{name}", {"latest": None})
    place = (ink, put and put["id"])
    mounted = kept.get("key") in st.session_state  # not where it was off the screen meanwhile
    if kept.get("place") != place or not mounted:
        if put and kept.get("put") != put["id"]:
            kept["put"] = put["id"]
            objects = [_object_of(np.array(stroke), pen=pen) for stroke in put["strokes"]]
            kept["latest"] = {"objects": objects}
        start = _in_color(kept["latest"], ink)
        kept.update(place=place, key=uuid.uuid4().hex, start=start)
    result = st_canvas(
        stroke_width=pen,
        stroke_color=ink,
        background_color=paper,
        width=width,
        height=height,
        initial_drawing=kept["start"],
        key=kept["key"],
    )
    kept["latest"] = result.json_data
    objects = (result.json_data or {}).get("objects", [])
    strokes = [stroke for stroke in map(_stroke_of, objects) if stroke]
    return {"strokes": strokes, "pen": pen, "size": [height, width]}


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

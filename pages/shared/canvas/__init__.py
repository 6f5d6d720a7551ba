"""The drawing canvas: pen strokes in, pen strokes out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import streamlit as st

from core.errors import InklingError
from core.ink.strokes import checked_strokes, clip_strokes
from core.settings import MAX_DIGITS
from pages.shared.canvas.drawable import drawable_canvas
from pages.shared.style import PAPER_AND_INK, theme
from pages.shared.text import plain
from pages.shared.visitor import settings_here

Strokes = list[list[list[float]]]
"""[[[x, y], …], …] in canvas pixels, x right, y down."""

PENS = 4, 40
"""Narrowest and broadest pen, pixels."""

_HTML, _CSS, _ERASER, _JS = (
    (Path(__file__).parent / name).read_text("utf-8")
    for name in ("canvas.html", "canvas.css", "eraser.js", "canvas.js")
)
_component = st.components.v2.component("inkling_canvas", html=_HTML, css=_CSS, js=_ERASER + _JS)

_ANSWERED = """
export default function ({ data }) {
  dispatchEvent(new CustomEvent("inkling-answered", { detail: data.serial }));
}
"""
_echo = st.components.v2.component("inkling_answered", html="<span></span>", js=_ANSWERED)


@dataclass(frozen=True)
class Drawn:
    """What is seen on a canvas.

    strokes : each float [P, 2] in pixels of the canvas. pen : width, pixels. size : height and
    width of the canvas, pixels. under_way : whether the last stroke is still being drawn: it is
    answered and kept nowhere. serial : the browser's number of this drawing.
    """

    strokes: list[np.ndarray]
    pen: float
    size: tuple[int, int]
    under_way: bool = False
    serial: int = 0

    def to_json(self) -> Strokes:
        """The strokes as lists."""
        return [np.round(stroke, 2).tolist() for stroke in self.strokes]


def canvas(
    name: str,
    *,
    width: int,
    height: int,
    pen: int,
    pens: tuple[int, int] = PENS,
    live: bool = False,
    scales: bool = False,
) -> Drawn:
    """A canvas at most `width` pixels wide, with undo, redo, clear and the pen's width beside it;
    what is seen of its strokes, or a message if they are too many.

    name : whose drawing it is; it outlives reruns, other screens, and a reload of the tab. pen :
    width at first, pixels; `pens` : its least and largest. live : whether strokes are sent while
    they are drawn too, as fast as the page says `answered`; it has to. scales : it is shown as wide
    as there is room, and the pen with it; its pixels stay `width` by `height`.
    """
    put = st.session_state.get(f"put-{name}")
    if settings_here().canvas == "drawable":
        given = drawable_canvas(name, width=width, height=height, pen=pen, pens=pens, put=put)
    else:
        given = _own_canvas(
            name,
            width=width,
            height=height,
            pen=pen,
            pens=pens,
            put=put,
            live=live,
            scales=scales,
        )
    try:
        return _checked(given, width=width, height=height, pen=pen)
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")
        return Drawn([], pen, (height, width))


def answered(drawn: Drawn) -> None:
    """Tell a live canvas that its drawing has been answered; to be called last, whatever the
    answer: the browser receives all that was drawn before this with it.
    """
    with st.container(key="answered"):
        _echo(key="answered-canvas", data={"serial": drawn.serial})


def put_strokes(
    name: str,
    strokes: Sequence[np.ndarray],
    *,
    pen: float | None = None,
    size: tuple[int, int] | None = None,
) -> None:
    """Replace the drawing on the canvas called `name` by strokes, each [P, 2] in its pixels; Undo
    brings back what was there.

    pen, size : the pen's width, and height and width of the canvas they were drawn on, pixels; as
    the canvas has them if omitted.
    """
    rounded = [np.round(stroke, 2).tolist() for stroke in strokes]
    put = {"id": uuid4().hex, "strokes": rounded, "pen": pen, "size": size}
    st.session_state[f"put-{name}"] = put


def _own_canvas(
    name: str,
    *,
    width: int,
    height: int,
    pen: int,
    pens: tuple[int, int],
    put: Mapping[str, Any] | None,
    live: bool,
    scales: bool,
) -> Mapping[str, Any]:
    """The state of our component: strokes, pen and size. put : strokes to be taken once, by id."""
    paper, ink = PAPER_AND_INK[theme()]
    parameter = f"pen{pen}"
    asked = st.query_params.get(parameter, "")
    data = {
        "name": name,
        "width": width,
        "height": height,
        "paper": paper,
        "ink": ink,
        "scales": scales,
        "pen": {
            "smallest": pens[0],
            "largest": pens[1],
            "usual": pen,
            "asked": int(asked[:MAX_DIGITS]) if asked.isdecimal() else None,
        },
        "put": put,
        "live": live,
    }
    # as text: of a dictionary Streamlit asks pandas, which takes a third of a second to import,
    # whether it is a table
    result = _component(
        key=f"canvas-{name}", data={"json": json.dumps(data)}, on_drawing_change=lambda: None
    )
    sent = result.get("drawing")
    state: Mapping[str, Any] = sent if isinstance(sent, Mapping) else {}
    chosen = state.get("pen", pen)
    if chosen != pen and asked != str(chosen):
        st.query_params[parameter] = str(chosen)
    elif chosen == pen and asked and state:
        del st.query_params[parameter]
    return state


def _checked(given: Mapping[str, Any], *, width: int, height: int, pen: int) -> Drawn:
    """What a browser sent, which may be anything."""
    try:
        chosen = float(given.get("pen", pen))
        rows, columns = (int(side) for side in given.get("size", (height, width)))
        serial = int(given.get("serial", 0))
    except (TypeError, ValueError) as error:
        raise InklingError("The canvas sent no drawing; reload the page.") from error
    size = min(max(rows, 1), height), min(max(columns, 1), width)
    strokes = checked_strokes(given.get("strokes", []), width=chosen)
    # the pen may leave the canvas and draw on, where nobody sees it
    seen, under_way = clip_strokes(strokes, size=size), bool(given.get("under_way"))
    return Drawn(seen, chosen, size, under_way, serial)

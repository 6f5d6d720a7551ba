"""One glyph large: its ink, Bezier curves, control points with their jitter discs; points are
dragged, or moved with the arrow keys.
"""

from typing import Any

import numpy as np
import streamlit as st

from core.ink.encode import data_uri, negative
from core.synthesis.handwriting import Sketch

_JS = """
const NS = "http://www.w3.org/2000/svg";
export default function ({ parentElement, setTriggerValue, data }) {
  const svg = parentElement.querySelector("svg");
  svg.replaceChildren();
  const add = (tag, attributes, parent = svg) => {
    const node = document.createElementNS(NS, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    parent.appendChild(node);
    return node;
  };
  add("image", { href: data.image, x: 0, y: 0, width: 28, height: 28, class: "ink" });
  for (const disc of data.discs) add("polygon", { points: disc, class: "disc" });
  for (const curve of data.curves) add("path", { d: curve, class: "curve" });
  for (const line of data.handles) add("polyline", { points: line, class: "handle" });
  for (const point of data.points) {
    const where = `row ${point.y.toFixed(1)}, column ${point.x.toFixed(1)}`;
    const label = `Control point ${point.name}, ${where}`;
    const look = point.own ? "point own" : "point";
    const dot = add("circle", { cx: point.x, cy: point.y, r: 0.42, class: look });
    add("title", {}, dot).textContent = label;
    if (!point.own || !data.editable) continue;
    dot.setAttribute("tabindex", "0");
    dot.setAttribute("role", "button");
    dot.setAttribute("aria-label", label + ", move with the arrow keys");
    const send = (x, y) => setTriggerValue(
      "moved", { name: point.name, rows: y - point.y, columns: x - point.x }
    );
    const position = (event) => {
      const pointer = new DOMPoint(event.clientX, event.clientY);
      const at = pointer.matrixTransform(svg.getScreenCTM().inverse());
      return [Math.min(30, Math.max(-2, at.x)), Math.min(30, Math.max(-2, at.y))];
    };
    dot.onpointerdown = (event) => {
      event.preventDefault();
      dot.setPointerCapture(event.pointerId);
      dot.classList.add("held");
    };
    dot.onpointermove = (event) => {
      if (!dot.classList.contains("held")) return;
      const [x, y] = position(event);
      dot.setAttribute("cx", x); dot.setAttribute("cy", y);
    };
    dot.onpointerup = (event) => {
      if (!dot.classList.contains("held")) return;
      dot.classList.remove("held");
      const [x, y] = position(event);
      if (Math.hypot(x - point.x, y - point.y) > 0.05) send(x, y);
    };
    dot.onkeydown = (event) => {
      const step = {
        ArrowLeft: [-0.5, 0], ArrowRight: [0.5, 0], ArrowUp: [0, -0.5], ArrowDown: [0, 0.5]
      }[event.key];
      if (!step) return;
      event.preventDefault();
      send(point.x + step[0], point.y + step[1]);
    };
  }
}
"""
_HTML = (
    '<svg viewBox="-2 -2 32 32" role="img" aria-label="The glyph with its control points"></svg>'
)
_CSS = """
svg {
  width: 100%; max-width: 560px; aspect-ratio: 1; border-radius: 4px;
  background: #fff; touch-action: none;
}
.ink { image-rendering: pixelated; opacity: 0.45; }
.disc {
  fill: #c0522f; fill-opacity: 0.08;
  stroke: #c0522f; stroke-opacity: 0.35; stroke-width: 0.06;
}
.curve { fill: none; stroke: #1d1b18; stroke-width: 0.16; }
.handle { fill: none; stroke: #4d7f9e; stroke-width: 0.1; stroke-dasharray: 0.3 0.2; }
.point { fill: #fff; stroke: #4d7f9e; stroke-width: 0.14; }
.own { fill: #c0522f; stroke: #fff; }
.own[tabindex] { cursor: grab; }
.own:focus { outline: none; stroke: #1d1b18; }
.held { cursor: grabbing; }
"""


def glyph_editor(
    image: np.ndarray, sketch: Sketch, names: list[str], *, editable: bool, key: str
) -> dict[str, Any] | None:
    """Show an image uint8 [H, W] with the sketch it was drawn from; returns the move of a point,
    {"name", "rows", "columns"}, once.

    names : of the first control points; those after them belong to bows and move with their ends.
    """
    component = st.components.v2.component("inkling_glyph", html=_HTML, css=_CSS, js=_JS)
    points = [
        {
            "name": names[index] if index < len(names) else "of a bow",
            "own": index < len(names),
            "x": float(column),
            "y": float(row),
        }
        for index, (row, column) in enumerate(sketch.points)
    ]
    data = {
        "image": data_uri(negative(image)),
        "editable": editable,
        "points": points,
        "discs": [_polyline(disc) for disc in sketch.discs if np.ptp(disc, 0).max() > 0.05],
        "curves": [f"M {_xy(a)} C {_xy(b)}, {_xy(c)}, {_xy(d)}" for a, b, c, d in sketch.cubics],
        "handles": [_polyline(ends) for curve in sketch.cubics for ends in (curve[:2], curve[2:])],
    }
    result = component(data=data, key=key, on_moved_change=lambda: None)
    moved: dict[str, Any] | None = result.get("moved")
    return moved


def _xy(point: np.ndarray) -> str:
    return f"{point[1]:.3f} {point[0]:.3f}"


def _polyline(points: np.ndarray) -> str:
    return " ".join(f"{column:.3f},{row:.3f}" for row, column in points)

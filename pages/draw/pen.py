"""A canvas with the width of its pen below it."""

import streamlit as st

from pages.shared.canvas import Strokes, canvas

SIDE = 320
"""Of the canvas for a character, pixels."""


def canvas_and_pen(name: str, *, width: int, height: int, pen: int) -> tuple[Strokes, int]:
    """What is drawn on the canvas called `name`, and the pen's width, `pen` at first, in pixels."""
    area = st.container(key="canvas")
    with st.container(width=SIDE):
        chosen = st.slider("Pen width, pixels", 4, 40, pen, key=f"pen{pen}", bind="query-params")
    with area:
        return canvas(name, width=width, height=height, pen=chosen), chosen

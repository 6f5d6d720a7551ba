"""A canvas with a slider for the pen's width and a button that clears it."""

import streamlit as st

from pages.shared.canvas import Strokes, canvas, clear_button

SIDE = 320
"""Of the canvas for a character, pixels."""


def canvas_and_pen(name: str, *, width: int, height: int, pen: int) -> tuple[Strokes, int]:
    """The drawing on the canvas called `name`, and the pen width in pixels, initially `pen`."""
    area = st.container(key="canvas")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", width=SIDE):
        chosen = st.slider("Pen width, pixels", 4, 40, pen, key=f"pen{pen}", bind="query-params")
        clear_button(name)
    with area:
        return canvas(name, width=width, height=height, pen=chosen), chosen

"""The minimal canvas page, which shows its number of strokes; the baseline of `draw_latency.py`."""

import streamlit as st
from streamlit_drawable_canvas import st_canvas


@st.fragment
def echo() -> None:
    result = st_canvas(
        stroke_width=20,
        stroke_color="#1d1b18",
        background_color="#ffffff",
        width=320,
        height=320,
        key="canvas",
    )
    st.html(f'<div data-testid="answer">{len((result.json_data or {}).get("objects", []))}</div>')


echo()

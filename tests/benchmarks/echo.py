"""The minimal canvas page, which shows its number of strokes; the baseline of `draw_latency.py`."""

import sys
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pages.shared.canvas import canvas


@st.fragment
def echo() -> None:
    drawn = canvas("echo", width=320, height=320, pen=20)
    st.html(f'<div data-testid="answer">{len(drawn.strokes)}</div>')


echo()

"""The dashboard with a canvas that is answered only as the pen lifts: a baseline of `draw_live`."""

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from pages.draw import character  # noqa: E402
from pages.shared.canvas import canvas  # noqa: E402

vars(character)["canvas"] = lambda *arguments, live, **options: canvas(*arguments, **options)
app = st.App(ROOT / "pages" / "navigation.py")

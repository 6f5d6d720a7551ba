"""The table of screens: groups, titles, icons, and what they share."""

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # this file is the script that Streamlit runs; `core` and `pages` lie beside its folder
    sys.path.insert(0, str(ROOT))

from pages.widgets.style import style  # noqa: E402

SCREENS = {
    "": [st.Page("home.py", title="Home", icon=":material/home:", default=True)],
    "Read": [st.Page("draw.py", title="Draw", icon=":material/draw:")],
    "Make": [st.Page("synthesise.py", title="Synthesise", icon=":material/gesture:")],
    "Look": [
        st.Page("explore.py", title="Explore", icon=":material/travel_explore:"),
        st.Page("my_drawings.py", title="My drawings", icon=":material/collections_bookmark:"),
    ],
    "Learn": [
        st.Page("train.py", title="Train", icon=":material/model_training:"),
        st.Page("evaluate.py", title="Evaluate", icon=":material/fact_check:"),
        st.Page("robustness.py", title="Robustness", icon=":material/vital_signs:"),
    ],
}

st.set_page_config(page_icon=str(ROOT / "assets" / "icon.png"), layout="wide")  # a Material icon here would be fetched from Google
page = st.navigation(SCREENS)
if st.session_state.get("page") != page.url_path:  # widgets of the screen before are gone: what must outlive them asks for this
    st.session_state.update(page=page.url_path, visit=st.session_state.get("visit", 0) + 1)
style()
page.run()

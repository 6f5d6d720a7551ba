"""The table of screens: groups, titles, icons, and what they share."""

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parent.parent
# this file is the script that Streamlit runs; `core` and `pages` lie beside its folder
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from pages.shared.browser import mind_browser  # noqa: E402
from pages.shared.style import logo, style  # noqa: E402
from pages.shared.tour import show_tour  # noqa: E402
from pages.shared.visitor import enter, show_visitor  # noqa: E402

SCREENS = {
    "": [st.Page("home/page.py", title="Home", icon=":material/home:", default=True)],
    "Read": [
        st.Page("draw/page.py", title="Draw", url_path="draw", icon=":material/draw:"),
        st.Page("sheet/page.py", title="Sheet", url_path="sheet", icon=":material/table_view:"),
        st.Page("demo/page.py", title="Demo", url_path="demo", visibility="hidden"),
    ],
    "Make": [
        st.Page(
            "synthesise/page.py",
            title="Synthesise",
            url_path="synthesise",
            icon=":material/gesture:",
        ),
        st.Page("compose/page.py", title="Compose", url_path="compose", icon=":material/join:"),
    ],
    "Look": [
        st.Page(
            "explore/page.py", title="Explore", url_path="explore", icon=":material/travel_explore:"
        ),
        st.Page("curate/page.py", title="Curate", url_path="curate", icon=":material/rule:"),
        st.Page(
            "my_drawings/page.py",
            title="My drawings",
            url_path="my_drawings",
            icon=":material/collections_bookmark:",
        ),
    ],
    "Learn": [
        st.Page("train/page.py", title="Train", url_path="train", icon=":material/model_training:"),
        st.Page(
            "evaluate/page.py", title="Evaluate", url_path="evaluate", icon=":material/fact_check:"
        ),
        st.Page(
            "robustness/page.py",
            title="Robustness",
            url_path="robustness",
            icon=":material/vital_signs:",
        ),
    ],
}

# a Material icon here would be fetched from Google
st.set_page_config(page_icon=str(ROOT / "assets" / "icon.png"), layout="wide")
page = st.navigation(SCREENS)
if st.session_state.get("page") != page.url_path:
    # several screens have controls of one name: what the last had chosen is not carried over
    st.session_state["page"] = page.url_path
    for key in ("show", "data", "data-address"):
        st.session_state.pop(key, None)
style()
mind_browser()
st.logo(logo("Inkling"), size="large", icon_image=logo())
if enter():
    show_tour()
    page.run()
    show_visitor()

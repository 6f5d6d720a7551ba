"""Inkling: the dashboard and the REST routes on one port; start it with `streamlit run app.py`."""

from pathlib import Path

import streamlit as st
from starlette.routing import Mount

from core.api.app import build_api
from core.settings import Settings

app = st.App(
    Path(__file__).parent / "pages" / "navigation.py",
    routes=[Mount("/api", app=build_api(Settings.from_environment()))],
)

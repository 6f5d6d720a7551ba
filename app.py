"""Inkling: the dashboard and the REST routes on one port; start it with `streamlit run app.py`."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount

from core.api.app import build_api
from core.api.headers import SecurityHeaders
from core.api.hosts import KnownHosts
from core.api.server import start
from core.errors import InklingError
from core.settings import Settings
from pages.shared.failure import explain


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    start(settings)
    yield


try:
    settings = Settings.from_environment()
except InklingError as error:
    sys.exit(f"Inkling cannot start: {error}")

app = st.App(
    Path(__file__).parent / "pages" / "navigation.py",
    lifespan=lifespan,
    on_script_error=explain,
    middleware=[Middleware(SecurityHeaders), Middleware(KnownHosts, hosts=settings.hosts)],
    routes=[Mount("/api", app=build_api(settings))],
)

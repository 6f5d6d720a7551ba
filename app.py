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
from core.api.metrics import ScreensMetrics
from core.api.server import start
from core.api.sockets import MessageLimit
from core.api.uploads import UploadLimit
from core.api.visitors import VisitorCookie
from core.api.watch import Watch
from core.errors import InklingError
from core.metrics import SESSIONS
from core.settings import Settings
from pages.shared.failure import explain
from pages.shared.sessions import bytes_chosen, count_sessions


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    start(settings)
    SESSIONS.set_function(count_sessions)
    yield


try:
    settings = Settings.from_environment()
except InklingError as error:
    sys.exit(f"Inkling cannot start: {error}")

middleware = [
    Middleware(SecurityHeaders),
    Middleware(Watch, clients=settings.log_clients),
    Middleware(KnownHosts, hosts=settings.hosts),
    Middleware(ScreensMetrics, shown=settings.metrics),
    Middleware(MessageLimit),
]
if settings.visitors:
    most = settings.limits.megabytes
    middleware += [
        Middleware(VisitorCookie, hours=settings.limits.hours),
        Middleware(UploadLimit, megabytes=most, held=bytes_chosen),
    ]

app = st.App(
    Path(__file__).parent / "pages" / "navigation.py",
    lifespan=lifespan,
    on_script_error=explain,
    middleware=middleware,
    routes=[Mount("/api", app=build_api(settings))],
)

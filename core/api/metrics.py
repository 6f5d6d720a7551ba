"""/metrics: figures for Prometheus."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core.jobs.job import running_jobs
from core.metrics import JOBS, REGISTRY
from core.settings import Settings

_OF_SCREENS = "/_stcore/metrics"
"""Streamlit's own figures, which it shows to everybody."""


def router(settings: Settings) -> APIRouter:
    """None without INKLING_METRICS=1: figures are not for everybody."""
    routes = APIRouter()
    if not settings.metrics:
        return routes

    @routes.get(
        "/metrics",
        response_class=PlainTextResponse,
        responses={200: {"content": {"text/plain": {}}, "description": "in Prometheus' format"}},
    )
    def metrics() -> Response:
        """Requests, seconds, predictions, sessions, jobs and memory."""
        JOBS.set(len(running_jobs(settings)))
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return routes


class ScreensMetrics:
    """Closes Streamlit's own figures where Inkling's are closed."""

    def __init__(self, app: ASGIApp, *, shown: bool) -> None:
        self.app, self.shown = app, shown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.shown and scope.get("path") == _OF_SCREENS:
            await PlainTextResponse("Not Found", 404)(scope, receive, send)
            return
        await self.app(scope, receive, send)

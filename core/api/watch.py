"""What is told of each request: its id, a line in the log, and figures for Prometheus."""

import json
import logging
import re
import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.logs import FIELDS, request_id
from core.metrics import REQUESTS, SECONDS

API = "/api"
"""Where the REST routes are mounted."""

_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""An id that may be taken from a request: it goes into logs and answers."""

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET"}

_log = logging.getLogger(__name__)


def failure_sentence() -> str:
    """What is said of a failure inside the server."""
    return (
        "Something went wrong inside; try again, or tell whoever runs this server the id "
        f"{request_id.get() or 'of the request'}."
    )


class Watch:
    """Outside of all others. Takes the id in X-Request-ID, or makes one, and returns it; what fails
    is logged with its traceback and answered with a sentence.

    clients : whether the log names their addresses.
    """

    def __init__(self, app: ASGIApp, *, clients: bool = False) -> None:
        self.app, self.clients = app, clients

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        identity = given if _SANE.fullmatch(given) else secrets.token_hex(8)
        token, started, status, ended = request_id.set(identity), time.perf_counter(), 0, False

        async def noted(message: Message) -> None:
            nonlocal status, ended
            kind = message["type"]
            if kind.endswith("http.response.start"):
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = identity
            elif kind == "websocket.accept":
                status = 101
            elif kind == "websocket.close":
                status = status or 403
            ended = ended or (kind == "http.response.body" and not message.get("more_body"))
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception:
            _log.exception("a request failed")
            if scope["type"] == "http" and not status:
                answer = JSONResponse({"detail": failure_sentence()}, 500)
                await answer(scope, receive, noted)
            elif not ended:
                raise  # the connection is cut, so that half an answer is not taken for a whole
        finally:
            self._tell(scope, status or 499, time.perf_counter() - started)
            request_id.reset(token)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope.get("method", "WEBSOCKET")
        method, route = method if method in _METHODS else "OTHER", _route(scope)
        REQUESTS.labels(method, route, status).inc()
        if status != 101:  # that lasts as long as its screen
            SECONDS.labels(route).observe(seconds)
        fields = {
            "method": method,
            "path": scope["path"],  # the query may hold a key
            "status": status,
            "milliseconds": round(seconds * 1000, 1),
        }
        client = scope.get("client")
        if self.clients and client:
            fields["client"] = client[0]
        # a screen asks for dozens of files, and looks for some where they are not
        usual = status < 500 and not scope["path"].startswith(f"{API}/")
        _log.log(
            logging.DEBUG if usual else logging.INFO if status < 500 else logging.ERROR,
            "%s %s %s %s ms",
            method,
            json.dumps(scope["path"])[1:-1],  # a line stays one
            status,
            fields["milliseconds"],
            extra={FIELDS: fields},
        )


def _route(scope: Scope) -> str:
    """The route by its pattern; a bounded number of them, whatever is asked for."""
    if not scope["path"].startswith(f"{API}/"):
        return "screens"
    route = scope.get("route")
    return f"{API}{route.path}" if isinstance(route, Route) else f"{API}/*"

"""How much of the files chosen on a demo's screens the server holds."""

import re
from collections import Counter
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALL_MEGABYTES = 1024
"""Of all sessions together."""

_ROUTE = re.compile(r".*/_stcore/upload_file/([^/]+)/[^/]+")

Held = Callable[[str], tuple[int, int]]
"""Bytes in memory of the files that a session has chosen, by its id, and of all sessions'."""


class UploadLimit:
    """Refuse a file of a session that holds as many megabytes as a visitor may keep, or while all
    sessions hold `ALL_MEGABYTES`: Streamlit bounds each file (`server.maxUploadSize`), not how
    many there are, and keeps them in memory as long as their session.
    """

    def __init__(self, app: ASGIApp, *, megabytes: int, held: Held) -> None:
        self.app, self.megabytes, self.held = app, megabytes, held
        self.arriving: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = _ROUTE.fullmatch(scope.get("path", ""))
        if route is None or scope.get("method") != "PUT":
            await self.app(scope, receive, send)
            return
        session, received = route[1], 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            length = len(message.get("body", b""))
            received += length
            self.arriving[session] += length
            own, everyones = self.held(session)
            if own + self.arriving[session] > self.megabytes * 2**20:
                raise HTTPException(413, "These files are too large; remove one, or reload.")
            if everyones + self.arriving.total() > ALL_MEGABYTES * 2**20:
                raise HTTPException(503, "Others have files open too; try again in a while.")
            return message

        try:
            await self.app(scope, counted, send)
        finally:
            self.arriving[session] -= received
            if not self.arriving[session]:
                del self.arriving[session]

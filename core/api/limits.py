"""How large a request may be, and how it is refused."""

from typing import Any

from anyio import current_time, fail_after
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.turns import busy
from core.ink.strokes import MAX_POINTS, MAX_STROKES
from core.settings import MAX_UPLOAD_BYTES

MAX_BODY_BYTES = MAX_UPLOAD_BYTES + 2**16  # a picture and the multipart around it

MAX_HELD_BYTES = 256 * 2**20
"""Of all requests that are being answered, or arrive."""

ARRIVES = 30.0
"""Seconds that a request may take to arrive."""

_MOST = {b"{": 16, b":": 64, b"[": 64 + MAX_STROKES + MAX_POINTS, b",": 2 * MAX_POINTS + 10_000}
"""Of each mark in the JSON of a drawing; a field beside those known does no harm."""


def check_json(body: bytes) -> None:
    """Refuse JSON with more objects, fields, lists or values than a drawing has: parsing 9 MB of
    them stops the server for seconds and takes gigabytes, counting marks does neither.
    """
    if any(body.count(mark) > most for mark, most in _MOST.items()):
        raise HTTPException(
            422,
            f"A drawing has at most {MAX_STROKES:,} strokes and {MAX_POINTS:,} points; send fewer.",
        )


class Failure(BaseModel):
    detail: str = Field(description="one sentence: what happened, and what to do")


REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Failure, "description": why}
    for status, why in (
        (400, "The picture or the drawing cannot be read."),
        (403, "A page of another site asked."),
        (404, "There is no such model."),
        (408, "The request did not arrive in time."),
        (413, "The request is too large."),
        (415, "It is neither a form with a file, nor JSON."),
        (422, "Fields are missing, or are not what they should be."),
        (503, "Too many requests wait for an answer."),
    )
}
"""Every answer but 200 of a route that reads something, as OpenAPI writes them."""

TURNED_AWAY: dict[int | str, dict[str, Any]] = {
    status: {"model": Failure, "description": why}
    for status, why in (
        (401, "The server has a key, and it was not given."),
        (429, "Too many requests of one key or address."),
    )
}
"""What any route may answer but those that say whether the server is well."""


class BodyLimit:
    """Refuse a body larger than `MAX_BODY_BYTES` while it arrives, whatever its header claims, one
    that takes longer than `ARRIVES` seconds, one for which there is no room, and any that a page of
    another site has a browser send: a form needs nobody's leave for that.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.held = app, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received, more = 0, True
        strange = (b"sec-fetch-site", b"cross-site") in scope.get("headers", ())
        if strange and scope["method"] == "POST":
            sentence = "Only pages of Inkling and programs may ask; open Inkling first."
            await JSONResponse({"detail": sentence}, 403)(scope, receive, send)
            return
        deadline = current_time() + ARRIVES

        async def counted() -> Message:
            nonlocal received, more
            if not more:  # who waits for the client to leave may wait
                return await receive()
            try:
                with fail_after(deadline - current_time()):
                    message = await receive()
            except TimeoutError as error:
                raise HTTPException(
                    408, f"The request did not arrive in {ARRIVES:.0f} s; send it again."
                ) from error
            more, length = message.get("more_body", False), len(message.get("body", b""))
            received, self.held = received + length, self.held + length
            if received > MAX_BODY_BYTES:
                raise HTTPException(
                    413,
                    f"The request is larger than {MAX_UPLOAD_BYTES // 2**20} MB; "
                    "send a smaller picture.",
                )
            if self.held > MAX_HELD_BYTES:
                raise busy()
            return message

        try:
            await self.app(scope, counted, send)
        finally:
            self.held -= received

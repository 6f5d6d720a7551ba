"""How much a browser may say at once over the dashboard's websocket."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.ink.strokes import MAX_POINTS, MAX_STROKES

_SMALL = 100_000
"""Bytes that are parsed in no time, whatever they are."""

_LISTS = 2 * (MAX_POINTS + MAX_STROKES) + 100_000
_MOST = {b"[": _LISTS, b"{": 100_000, b":": 200_000, b",": 3 * MAX_POINTS + _LISTS}
"""Of each mark of JSON: a drawing with its pressures, and as many again for the other controls, or
by chance in the bytes of a picture. Parsing so many takes a tenth of a second.
"""

_TOO_BIG = 1009
"""The code that closes a websocket for that (RFC 6455)."""


class MessageLimit:
    """Hang up on a browser whose message holds more objects, lists or values than any screen sends:
    its session would parse them while no other thread does anything.

    Streamlit bounds a message to `server.maxWidgetStateSize`; before that the websocket takes in up
    to `server.maxMessageSize` of it, and of how many browsers at once is for a proxy to say.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def looked_at() -> Message:
            message = await receive()
            said = message.get("bytes") or b""
            if len(said) <= _SMALL or all(said.count(mark) <= most for mark, most in _MOST.items()):
                return message
            await send({"type": "websocket.close", "code": _TOO_BIG})
            return {"type": "websocket.disconnect", "code": _TOO_BIG}

        await self.app(scope, looked_at if scope["type"] == "websocket" else receive, send)

"""The cookie that tells one visitor of a demo from another; the server alone sees it."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.visitors import COOKIE, SECURE_COOKIE, is_secret, new_secret


class VisitorCookie:
    """Gives a browser that asks for a page its secret, and again for as long as it comes back.

    SameSite is Lax: Strict would hide the cookie when a link of another site leads here, and the
    visitor would begin anew. Neither sends it with a request or a websocket of another site.
    """

    def __init__(self, app: ASGIApp, *, hours: int) -> None:
        self.app, self.seconds = app, 3600 * hours

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        if "text/html" not in headers.get("accept", ""):
            await self.app(scope, receive, send)
            return
        secure = "https" in (scope.get("scheme"), headers.get("x-forwarded-proto"))
        name = SECURE_COOKIE if secure else COOKIE
        given = cookie_parser(headers.get("cookie", "")).get(name)
        secret = given if is_secret(given) else new_secret()
        cookie = f"{name}={secret}; Path=/; Max-Age={self.seconds}; HttpOnly; SameSite=Lax"

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = MutableHeaders(scope=message)
                own.append("Set-Cookie", f"{cookie}; Secure" if secure else cookie)
                own["Cache-Control"] = "no-store"  # of no cache: it is one visitor's answer
            await send(message)

        await self.app(scope, receive, with_cookie)

"""By which names the server may be asked: a page elsewhere can have its own name lead to this
machine (DNS rebinding), and would then be taken for a page of Inkling.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class KnownHosts:
    """Refuses what is asked of another host than these, and a websocket that a page of another one
    opens. Such a page may ask nothing else: no answer allows other origins.

    hosts : names and addresses without their port, `*.example.org`, or `*` for all.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            asked = ["//" + headers.get("host", "")]
            if scope["type"] == "websocket":
                asked += headers.getlist("origin")
            if not all(self._known(address) for address in asked):
                sentence = "Inkling is not asked by this name; add it to INKLING_HOSTS."
                await PlainTextResponse(sentence, 403)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _known(self, address: str) -> bool:
        try:
            name = urlsplit(address).hostname or ""
        except ValueError:  # brackets without an address
            return False
        return any(
            host in ("*", name) or (host.startswith("*.") and name.endswith(host[1:]))
            for host in self.hosts
        )

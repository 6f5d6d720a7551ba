"""How large a request may be."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.settings import MAX_UPLOAD_BYTES

MAX_BODY_BYTES = MAX_UPLOAD_BYTES + 2**16  # a picture and the multipart around it


class BodyLimit:
    """Refuse a body larger than `MAX_BODY_BYTES` while it arrives, whatever its header claims."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                raise HTTPException(
                    413,
                    f"The request is larger than {MAX_UPLOAD_BYTES // 2**20} MB; "
                    "send a smaller picture.",
                )
            return message

        await self.app(scope, counted, send)

"""An OpenID Connect provider for tests: whoever is named in `people` next is signed in at once."""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

CLIENT, SECRET = "inkling", "of-tests-only"


@contextmanager
def provider(port: int, people: list[str]) -> Iterator[str]:
    """Serve it on a port; yields its address."""
    address = f"http://127.0.0.1:{port}"
    key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
    waiting: dict[str, tuple[str, str]] = {}

    async def configuration(_: Request) -> JSONResponse:
        return JSONResponse(
            {
                "issuer": address,
                "authorization_endpoint": f"{address}/authorize",
                "token_endpoint": f"{address}/token",
                "jwks_uri": f"{address}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def keys(_: Request) -> JSONResponse:
        return JSONResponse({"keys": [key.as_dict(private=False)]})

    async def authorize(request: Request) -> RedirectResponse:
        asked, code = request.query_params, secrets.token_hex(8)
        waiting[code] = people[0], asked.get("nonce", "")
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}")

    async def token(request: Request) -> JSONResponse:
        async with request.form() as form:
            person, nonce = waiting.pop(str(form["code"]))
        now = int(time.time())
        claims: dict[str, Any] = {"iss": address, "sub": person, "aud": CLIENT, "nonce": nonce}
        claims |= {"iat": now, "exp": now + 600}
        signed = jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)
        return JSONResponse(
            {"access_token": "none", "token_type": "Bearer", "expires_in": 600, "id_token": signed}
        )

    routes = [
        Route("/.well-known/openid-configuration", configuration),
        Route("/keys", keys),
        Route("/authorize", authorize),
        Route("/token", token, methods=["POST"]),
    ]
    server = uvicorn.Server(
        uvicorn.Config(Starlette(routes=routes), port=port, log_level="error", ws="none")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join()

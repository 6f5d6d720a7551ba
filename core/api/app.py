"""The REST API: the screens' recognizers, one-sentence errors, an OpenAPI page without external
resources.
"""

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from starlette.requests import ClientDisconnect

from core.api import health, metrics, models, reading
from core.api.admission import admission
from core.api.limits import TURNED_AWAY, BodyLimit
from core.api.watch import failure_sentence
from core.errors import InklingError
from core.settings import Settings

ROUTERS = (models.router, reading.router, metrics.router)
"""One factory per room; each builds its routes from the settings, for those who are admitted."""


def build_api(settings: Settings) -> FastAPI:
    """The application to mount at /api."""
    api: FastAPI = FastAPIOffline(
        title="Inkling",
        description="Read handwriting.",
        docs_url="/docs",
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    api.add_middleware(BodyLimit)

    @api.exception_handler(InklingError)
    async def refuse(_: Request, error: InklingError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, 400)

    @api.exception_handler(ClientDisconnect)
    async def gone(_: Request, __: ClientDisconnect) -> Response:
        """Nobody hears it; without it each request that is broken off leaves a traceback."""
        return Response(status_code=499)

    @api.exception_handler(Exception)
    async def failed(_: Request, __: Exception) -> JSONResponse:
        """The watch outside logs it."""
        return JSONResponse({"detail": failure_sentence()}, 500)

    api.include_router(health.router(settings))  # whoever watches a server needs no key
    admitted = [Depends(admission(settings))]
    for router in ROUTERS:
        api.include_router(router(settings), dependencies=admitted, responses=TURNED_AWAY)
    return api

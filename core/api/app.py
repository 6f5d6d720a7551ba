"""The REST routes: the same recognizers as the screens, errors of one sentence, an OpenAPI page
that loads nothing from elsewhere.
"""

from typing import Any

import numpy as np
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from pydantic import BaseModel, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import InklingError
from core.ink.decode import decode
from core.ink.forms import canonical_or_as_is
from core.ink.strokes import MAX_POINTS, MAX_STROKES, checked_strokes, picture_of_strokes
from core.models.cards import find_card, find_cards
from core.settings import MAX_UPLOAD_BYTES, Settings

MAX_BODY_BYTES = MAX_UPLOAD_BYTES + 2**16  # a picture and the multipart around it


class Strokes(BaseModel):
    """Pen strokes instead of a picture: [[[x, y], …], …], x right, y down; `width` of the pen in
    the same units.
    """

    strokes: list[list[tuple[float, float]]]
    width: float = 20.0
    model: str


class Reading(BaseModel):
    """What was read; a blank picture has no label."""

    label: str | None
    confidence: float = Field(description="calibrated probability of the label, 0-1")
    top: list[tuple[str, float]] = Field(description="the five most probable classes")


class Failure(BaseModel):
    detail: str


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
                    f"The request is larger than {MAX_UPLOAD_BYTES // 2**20} MB; send a smaller picture.",
                )
            return message

        await self.app(scope, counted, send)


def build_api(settings: Settings) -> FastAPI:
    """The application to mount at /api."""
    api: FastAPI = FastAPIOffline(
        title="Inkling",
        description="Read handwriting.",
        docs_url="/docs",
        redoc_url=None,
        openapi_url="/openapi.json",
        responses={status: {"model": Failure} for status in (400, 404, 413, 422)},
    )
    api.add_middleware(BodyLimit)

    @api.exception_handler(InklingError)
    async def refuse(_: Request, error: InklingError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, 400)

    @api.get("/health")
    async def health() -> dict[str, str]:
        """Whether the server answers."""
        return {"status": "ok"}

    @api.get("/models")
    def models() -> list[dict[str, Any]]:
        """The recognizers there are, with their measured accuracy."""
        return [
            {
                "name": card.name,
                "title": card.title,
                "classes": card.classes,
                "parameters": card.parameters,
                "accuracy": card.accuracy,
                "measured": card.test or card.validation,
            }
            for card, _ in find_cards(settings).values()
        ]

    @api.post("/predict", response_model=Reading, openapi_extra=_PREDICT_BODY)
    async def predict(request: Request) -> dict[str, Any]:
        """Read one character: a picture as multipart `file` with `model`, or strokes as JSON."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/json":
            strokes = await run_in_threadpool(_parse_strokes, await request.body())
            _require_model(strokes.model, settings)
            return await run_in_threadpool(_read_strokes, strokes, settings)
        if kind == "multipart/form-data":
            async with request.form(max_files=1, max_fields=4) as form:
                file, model = form.get("file"), form.get("model")
                if not isinstance(file, UploadFile) or not isinstance(model, str):
                    raise HTTPException(422, "Send a picture as `file` and the name of a `model`.")
                _require_model(model, settings)
                return await run_in_threadpool(
                    _read_picture, await file.read(), file.filename or "The file", model, settings
                )
        raise HTTPException(
            415, "Send multipart/form-data with a `file`, or application/json with `strokes`."
        )

    return api


def _require_model(name: str, settings: Settings) -> None:
    try:
        find_card(name, settings)
    except InklingError as error:
        raise HTTPException(404, str(error)) from error


def _parse_strokes(body: bytes) -> Strokes:
    # counted before parsing, which takes seconds for a million
    if body.count(b"[") > 1 + MAX_STROKES + MAX_POINTS:
        raise HTTPException(
            422,
            f"A drawing has at most {MAX_STROKES:,} strokes and {MAX_POINTS:,} points; send fewer.",
        )
    try:
        return Strokes.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the body"
        raise HTTPException(422, f"{place}: {first['msg']}.") from error


def _read_strokes(request: Strokes, settings: Settings) -> dict[str, Any]:
    strokes = checked_strokes(request.strokes, width=request.width)
    return _read(
        picture_of_strokes(strokes, width=request.width) if strokes else None,
        request.model,
        settings,
    )


def _read_picture(data: bytes, filename: str, model: str, settings: Settings) -> dict[str, Any]:
    return _read(decode(data, name=filename[-80:]), model, settings)


def _read(grey: np.ndarray | None, model: str, settings: Settings) -> dict[str, Any]:
    from core.models.recognizer import load_recognizer  # torch: only once somebody asks

    recognizer = load_recognizer(model, settings)
    image = None if grey is None else canonical_or_as_is(grey, recognizer.form)
    if image is None:
        return {"label": None, "confidence": 0.0, "top": []}
    top = recognizer.predict(image[None]).top()
    return {"label": top[0][0], "confidence": top[0][1], "top": top}


_PREDICT_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "model"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "model": {"type": "string"},
                    },
                }
            },
            "application/json": {"schema": Strokes.model_json_schema()},
        },
    }
}

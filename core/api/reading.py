"""/predict: what a recognizer reads in a picture or in pen strokes."""

from typing import TYPE_CHECKING, Any

import numpy as np
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from core.api.models import require_model
from core.ink.decode import decode
from core.ink.forms import canonical_strokes, picture_to_form
from core.ink.strokes import MAX_POINTS, MAX_STROKES, checked_strokes
from core.settings import Settings

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer


class Strokes(BaseModel):
    """Pen strokes instead of a picture."""

    model_config = ConfigDict(
        json_schema_extra={
            "description": "Pen strokes instead of a picture: [[[x, y], …], …], x right, y down; "
            "`width` of the pen in the same units."
        }
    )

    strokes: list[list[tuple[float, float]]]
    width: float = 20.0
    model: str


class Reading(BaseModel):
    """What was read; a blank picture has no label."""

    label: str | None
    confidence: float = Field(description="calibrated probability of the label, 0-1")
    top: list[tuple[str, float]] = Field(description="the five most probable classes")


def router(settings: Settings) -> APIRouter:
    """The routes of this room."""
    routes = APIRouter()

    @routes.post("/predict", response_model=Reading, openapi_extra=_PREDICT_BODY)
    async def predict(request: Request) -> Reading:
        """Read one character: a picture as multipart `file` with `model`, or strokes as JSON."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/json":
            strokes = await run_in_threadpool(_parse_strokes, await request.body())
            require_model(strokes.model, settings)
            return await run_in_threadpool(_read_strokes, strokes, settings)
        if kind == "multipart/form-data":
            async with request.form(max_files=1, max_fields=4) as form:
                file, model = form.get("file"), form.get("model")
                if not isinstance(file, UploadFile) or not isinstance(model, str):
                    raise HTTPException(422, "Send a picture as `file` and the name of a `model`.")
                require_model(model, settings)
                name = file.filename or "The file"
                return await run_in_threadpool(
                    _read_picture, await file.read(), name, model, settings
                )
        raise HTTPException(
            415, "Send multipart/form-data with a `file`, or application/json with `strokes`."
        )

    return routes


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
        field = ".".join(str(name) for name in first["loc"]) or "the body"
        raise HTTPException(422, f"{field}: {first['msg']}.") from error


def _read_strokes(request: Strokes, settings: Settings) -> Reading:
    strokes = checked_strokes(request.strokes, width=request.width)
    recognizer = _recognizer(request.model, settings)
    stages = canonical_strokes(strokes, recognizer.form, width=request.width)
    return _read(recognizer, None if stages is None else stages.model_input)


def _read_picture(data: bytes, filename: str, model: str, settings: Settings) -> Reading:
    grey = decode(data, name=filename[-80:])
    recognizer = _recognizer(model, settings)
    return _read(recognizer, picture_to_form(grey, recognizer.form))


def _recognizer(name: str, settings: Settings) -> "Recognizer":
    from core.models.recognizer import load_recognizer  # torch: only on first request

    return load_recognizer(name, settings)


def _read(recognizer: "Recognizer", image: np.ndarray | None) -> Reading:
    """The answer to model input uint8 [size, size], or to a blank picture."""
    if image is None:
        return Reading(label=None, confidence=0.0, top=[])
    top = recognizer.predict(image[None]).top()
    return Reading(label=top[0][0], confidence=top[0][1], top=top)


_PREDICT_BODY: dict[str, Any] = {
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

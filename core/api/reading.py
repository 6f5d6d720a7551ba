"""/predict, /read-line and /sheet: what a recognizer reads in a picture or in pen strokes."""

import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import numpy as np
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, FailFast, Field, ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from core.api.limits import REFUSALS, check_json
from core.api.models import require_model
from core.api.turns import Turns
from core.ink.decode import decode, is_large
from core.ink.forms import canonical, canonical_strokes
from core.ink.strokes import checked_strokes
from core.settings import Settings

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer

T = TypeVar("T")

_SMALL_BYTES = 2**16
"""Of JSON: a drawing of one character has a thirtieth of it."""

Stroke = Annotated[list[tuple[float, float]], FailFast()]
"""Only its first mistake is told: of a list of each, pydantic would make an object an entry."""

_ONLY = (
    "classes that the answer is one of: digits, letters, capitals, or a list such as 0-9,A-F; "
    "empty for all"
)


class Strokes(BaseModel):
    """Pen strokes instead of a picture."""

    model_config = ConfigDict(
        json_schema_extra={
            "description": "Pen strokes instead of a picture: [[[x, y], …], …], x right, y down; "
            "`width` of the pen in the same units."
        }
    )

    strokes: Annotated[list[Stroke], FailFast()]
    width: float = 20.0
    model: str
    only: str = Field(default="", description=_ONLY)


class Reading(BaseModel):
    """What was read; a blank picture has no label."""

    label: str | None
    confidence: float = Field(description="calibrated probability of the label, 0-1")
    top: list[tuple[str, float]] = Field(description="the five most probable classes")


class Character(BaseModel):
    label: str
    confidence: float = Field(description="calibrated probability of the label, 0-1")
    box: tuple[int, int, int, int] = Field(
        description="left, top, width, height in pixels of the picture, or in the strokes' unit"
    )
    top: list[tuple[str, float]] = Field(description="the most probable classes")


class LineReading(BaseModel):
    """What was read in a line; a blank one has no text."""

    text: str
    confidence: float = Field(description="of the whole text, 0-1")
    characters: list[Character]
    notes: list[str] = Field(description="sentences: what was left out or is unsure")


class SheetReading(BaseModel):
    """What was read in a table."""

    rows: list[list[str]] = Field(description="texts of the cells; blank ones have none")
    confidence: list[list[float]] = Field(description="of each cell, blank ones too, 0-1")
    corners: list[tuple[float, float]] = Field(
        description="of the table, clockwise from its top left, pixels of the picture"
    )
    ruled: bool = Field(description="whether its lines were found")
    notes: list[str] = Field(description="sentences: what is unsure")


@dataclass(frozen=True)
class Drawn:
    """Checked pen strokes, each float [P, 2], and the pen's width in their unit."""

    strokes: list[np.ndarray]
    width: float


def router(settings: Settings) -> APIRouter:
    """The routes of this room."""
    routes = APIRouter(responses=REFUSALS)

    @routes.post("/predict", response_model=Reading, openapi_extra=_BODY)
    async def predict(request: Request) -> Reading:
        """Read one character: a picture as multipart `file` with `model`, or strokes as JSON."""
        if _is_json(request) and len(body := await request.body()) <= _SMALL_BYTES:
            return await _DRAWINGS.ask((body, settings))
        return await _answer(request, settings, _read_character)

    @routes.post("/read-line", response_model=LineReading, openapi_extra=_BODY)
    async def read_line(request: Request) -> LineReading:
        """Read a line of characters, given as to `/predict`."""
        return await _answer(request, settings, _read_line)

    @routes.post("/sheet", response_model=SheetReading, openapi_extra=_PICTURE)
    async def sheet(request: Request) -> SheetReading:
        """Read a photographed table: a picture as multipart `file` with `model`."""
        return await _answer(request, settings, _read_sheet)

    return routes


def _is_json(request: Request) -> bool:
    return _content_type(request) == "application/json"


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _answer(
    request: Request, settings: Settings, read: "Callable[[Recognizer, np.ndarray | Drawn], T]"
) -> T:
    """What `read` says to the grey picture [H, W] or the strokes in the request."""
    if _is_json(request):
        body = await request.body()

        def read_strokes() -> T:
            given = _parse_strokes(body)
            return read(_recognizer(given.model, given.only, settings), _drawn(given))

        answer: T = await _STROKES.ask(read_strokes)
        return answer
    if _content_type(request) == "multipart/form-data":
        async with request.form(max_files=1, max_fields=4) as form:
            file, model, only = form.get("file"), form.get("model"), form.get("only", "")
            if not isinstance(file, UploadFile) or not isinstance(model, str):
                raise HTTPException(422, "Send a picture as `file` and the name of a `model`.")
            if not isinstance(only, str):
                raise HTTPException(422, "Send `only` as text, such as digits or 0-9,A-F.")
            name, opened = file.filename or "The file", file.file

            def read_picture() -> T:
                recognizer = _recognizer(model, only, settings)
                opened.seek(0)
                return read(recognizer, decode(opened.read(), name=name[-80:]))

            large = await _PICTURES.ask(partial(is_large, opened))
            answer = await (_LARGE if large else _PICTURES).ask(read_picture)
            return answer
    raise HTTPException(
        415, "Send multipart/form-data with a `file`, or application/json with `strokes`."
    )


def _parse_strokes(body: bytes) -> Strokes:
    check_json(body)
    try:
        return Strokes.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(name) for name in first["loc"]) or "the body"
        raise HTTPException(422, f"{field}: {first['msg']}.") from error


def _drawn(given: Strokes) -> Drawn:
    return Drawn(checked_strokes(given.strokes, width=given.width), given.width)


def _recognizer(name: str, only: str, settings: Settings) -> "Recognizer":
    from core.models.recognizer import load_recognizer  # torch: only on first request

    require_model(name, settings)
    return load_recognizer(name, settings, only=only)


def _read_drawings(sent: Sequence[tuple[bytes, Settings]]) -> list[Reading]:
    """Drawings of one character each, as JSON; those for the same recognizer in one pass."""
    drawings = [_parse_strokes(body) for body, _ in sent]
    numbers = defaultdict[tuple[str, str, Settings], list[int]](list)
    for number, (drawing, (_, settings)) in enumerate(zip(drawings, sent, strict=True)):
        numbers[drawing.model, drawing.only, settings].append(number)
    readings: dict[int, Reading] = {}
    for asked, own in numbers.items():
        recognizer = _recognizer(*asked)
        drawn = [_drawn(drawings[number]) for number in own]
        readings |= zip(own, _read_characters(recognizer, drawn), strict=True)
    return [readings[number] for number in range(len(sent))]


def _read_character(recognizer: "Recognizer", given: np.ndarray | Drawn) -> Reading:
    return _read_characters(recognizer, [given])[0]


def _read_characters(
    recognizer: "Recognizer", given: Sequence[np.ndarray | Drawn]
) -> list[Reading]:
    """What was read in each, in one pass."""
    form = recognizer.form
    stages = [
        canonical_strokes(one.strokes, form, width=one.width)
        if isinstance(one, Drawn)
        else canonical(one, form)
        for one in given
    ]
    blank = np.zeros((form.size, form.size), np.uint8)
    inputs = np.stack([blank if one is None else one.model_input for one in stages])
    blur = [0.0 if one is None else one.blur for one in stages]
    prediction = recognizer.predict(inputs, blur=blur)
    return [
        Reading(label=None, confidence=0.0, top=[])
        if one is None
        else Reading(label=top[0][0], confidence=top[0][1], top=top)
        for row, one in enumerate(stages)
        for top in [prediction.top(row=row)]
    ]


def _read_line(recognizer: "Recognizer", given: np.ndarray | Drawn) -> LineReading:
    from core.reading.line import line_to_json, read_line, read_line_strokes  # torch, as above

    line = (
        read_line_strokes(recognizer, given.strokes, width=given.width)
        if isinstance(given, Drawn)
        else read_line(recognizer, given)
    )
    return LineReading.model_validate(line_to_json(line))


def _read_sheet(recognizer: "Recognizer", given: np.ndarray | Drawn) -> SheetReading:
    from core.reading.sheet import read_sheet, sheet_to_json  # torch, as above

    if isinstance(given, Drawn):
        raise HTTPException(415, "Send a photograph of the table as multipart/form-data.")
    return SheetReading.model_validate(sheet_to_json(read_sheet(recognizer, given)))


def _each(works: Sequence[Callable[[], Any]]) -> list[Any]:
    return [work() for work in works]


_DRAWINGS = Turns(_read_drawings, at_once=min(4, os.cpu_count() or 1), together=32, waiting=256)
_STROKES = Turns(_each, at_once=4, waiting=256)
_PICTURES = Turns(_each, at_once=4, waiting=64)
_LARGE = Turns(_each, at_once=1, waiting=16)
"""A drawing of one character never waits for lines and for drawings of thousands of points, nor
those for pictures, nor a picture of one character for photographs: each takes ten or a hundred
times as long.
"""


def _body(**others: Any) -> dict[str, Any]:
    """What a request holds: a picture, or one of `others`, as OpenAPI writes it."""
    picture = {
        "schema": {
            "type": "object",
            "required": ["file", "model"],
            "properties": {
                "file": {"type": "string", "format": "binary"},
                "model": {"type": "string"},
                "only": {"type": "string", "description": _ONLY},
            },
        }
    }
    content = {"multipart/form-data": picture, **others}
    return {"requestBody": {"required": True, "content": content}}


_PICTURE = _body()
_BODY = _body(**{"application/json": {"schema": Strokes.model_json_schema()}})

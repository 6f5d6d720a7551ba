"""/health and /ready: whether the server lives, and whether it can do its work."""

import asyncio
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from core.errors import InklingError
from core.models.cards import find_cards
from core.settings import Settings
from core.store import check_store

MIN_FREE_BYTES = 200 * 2**20
"""Of disk: a run of training and an upload fit."""

_PATIENCE = 5.0
"""Seconds that a check may take; the first loads torch, and goes on in its thread."""

_log = logging.getLogger(__name__)


class Check(BaseModel):
    name: str
    ok: bool
    detail: str = Field(description="one sentence if it is not ok, else empty")


class Readiness(BaseModel):
    """Whether requests should be sent here."""

    ready: bool
    checks: list[Check]


class Asked:
    """A check in a thread of its own, one at a time: whoever asks meanwhile is told the same."""

    def __init__(self, name: str, check: Callable[[], None]) -> None:
        self.name, self.check = name, check
        self.pool = ThreadPoolExecutor(1, thread_name_prefix=f"ready-{name}")
        self.answer: Future[None] | None = None

    async def told(self) -> Check:
        if self.answer is None or self.answer.done():
            self.answer = self.pool.submit(self.check)
        try:
            waiting = asyncio.shield(asyncio.wrap_future(self.answer))
            await asyncio.wait_for(waiting, _PATIENCE)
        except TimeoutError:
            problem = f"There is no answer after {_PATIENCE:.0f} seconds; it is waited for."
        except InklingError as error:
            problem = str(error)
        except Exception:
            _log.exception("the check of the %s failed", self.name)
            problem = "It failed; the log says why."
        else:
            return Check(name=self.name, ok=True, detail="")
        _log.warning("not ready: %s: %s", self.name, problem)
        return Check(name=self.name, ok=False, detail=problem)


def router(settings: Settings) -> APIRouter:
    """The routes of this room."""
    routes = APIRouter()
    checks = [
        Asked("model", lambda: check_model(settings)),
        Asked("disk", lambda: check_disk(settings)),
        Asked("database", lambda: check_database(settings)),
    ]

    @routes.get("/health")
    async def health() -> dict[str, str]:
        """Whether the server answers."""
        return {"status": "ok"}

    @routes.get("/ready", responses={503: {"model": Readiness, "description": "Not now."}})
    async def ready(response: Response) -> Readiness:
        """Whether a model answers, the disk can be written and has room, and the database
        answers.
        """
        told = await asyncio.gather(*(check.told() for check in checks))
        readiness = Readiness(ready=all(check.ok for check in told), checks=list(told))
        response.status_code = 200 if readiness.ready else 503
        return readiness

    return routes


def check_model(settings: Settings) -> None:
    """InklingError unless the smallest recognizer reads a picture."""
    from core.models.recognizer import load_recognizer  # torch: only on first request

    cards = [card for card, _ in find_cards(settings).values()]
    if not cards:
        raise InklingError("There is no recognizer; publish a run or restore assets/models.")
    smallest = min(cards, key=lambda card: card.parameters)
    recognizer = load_recognizer(smallest.name, settings)
    recognizer.predict(np.full((1, 28, 28), 255, np.uint8))


def check_disk(settings: Settings) -> None:
    """InklingError unless the folders that are written to can be, and have room."""
    folders = {"data": settings.data, "runs": settings.runs, "models": settings.models}
    if settings.visitors:  # all else is only read
        folders = {"visitors": settings.visitors}
    for title, folder in folders.items():
        there = _nearest(folder)
        try:
            # without a name: nothing is left if this is killed
            with tempfile.TemporaryFile(dir=there) as file:
                file.write(b"ready")
        except OSError as error:
            raise InklingError(
                f"The folder of {title} cannot be written ({error.strerror}); let Inkling write."
            ) from error
        if shutil.disk_usage(there).free < MIN_FREE_BYTES:
            raise InklingError(
                f"The folder of {title} has less than {MIN_FREE_BYTES // 2**20} MB left; make room."
            )


def check_database(settings: Settings) -> None:
    """InklingError unless it answers; where it is, the log says and not the answer."""
    try:
        check_store(settings)
    except InklingError as error:
        _log.warning("%s", error)
        raise InklingError("The database does not answer; the log says why.") from error


def _nearest(folder: Path) -> Path:
    """The folder, or the one above it that is there: it is made when it is needed."""
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder

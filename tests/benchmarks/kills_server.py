"""The server that is killed: starts as Inkling's does, and does at a POST what its screens do.

python -m tests.benchmarks.kills_server PORT
"""

import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.api.server import start
from core.curation.decisions import LABEL, Decision, log_decisions, log_of
from core.datasets.drawings import Drawing, save
from core.jobs.job import Job
from core.settings import Settings
from core.training.queue import submit
from core.training.runs import Run

DATA = "uci-digits:train"
Answer = dict[str, object]


def picture(number: int) -> np.ndarray:
    """Of a drawing, uint8 [60, 40]: another for each number."""
    return np.random.default_rng(number).integers(0, 256, (60, 40)).astype(np.uint8)


def label(number: int) -> str:
    return str(number % 10)


def exported(number: int, kind: str) -> list[str]:
    """The command of an export."""
    words = ["synth", "--glyphs", "classic", "--count", "6000", "--workers", "1"]
    return [*words, "--seed", str(number), "--format", kind, "--out", f"exports/{number}"]


def saving(settings: Settings, number: int) -> Answer:
    drawing = Drawing(picture(number), [[[0.0, 0.0], [1.0, number]]], label(number), "", 0.5, "")
    return {"id": save(settings, drawing)}


def labelling(settings: Settings, number: int) -> Answer:
    log_decisions(log_of(settings, DATA), [Decision(str(number), "d", LABEL, label(number))])
    return {}


def publishing(settings: Settings, number: int) -> Answer:
    from core.evaluation.publish import publish  # torch, as on the screen

    run = Run.open(settings.runs, "reference")
    publish(run, name=f"own-{number % 3}", title=str(number), folder=settings.models)
    return {}


def training(settings: Settings, number: int) -> Answer:
    from core.training.recipe import Recipe

    recipe = Recipe(epochs=4, batch_size=32, redrawn=0.0, validation_per_class=20)
    run = Run.create(settings.runs, model="lenet5", data="uci-digits", recipe=recipe)
    submit(run, settings)
    return {"run": run.name}


def resuming(settings: Settings, number: int) -> Answer:
    for run in settings.runs.glob("2*"):
        if Run(run).state() not in ("done", "running", "queued"):
            submit(Run(run), settings)
    return {}


def exporting(settings: Settings, number: int) -> Answer:
    command = exported(number, ("idx", "npz", "png")[number % 3])
    command[-1] = str(settings.data / command[-1])
    job = Job.of(command, settings)
    job.start(command)
    return {"job": str(job.folder)}


DOES: Mapping[str, Callable[[Settings, int], Answer]] = {
    one.__name__: one for one in (saving, labelling, publishing, training, resuming, exporting)
}


def main() -> None:
    settings = Settings.from_environment()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        start(settings)
        yield

    async def do(request: Request) -> Response:
        what, number = DOES[request.path_params["what"]], int(request.path_params["number"])
        return JSONResponse(await run_in_threadpool(what, settings, number))

    app = Starlette(routes=[Route("/{what}/{number}", do, methods=["POST"])], lifespan=lifespan)
    uvicorn.run(app, port=int(sys.argv[1]), log_level="error")


if __name__ == "__main__":
    main()

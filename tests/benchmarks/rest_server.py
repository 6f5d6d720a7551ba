"""A server for `throughput.py`: the REST routes alone, batched or not, or a bare echo.

python -m tests.benchmarks.rest_server echo|unbatched|few|batched PORT

Unbatched, each request has a pass of its own: in one of the 40 threads that FastAPI has, or of as
few as Inkling's.
"""

import os
import sys

import uvicorn
from fastapi import FastAPI, Request
from starlette.applications import Starlette
from starlette.routing import Mount

from core.api import reading
from core.api.app import build_api
from core.api.turns import Turns
from core.models import recognizer
from core.settings import Settings

THREADS = {"unbatched": 40, "few": os.cpu_count() or 1}


def echo() -> FastAPI:
    app = FastAPI()

    @app.post("/api/predict")
    async def predict(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    return app


def main() -> None:
    kind, port = sys.argv[1:]
    if kind in THREADS:
        recognizer._FEW = 0
        reading._DRAWINGS = Turns(reading._read_drawings, at_once=THREADS[kind], waiting=256)
    api = Starlette(routes=[Mount("/api", build_api(Settings.from_environment()))])
    app = echo() if kind == "echo" else api
    uvicorn.run(app, port=int(port), access_log=False, log_level="warning")


if __name__ == "__main__":
    main()

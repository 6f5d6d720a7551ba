"""A server for `throughput.py`: the REST routes alone, batched or not, or a bare echo.

python -m tests.benchmarks.rest_server batched|unbatched|echo PORT
"""

import sys

import uvicorn
from fastapi import FastAPI, Request
from starlette.applications import Starlette
from starlette.routing import Mount

from core.api.app import build_api
from core.models import recognizer
from core.settings import Settings


def echo() -> FastAPI:
    app = FastAPI()

    @app.post("/api/predict")
    async def predict(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    return app


def main() -> None:
    kind, port = sys.argv[1:]
    if kind == "unbatched":
        recognizer._FEW = 0  # every request runs a pass of its own, as many at once as there are
    api = Starlette(routes=[Mount("/api", build_api(Settings.from_environment()))])
    app = echo() if kind == "echo" else api
    uvicorn.run(app, port=int(port), access_log=False, log_level="warning")


if __name__ == "__main__":
    main()

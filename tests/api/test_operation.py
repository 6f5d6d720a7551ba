"""Health, readiness, what is logged and counted of each request."""

import json
import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from core.api.app import build_api
from core.api.metrics import ScreensMetrics
from core.api.watch import Watch
from core.jobs.job import Job
from core.jobs.log import look
from core.logs import FIELDS
from core.metrics import REGISTRY
from core.models.cards import Card
from core.settings import Settings
from tests.sentences import is_sentence


async def _page(_: Request) -> Response:
    return PlainTextResponse("a page")


async def _broken(_: Request) -> Response:
    raise RuntimeError("postgresql://me:hunter2@host/db is gone")


def served(settings: Settings, **options: Any) -> TestClient:
    """As the app mounts it."""
    api = build_api(settings)
    api.add_api_route("/broken", _broken)
    routes = [Mount("/api", api), Route("/broken", _broken), Route("/_stcore/metrics", _page)]
    middleware = [
        Middleware(Watch, **options),
        Middleware(ScreensMetrics, shown=settings.metrics),
    ]
    return TestClient(
        Starlette(routes=routes, middleware=middleware), raise_server_exceptions=False
    )


@pytest.fixture
def client(settings: Settings, make_model: Callable[..., Card]) -> TestClient:
    make_model("tiny")
    return served(settings)


def _checks(client: TestClient, status: int) -> dict[str, str]:
    """What is said of each check that failed."""
    answer = client.get("/api/ready")
    assert answer.status_code == status
    body = answer.json()
    assert body["ready"] == (status == 200)
    assert [check["name"] for check in body["checks"]] == ["model", "disk", "database"]
    failed = {check["name"]: check["detail"] for check in body["checks"] if not check["ok"]}
    assert all(map(is_sentence, failed.values())), failed
    return failed


def test_it_is_ready(client: TestClient, settings: Settings) -> None:
    assert client.get("/api/health").json() == {"status": "ok"}
    assert _checks(client, 200) == {}
    assert not settings.runs.exists()  # asking makes nothing
    documented = client.get("/api/openapi.json").json()["paths"]["/ready"]["get"]["responses"]
    assert set(documented) == {"200", "503"}


def test_it_is_not_ready(
    settings: Settings,
    tmp_path: Path,
    no_shipped_models: Path,
    make_model: Callable[..., Card],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "file").write_text("no folder")
    broken = replace(
        settings,
        runs=tmp_path / "file",
        database=f"sqlite:///{tmp_path / 'file'}?password=hunter2",
    )
    failed = _checks(served(broken), 503)
    assert set(failed) == {"model", "disk", "database"}
    assert "hunter2" not in str(failed)
    assert str(tmp_path) not in str(failed)
    make_model("tiny")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10**6))
    assert set(_checks(served(settings), 503)) == {"disk"}


def test_a_check_that_hangs_is_started_once(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.api.health._PATIENCE", 0.05)
    calls, (reading, writing) = [], os.pipe()

    def hang(_: object) -> None:
        calls.append(1)
        os.read(reading, 1)

    monkeypatch.setattr("core.api.health.check_store", hang)
    try:
        assert {"database"} <= set(_checks(client, 503))
        assert {"database"} <= set(_checks(client, 503))
        assert len(calls) == 1
    finally:
        os.write(writing, b"x")


def test_a_request_has_an_id(client: TestClient) -> None:
    given = client.get("/api/health", headers={"X-Request-ID": "a-1.B_2"})
    assert given.headers["X-Request-ID"] == "a-1.B_2"
    others = {
        client.get("/api/health", headers={"X-Request-ID": bad}).headers["X-Request-ID"]
        for bad in ("", "x" * 65, "a b", "a\tb", '"', "<b>")
    }
    assert len(others) == 6
    assert all(len(one) == 16 for one in others)


@pytest.mark.parametrize("path", ["/api/broken", "/broken"])
def test_a_failure_tells_the_id(
    client: TestClient, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    answer = client.get(path, headers={"X-Request-ID": "abc"})
    assert answer.status_code == 500
    assert is_sentence(answer.json()["detail"])
    assert "the id abc." in answer.json()["detail"]
    assert "hunter2" not in answer.text
    failures = [record for record in caplog.records if record.exc_info]
    assert len(failures) == 1


def test_a_line_for_each_request(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "core")
    served(settings).get("/api/health?password=hunter2&model=digits")
    served(settings, clients=True).post("/nothing%0d%0aand?x")
    lines = [getattr(record, FIELDS) for record in caplog.records if hasattr(record, FIELDS)]
    assert [(line["method"], line["path"], line["status"]) for line in lines] == [
        ("GET", "/api/health", 200),
        ("POST", "/nothing\r\nand", 404),
    ]
    assert [line.get("client") for line in lines] == [None, "testclient"]
    assert all(0 <= line["milliseconds"] < 60_000 for line in lines)
    assert "hunter2" not in caplog.text
    assert all("\n" not in message for message in caplog.messages)


def _value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_figures_count_what_happened(settings: Settings, make_model: Callable[..., Card]) -> None:
    make_model("tiny")
    client = served(replace(settings, metrics=True))
    body = {"model": "tiny", "strokes": [[[0, 0], [50, 50]]]}
    route = {"method": "POST", "route": "/api/predict"}
    answers, read = "inkling_requests_total", "inkling_predictions_total"
    before = _value(read), _value(answers, **route, status="200")
    for _ in range(3):
        assert client.post("/api/predict", json=body).status_code == 200
    client.post("/api/predict", json={**body, "model": "none"})
    for name in "abc":
        client.get(f"/api/{name}")
    assert _value(read) - before[0] == 3
    assert _value(answers, **route, status="200") - before[1] == 3
    assert _value(answers, **route, status="404") >= 1
    answer = client.get("/api/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert {"inkling_jobs_running 0.0", "inkling_sessions 0.0"} <= set(lines)
    assert any(line.startswith("process_resident_memory_bytes") for line in lines)
    assert 'route="/api/*"' in answer.text
    assert 'route="/api/a"' not in answer.text  # names that people make up are no series
    assert client.get("/_stcore/metrics").status_code == 200


def test_figures_are_closed_unless_asked_for(client: TestClient) -> None:
    assert client.get("/api/metrics").status_code == 404
    assert client.get("/_stcore/metrics").status_code == 404


def test_jobs_are_told_when_they_start_and_end(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Those that ended before are not told again, and those of another server go on."""
    caplog.set_level(logging.INFO, "core")
    old, new = (Job(settings.runs / "jobs" / name) for name in ("old", "new"))

    def write(job: Job, pid: int, **files: str) -> None:
        job.folder.mkdir(parents=True, exist_ok=True)
        born = psutil.Process().create_time()
        state = {"state": "running", "pid": pid, "born": born, "command": "synth", "started": born}
        (job.folder / "state.json").write_text(json.dumps(state))
        for name, text in files.items():
            (job.folder / name).write_text(text)

    write(old, os.getpid(), exit="0")
    seen = look(settings, None)
    assert caplog.messages == []
    write(new, os.getpid())
    seen = look(settings, seen)
    assert look(settings, None)[new.folder][1] == "running"
    seen = look(settings, seen)
    (new.folder / "exit").write_text("0")
    look(settings, look(settings, seen))
    words = [(line["job"], line["state"]) for line in (getattr(r, FIELDS) for r in caplog.records)]
    assert words == [("new", "started"), ("new", "goes on"), ("new", "done")]
    assert getattr(caplog.records[-1], FIELDS)["seconds"] > 0

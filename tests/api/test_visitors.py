"""A demo by its routes: a cookie that only the server sees, and shipped models alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from core.api.app import build_api
from core.api.health import check_disk
from core.api.visitors import VisitorCookie
from core.errors import InklingError
from core.ink.encode import png
from core.models.cards import save_card
from core.models.tensors import save_tensors
from core.settings import Settings
from core.visitors import is_secret, visitor_of
from tests.conftest import tiny_card

PAGE = {"accept": "text/html,*/*"}


@pytest.fixture
def client() -> TestClient:
    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse("")

    cookie = Middleware(VisitorCookie, hours=2)
    return TestClient(Starlette(routes=[Route("/{path:path}", page)], middleware=[cookie]))


def _secret(answer_cookie: str) -> str:
    return answer_cookie.partition(";")[0].partition("=")[2]


def test_the_cookie_is_the_server_s_alone(client: TestClient) -> None:
    cookie = client.get("/draw", headers=PAGE).headers["set-cookie"]
    assert is_secret(_secret(cookie))
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=7200"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    again = client.get("/", headers=PAGE).headers["set-cookie"]  # it comes back, for as long
    assert _secret(again) == _secret(cookie)
    assert "set-cookie" not in client.get("/main.js", headers={"accept": "*/*"}).headers


def test_over_https_no_other_site_of_the_domain_can_set_it(client: TestClient) -> None:
    headers = {**PAGE, "x-forwarded-proto": "https", "cookie": f"inkling={'a' * 43}"}
    cookie = client.get("/", headers=headers).headers["set-cookie"]
    assert cookie.startswith("__Host-inkling=")
    assert cookie.endswith("; Secure")
    assert _secret(cookie) != "a" * 43


@pytest.mark.parametrize("given", ["short", "a" * 44, "a" * 42 + "/", "../" * 20])
def test_what_is_no_secret_is_replaced(client: TestClient, given: str) -> None:
    cookie = client.get("/", headers={**PAGE, "cookie": f"inkling={given}"}).headers["set-cookie"]
    assert is_secret(_secret(cookie))
    assert _secret(cookie) != given


def test_every_route_knows_shipped_models_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_weights
) -> None:
    for name in ("DATA", "RUNS", "DATABASE"):
        monkeypatch.delenv(f"INKLING_{name}", raising=False)
    monkeypatch.setenv("INKLING_HOME", str(tmp_path))
    monkeypatch.setenv("INKLING_PUBLIC", "1")
    monkeypatch.setenv("INKLING_MODELS", str(tmp_path / "models"))
    settings = Settings.from_environment()
    visitor = settings.for_visitor(visitor_of("a"))
    for folder in (tmp_path / "models", visitor.runs.parent / "models", visitor.runs):
        folder.mkdir(parents=True)
        save_tensors(folder / "zebra.safetensors", tiny_weights(10))
        save_card(folder, tiny_card("zebra"))
    api = build_api(settings)
    client = TestClient(Starlette(routes=[Mount("/api", api)]))
    assert "zebra" not in client.get("/api/models").text
    paths = [path for path, item in api.openapi()["paths"].items() if "post" in item]
    assert len(paths) >= 3
    file = {"file": ("x.png", png(np.full((40, 40), 255, np.uint8)))}
    places = ["zebra", f"../visitors/{visitor.visitor}/runs/zebra", str(visitor.runs / "zebra")]
    for path in paths:
        for model in places:
            answer = client.post(f"/api{path}", files=file, data={"model": model})
            assert answer.status_code == 404, (path, answer.text)
            strokes = {"strokes": [[[1, 1], [9, 9]]], "width": 2, "model": model}
            assert client.post(f"/api{path}", json=strokes).status_code == 404
    for path in ("/api/jobs", "/api/runs", f"/api/{visitor.visitor}", "/api/../visitors"):
        assert client.get(path).status_code == 404


def test_a_demo_is_ready_with_data_that_it_may_only_read(
    tmp_path: Path, settings: Settings
) -> None:
    settings.data.mkdir()
    (settings.data / "file").touch()
    shared = replace(settings, data=settings.data / "file" / "none", visitors=tmp_path / "visitors")
    check_disk(shared)
    with pytest.raises(InklingError, match="data"):
        check_disk(replace(shared, visitors=None))

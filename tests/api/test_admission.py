"""A key, a rate, a bound on what waits, and on what a browser may say."""

import asyncio
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from core.api import limits, turns, uploads
from core.api.admission import Buckets
from core.api.app import build_api
from core.api.sockets import MessageLimit
from core.api.turns import Turns
from core.api.uploads import UploadLimit
from core.errors import InklingError
from core.models.cards import Card
from core.settings import Settings
from pages.shared import sessions
from tests.sentences import is_sentence

DRAWN = {"strokes": [[[10, 10], [60, 60]]], "width": 8, "model": "tiny"}


@pytest.fixture
def ask(settings: Settings, make_model: Callable[..., Card]) -> Callable[..., TestClient]:
    make_model("tiny")

    def client(address: str = "10.0.0.1", **changes: Any) -> TestClient:
        api = build_api(replace(settings, **changes))
        return TestClient(Starlette(routes=[Mount("/api", api)]), client=(address, 1))

    return client


def refused(response: Any, status: int) -> Mapping[str, str]:
    assert response.status_code == status
    assert is_sentence(response.json()["detail"])
    headers: Mapping[str, str] = response.headers
    return headers


def test_a_server_with_a_key_asks_for_it(ask: Callable[..., TestClient]) -> None:
    client = ask(api_key="sesame ünd mehr")
    for given in (None, "Bearer wrong", "Basic sesame", "Bearer "):
        headers = {"Authorization": given} if given else {}
        answer = client.post("/api/predict", json=DRAWN, headers=headers)
        assert refused(answer, 401)["www-authenticate"] == "Bearer"
    assert client.get("/api/models").status_code == 401
    assert client.get("/api/health").status_code == 200
    assert client.get("/api/docs").status_code == 200
    client = ask(api_key="sesame")
    allowed = {"Authorization": "Bearer sesame"}
    assert client.post("/api/predict", json=DRAWN, headers=allowed).status_code == 200
    operation = client.get("/api/openapi.json").json()["paths"]["/predict"]["post"]
    assert {"401", "429", "503", "408"} <= set(operation["responses"])
    assert operation["security"] == [{"HTTPBearer": []}]


def test_the_key_is_not_in_what_is_logged_of_the_settings(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "sesame" not in repr(replace(settings, api_key="sesame"))
    monkeypatch.setenv("INKLING_API_KEY", "sesame")
    monkeypatch.setenv("INKLING_REQUESTS_PER_MINUTE", "90")
    read = Settings.from_environment()
    assert (read.api_key, read.requests_per_minute) == ("sesame", 90)
    monkeypatch.setenv("INKLING_REQUESTS_PER_MINUTE", "-1")
    with pytest.raises(InklingError, match="INKLING_REQUESTS_PER_MINUTE"):
        Settings.from_environment()


def test_too_many_requests_are_told_when_to_come_back(ask: Callable[..., TestClient]) -> None:
    client = ask(requests_per_minute=3, api_key="sesame")
    key = {"Authorization": "Bearer sesame"}
    assert [client.get("/api/models", headers=key).status_code for _ in range(3)] == [200] * 3
    assert int(refused(client.get("/api/models", headers=key), 429)["retry-after"]) in (19, 20)
    # who guesses keys has a bucket by address, not one a key
    guesses = [
        client.get("/api/models", headers={"Authorization": f"Bearer {n}"}).status_code
        for n in range(4)
    ]
    assert guesses == [401, 401, 401, 429]
    assert client.get("/api/health").status_code == 200


def test_without_a_rate_nobody_is_turned_away(ask: Callable[..., TestClient]) -> None:
    client = ask("127.0.0.1")
    assert {client.get("/api/models").status_code for _ in range(200)} == {200}


def test_a_bucket_fills_again() -> None:
    now = 0.0
    buckets = Buckets(60, clock=lambda: now)
    assert [buckets.take("a") for _ in range(60)] == [0] * 60
    assert buckets.take("a") == pytest.approx(1)
    assert buckets.take("b") == 0
    now = 2.5
    assert [buckets.take("a") for _ in range(3)] == [0, 0, pytest.approx(0.5)]


def test_no_more_wait_than_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """One is answered, one waits, the next is refused at once; who waits too long is too, and makes
    room.
    """
    go = threading.Event()

    def answer(asked: Sequence[str]) -> Sequence[str]:
        if asked[0] == "long":
            go.wait(30)
        return asked

    async def ask(*all_of: str) -> list[object]:
        kind = Turns(answer, at_once=1, waiting=1)
        tasks = []
        for asked in all_of:
            tasks.append(asyncio.create_task(kind.ask(asked)))
            await asyncio.sleep(0.1)
        go.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    long, second, third = asyncio.run(ask("long", "second", "third"))
    assert (long, second) == ("long", "second")
    monkeypatch.setattr(turns, "WAIT", 0.05)
    go.clear()
    (
        long,
        late,
        later,
    ) = asyncio.run(ask("long", "late", "later"))
    assert long == "long"
    for refusal in (third, late, later):
        assert isinstance(refusal, HTTPException)
        assert refusal.status_code == 503
        assert refusal.headers == {"Retry-After": "2"}
        assert is_sentence(refusal.detail)


def test_requests_that_wait_are_answered_together_and_at_their_own_fault() -> None:
    batches = []
    go = threading.Event()

    def answer(asked: Sequence[int]) -> list[int]:
        batches.append(list(asked))
        go.wait(30)
        if 3 in asked:
            raise ValueError("three")
        return [10 * each for each in asked]

    async def ask() -> list[object]:
        kind = Turns(answer, at_once=1, waiting=9, together=4)
        tasks = [asyncio.create_task(kind.ask(0))]
        await asyncio.sleep(0.1)
        tasks += [asyncio.create_task(kind.ask(number)) for number in range(1, 7)]
        await asyncio.sleep(0.1)
        tasks[5].cancel()  # who went away
        go.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    answers = asyncio.run(ask())
    assert batches == [[0], [1, 2, 3, 4], [1], [2], [3], [4], [6]]
    assert [str(each) for each in answers] == ["0", "10", "20", "three", "40", "", "60"]


def test_requests_hold_no_more_memory_than_there_is_room(
    ask: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_HELD_BYTES", 1000)
    client = ask()
    json_of = {"content-type": "application/json"}
    answer = client.post("/api/predict", content=bytes(2000), headers=json_of)
    assert refused(answer, 503)["retry-after"] == "2"
    assert client.post("/api/predict", json=DRAWN).status_code == 200


def test_a_request_that_trickles_is_given_up(
    ask: Callable[..., TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ARRIVES", 0.1)
    app = ask().app
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(30)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/predict",
        "root_path": "",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
        "client": ("10.0.0.1", 1),
    }
    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 408
    assert is_sentence(json.loads(sent[1]["body"])["detail"])


def test_a_browser_that_says_too_much_is_hung_up_on() -> None:
    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        async for said in socket.iter_bytes():
            await socket.send_text(str(len(said)))

    client = TestClient(MessageLimit(Starlette(routes=[WebSocketRoute("/", echo)])))
    drawing = json.dumps({"strokes": [[[1.25, 2.5]] * 100_000], "pressure": [[0.5] * 100_000]})
    picture = bytes(range(256)) * 50_000
    with client.websocket_connect("/") as socket:
        for said in (drawing.encode(), picture):
            socket.send_bytes(said)
            assert socket.receive_text() == str(len(said))
        socket.send_bytes(b"{}," * 3_000_000)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert closed.value.code == 1009


def test_files_that_are_open_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = MemoryUploadedFileManager("")
    runtime = type("Runtime", (), {"uploaded_file_mgr": manager})
    monkeypatch.setattr(sessions, "get_instance", lambda: runtime)
    monkeypatch.setattr(uploads, "ALL_MEGABYTES", 5)

    async def keep(request: Request) -> Response:
        file = UploadedFileRec(request.path_params["file"], "", "", await request.body())
        manager.add_file(request.path_params["session"], file)
        return Response()

    app = Starlette(
        routes=[Route("/lab/_stcore/upload_file/{session}/{file}", keep, methods=["PUT"])]
    )
    client = TestClient(UploadLimit(app, megabytes=3, held=sessions.bytes_chosen))

    def put(session: str, file: str, megabytes: float) -> int:
        address = f"/lab/_stcore/upload_file/{session}/{file}"
        pieces = [b"x" * 2**16] * int(megabytes * 16)
        return client.put(address, content=iter(pieces)).status_code

    assert put("a", "1", 2) == put("a", "2", 1) == 200
    assert put("a", "3", 0.0625) == 413
    manager.remove_file("a", "2")
    assert put("a", "3", 0.0625) == 200
    assert put("b", "1", 3.5) == 413
    assert put("b", "1", 2) == put("c", "1", 0.5) == 200
    assert put("c", "2", 0.5) == 503
    manager.remove_session_files("a")
    assert put("c", "2", 0.5) == 200
    assert put("b", "2", 1) == 200  # what was refused is not counted

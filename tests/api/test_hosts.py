import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket

from core.api.hosts import KnownHosts
from core.settings import LOCAL_HOSTS, Settings


async def answer(_: Request) -> PlainTextResponse:
    return PlainTextResponse("here")


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("here")
    await socket.close()


def client(*hosts: str) -> TestClient:
    return TestClient(
        Starlette(
            routes=[Route("/", answer), WebSocketRoute("/talk", talk)],
            middleware=[Middleware(KnownHosts, hosts=(*LOCAL_HOSTS, *hosts))],
        )
    )


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8501", "localhost:8501", "LocalHost", "[::1]:8501"]
)
def test_this_machine_is_known(host: str) -> None:
    assert client().get("/", headers={"Host": host}).text == "here"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8501", "", "[", "127.0.0.2"],
)
def test_a_name_that_leads_here_is_refused(host: str) -> None:
    """DNS rebinding: a page of evil.example asks evil.example, which has become 127.0.0.1."""
    assert client().get("/", headers={"Host": host}).status_code == 403


def test_more_names_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKLING_HOSTS", "Ink.example.org, *.lab.example")
    hosts = Settings.from_environment().hosts
    asked = {
        "ink.example.org": 200,
        "www.ink.example.org": 403,
        "a.lab.example": 200,
        "lab.example": 403,
        "notlab.example": 403,
        "localhost": 200,
    }
    for host, status in asked.items():
        assert client(*hosts).get("/", headers={"Host": host}).status_code == status, host
    assert client("*").get("/", headers={"Host": "evil.example"}).status_code == 200


def test_a_websocket_is_opened_by_pages_of_known_hosts_alone() -> None:
    at = {"Host": "127.0.0.1:8501"}
    for origin in ({}, {"Origin": "http://127.0.0.1:8501"}, {"Origin": "http://localhost:8501"}):
        with client().websocket_connect("/talk", headers=at | origin) as socket:
            assert socket.receive_text() == "here"
    for strange in (
        at | {"Origin": "http://evil.example"},
        at | {"Origin": "null"},
        {"Host": "evil.example:8501"},
    ):
        with (
            pytest.raises(WebSocketDenialResponse),
            client().websocket_connect("/talk", headers=strange),
        ):
            pass

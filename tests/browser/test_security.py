"""What a page of another site can do with a server on this machine: nothing."""

import http.client
from urllib.parse import urlsplit

import pytest

STRANGE = "http://evil.example"
_HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def ask(
    address: str, method: str, path: str, headers: dict[str, str]
) -> tuple[int, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    connection.close()
    return answer.status, answer.headers


@pytest.mark.parametrize("path", ["/", "/api/models", "/_stcore/health", "/_stcore/host-config"])
def test_by_its_own_name(address: str, path: str) -> None:
    """The Host header of a page whose name leads here is refused, and no other origin is allowed to
    read an answer.
    """
    assert ask(address, "GET", path, {"Host": "evil.example:8501"})[0] == 403
    status, headers = ask(address, "GET", path, {"Origin": STRANGE})
    assert status == 200
    assert headers.get("Access-Control-Allow-Origin") in (None, "null")


def test_by_websocket(address: str) -> None:
    own = ask(address, "GET", "/_stcore/stream", _HANDSHAKE | {"Origin": address})
    assert own[0] == 101
    for strange in ({"Origin": STRANGE}, {"Host": "evil.example", "Origin": STRANGE}):
        assert ask(address, "GET", "/_stcore/stream", _HANDSHAKE | strange)[0] == 403


def test_by_a_form(address: str) -> None:
    """Uploads of the screens need Streamlit's token, those of REST a page of the same site."""
    for method in ("PUT", "DELETE"):
        assert ask(address, method, "/_stcore/upload_file/a/b", {})[0] == 403
    assert ask(address, "POST", "/api/predict", {"Sec-Fetch-Site": "cross-site"})[0] == 403

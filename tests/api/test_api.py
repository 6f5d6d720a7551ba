import asyncio
import io
import json
import re
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from core.api.app import build_api
from core.api.limits import MAX_BODY_BYTES, check_json
from core.ink.drawing_link import LinkedDrawing, to_json
from core.ink.forms import canonical_strokes
from core.ink.strokes import picture_of_strokes
from core.models.cards import Card
from core.models.recognizer import load_recognizer
from core.settings import Settings
from tests.conftest import DIGITS
from tests.handwriting import FIVE, canvas, in_box
from tests.sentences import is_sentence

STROKES = [stroke.tolist() for stroke in in_box(FIVE, left=50, top=50, width=100, height=160)]


@pytest.fixture
def client(settings: Settings, make_model: Callable[..., Card]) -> TestClient:
    """Mounted as the app mounts it; a failure inside the server comes back as a 500 instead of
    being raised.
    """
    make_model("tiny")
    return TestClient(
        Starlette(routes=[Mount("/api", build_api(settings))]), raise_server_exceptions=False
    )


def png(grey: np.ndarray, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, kind, **options)
    return buffer.getvalue()


@cache
def documented() -> dict[str, dict[str, Any]]:
    """The operations of each path, as the OpenAPI page tells them."""
    folder = Path("none")
    paths: dict[str, dict[str, Any]] = build_api(Settings(folder, folder, folder, "")).openapi()[
        "paths"
    ]
    return paths


def refused(response: Any, *statuses: int) -> str:
    assert response.status_code in statuses, response.text
    operation = documented()[response.request.url.path.removeprefix("/api")]["post"]
    assert str(response.status_code) in operation["responses"]
    body = response.json()
    assert list(body) == ["detail"]
    assert is_sentence(body["detail"]), body
    return str(body["detail"])


def send(
    client: TestClient,
    data: bytes,
    model: str = "tiny",
    name: str = "a.png",
    *,
    to: str = "predict",
    **fields: str,
) -> object:
    return client.post(f"/api/{to}", files={"file": (name, data)}, data={"model": model, **fields})


def test_health(client: TestClient) -> None:
    assert client.get("/api/health").json() == {"status": "ok"}


def test_models(client: TestClient) -> None:
    (model,) = client.get("/api/models").json()
    assert (model["name"], model["classes"], model["parameters"], model["accuracy"]) == (
        "tiny",
        list(DIGITS),
        1000,
        0.5,
    )
    assert model["measured"]["n"] == 10


def test_a_damaged_card_does_not_hide_the_others(client: TestClient, settings: Settings) -> None:
    (settings.models / "bad.json").write_text("{")
    (settings.models / "bad.safetensors").write_bytes(b"")
    assert [model["name"] for model in client.get("/api/models").json()] == ["tiny"]
    assert (
        client.post("/api/predict", json={"strokes": STROKES, "model": "tiny"}).status_code == 200
    )
    refused(client.post("/api/predict", json={"strokes": STROKES, "model": "bad"}), 400, 404)


def test_the_documentation_loads_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/api/docs")
    assert page.status_code == 200
    wanted = re.findall(r"""(?:src|href|url)\s*[=:]\s*["']([^"']+)""", page.text)
    assert wanted
    for address in wanted:
        assert not re.match(r"\w+:|//", address), address
        assert client.get(address).status_code == 200, address
    schema = client.get("/api/openapi.json").json()
    assert {"/predict", "/read-line", "/models", "/health"} <= set(schema["paths"])
    assert set(schema["paths"]["/health"]["get"]["responses"]) == {"200"}
    for path in ("/predict", "/read-line"):
        assert set(schema["paths"][path]["post"]["requestBody"]["content"]) == {
            "multipart/form-data",
            "application/json",
        }


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"])
def test_a_picture_is_read_as_the_recognizer_reads_it(
    client: TestClient, settings: Settings, kind: str
) -> None:
    body = send(client, png(canvas(FIVE), kind)).json()  # type: ignore[attr-defined]
    expected = load_recognizer("tiny", settings).predict(canvas(FIVE)[None])
    assert set(body) == {"label", "confidence", "top"}
    assert body["label"] == expected.labels()[0]
    assert body["confidence"] == pytest.approx(expected.probabilities.max(), abs=0.02)
    assert len(body["top"]) == 5
    assert body["top"][0] == [body["label"], body["confidence"]]


def test_a_drawing_saved_as_a_file_is_a_request_once_a_model_is_named(client: TestClient) -> None:
    strokes = [np.array(stroke, float) for stroke in STROKES]
    saved = json.loads(to_json(LinkedDrawing(strokes, 14, (320, 320))))
    answers = [
        client.post("/api/predict", json={**body, "model": "tiny"}).json()
        for body in (saved, {"strokes": STROKES, "width": 14})
    ]
    assert answers[0] == answers[1]
    assert answers[0]["label"]


def test_strokes_are_read_as_their_picture(client: TestClient, settings: Settings) -> None:
    body = client.post(
        "/api/predict", json={"strokes": STROKES, "width": 14, "model": "tiny"}
    ).json()
    strokes = [np.array(stroke) for stroke in STROKES]
    recognizer = load_recognizer("tiny", settings)
    stages = canonical_strokes(strokes, recognizer.form, width=14)
    assert stages is not None
    expected = recognizer.predict(stages.model_input[None])
    assert body["label"] == expected.labels()[0]
    assert body["confidence"] == pytest.approx(expected.confidence[0], abs=1e-5)
    pictured = recognizer.predict(picture_of_strokes(strokes, width=14)[None])
    assert dict(body["top"])[pictured.labels()[0]] == pytest.approx(
        pictured.confidence[0], abs=0.03
    )
    assert (
        client.post("/api/predict", json={"strokes": STROKES, "model": "tiny"}).status_code == 200
    )


def test_blank_has_no_label(client: TestClient) -> None:
    nothing = {"label": None, "confidence": 0.0, "top": []}
    for grey in (
        np.full((280, 280), 255, np.uint8),
        np.zeros((28, 28), np.uint8),
        np.full((1, 1), 7, np.uint8),
    ):
        response = send(client, png(grey))
        assert (response.status_code, response.json()) == (200, nothing)  # type: ignore[attr-defined]
    for strokes in ([], [[]]):
        assert (
            client.post("/api/predict", json={"strokes": strokes, "model": "tiny"}).json()
            == nothing
        )


def animation() -> bytes:
    return png(canvas(), "GIF", save_all=True, append_images=[Image.fromarray(255 - canvas())])


def bomb() -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\x89PNG\r\n\x1a\n",
        png(canvas())[:200],
        png(canvas(), "JPEG")[:900],
        animation(),
        bomb(),
    ],
    ids=["empty", "text", "signature", "cut PNG", "cut JPEG", "animation", "bomb"],
)
def test_files_that_cannot_be_read(client: TestClient, data: bytes) -> None:
    start = time.process_time()
    assert "my 5.png" in refused(send(client, data, name="my 5.png"), 400, 422)
    assert time.process_time() - start < 2


def test_unknown_models(client: TestClient) -> None:
    for name in ("absent", "", "../tiny", "\0", "x" * 1000):
        refused(send(client, png(canvas()), model=name), 404, 422)
        refused(client.post("/api/predict", json={"strokes": STROKES, "model": name}), 404, 422)


def test_weights_that_cannot_be_read(
    client: TestClient, settings: Settings, make_model: Callable[..., Card]
) -> None:
    make_model("cut")
    (settings.models / "cut.safetensors").write_bytes(b"cut")
    refused(send(client, png(canvas()), model="cut"), 400)


def test_missing_fields(client: TestClient) -> None:
    refused(client.post("/api/predict", files={"file": ("a.png", png(canvas()))}), 422)
    refused(client.post("/api/predict", files={"model": (None, "tiny")}), 422)
    refused(
        client.post("/api/predict", files={"file": (None, "text"), "model": (None, "tiny")}), 422
    )
    refused(
        client.post("/api/predict", files={"file": ("a.png", b""), "model": ("b.png", b"tiny")}),
        400,
        422,
    )
    refused(client.post("/api/predict", json={"strokes": STROKES}), 422)
    refused(client.post("/api/predict", json={"model": "tiny"}), 422)


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "", "image/png", "application/x-www-form-urlencoded", "application/jsonp"],
)
def test_other_content_types(client: TestClient, kind: str) -> None:
    refused(client.post("/api/predict", content=b"{}", headers={"content-type": kind}), 415)
    refused(client.post("/api/predict"), 415)


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"]
)
def test_content_types_are_compared_as_http_does(client: TestClient, kind: str) -> None:
    body = json.dumps({"strokes": STROKES, "model": "tiny"})
    assert (
        client.post("/api/predict", content=body, headers={"content-type": kind}).status_code == 200
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"3",
        b'"text"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"strokes": 3, "model": "tiny"}',
        b'{"strokes": [[[1]]], "model": "tiny"}',
        b'{"strokes": [[[1, 2, 3]]], "model": "tiny"}',
        b'{"strokes": [["ab"]], "model": "tiny"}',
        b'{"strokes": [[[NaN, 1]]], "model": "tiny"}',
        b'{"strokes": [[[1e999, 1]]], "model": "tiny"}',
        b'{"strokes": [[[Infinity, 1]]], "model": "tiny"}',
        b'{"strokes": [[[1, 1]]], "width": 0, "model": "tiny"}',
        b'{"strokes": [[[1, 1]]], "width": -3, "model": "tiny"}',
        b'{"strokes": [[[1, 1]]], "width": NaN, "model": "tiny"}',
        b'{"strokes": [[[1, 1]]], "width": "wide", "model": "tiny"}',
        b'{"strokes": [[[1' + b"0" * 400 + b', 1]]], "model": "tiny"}',
        b'{"strokes": [[[1' + b"0" * 5000 + b', 1]]], "model": "tiny"}',
        b'{"strokes": [[[1, 1]]], "model": 3}',
        b'{"strokes": [[[1, 1]]], "model": null}',
        b'{"strokes": [[[1, 1]]], "model": "\\ud800"}',
        b'{"strokes": [[[1, 1]]], "model": ["tiny"]}',
        b'{"strokes": {"0": [[1, 1]]}, "model": "tiny"}',
    ],
    ids=lambda body: repr(body[:60]),
)
def test_json_that_cannot_be_used(client: TestClient, body: bytes) -> None:
    refused(
        client.post("/api/predict", content=body, headers={"content-type": "application/json"}),
        400,
        404,
        422,
    )


def many(entry: bytes, count: int) -> bytes:
    return b",".join([entry] * count)


@pytest.mark.parametrize(
    "strokes",
    [
        many(b"{}", 3_000_000),
        many(b"0", 4_500_000),
        many(b"[[1,2]]", 1_000_000),
        b"[" + many(b"[1,2]", 1_000_000) + b"]",
        many(b"0", 200_000),  # as many as there may be, and each of them wrong
        b'],"a":[' + many(b'{"a":0}', 1_000_000),
        b"]," + many(b'"":0', 1_000_000) + b',"b":[',
        b"[" * 9_000_000,
    ],
    ids=lambda strokes: repr(strokes[:20]),
)
def test_a_hostile_body_is_refused_before_it_is_parsed(client: TestClient, strokes: bytes) -> None:
    body = b'{"model": "tiny", "strokes": [' + strokes + b"]}"
    start = time.process_time()
    answer = client.post("/api/predict", content=body, headers={"content-type": "application/json"})
    assert time.process_time() - start < 1.5  # the client's part too; parsed, 15 to 30 s
    refused(answer, 413, 422)


def test_the_largest_drawing_passes_the_limits() -> None:
    points = json.dumps([[[123.456789, 98.7654321]] * 1000] * 100)
    check_json(f'{{"strokes": {points}, "model": "digits", "width": 20, "only": ""}}'.encode())


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"--\r\n"),
        ("multipart/form-data; boundary=b", b""),
        ("multipart/form-data; boundary=b", b"nonsense"),
        ("multipart/form-data; boundary=b", b"--b\r\nno header\r\n\r\n\r\n--b--"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ncut',
        ),
        (
            "multipart/form-data; boundary=b",
            b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
        ),
        ("multipart/form-data; boundary=\xff", b"--\xff\r\n"),
        ("multipart/form-data; boundary=b; charset=nonsense", b"--b--\r\n"),
        (
            "multipart/form-data; boundary=b; charset=nonsense",
            b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nx\r\n--b--\r\n',
        ),
    ],
)
def test_multipart_that_cannot_be_used(client: TestClient, kind: str, body: bytes) -> None:
    refused(
        client.post("/api/predict", content=body, headers={"content-type": kind.encode("latin-1")}),
        400,
        415,
        422,
    )


def test_too_many_files_or_fields(client: TestClient) -> None:
    refused(
        client.post(
            "/api/predict",
            files=[("file", ("a.png", b"x")), ("file", ("b.png", b"x"))],
            data={"model": "tiny"},
        ),
        400,
        422,
    )
    refused(
        client.post(
            "/api/predict", files={"file": ("a.png", b"x")}, data={f"f{n}": "x" for n in range(9)}
        ),
        400,
        422,
    )
    refused(
        client.post(
            "/api/predict", files={"file": ("a.png", b"x")}, data={"model": "x" * 3_000_000}
        ),
        400,
        404,
        413,
        422,
    )


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=b"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit(client: TestClient, kind: str, chunked: bool) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    taken = 0

    def chunks() -> Iterator[bytes]:
        nonlocal taken
        yield head
        for _ in range(MAX_BODY_BYTES // 2**20 + 2):
            taken += 2**20
            yield bytes(2**20)

    content = chunks() if chunked else b"".join(chunks())
    response = client.post("/api/predict", content=content, headers={"content-type": kind})
    if chunked:
        assert "content-length" not in response.request.headers
    refused(response, 413)


def test_the_largest_picture_that_is_allowed_arrives(client: TestClient) -> None:
    """10 MB of picture and the multipart around it pass the limit of the body, one byte more does
    not pass the picture's.
    """
    data = png(canvas(FIVE))
    assert send(client, data + bytes(10 * 2**20 - len(data))).status_code == 200  # type: ignore[attr-defined]
    assert "limit is 10 MB" in refused(
        send(client, data + bytes(10 * 2**20 - len(data) + 1)), 400, 413
    )


@pytest.mark.parametrize("kind", [b"application/json", b"multipart/form-data; boundary=b"])
def test_a_request_that_is_broken_off_is_no_error(settings: Settings, kind: bytes) -> None:
    """It would be raised here, and logged by the server."""
    messages = [{"type": "http.request", "body": b"--b", "more_body": True}]
    sent: list[object] = []

    async def receive() -> Any:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/predict",
        "query_string": b"",
        "headers": [(b"content-type", kind)],
    }
    asyncio.run(build_api(settings)(scope, receive, send))
    assert sent


def test_a_page_of_another_site_may_not_ask(client: TestClient) -> None:
    for site, status in (("cross-site", 403), ("same-origin", 200), ("none", 200)):
        answer = client.post(
            "/api/predict",
            files={"file": ("a.png", png(canvas()))},
            data={"model": "tiny"},
            headers={"Sec-Fetch-Site": site},
        )
        assert answer.status_code == status
    refused(client.post("/api/predict", headers={"Sec-Fetch-Site": "cross-site"}), 403)


def test_other_paths_and_methods(client: TestClient) -> None:
    assert client.get("/api/nothing").status_code == 404
    assert client.get("/api/predict").status_code == 405


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=9,
)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(strokes=_JSON, width=_JSON, model=st.just("tiny") | _JSON)
def test_no_json_breaks_the_server(
    client: TestClient, strokes: object, width: object, model: object
) -> None:
    body = json.dumps({"strokes": strokes, "width": width, "model": model})
    response = client.post(
        "/api/predict", content=body, headers={"content-type": "application/json"}
    )
    if response.status_code != 200:
        refused(response, 400, 404, 422)


def test_nothing_is_written(client: TestClient, settings: Settings, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    send(client, png(canvas()))
    client.post("/api/predict", json={"strokes": STROKES, "model": "tiny"})
    assert sorted(tmp_path.rglob("*")) == before

"""/read-line, and answers that are among some classes alone."""

import numpy as np
import pytest
from starlette.testclient import TestClient

from core.models.recognizer import load_recognizer
from core.reading.line import line_to_json, read_line, read_line_strokes
from core.settings import Settings
from tests.api.test_api import STROKES, client, png, refused, send
from tests.handwriting import FIVE, SEVEN, canvas, in_box

__all__ = ["client"]
LINE = in_box(SEVEN, left=40, top=30, width=80, height=140)
LINE += in_box(FIVE, left=240, top=30, width=90, height=140)
DRAWN = {"strokes": [stroke.tolist() for stroke in LINE], "width": 14, "model": "tiny"}
PICTURE = np.concatenate([canvas(SEVEN), canvas(FIVE)], 1)


def test_a_picture_of_a_line(client: TestClient, settings: Settings) -> None:
    body = send(client, png(PICTURE), to="read-line").json()  # type: ignore[attr-defined]
    expected = line_to_json(read_line(load_recognizer("tiny", settings), PICTURE))
    assert list(body) == ["text", "confidence", "characters", "notes"]
    assert body["text"] == expected["text"]
    assert body["confidence"] == pytest.approx(expected["confidence"])
    first, second = body["characters"]
    assert list(first) == ["label", "confidence", "box", "top"]
    assert [len(body["text"]), len(first["box"]), len(first["top"])] == [2, 4, 5]
    assert first["box"][0] < 280 < second["box"][0]


def test_strokes_of_a_line(client: TestClient, settings: Settings) -> None:
    body = client.post("/api/read-line", json=DRAWN).json()
    line = read_line_strokes(load_recognizer("tiny", settings), LINE, width=14)
    assert body["text"] == line.text
    assert [tuple(character["box"]) for character in body["characters"]] == [
        character.box for character in line.characters
    ]
    left, top, width, height = body["characters"][1]["box"]
    assert (left, top) == pytest.approx((233, 23), abs=3)
    assert (left + width, top + height) == pytest.approx((333, 177), abs=6)


def test_a_blank_line_is_empty(client: TestClient) -> None:
    blank = {"text": "", "confidence": 0.0, "characters": [], "notes": []}
    paper = png(np.full((90, 200), 255, np.uint8))
    assert send(client, paper, to="read-line").json() == blank  # type: ignore[attr-defined]
    assert client.post("/api/read-line", json=DRAWN | {"strokes": []}).json() == blank


@pytest.mark.parametrize("to", ["predict", "read-line"])
def test_only_these_classes(client: TestClient, to: str) -> None:
    drawn = {"strokes": STROKES, "width": 14, "model": "tiny"}
    for body in (
        client.post(f"/api/{to}", json=drawn | {"only": "2,4"}).json(),
        send(client, png(canvas(FIVE)), to=to, only="2,4").json(),  # type: ignore[attr-defined]
    ):
        (read,) = body["characters"] if to == "read-line" else [body]
        assert {name for name, _ in read["top"]} == {"2", "4"}
        assert sum(share for _, share in read["top"]) == pytest.approx(1, abs=1e-5)
    assert client.post(f"/api/{to}", json=drawn | {"only": ""}).status_code == 200


@pytest.mark.parametrize("to", ["predict", "read-line"])
def test_classes_that_the_model_has_not(client: TestClient, to: str) -> None:
    drawn = {"strokes": STROKES, "model": "tiny"}
    for only in ("letters", "A-F", "9-0", "x" * 100):
        refused(client.post(f"/api/{to}", json=drawn | {"only": only}), 400)
        refused(send(client, png(canvas(FIVE)), to=to, only=only), 400)
    for wrong in (3, None, ["2"]):
        refused(client.post(f"/api/{to}", json=drawn | {"only": wrong}), 422)
    refused(
        client.post(
            f"/api/{to}", files={"only": ("a.txt", b"2")}, data={"model": "tiny", "file": "x"}
        ),
        422,
    )


@pytest.mark.parametrize("to", ["predict", "read-line"])
def test_what_cannot_be_read_is_refused_alike(client: TestClient, to: str) -> None:
    refused(send(client, b"no picture", to=to), 400)
    refused(send(client, png(PICTURE), model="absent", to=to), 404)
    refused(client.post(f"/api/{to}", json={"strokes": [[[1]]], "model": "tiny"}), 422)
    refused(client.post(f"/api/{to}", content=b"x", headers={"content-type": "text/plain"}), 415)

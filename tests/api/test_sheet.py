"""/sheet: a photographed table."""

import numpy as np
from starlette.testclient import TestClient

from core.models.recognizer import load_recognizer
from core.reading.sheet import read_sheet
from core.settings import Settings
from tests.api.test_api import STROKES, client, png, refused, send
from tests.handwriting import SEVEN, canvas
from tests.tables import table

__all__ = ["client"]


def test_a_table(client: TestClient, settings: Settings) -> None:
    body = send(client, png(table(1).image), to="sheet").json()  # type: ignore[attr-defined]
    assert body["rows"] == read_sheet(load_recognizer("tiny", settings), table(1).image).texts
    assert np.array(body["confidence"]).shape == (6, 8)
    assert np.array(body["corners"]).shape == (4, 2)
    assert body["ruled"]


def test_what_is_no_table(client: TestClient) -> None:
    assert "No table" in refused(send(client, png(canvas(SEVEN)), to="sheet"), 400, 422)
    drawn = client.post("/api/sheet", json={"strokes": STROKES, "model": "tiny"})
    assert "photograph" in refused(drawn, 415)

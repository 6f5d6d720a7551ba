"""Inside: what is sent to the browser of each layer, and which unit the address names."""

import base64
import json
from typing import Any

import cv2
import numpy as np
import pytest

from tests.pages.conftest import SEVEN, screen, words


@pytest.fixture
def sent(home, on_canvas, monkeypatch) -> list[dict[str, Any]]:
    """What the view sends, the newest last."""
    seen: list[dict[str, Any]] = []

    def component(*, data, **_):
        seen.append(json.loads(data["json"]))

    monkeypatch.setattr("pages.draw.inside._component", component)
    on_canvas(SEVEN)
    return seen


def picture(uri):
    data = base64.b64decode(uri.partition(",")[2])
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)


def test_every_layer_is_a_row_of_units_and_three_classes_are_voted_on(sent):
    app = screen("draw/page.py", model="digits", view="Inside")
    assert not app.exception
    first, *later = sent[-1]["layers"]
    assert first["units"] == list(range(32))
    assert first["total"] is None
    assert picture(first["sprite"]).shape == (32 * 28, 28)
    assert [picture(layer["sprite"]).shape for layer in later[:1]] == [(6 * 14, 14)]
    assert all(layer["total"] and len(layer["units"]) == 6 for layer in later)
    assert sent[-1]["chosen"] is sent[-1]["liked"] is None
    votes = sent[-1]["votes"]
    assert votes[0]["label"] == "7"
    assert len({vote["label"] for vote in votes}) == 3
    for vote in votes:
        assert min(vote["pro"]["votes"], default=1) > 0 > max(vote["contra"]["votes"], default=-1)
        assert vote["others"] + len(vote["pro"]["units"]) + len(vote["contra"]["units"]) == 192


@pytest.mark.parametrize("unit", ["1-5", "6-100"])
def test_the_unit_of_the_address_shows_what_it_likes(sent, unit):
    app = screen("draw/page.py", model="digits", view="Inside", unit=unit)
    assert not app.exception
    assert sent[-1]["chosen"] == unit
    liked = sent[-1]["liked"]
    assert f"Unit {unit[2:]} of" in liked["text"]
    assert "360 images were searched" in liked["text"]
    assert "UCI" in liked["text"]
    assert len(liked["items"]) == 8
    assert all(label in "0123456789" for _, label in liked["items"])


@pytest.mark.parametrize("unit", ["0-1", "7-1", "1-32", "-1", "1--1", "layer-1", "1", ""])
def test_a_unit_that_there_is_not_is_none(sent, unit):
    app = screen("draw/page.py", model="digits", view="Inside", unit=unit)
    assert not app.exception
    assert sent[-1]["chosen"] is None


def test_what_is_no_network_of_convolutions_is_a_sentence(sent, monkeypatch):
    monkeypatch.setattr("core.reading.inside.look_inside", lambda *_: None)
    app = screen("draw/page.py", model="digits", view="Inside", unit="1-5")
    assert not app.exception
    assert not sent
    assert "no network of convolutions" in words(app)

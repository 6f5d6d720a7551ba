"""`models`."""

import json
from collections.abc import Callable

import pytest

from core.cli.main import main
from core.models.cards import Card
from core.settings import Settings
from tests.cli.conftest import Capture
from tests.conftest import DIGITS


def test_models(settings: Settings, make_model: Callable[..., Card], capsys: Capture) -> None:
    make_model("unmeasured", validation=None)
    (settings.models / "bad.json").write_text("{")
    (settings.models / "bad.safetensors").write_bytes(b"")
    assert main(["models", "--json"]) == 0
    out, err = capsys.readouterr()
    tiny, unmeasured = json.loads(out)
    assert (tiny["name"], tiny["classes"], tiny["parameters"], tiny["accuracy"]) == (
        "tiny",
        list(DIGITS),
        1000,
        0.5,
    )
    assert tiny["MB"] == pytest.approx(
        (settings.models / "tiny.safetensors").stat().st_size / 1e6, abs=0.01
    )
    assert unmeasured["accuracy"] is None
    assert "bad.json is damaged" in err
    assert main(["models"]) == 0
    assert "not measured" in capsys.readouterr().out


def test_models_all_counts_parameters(capsys: Capture) -> None:
    """By hand: seven 3x3 convolutions without bias, each with a scale and a shift per channel, and
    a classifier with bias.
    """
    assert main(["models", "--all", "--json"]) == 0
    rows = {row["name"]: row["parameters"] for row in json.loads(capsys.readouterr().out)}

    def by_hand(first: int, second: int, third: int) -> int:
        convolutions = [
            (1, first),
            (first, second),
            (second, second),
            (second, second),
            (second, third),
            (third, third),
            (third, third),
        ]
        return sum(9 * a * b + 2 * b for a, b in convolutions) + 10 * third + 10

    assert rows["resnet8"] == by_hand(32, 64, 192)
    assert rows["resnet8-narrow"] == by_hand(32, 64, 128)

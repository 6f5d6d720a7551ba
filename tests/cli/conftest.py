"""Fixtures of the command line's tests: folders of their own, one model, pictures."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.cli.main import main
from core.models.cards import Card
from core.settings import Settings
from tests.handwriting import FIVE, SEVEN, canvas
from tests.sentences import is_sentence, sentence_of

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(
    settings: Settings, make_model: Callable[..., Card], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment of these tests' own folders, with one model."""
    for name in ("data", "runs", "models", "database"):
        monkeypatch.setenv(f"INKLING_{name.upper()}", str(getattr(settings, name)))
    make_model("tiny")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two pictures, a blank and a broken one."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    cv2.imwrite(str(folder / "a.png"), canvas(SEVEN))
    (folder / "b.png").write_bytes(b"broken")
    cv2.imwrite(str(folder / "c.png"), np.full((80, 80), 255, np.uint8))
    cv2.imwrite(str(folder / "d.png"), canvas(FIVE))
    return folder


def failed(capsys: Capture, *arguments: str) -> str:
    """Exit code 1, no traceback, one sentence to stderr."""
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert is_sentence(sentence_of(error)), error
    return error

"""`backup` and `restore`."""

from pathlib import Path

import numpy as np
import pytest

from core.cli.main import main
from core.settings import Settings
from tests.backup.made import files, fill, rows
from tests.cli.conftest import Capture, failed


def test_there_and_back(
    settings: Settings,
    tmp_path: Path,
    random: np.random.Generator,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
):
    fill(settings, random)
    path = str(tmp_path / "b.zip")
    assert main(["backup", path]) == 0
    assert "4 drawings, 2 marks, 13 files" in capsys.readouterr().out
    before = files(settings), rows(settings)
    (settings.models / "own.json").write_bytes(b"changed")
    assert "--replace" in failed(capsys, "restore", path)
    assert main(["restore", path, "--replace"]) == 0
    assert "is restored" in capsys.readouterr().out
    assert (files(settings), rows(settings)) == before


def test_what_cannot_be(tmp_path: Path, capsys: Capture):
    assert "no folder" in failed(capsys, "backup", str(tmp_path / "none" / "b.zip"))
    failed(capsys, "backup", str(tmp_path))
    failed(capsys, "restore", str(tmp_path / "b.zip"))
    failed(capsys, "restore", str(tmp_path))

"""`data`."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.cli.main import main
from core.settings import Settings
from tests.cli.conftest import Capture, failed
from tests.datasets.test_published import CLASSES, write_split


def test_data_list_names_every_set(settings: Settings, capsys: Capture) -> None:
    write_split(settings.data, "digits")
    assert main(["data", "list"]) == 0
    lines = {line.split("\t")[0]: line for line in capsys.readouterr().out.splitlines()}
    assert {f"emnist-{kind}:{split}" for kind in CLASSES for split in ("train", "test")} < set(
        lines
    )
    assert "10 images" in lines["emnist-digits:test"]
    assert "data download mnist" in lines["mnist:train"]


def test_data_download_names_what_can_be_downloaded(capsys: Capture) -> None:
    for name in ("nothing", "uci-digits", "my-drawings"):
        assert "mnist" in failed(capsys, "data", "download", name)


def test_data_download_shows_progress_on_stderr(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, capsys: Capture
) -> None:
    def fetch(root: Path, report: Callable[[int, int], None]) -> None:
        assert root == settings.data
        for done in (100, 250, 1000):
            time.sleep(0.3)  # a bar that would vanish at once is not shown
            report(done, 1000)

    from dataclasses import replace

    from core.datasets.catalogue import CATALOGUE

    monkeypatch.setitem(CATALOGUE, "mnist", replace(CATALOGUE["mnist"], make=fetch))
    assert main(["data", "download", "mnist"]) == 0
    out, err = capsys.readouterr()
    assert str(settings.data) in out
    assert "100%" in err

"""Both files that state the version agree."""

import tomllib
from pathlib import Path

import pytest

from core import __version__
from core.cli.main import main

ROOT = Path(__file__).resolve().parents[1]


def test_pyproject_says_the_same():
    values = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert values["project"]["version"] == __version__


def test_the_change_list_begins_with_it():
    log = (ROOT / "core" / "LOG.md").read_text(encoding="utf-8")
    assert next(line for line in log.splitlines() if line.startswith("### ")).startswith(
        f"### {__version__} "
    )


def test_the_command_line_prints_it(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"Inkling {__version__}\n"

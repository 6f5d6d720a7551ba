"""What all commands share: usage, help, exit codes, pipes."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.cli.main import main
from tests.cli.conftest import Capture

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["predict"],
        ["predict", "a.png"],
        ["evaluate", "--model", "tiny"],
        ["data"],
        ["models", "--nonsense"],
        ["sweep"],
        ["sweep", "--model", "tiny", "--count", "many"],
        ["mine", "--model", "tiny"],
        ["harden", "--save-as", "new"],
        ["harden", "--model", "tiny", "--data", "mnist"],
        ["harden", "--model", "tiny", "--save-as", "new", "--resume", "run"],
        ["report", "--model", "tiny"],
        ["errors", "--data", "mnist"],
        ["predict-table", "--model", "tiny"],
        ["label-issues"],
    ],
    ids=str,
)
def test_wrong_usage_is_2(arguments: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    assert leaving.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "usage:" in err


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["predict"],
        ["evaluate"],
        ["models"],
        ["data"],
        ["data", "list"],
        ["data", "download"],
        ["train"],
        ["sweep"],
        ["mine"],
        ["harden"],
        ["report"],
        ["errors"],
        ["predict-table"],
        ["label-issues"],
    ],
    ids=str,
)
def test_help_is_0(command: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as leaving:
        main([*command, "--help"])
    assert leaving.value.code == 0
    assert "usage:" in capsys.readouterr().out


def test_help_and_lists_do_not_wait_for_torch() -> None:
    program = (
        "import sys; from core.__main__ import main; main(['data', 'list']); assert 'torch' not "
        "in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True)


def test_a_pipe_that_closes_early_is_no_traceback(pictures: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "core", "data", "list"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    error = process.stderr.read()
    process.wait(60)
    assert "Traceback" not in error
    assert "BrokenPipe" not in error

"""Two exports to one name at once: one succeeds, one is refused; the files are the first's."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.datasets.idx import read_idx
from tests.sentences import is_sentence

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("kind", ["idx", "png", "npz"])
def test_one_of_two_is_made(tmp_path: Path, kind: str) -> None:
    command = [sys.executable, "-m", "core", "synth", "--count", "3000", "--format", kind, "--out"]
    processes = [
        subprocess.Popen(
            [*command, str(tmp_path / "set"), "--seed", seed],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    outputs = [process.communicate() for process in processes]
    codes = [process.returncode for process in processes]
    refused = [error for code, (_, error) in zip(codes, outputs, strict=True) if code]
    for error in refused:  # none, if the first had ended before the second began
        sentence = error.rsplit("python -m core: ", 1)[-1].strip()
        assert "Another export writes to" in sentence
        assert is_sentence(sentence)
    assert 0 in codes
    assert len(list(tmp_path.glob(".*"))) == 0
    if kind == "idx":
        assert len(read_idx(tmp_path / "set-images-idx3-ubyte")) == 3000

"""A real Dask cluster: scheduler and four workers in processes of their own, one of them killed."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cli.main import main
from tests.datasets.test_export import files
from tests.jobs.clusters import ROOT, Cluster, cluster

pytestmark = pytest.mark.slow

WRITTEN = [
    ["synth", "--count", "400000", "--hand", "jitter=2", "--seed", "3"],
    ["compose", "roman", "--letters", "natural", "--count", "20000", "--seed", "3"],
]
"""Commands that write IDX files, for some seconds with four workers."""


@pytest.fixture(scope="module")
def four() -> Iterator[Cluster]:
    with cluster(4) as running:
        yield running


@pytest.mark.parametrize("number", range(len(WRITTEN)))
def test_a_killed_worker_changes_no_byte(four, tmp_path, number):
    assert main([*WRITTEN[number], "--out", str(tmp_path / "here" / "set")]) == 0
    there = tmp_path / "there"
    command = [*WRITTEN[number], "--scheduler", four.address, "--out", str(there / "set")]
    running = subprocess.Popen([sys.executable, "-m", "core", *command], cwd=ROOT)
    part, whole = there / "set-images-idx3-ubyte.part", size(tmp_path / "here")
    while not (part.exists() and part.stat().st_size > whole / 10):
        assert running.poll() is None
        time.sleep(0.01)
    four.workers[number].kill()
    assert part.stat().st_size < whole / 2
    assert running.wait(300) == 0
    assert files(there) == files(tmp_path / "here")


def size(folder: Path) -> int:
    return (folder / "set-images-idx3-ubyte").stat().st_size


def test_every_command_answers_the_same(four, tmp_path, monkeypatch, capsys):
    data = str(tmp_path / "data.npz")
    assert main(["synth", "--count", "3000", "--format", "npz", "--out", data]) == 0
    pictures = tmp_path / "pictures"
    png = ["synth", "--count", "300", "--format", "png", "--size", "60", "--out", str(pictures)]
    assert main(png) == 0
    (pictures / "0" / "broken.png").write_bytes(b"broken")
    sweep = ["sweep", "--model", "digits", "--jitter", "0,4", "--count", "130", "--json"]
    mine = ["mine", "--model", "digits", "--count", "2500", "--out"]
    evaluate = ["evaluate", "--model", "digits", "--data", data, "--json"]
    search = ["search", "knn", "--data", data, "--space", "k=1,3,5", "--json"]
    predict = ["predict", str(pictures), "--model", "digits", "--json"]
    compose = ["compose", "roman", "--letters", "natural", "--count", "120", "--first", "80"]

    def outputs(folder: Path, *options: str) -> list[object]:
        monkeypatch.setenv("INKLING_HOME", str(folder))
        hard, made = folder / "hard.npz", folder / "set"
        competition = [*compose, "--format", "competition", "--out", str(made)]
        said: list[object] = []
        for command in (sweep, [*mine, str(hard)], evaluate, predict, competition):
            capsys.readouterr()
            # a broken picture is reported, and the exit code says so
            assert main([*command, *options]) == (command is predict)
            said.append(capsys.readouterr().out.replace(str(folder), ""))
        assert main([*search, *options]) == 0
        trials = map(json.loads, capsys.readouterr().out.splitlines())
        said += [{**trial, "seconds": 0} for trial in trials]
        return [*said, files(made), hard.read_bytes()]

    assert outputs(tmp_path / "there", "--scheduler", four.address) == outputs(tmp_path / "here")

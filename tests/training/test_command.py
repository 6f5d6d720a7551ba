"""`python -m core train`: killed, resumed, published, and out of room."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from core.__main__ import main
from core.datasets.idx import write_idx
from core.errors import InklingError
from core.models.recognizer import load_recognizer
from core.models.tensors import load_tensors
from core.settings import Settings
from core.training import loop
from core.training.runs import Run

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ["epochs=3", "batch_size=20", "redrawn=0.5", "synthetic=2", "validation_per_class=5", "learning_rate=0.02", "ema_decay=0.9"]


@pytest.fixture
def home(tmp_path, drawn_digits, monkeypatch):
    """A data root with the drawn digits in the place of MNIST's training part."""
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    write_idx(raw / "train-images-idx3-ubyte", drawn_digits.images)
    write_idx(raw / "train-labels-idx1-ubyte", drawn_digits.labels.astype(np.uint8))
    monkeypatch.setenv("INKLING_HOME", str(tmp_path))
    for name in ("DATA", "RUNS", "MODELS", "DATABASE"):
        monkeypatch.delenv(f"INKLING_{name}", raising=False)
    return tmp_path


def train_here(*more):
    return main(["train", "resnet8-narrow", "--data", "mnist", "--set", *SETTINGS, *more])


def only_run(home):
    (folder,) = (home / "runs").iterdir()
    return Run(folder)


def test_a_killed_run_resumes_to_the_figures_of_an_unbroken_one(home, capsys, tmp_path):
    command = [sys.executable, "-m", "core", "train", "resnet8-narrow", "--data", "mnist", "--set", *SETTINGS]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not any((home / "runs").glob("*/checkpoint.safetensors")):
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    run = only_run(home)
    assert 1 <= len(run.metrics()) <= 3
    assert main(["train", "--resume", run.name]) == 0
    killed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    run.folder.rename(tmp_path / "killed")

    assert train_here() == 0
    unbroken = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["train_loss"], row["validation_accuracy"]) for row in killed] == [
        (row["train_loss"], row["validation_accuracy"]) for row in unbroken
    ]
    first, second = load_tensors(tmp_path / "killed" / "best.safetensors")[0], load_tensors(only_run(home).best)[0]
    assert all((first[name] == second[name]).all() for name in first)


def test_the_result_is_a_recognizer_with_a_card(home, drawn_digits):
    assert train_here("--save-as", "mine", "--title", "My digits") == 0
    mine = load_recognizer("mine", Settings.from_environment())
    assert (mine.card.title, mine.card.validation["n"], mine.card.form) == ("My digits", 50, "mnist")
    assert mine.card.temperature > 0
    assert mine.card.parameters == sum(parameter.numel() for parameter in mine.network.parameters())
    probabilities = mine.predict(drawn_digits.images[:20]).probabilities
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)


def test_a_full_disk_leaves_the_last_checkpoint_whole(home, monkeypatch, capsys):
    whole = loop.save_tensors

    def full(path, tensors, metadata=None):
        if metadata and metadata.get("epochs") == 2:
            path.with_name(path.name + ".part").write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(path, tensors, metadata)

    monkeypatch.setattr(loop, "save_tensors", full)
    assert train_here() == 1
    assert "No space left" in capsys.readouterr().err
    run = only_run(home)
    assert run.state() == "failed"
    assert load_tensors(run.checkpoint)[1] == {"epochs": 1}
    monkeypatch.setattr(loop, "save_tensors", whole)
    assert main(["train", "--resume", run.name]) == 0
    assert len(run.metrics()) == 3


@pytest.mark.parametrize(
    "arguments",
    [["train", "no-such", "--data", "mnist"], ["train", "--resume", "no-such"],
     ["train", "resnet8", "--data", "no-such"], ["train", "resnet8", "--data", "uci-digits"]],
)  # fmt: skip
def test_what_cannot_be_trained_is_one_sentence(home, arguments, capsys):
    assert main(arguments) == 1
    message = [line for line in capsys.readouterr().err.splitlines() if line.startswith("python -m core:")]
    assert len(message) == 1


def test_data_that_is_not_there_says_how_to_get_it(home):
    from core.datasets.catalogue import open_dataset

    with pytest.raises(InklingError, match="data download emnist-letters"):
        open_dataset("emnist-letters", Settings.from_environment())


@pytest.mark.parametrize("arguments", [["train"], ["train", "resnet8"], ["train", "resnet8", "--data", "mnist", "--resume", "run"]])
def test_half_a_command_is_a_usage_error(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "MODEL and --data NAME, or --resume RUN" in capsys.readouterr().err

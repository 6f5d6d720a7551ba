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
from tests.sentences import is_sentence

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


@pytest.fixture
def pool(tmp_path):
    """Forty blank images with one lit row each, labelled by name."""
    images = np.zeros((40, 28, 28), np.uint8)
    images[np.arange(40), np.arange(40) % 28] = 255
    labels = [str((7 * number) % 10) for number in range(40)]
    np.savez(tmp_path / "a pool=1.npz", images=images, labels=labels)
    return tmp_path / "a pool=1.npz", images, np.array(labels, np.int64)


@pytest.fixture
def extras(monkeypatch):
    """What training would have been given, instead of training."""
    given = []
    monkeypatch.setattr("core.training.command.train", lambda run, dataset, extra, report: given.append(extra))
    return given


def test_a_pool_is_added_to_the_training_images(home, pool, extras):
    path, images, labels = pool
    assert train_here("redrawn=0", f"pool={path}") == 0
    assert train_here("redrawn=0", "synthetic=0", f"pool={path}") == 0
    both, alone = extras
    np.testing.assert_array_equal(alone.images, images)
    np.testing.assert_array_equal(alone.labels, labels)
    assert len(both.images) == len(both.labels) == 60
    np.testing.assert_array_equal(both.images[:40], images)
    assert alone.labels.dtype == np.int64


def test_a_pool_by_name_and_by_number(home, extras, drawn_digits, tmp_path):
    np.savez(tmp_path / "numbers.npz", images=drawn_digits.images[:30], labels=drawn_digits.labels[:30])
    for name, count in (("mnist", len(drawn_digits)), (str(tmp_path / "numbers.npz"), 30)):
        assert train_here("redrawn=0", "synthetic=0", f"pool={name}") == 0
        np.testing.assert_array_equal(extras[-1].images, drawn_digits.images[:count])
        np.testing.assert_array_equal(extras[-1].labels, drawn_digits.labels[:count])


def test_a_resumed_run_sees_the_pool_it_began_with(home, pool, extras):
    path, images, labels = pool
    assert train_here("redrawn=0", "synthetic=0", f"pool={path}") == 0
    path.unlink()
    assert main(["train", "--resume", only_run(home).name]) == 0
    np.testing.assert_array_equal(extras[1].images, images)
    np.testing.assert_array_equal(extras[1].labels, labels)


def test_a_pool_is_trained_on_and_never_validated_on(home, pool, capsys):
    path, images, _ = pool
    assert train_here("epochs=1", "redrawn=0", "synthetic=0", f"pool={path}") == 0
    (row,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert row["validation_n"] == 50
    assert row["images_per_second"] * row["seconds"] == pytest.approx((400 - 50 + len(images)) // 20 * 20, abs=1)


@pytest.mark.parametrize(
    ("images", "labels", "says"),
    [((5, 20, 28), ["1"] * 5, "20x28"), ((5, 28, 28), ["1"] * 4 + ["A"], "'A'"), ((5, 28, 28), [10] * 5, "10"), (None, None, "absent.npz")],
)
def test_a_pool_that_does_not_fit_is_a_sentence(home, tmp_path, images, labels, says, capsys):
    path = tmp_path / "absent.npz"
    if images:
        path = tmp_path / "pool.npz"
        np.savez(path, images=np.ones(images, np.uint8), labels=labels)
    assert train_here(f"pool={path}") == 1
    (message,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("python -m core:")]
    assert says in message
    assert is_sentence(message.removeprefix("python -m core: "))


def test_a_start_of_another_kind_is_a_sentence(home, make_model, settings, capsys):
    make_model("letters", tuple("ABCDEFGHIJ"))
    make_model("narrow")
    for architecture, name in (("resnet8-narrow", "letters"), ("resnet8", "narrow")):
        assert main(["train", architecture, "--data", "mnist", "--set", *SETTINGS, f"start={name}"]) == 1
        (message,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("python -m core:")]
        assert f"{name} is a resnet8-narrow with 10 classes" in message
        assert is_sentence(message.removeprefix("python -m core: "))

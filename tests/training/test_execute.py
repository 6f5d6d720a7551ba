"""`python -m core train`: killed, resumed, published, and on a full disk."""

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
import torch

from core.cli.main import main
from core.datasets.catalogue import open_dataset
from core.datasets.idx import write_idx
from core.datasets.marks import HARD, MISLABELLED, UNREADABLE, Mark, mark
from core.errors import InklingError
from core.models.recognizer import load_recognizer
from core.models.tensors import load_tensors, save_tensors
from core.settings import Settings
from core.training import checkpoint, execute
from core.training.data import open_for_training, prepare, split_rows
from core.training.recipe import Recipe
from core.training.runs import Run
from core.training.train import train
from tests.sentences import is_sentence

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = [
    "epochs=3",
    "batch_size=16",
    "redrawn=0.5",
    "synthetic=2",
    "validation_per_class=5",
    "learning_rate=0.02",
    "ema_decay=0.9",
]


def train_here(*more):
    return main(["train", "resnet8-tiny", "--data", "mnist", "--set", *SETTINGS, *more])


def only_run(home):
    (folder,) = (home / "runs").iterdir()
    return Run(folder)


def test_a_killed_run_resumes_to_the_figures_of_an_unbroken_one(home, capsys, tmp_path):
    command = [
        sys.executable,
        "-m",
        "core",
        "train",
        "resnet8-tiny",
        "--data",
        "mnist",
        "--set",
        *SETTINGS,
    ]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ, stderr=subprocess.DEVNULL)
    wait(lambda: any((home / "runs").glob("*/checkpoint.safetensors")))
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
    first, second = (
        load_tensors(tmp_path / "killed" / "best.safetensors")[0],
        load_tensors(only_run(home).best)[0],
    )
    assert all((first[name] == second[name]).all() for name in first)


def test_the_result_is_a_recognizer_with_a_card(home, drawn_digits):
    assert train_here("--save-as", "mine", "--title", "My digits") == 0
    mine = load_recognizer("mine", Settings.from_environment())
    assert (mine.card.title, mine.card.validation.n, mine.card.form) == (
        "My digits",
        50,
        "mnist",
    )
    assert mine.card.temperature > 0
    assert mine.card.parameters == sum(parameter.numel() for parameter in mine.network.parameters())
    probabilities = mine.predict(drawn_digits.images[:20]).probabilities
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-5)


def test_a_full_disk_leaves_the_last_checkpoint_whole(home, monkeypatch, capsys):
    whole = save_tensors

    def full(path, tensors, metadata=None):
        if metadata and metadata.get("epochs") == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(path, tensors, metadata)

    monkeypatch.setattr(checkpoint, "save_tensors", full)
    assert train_here() == 1
    assert "No space left" in capsys.readouterr().err
    run = only_run(home)
    assert run.state() == "failed"
    assert load_tensors(run.checkpoint)[1] == {"epochs": 1}
    monkeypatch.setattr(checkpoint, "save_tensors", whole)
    assert main(["train", "--resume", run.name]) == 0
    assert len(run.metrics()) == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "no-such", "--data", "mnist"],
        ["train", "--resume", "no-such"],
        ["train", "resnet8", "--data", "no-such"],
    ],
)
def test_what_cannot_be_trained_is_one_sentence(home, arguments, capsys):
    assert main(arguments) == 1
    message = [
        line for line in capsys.readouterr().err.splitlines() if line.startswith("python -m core:")
    ]
    assert len(message) == 1


def test_data_that_is_not_there_says_how_to_get_it(home):
    from core.datasets.catalogue import open_dataset

    with pytest.raises(InklingError) as missing:
        open_dataset("emnist-letters", Settings.from_environment())
    assert missing.value.command == "data download emnist-letters"


@pytest.mark.parametrize(
    "arguments",
    [["train"], ["train", "resnet8"], ["train", "resnet8", "--data", "mnist", "--resume", "run"]],
)
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
    np.savez(
        tmp_path / "numbers.npz", images=drawn_digits.images[:30], labels=drawn_digits.labels[:30]
    )
    for name, count in (("mnist", len(drawn_digits)), (str(tmp_path / "numbers.npz"), 30)):
        assert train_here("redrawn=0", "synthetic=0", f"pool={name}") == 0
        np.testing.assert_array_equal(extras[-1].images, drawn_digits.images[:count])
        np.testing.assert_array_equal(extras[-1].labels, drawn_digits.labels[:count])


def test_a_pool_of_many_described_sets_is_longer_than_the_name_of_a_file(home, extras):
    name = "synthetic?glyphs=classic&seed=5&hand=jitter=2&count=20"
    assert main(["data", "download", name]) == 0
    assert train_here("redrawn=0", "synthetic=0", f"pool={'+'.join([name] * 6)}") == 0
    assert len(extras[-1].images) == 6 * 20


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
    assert row["images"] == (400 - 50 + len(images)) // 16 * 16


def test_marks_are_applied_if_the_recipe_says_so(home, extras, monkeypatch):
    """Marked pictures are learnt three times, but never if they are held out."""
    settings = Settings.from_environment()
    data = open_dataset("mnist", settings)
    zeros = np.flatnonzero(data.labels == 0)
    mark(settings, data, [Mark(int(row), "0", HARD) for row in zeros[:20]])
    mark(settings, data, [Mark(int(zeros[20]), "0", MISLABELLED, "6")])
    mark(settings, data, [Mark(int(zeros[21]), "0", UNREADABLE)])
    given = []

    def keep(*arguments):
        given.append(arguments)
        return ()

    monkeypatch.setattr(execute, "train", keep)
    for marks in ("ignored", "applied"):
        assert train_here("redrawn=0", "synthetic=0", f"marks={marks}") == 0
    (_, same, none, _), (run, changed, added, _) = given
    assert len(none.images) == 0
    np.testing.assert_array_equal(same.labels, data.labels)

    assert len(changed) == len(data) - 1
    assert int((changed.labels == 6).sum()) == int((data.labels == 6).sum()) + 1
    split = split_rows(changed.labels, run.settings().recipe, changed.writers)
    learnt = {data.images[row].tobytes() for row in zeros[:21]} & {
        changed.images[row].tobytes() for row in split.train
    }
    assert sorted(image.tobytes() for image in added.images) == sorted([*learnt, *learnt])


@pytest.mark.parametrize(
    ("images", "labels", "says"),
    [
        ((5, 28, 28), ["1"] * 4 + ["A"], "'A'"),
        ((5, 28, 28), [10] * 5, "10"),
        (None, None, "absent.npz"),
    ],
)
def test_a_pool_that_does_not_fit_is_a_sentence(home, tmp_path, images, labels, says, capsys):
    path = tmp_path / "absent.npz"
    if images:
        path = tmp_path / "pool.npz"
        np.savez(path, images=np.ones(images, np.uint8), labels=labels)
    assert train_here(f"pool={path}") == 1
    (message,) = [
        line for line in capsys.readouterr().err.splitlines() if line.startswith("python -m core:")
    ]
    assert says in message
    assert is_sentence(message.removeprefix("python -m core: "))


def test_a_start_that_has_nothing_in_common_is_a_sentence(home, make_model, settings, capsys):
    make_model("narrow")
    command = ["train", "lenet5", "--data", "mnist", "--set", *SETTINGS, "start=narrow"]
    assert main(command) == 1
    (message,) = [
        line for line in capsys.readouterr().err.splitlines() if line.startswith("python -m core:")
    ]
    assert "narrow is a resnet8-tiny; a lenet5 can take over none" in message
    assert is_sentence(message.removeprefix("python -m core: "))


@pytest.mark.parametrize(("classes", "head"), [("0123456789", True), ("ABCDEFGHIJ", False)])
def test_a_start_lends_the_layers_that_fit(home, make_model, settings, classes, head):
    """All of them, but not the last one if the classes are others."""
    make_model("start", tuple(classes))
    given = load_recognizer("start", settings).network.state_dict()
    recipe = Recipe().override([*SETTINGS, "start=start"])
    run = Run.create(settings.runs, model="resnet8-tiny", data="mnist", recipe=recipe)
    weights = prepare(run, open_for_training(run, settings), settings).weights
    assert weights is not None
    assert all(torch.equal(weights[name], given[name]) for name in weights)
    lacking = set() if head else {name for name in given if name.startswith("classifier.")}
    assert given.keys() - weights.keys() == lacking


def test_data_in_no_form_is_brought_to_one(home):
    settings = ["epochs=1", "batch_size=50", "redrawn=0", "validation_per_class=5"]
    assert (
        main(["train", "lenet5", "--data", "uci-digits", "--set", *settings, "--save-as", "small"])
        == 0
    )
    small = load_recognizer("small", Settings.from_environment())
    assert (small.card.form, small.form.size) == ("mnist", 28)


@pytest.mark.parametrize("model", ["knn", "random-forest", "logistic"])
def test_what_is_fitted_in_one_go_is_a_recognizer_too(home, model, capsys, drawn_digits):
    settings = {"knn": ["k=3"], "random-forest": ["trees=20"], "logistic": ["max_iter=20"]}[model]
    assert (
        main(
            [
                "train",
                model,
                "--data",
                "mnist",
                "--set",
                *settings,
                "validation_per_class=5",
                "--save-as",
                "mine",
            ]
        )
        == 0
    )
    (row,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    mine = load_recognizer("mine", Settings.from_environment())
    assert mine.card.validation.accuracy == pytest.approx(row["validation_accuracy"])
    assert row["validation_accuracy"] > 0.5
    assert mine.card.parameters > 0
    assert (
        np.mean(np.array(mine.predict(drawn_digits.images).labels(), int) == drawn_digits.labels)
        > 0.7
    )
    assert only_run(home).state() == "done"


def test_a_fit_of_several_copies_sees_the_images_as_they_are_and_varied(
    home, monkeypatch, drawn_digits
):
    from core.models import registry

    given = []
    knn = registry.ARCHITECTURES["knn"]

    def watch(images, labels, *rest, **more):
        given.append((images, labels))
        return knn.fit(images, labels, *rest, **more)

    from dataclasses import replace

    monkeypatch.setitem(registry.ARCHITECTURES, "knn", replace(knn, fit=watch))
    settings = ["epochs=3", "effects=shift=7", "validation_per_class=5", "batch_size=50"]
    assert main(["train", "knn", "--data", "mnist", "--set", *settings]) == 0
    ((images, labels),) = given
    assert len(images) == len(labels) == 3 * 350
    held_in = {image.tobytes() for image in images[:350]}
    assert len(held_in & {image.tobytes() for image in drawn_digits.images}) == len(held_in)
    assert not held_in & {image.tobytes() for image in images[350:] if image.any()}


def test_a_run_goes_on_only_with_the_data_it_began_with(home, drawn_digits, capsys):
    assert train_here() == 0
    run, raw = only_run(home), home / "data" / "MNIST" / "raw"
    run.set_state("cancelled")
    write_idx(raw / "train-images-idx3-ubyte", drawn_digits.images[:-1])
    write_idx(raw / "train-labels-idx1-ubyte", drawn_digits.labels[:-1].astype(np.uint8))
    assert main(["train", "--resume", run.name]) == 1
    assert "has changed since" in capsys.readouterr().err
    for path in raw.iterdir():
        path.unlink()
    assert main(["train", "--resume", run.name]) == 1
    assert "data download mnist" in capsys.readouterr().err


def test_a_data_set_deleted_while_it_is_trained_on_changes_nothing(home, monkeypatch):
    whole = train

    def deleted(run, dataset, extra, report):
        def once(*state):
            for path in (home / "data" / "MNIST" / "raw").iterdir():
                path.unlink()
            report(*state)

        return whole(run, dataset, extra, once)

    monkeypatch.setattr(execute, "train", deleted)
    assert train_here("redrawn=0", "--save-as", "mine") == 0
    assert load_recognizer("mine", Settings.from_environment()).card.validation.n == 50


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"),
        RuntimeError("CUDA out of memory"),
    ],
)
def test_out_of_memory_says_what_to_make_smaller(home, monkeypatch, capsys, error):
    def full(*_):
        raise error

    monkeypatch.setattr(execute, "train", full)
    assert train_here("redrawn=0") == 1
    (message,) = [
        line for line in capsys.readouterr().err.splitlines() if line.startswith("python -m core:")
    ]
    assert "batch_size" in message
    assert is_sentence(message.removeprefix("python -m core: "))
    assert only_run(home).state() == "failed"


@pytest.mark.slow
def test_two_processes_train_one_network(home):
    settings = [
        "epochs=1",
        "batch_size=16",
        "redrawn=0",
        "synthetic=0",
        "validation_per_class=5",
        "learning_rate=0.02",
        "ema_decay=0.5",
    ]
    command = [
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node",
        "2",
        "-m",
        "core",
        "train",
        "lenet5",
        "--data",
        "mnist",
    ]
    done = subprocess.run(
        [sys.executable, "-m", *command, "--set", *settings, "optimizer=adam", "--save-as", "both"],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    run = only_run(home)
    (row,) = run.metrics()
    assert (row.images, row.validation_n, run.state()) == (340, 50, "done")
    assert len(done.stdout.splitlines()) == 1
    assert load_recognizer("both", Settings.from_environment()).card.validation.n == 50


@pytest.mark.slow
def test_of_three_processes_on_one_run_one_trains_it_and_two_say_why_not(home, small_recipe):
    run = Run.create(
        home / "runs", model="lenet5", data="mnist", recipe=small_recipe.override(["epochs=100000"])
    )
    command = [sys.executable, "-m", "core", "train", "--resume", run.name]
    processes = [
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    try:
        wait(lambda: sum(process.poll() is not None for process in processes) == 2)
        (winner,) = [process for process in processes if process.poll() is None]
        for process in processes:
            if process is not winner:
                out, err = process.communicate()
                assert (process.returncode, out) == (1, "")
                sentence = err.splitlines()[-1].removeprefix("python -m core: ")
                assert f"{run.name} is being trained" in sentence
                assert is_sentence(sentence)
        wait(lambda: run.state() == "running")
        assert json.loads((run.folder / "state.json").read_text())["pid"] == winner.pid
        done = len(run.metrics())
        wait(lambda: len(run.metrics()) > done)
        with pytest.raises(InklingError, match="is training"):
            run.delete()
        winner.send_signal(signal.SIGINT)
        out, err = winner.communicate(timeout=240)
        assert winner.returncode == 1
        assert err.endswith(f"\n    python -m core train --resume {run.name}\n")
        assert run.state() == "cancelled"
    finally:
        for process in processes:
            process.kill()
            process.wait()
    with run.held():  # and it can be resumed
        assert run.best.exists()


def wait(true, seconds=240):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)

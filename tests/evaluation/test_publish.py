"""Publishing over a recognizer in use: complete at every moment, even if a process is killed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import InklingError
from core.evaluation.publish import average, publish
from core.files import hold
from core.models.cards import LOCK, find_card, remove_unnamed_weights, save_card
from core.models.recognizer import load_recognizer
from core.models.tensors import load_tensors, save_tensors
from core.settings import Settings
from core.training.recipe import Recipe
from core.training.runs import Run

ROOT = Path(__file__).resolve().parents[2]
LETTERS = tuple("abcdefg")
PUBLISH_FOREVER = """
import os, sys
from pathlib import Path
from core.evaluation.publish import publish
from core.training.runs import Run

folder, *runs = map(Path, sys.argv[1:])
for _ in sys.stdin:
    process = os.fork()  # a process that is killed need not have loaded torch itself
    while not process:
        for run in runs:
            publish(Run(run), name="same", title=run.name, folder=folder)
    print(process, flush=True)
    os.waitpid(process, 0)
    print("gone", flush=True)
"""


def finished_run(settings: Settings, classes: tuple[str, ...], weights) -> Run:
    """A run as training leaves it; its weights have this many classes."""
    run = Run.create(settings.runs, model="resnet8-tiny", data="none", recipe=Recipe())
    save_tensors(run.best, weights(len(classes)), {"epoch": 1, "parameters": 1000})
    answers = torch.eye(len(classes)) * 3
    save_tensors(run.answers, {"logits": answers, "labels": torch.arange(len(classes))})
    facts = {"title": "None", "source": "none", "form": "mnist", "classes": list(classes), "n": 70}
    (run.folder / "data.json").write_text(json.dumps(facts))
    return run


@pytest.fixture
def two_runs(settings: Settings, no_shipped_models: Path, tiny_weights) -> tuple[Run, Run]:
    """One of ten digits and one of seven letters: mixed up, neither could be loaded."""
    digits = finished_run(settings, tuple("0123456789"), tiny_weights)
    return digits, finished_run(settings, LETTERS, tiny_weights)


def weights_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.safetensors"))


def test_a_recognizer_is_replaced_with_its_card(settings: Settings, two_runs) -> None:
    for run, size in zip((*two_runs, two_runs[0]), (10, 7, 10), strict=True):
        card = publish(run, name="same", title="Same", folder=settings.models)
        assert len(card.classes) == size
        assert (
            len(load_recognizer("same", settings).predict(np.zeros((1, 28, 28), np.uint8)).classes)
            == size
        )
        assert weights_files(settings.models) == [card.weights]


def test_a_name_that_begins_alike_keeps_its_weights(settings: Settings, two_runs) -> None:
    publish(two_runs[0], name="same.old", title="Other", folder=settings.models)
    for run in two_runs:
        publish(run, name="same", title="Same", folder=settings.models)
    assert len(load_recognizer("same.old", settings).card.classes) == 10


def test_killed_at_any_moment_it_is_one_run_or_the_other(settings: Settings, two_runs) -> None:
    publish(two_runs[0], name="same", title="first", folder=settings.models)
    command = [sys.executable, "-c", PUBLISH_FOREVER, str(settings.models)]
    publisher = subprocess.Popen(
        [*command, *(str(run.folder) for run in two_runs)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert publisher.stdin is not None
    assert publisher.stdout is not None
    for delay in np.random.default_rng(7).uniform(0, 0.08, 40):
        publisher.stdin.write("once more\n")
        publisher.stdin.flush()
        process = int(publisher.stdout.readline())
        time.sleep(delay)
        os.kill(process, signal.SIGKILL)
        assert publisher.stdout.readline() == "gone\n"
        card = load_recognizer("same", settings).card  # its shapes fit its classes, or this raises
        assert len(card.classes) in (7, 10)
    publisher.communicate()
    remove_unnamed_weights(settings.models)  # what the kills left behind
    card = load_recognizer("same", settings).card
    assert weights_files(settings.models) == [card.weights]


def test_only_weights_that_a_kill_left_are_removed(settings: Settings, two_runs) -> None:
    publish(two_runs[0], name="same", title="Same", folder=settings.models)
    weights = (settings.models / "same.safetensors").read_bytes()
    other = f"same.{'0a' * 6}.safetensors"
    for name in (other, "given.safetensors"):
        (settings.models / name).write_bytes(weights)
    damaged = settings.models / "damaged.json"
    damaged.write_text("{")
    remove_unnamed_weights(settings.models)
    assert len(weights_files(settings.models)) == 3
    damaged.unlink()
    with hold(settings.models / LOCK, "being written"):
        remove_unnamed_weights(settings.models)
    assert len(weights_files(settings.models)) == 3
    remove_unnamed_weights(settings.models)
    assert weights_files(settings.models) == ["given.safetensors", "same.safetensors"]
    publish(two_runs[1], name="same", title="Same", folder=settings.models)
    (settings.models / "same.safetensors").write_bytes(weights)
    remove_unnamed_weights(settings.models)
    assert "same.safetensors" not in weights_files(settings.models)
    assert len(load_recognizer("same", settings).card.classes) == 7


def test_readers_never_see_a_mixture(settings: Settings, two_runs) -> None:
    publish(two_runs[0], name="same", title="first", folder=settings.models)
    problems: list[Exception] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                load_recognizer("same", settings)
            except InklingError as error:
                problems.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for turn in range(20):
        publish(two_runs[turn % 2], name="same", title="Same", folder=settings.models)
    stop.set()
    for reader in readers:
        reader.join()
    assert not problems


def test_a_card_names_no_file_outside_its_folder(settings: Settings, two_runs) -> None:
    card = publish(two_runs[0], name="same", title="Same", folder=settings.models)
    path = settings.models / "same.json"
    values = json.loads(path.read_text())
    path.write_text(json.dumps({**values, "weights": f"../{card.weights}"}))
    with pytest.raises(InklingError, match="damaged"):
        find_card("same", replace(settings))


def test_the_mean_of_recognizers_is_a_recognizer(settings: Settings) -> None:
    tiny = Path(__file__).resolve().parents[2] / "assets" / "models"
    card, weights = find_card("digits", settings)
    assert weights.parent == tiny
    first, _ = load_tensors(weights)
    second = {
        name: value * 3 if value.is_floating_point() else value for name, value in first.items()
    }
    settings.models.mkdir(parents=True, exist_ok=True)
    save_tensors(settings.models / "other.safetensors", second)
    save_card(
        settings.models, replace(card, name="other", weights="", temperature=card.temperature * 4)
    )
    made = average([(3, "digits"), (1, "other")], settings, name="mean", title="The mean")
    tensors, _ = load_tensors(settings.models / made.weights)
    for name, value in first.items():
        expected = value * 1.5 if value.is_floating_point() else value
        torch.testing.assert_close(tensors[name], expected)
    assert made.temperature == pytest.approx(card.temperature * 4**0.25)
    assert made.validation is made.test is None
    assert made.data.endswith("the mean of the weights of 3*digits+other")
    assert load_recognizer("mean", settings).card == made
    with pytest.raises(InklingError, match="differ in kind"):
        average([(1, "digits"), (1, "characters")], settings, name="mean", title="")

"""`python -m core harden`: from a recognizer to a harder one, measured before and after, stopped
and resumed.
"""

import json

import numpy as np
import pytest
import torch

from core.cli.main import main
from core.datasets.catalogue import open_dataset
from core.errors import InklingError
from core.evaluation.robustness.harden import fine_tuning
from core.evaluation.robustness.results import Hardened, Rates, in_jitters
from core.evaluation.robustness.sweep import sweep
from core.evaluation.scores import evaluate
from core.ink.forms import FORMS
from core.models.recognizer import load_recognizer
from core.models.tensors import load_tensors
from core.synthesis.characters import synthetic_characters
from core.synthesis.request import Request
from core.training import execute
from core.training.recipe import Recipe
from core.training.runs import Run
from core.training.train import train
from tests.conftest import tiny_card
from tests.idx_files import write_pair
from tests.sentences import is_sentence

OPTIONS = ["--data", "mnist", "--jitter", "2", "--count", "300", "--per-digit", "3", "--json"]
RECIPE = Recipe().override(
    [
        "batch_size=20",
        "redrawn=0",
        "validation_per_class=5",
        "ema_decay=0.9",
        "seed=4",
        "rotation=3",
    ]
)


@pytest.fixture(scope="module")
def drawn():
    """The parts of a data set in the place of MNIST: images and labels."""
    parts = {}
    for part, seed in (("train", 1), ("t10k", 2)):
        images, labels = synthetic_characters(FORMS["mnist"], per_class=20, seed=seed)
        parts[part] = images, np.array([int(label) for label in labels])
    return parts


@pytest.fixture(autouse=True)
def home(tmp_path, settings, make_model, monkeypatch, drawn):
    """Drawn digits in the place of MNIST, and a recognizer with random weights and a recipe of its
    own.
    """
    monkeypatch.setenv("INKLING_HOME", str(tmp_path))
    for name in ("DATA", "RUNS", "MODELS", "DATABASE"):
        monkeypatch.delenv(f"INKLING_{name}", raising=False)
    for part, (images, labels) in drawn.items():
        write_pair(settings.data / "MNIST" / "raw", part, images, labels)
    make_model("tiny", recipe=RECIPE.to_json())


def harden(*more):
    return main(
        ["harden", "--model", "tiny", "--save-as", "hard", *OPTIONS, "--set", "epochs=2", *more]
    )


def test_before_and_after_are_measured_on_the_same(settings, capsys):
    assert harden() == 0
    out, err = capsys.readouterr()
    (line,) = out.splitlines()
    result = json.loads(line)
    assert json.loads(json.dumps(Hardened.from_json(result).to_json())) == result
    for name, figures in (("tiny", result["before"]), ("hard", result["after"])):
        recognizer = load_recognizer(name, settings)
        expected = evaluate(recognizer, "mnist:test", settings).to_json()
        assert figures["test"] == {
            key: expected[key] for key in ("data", "n", "accuracy", "interval", "loss")
        }
        assert figures["test"]["n"] == 200
        swept = sweep(recognizer, Request("natural"), count=3)
        assert Rates.from_json(figures["sweep"]) == swept.rates
        assert figures["sweep"]["rows"] == in_jitters(swept.to_json())["rows"]
    assert result["before"]["test"]["loss"] > result["after"]["test"]["loss"]
    mined = open_dataset(result["mined"]["path"], settings)
    assert len(mined) == result["mined"]["count"] > 100
    assert f"{result['mined']['misread']} of 300" in err

    run = Run.open(settings.runs, result["run"])
    own = run.settings()
    recipe = own.recipe
    assert (own.model, own.data, recipe.start, recipe.pool) == (
        "resnet8-tiny",
        "mnist",
        "tiny",
        result["mined"]["path"],
    )
    assert (recipe.seed, recipe.augmentation["rotation"], recipe.epochs, recipe.learning_rate) == (
        4,
        3,
        2,
        0.02,
    )
    assert len(run.metrics()) == 2
    card = load_recognizer("hard", settings).card
    assert (card.title, card.recipe["pool"]) == ("Tiny, hardened", result["mined"]["path"])


def test_stopped_and_resumed_it_ends_the_same(settings, monkeypatch, capsys):
    assert harden() == 0
    unbroken = json.loads(capsys.readouterr().out)
    weights = load_recognizer("hard", settings).card.weights
    whole = load_tensors(settings.models / weights)[0]

    def stopped(run, dataset, extra, report):
        def stop(done, total=1, note=""):
            if done > total // 2:
                raise KeyboardInterrupt

        return train(run, dataset, extra, stop)

    monkeypatch.setattr(execute, "train", stopped)
    assert harden() == 1
    *_, message, command = capsys.readouterr().err.splitlines()
    assert is_sentence(message.removeprefix("python -m core: "))
    before, _, name = command.rpartition(" ")
    assert before == "    python -m core harden --save-as hard --resume"
    run = Run.open(settings.runs, name)
    assert (run.state(), len(run.metrics())) == ("cancelled", 1)

    monkeypatch.setattr(execute, "train", train)
    open_dataset(str(settings.data / "mined" / "hard.npz"), settings)
    assert (
        main(["harden", "--save-as", "hard", "--resume", name, "--per-digit", "3", "--json"]) == 0
    )
    resumed = json.loads(capsys.readouterr().out)
    card = load_recognizer("hard", settings).card
    again = load_tensors(settings.models / card.weights)[0]
    assert all(torch.equal(whole[key], again[key]) for key in whole)
    assert {**resumed, "run": ""} == {**unbroken, "run": ""}


def test_it_is_readable_too(capsys):
    options = [option for option in OPTIONS if option != "--json"]
    assert (
        main(["harden", "--model", "tiny", "--save-as", "hard", *options, "--set", "epochs=1"]) == 0
    )
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["before", "test", *["jitter"] * 7]


def test_real_images_of_ones_own(settings, tmp_path, capsys):
    images, labels = synthetic_characters(FORMS["mnist"], per_class=2, seed=3)
    np.savez(tmp_path / "own.npz", images=images, labels=labels)
    assert harden("--test", str(tmp_path / "own.npz")) == 0
    assert json.loads(capsys.readouterr().out)["after"]["test"]["n"] == 20


def test_a_run_that_hardens_nothing_is_a_sentence(settings, capsys):
    run = Run.create(settings.runs, model="resnet8-tiny", data="mnist", recipe=RECIPE)
    assert main(["harden", "--save-as", "hard", "--resume", run.name]) == 1
    assert is_sentence(capsys.readouterr().err.strip().removeprefix("python -m core: "))


def test_the_recipe_is_the_cards_own():
    """Whatever version wrote it: unknown settings are passed over, missing ones are as usual."""
    recipe = fine_tuning(tiny_card(recipe={"sampling_power": 0.5, "seed": 9, "from_the_future": 1}))
    assert (recipe.sampling_power, recipe.seed, recipe.epochs, recipe.batch_size) == (
        0.5,
        9,
        4,
        Recipe().batch_size,
    )
    assert fine_tuning(tiny_card()).learning_rate == 0.02
    elsewhere = {"pool": "5*unipen:train", "validate_on": "unipen:validation"}
    without = fine_tuning(tiny_card(recipe=elsewhere))
    assert (without.pool, without.validate_on) == ("", "")
    with pytest.raises(InklingError) as caught:
        fine_tuning(tiny_card(recipe={"augmentation": {"wobble": 1}}))
    assert is_sentence(str(caught.value))

"""Searches: every cell once, the same trials from the same seed, and the same table after a
kill.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from optuna.trial import TrialState
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score

from core.cli.main import main
from core.datasets.idx import write_idx
from core.errors import InklingError
from core.settings import Settings
from core.training.data import split_rows
from core.training.metrics import EpochMetrics
from core.training.recipe import Recipe
from core.training.runs import Run, find_runs
from core.training.search import execute
from core.training.search.execute import COMPARED, carry_out
from core.training.search.search import Search, find_searches, study_of
from tests.sentences import is_sentence

ROOT = Path(__file__).resolve().parents[2]
SMALL = ["batch_size=50", "redrawn=0", "validation_per_class=5", "ema_decay=0.9", "augmentation=0"]
GRID = ["optimizer=sgd,adam", "learning_rate=0.02,0.002"]
RANGES = [
    "learning_rate=1e-4..1e-1:log",
    "patience=1..60:log",
    "optimizer=sgd,adam",
    "rotation=0..20",
]


@pytest.fixture
def settings(home):
    return Settings.from_environment()


def stand_in(run, dataset, extra, report):
    """Trains nothing: an accuracy that rises with the epoch and the closer the learning rate is to
    0.01.
    """
    recipe, metrics = run.settings().recipe, run.metrics()
    run.set_state("running")
    yield tuple(metrics)
    for epoch in range(len(metrics), recipe.epochs):
        report(epoch, recipe.epochs, "")
        accuracy = (1 - abs(np.log10(recipe.learning_rate) + 2) / 4) * (epoch + 1) / recipe.epochs
        metrics.append(
            EpochMetrics(
                epoch=epoch + 1,
                validation_accuracy=accuracy,
                validation_loss=1 - accuracy,
                seconds=2.0,
            )
        )
        run.keep_metrics(metrics)
        yield tuple(metrics)
    run.set_state("done")


@pytest.fixture
def fast(monkeypatch):
    monkeypatch.setattr(execute, "train", stand_in)


def create(settings, space=GRID, model="lenet5", data="mnist", epochs=3, **more):
    return Search.create(
        settings.runs,
        model=model,
        data=data,
        space=space,
        assignments=[*SMALL, f"epochs={epochs}"],
        **more,
    )


def table(search):
    """Everything that does not depend on the clock."""
    return [replace(trial, run="", seconds=0.0) for trial in search.trials()]


def test_a_grid_tries_every_cell_once(settings, fast):
    search = create(settings)
    assert search.state() == "new"
    carry_out(search, settings)
    trials = search.trials()
    cells = {(optimizer, rate) for optimizer in ("sgd", "adam") for rate in (0.02, 0.002)}
    assert {tuple(trial.parameters.values()) for trial in trials} == cells
    assert len(trials) == len(cells) == len(find_runs(settings.runs))
    assert all((trial.state, trial.trained, trial.seconds) == ("done", 3, 6.0) for trial in trials)
    assert search.state() == "done"
    assert search.best == trials[0]  # the first of those at 0.02


def test_a_trial_is_an_ordinary_run_with_its_settings(settings, fast):
    search = create(settings)
    carry_out(search, settings)
    for trial in search.trials():
        run = Run.open(settings.runs, trial.run)
        own = run.settings()
        assert (own.model, own.data, run.state()) == ("lenet5", "mnist", "done")
        assert run.notes().tags == (f"search {search.name}",)
        assert {
            "optimizer": own.recipe.optimizer,
            "learning_rate": own.recipe.learning_rate,
        } == trial.parameters
        assert own.recipe.batch_size == 50
        assert trial.value == max(row.validation_accuracy for row in run.metrics())


def test_the_seed_decides_what_is_tried(settings, fast):
    searches = [create(settings, RANGES, trials=8, seed=seed) for seed in (3, 3, 4)]
    for search in searches:
        carry_out(search, settings)
    first, again, other = map(table, searches)
    assert first == again
    rates, others = (
        {trial.parameters["learning_rate"] for trial in trials} for trials in (first, other)
    )
    assert not rates & others
    for trial in first:
        drawn = trial.parameters
        assert 1e-4 <= drawn["learning_rate"] <= 1e-1
        assert 1 <= drawn["patience"] <= 60
        assert isinstance(drawn["patience"], int)
        assert 0 <= drawn["rotation"] <= 20


def test_what_falls_behind_is_pruned_and_says_so(settings, fast):
    search = create(settings, ["learning_rate=1e-5..1e-1:log"], epochs=10, trials=20, seed=1)
    carry_out(search, settings)
    trials = search.trials()
    assert all(trial.state == "done" for trial in trials[:COMPARED])
    pruned = [trial for trial in trials if trial.state == "pruned"]
    assert pruned
    median = np.median([trial.value for trial in trials[:COMPARED]])
    for trial in pruned:
        run = Run.open(settings.runs, trial.run)
        assert (run.state(), run.detail()) == ("cancelled", "pruned")
        assert 2 <= trial.trained < 10
        assert trial.value < median
    assert search.best.state == "done"


def stopped_after(epochs):
    """The stand-in, stopped as by Ctrl-C after this many epochs in all."""
    left = epochs

    def train(run, dataset, extra, report):
        def counted(*progress):
            nonlocal left
            if not left:
                raise KeyboardInterrupt
            left -= 1
            report(*progress)

        return stand_in(run, dataset, extra, counted)

    return train


@pytest.mark.parametrize(("space", "more"), [(GRID, {}), (RANGES, {"trials": 9, "seed": 2})])
@pytest.mark.parametrize("after", [0, 1, 4, 22])
def test_a_search_that_was_stopped_goes_on_to_the_same_table(
    settings, monkeypatch, space, more, after
):
    whole, cut = create(settings, space, **more), create(settings, space, **more)
    monkeypatch.setattr(execute, "train", stand_in)
    carry_out(whole, settings)
    monkeypatch.setattr(execute, "train", stopped_after(after))
    if after < 12 or space is RANGES:
        with pytest.raises(InklingError) as stopped:
            carry_out(cut, settings)
        assert stopped.value.command == f"search --resume {cut.name}"
        assert cut.state() == "stopped"
        assert not any(trial.state == "running" for trial in cut.trials())
    monkeypatch.setattr(execute, "train", stand_in)
    carry_out(cut, settings)
    assert table(cut) == table(whole)
    # the interrupted trial resumed its own run
    assert len(find_runs(settings.runs)) == 2 * len(table(whole))


def wait(true, seconds=180):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.002)


def test_a_killed_search_ends_with_the_table_of_an_unbroken_one(settings, capsys):
    arguments = [
        "search",
        "lenet5",
        "--data",
        "mnist",
        "--space",
        GRID[0],
        "--set",
        *SMALL,
        "epochs=3",
        "at_most=100",
    ]
    for _ in range(5):  # until it is killed in the second of two trials
        process = subprocess.Popen(
            [sys.executable, "-m", "core", *arguments],
            cwd=ROOT,
            env=os.environ,
            stderr=subprocess.DEVNULL,
        )
        wait(lambda: len(list(settings.runs.glob("*/checkpoint.safetensors"))) == 2)
        process.kill()
        process.wait()
        (killed,) = find_searches(settings.runs)
        if killed.trials()[-1].state != "done":
            break
        shutil.rmtree(settings.runs)
    with killed.journal.open("ab") as journal:
        journal.write(b'{"op_code":')  # as a full disk would leave it
    assert [trial.state for trial in killed.trials()] == ["done", "waiting"]
    assert main(["search", "--resume", killed.name, "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert main([*arguments, "--json"]) == 0
    unbroken = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(find_runs(settings.runs)) == 4
    for row in (*rows, *unbroken):
        del row["run"], row["seconds"]
    assert rows == unbroken


def test_a_trial_that_cannot_be_trained_fails_alone(settings, monkeypatch):
    def grow(run, *more):
        if run.settings().recipe.optimizer == "adam":
            raise ArithmeticError(
                "The weights grew beyond all bounds in epoch 1; lower the learning rate."
            )
        yield from stand_in(run, *more)

    monkeypatch.setattr(execute, "train", grow)
    search = create(settings)
    carry_out(search, settings)
    assert [trial.state for trial in search.trials()] == ["done", "done", "failed", "failed"]
    assert all("learning rate" in trial.detail for trial in search.trials()[2:])
    assert search.state() == "done"


def test_pictures_made_for_one_trial_are_not_made_again(settings, fast, drawn_digits, monkeypatch):
    data = settings.runs.parent / "drawn.npz"  # says nothing of its form
    np.savez(data, images=drawn_digits.images, labels=drawn_digits.labels.astype(str))
    search = Search.create(
        settings.runs, model="lenet5", data=str(data), space=["optimizer=sgd,adam", "seed=1,2"]
    )
    monkeypatch.setattr("core.training.data.redraw", lambda images, form, seed: np.array(images))
    carry_out(search, settings)
    files = {
        kind: {path.stat().st_ino for path in settings.runs.glob(f"*/{kind}-images-idx3-ubyte")}
        for kind in ("canonical", "redrawn")
    }
    # what is redrawn follows from the seed
    assert (len(files["canonical"]), len(files["redrawn"])) == (1, 2)
    assert len(list(settings.runs.glob("*/*-ubyte"))) == 8


def test_data_that_changed_between_trials_stop_it(settings, monkeypatch):
    labels = settings.data / "MNIST" / "raw" / "train-labels-idx1-ubyte"

    def change(*arguments):
        yield from stand_in(*arguments)
        write_idx(labels, np.roll(np.arange(400) % 10, 3).astype(np.uint8))

    monkeypatch.setattr(execute, "train", change)
    search = create(settings)
    with pytest.raises(InklingError, match="has changed since search") as problem:
        carry_out(search, settings)
    assert is_sentence(str(problem.value))


def test_only_one_process_carries_it_out(settings, fast):
    search = create(settings)
    with search.alone():
        assert search.state() == "running"
        with pytest.raises(InklingError, match="under way already"):
            carry_out(search, settings)
    assert search.state() == "new"


def test_a_run_that_another_trains_is_left_to_it(settings, monkeypatch):
    search = create(settings)
    monkeypatch.setattr(execute, "train", stopped_after(1))
    with pytest.raises(InklingError, match="it can go on"):
        carry_out(search, settings)
    (run,) = find_runs(settings.runs)
    run.set_state("running")
    with run.held(), pytest.raises(InklingError, match=f"{run.name} is being trained") as problem:
        carry_out(search, settings)
    assert is_sentence(str(problem.value))
    assert run.state() == "running"


def test_the_journal_is_optunas_own_and_no_pickle(settings, fast):
    search = create(settings)
    carry_out(search, settings)
    assert [trial.state for trial in study_of(search).trials] == [TrialState.COMPLETE] * 4
    for line in search.journal.read_text().splitlines():
        json.loads(line)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_cross_validation_is_scikit_learns(settings, drawn_digits):
    assignments = ["validation_per_class=5", "max_iter=20"]
    search = Search.create(
        settings.runs,
        model="logistic",
        data="mnist",
        space=["C=0.001,1.0"],
        assignments=assignments,
        seed=7,
    )
    carry_out(search, settings)
    rows = split_rows(drawn_digits.labels, replace(Recipe(), validation_per_class=5, seed=7)).train
    pixels = drawn_digits.images[rows].reshape(len(rows), -1).astype(np.float32) / 255
    folds = StratifiedKFold(3, shuffle=True, random_state=7)
    for trial in search.trials():
        model = LogisticRegression(C=trial.parameters["C"], max_iter=20)
        expected = cross_val_score(model, pixels, drawn_digits.labels[rows], cv=folds)
        np.testing.assert_allclose(trial.folds, expected, atol=1e-6)
        assert trial.value == pytest.approx(expected.mean())
        assert trial.spread == pytest.approx(expected.std())
        assert trial.run == ""
        keys = "number state value spread run trained detail folds seconds C"
        assert list(trial.to_json()) == keys.split()


def test_a_cross_validation_that_was_killed_keeps_its_cells(settings, monkeypatch):
    from core.training.search import cross_validation as search_fit

    search = Search.create(
        settings.runs,
        model="knn",
        data="mnist",
        space=["k=1,3,500"],
        assignments=["validation_per_class=5"],
    )
    measure, cells = search_fit._cross_validate, []

    def once(plan, *more):
        number = more[-1]
        cells.append(plan.cells()[number]["k"])
        if len(cells) == 2:
            raise KeyboardInterrupt
        return measure(plan, *more)

    monkeypatch.setattr(search_fit, "_cross_validate", once)
    with pytest.raises(InklingError, match="it can go on"):
        carry_out(search, settings)
    assert [trial.state for trial in search.trials()] == ["done", "waiting", "waiting"]
    carry_out(search, settings)
    assert cells == [1, 3, 3, 500]
    assert [trial.state for trial in search.trials()] == ["done", "done", "failed"]
    assert "500" in search.trials()[2].detail


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["lenet5", "--data", "mnist"],
        ["lenet5", "--data", "mnist", "--space", "epochs=1", "--resume", "x"],
    ],
)
def test_half_a_command_is_a_usage_error(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["search", *arguments])
    assert stopped.value.code == 2
    assert "or --resume NAME" in capsys.readouterr().err


def test_the_command_prints_a_table_and_resumes_by_name_only(settings, fast, capsys):
    assert main(["search", "lenet5", "--data", "mnist", "--space", *GRID, "--set", *SMALL]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert "optimizer" in lines[0]
    assert main(["search", "--resume", "no-such"]) == 1
    assert main(["search", "lenet5", "--data", "no-such", "--space", *GRID]) == 1
    texts = [
        line for line in capsys.readouterr().err.splitlines() if line.startswith("python -m core: ")
    ]
    assert len(texts) == 2
    assert all(is_sentence(line.removeprefix("python -m core: ")) for line in texts)

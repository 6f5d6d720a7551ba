"""Training: deterministic, resumable, averaged, and never on what it validates."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.models.tensors import load_tensors
from core.training.data import Extra, split
from core.training.loop import train
from core.training.recipe import OPTIMIZERS
from core.training.runs import Run

MODEL = "resnet8-tiny"


def start(folder, recipe):
    return Run.create(folder, model=MODEL, data="drawn", recipe=recipe)


def weights(run):
    return load_tensors(run.best)[0]


def figures(run):
    timing = {"seconds", "seconds_left", "processor_seconds", "images_per_second"}
    return [
        {key: value for key, value in row.items() if key not in timing} for row in run.metrics()
    ]


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_it_learns_and_logs_every_epoch(tmp_path, drawn_digits, small_recipe):
    run = start(tmp_path, small_recipe)
    best = train(run, drawn_digits)
    rows = run.metrics()
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert rows[-1]["train_loss"] < rows[0]["train_loss"]
    assert best["validation_accuracy"] > 0.3  # chance is 0.1
    assert run.state() == "done"


def test_the_seed_decides(tmp_path, drawn_digits, small_recipe):
    one_epoch = replace(small_recipe, epochs=1)
    first, again = start(tmp_path / "a", one_epoch), start(tmp_path / "b", one_epoch)
    other = start(tmp_path / "c", replace(one_epoch, seed=1))
    for run in (first, again, other):
        train(run, drawn_digits)
    assert same(weights(first), weights(again))
    assert not same(weights(first), weights(other))


def test_extra_images_are_trained_on_and_never_validated_on(tmp_path, drawn_digits, small_recipe):
    recipe = replace(small_recipe, epochs=1)
    blank = np.zeros((64, 28, 28), np.uint8)
    steps = []
    run = start(tmp_path, recipe)
    train(
        run,
        drawn_digits,
        Extra(None, blank, np.zeros(64, np.int64)),
        lambda *state: steps.append(state),
    )
    assert run.metrics()[0]["validation_n"] == 50
    assert steps[0][2] == (400 - 50 + 64) // 20


@given(st.lists(st.integers(0, 4), min_size=1, max_size=200), st.integers(1, 20), st.integers(0, 5))
def test_split_shares_nothing_and_holds_out_at_most_a_fifth_of_a_class(labels, per_class, seed):
    labels = np.array(labels)
    parts = split(labels, per_class=per_class, seed=seed)
    assert sorted([*parts.train, *parts.validation]) == list(range(len(labels)))
    for label in np.unique(labels):
        held = (labels[parts.validation] == label).sum()
        assert held == min(per_class, (labels == label).sum() // 5)


def test_it_stops_when_no_epoch_has_been_better_for_a_while(tmp_path, drawn_digits, small_recipe):
    run = start(tmp_path, replace(small_recipe, epochs=50, patience=2, learning_rate=0.0))
    train(run, drawn_digits)
    assert len(run.metrics()) == 3
    assert run.state() == "done"
    train(run, drawn_digits)  # resumed, it knows that it had ended
    assert len(run.metrics()) == 3


VARIED = {"schedule": "cosine", "mixup": 0.3, "effects": "noise=5,shift=1"}


@pytest.mark.parametrize(("name", "more"), [("sgd", {}), *((name, VARIED) for name in OPTIMIZERS)])
def test_a_run_cut_in_mid_epoch_resumes_to_the_same_weights(
    tmp_path, drawn_digits, small_recipe, name, more
):
    recipe = replace(small_recipe, epochs=3, optimizer=name, **more)
    whole, cut = start(tmp_path / "a", recipe), start(tmp_path / "b", recipe)
    train(whole, drawn_digits)

    def stop(epoch, step, steps, loss):
        if (epoch, step) == (1, 9):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(cut, drawn_digits, report=stop)
    assert len(cut.metrics()) == 1
    train(cut, drawn_digits)
    assert figures(cut) == figures(whole)
    assert same(weights(cut), weights(whole))


def test_what_is_left_and_how_fast_is_told(tmp_path, drawn_digits, small_recipe):
    run = start(tmp_path, small_recipe)
    train(run, drawn_digits)
    first, *_, last = run.metrics()
    assert first["seconds_left"] > last["seconds_left"] == 0
    assert first["images"] == 340
    assert first["images"] / first["images_per_second"] <= first["seconds"]
    assert first["learning_rate"] > last["learning_rate"] >= 0
    assert 0 <= last["train_accuracy_as_is"] <= 1


def test_weights_beyond_all_bounds_are_an_error_not_a_result(tmp_path, drawn_digits, small_recipe):
    run = start(tmp_path, replace(small_recipe, learning_rate=1e18, schedule="constant"))
    with pytest.raises(ArithmeticError, match="lower the learning rate"):
        train(run, drawn_digits)
    assert not run.best.exists()

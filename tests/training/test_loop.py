"""Training: deterministic, resumable, averaged, and never on what it validates."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.models.tensors import load_tensors
from core.training.loop import Extra, learning_rate, moving_average, split, train
from core.training.recipe import Recipe
from core.training.runs import Run

MODEL = "resnet8-narrow"


def start(folder, recipe):
    return Run.create(folder, model=MODEL, data="drawn", recipe=recipe)


def weights(run):
    return load_tensors(run.best)[0]


def figures(run):
    timing = {"seconds", "images_per_second"}
    return [{key: value for key, value in row.items() if key not in timing} for row in run.metrics()]


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


def test_a_run_cut_in_mid_epoch_resumes_to_the_same_weights(tmp_path, drawn_digits, small_recipe):
    whole, cut = start(tmp_path / "a", small_recipe), start(tmp_path / "b", small_recipe)
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


def test_the_seed_decides(tmp_path, drawn_digits, small_recipe):
    from dataclasses import replace

    one_epoch = replace(small_recipe, epochs=1)
    first, again = start(tmp_path / "a", one_epoch), start(tmp_path / "b", one_epoch)
    other = start(tmp_path / "c", replace(one_epoch, seed=1))
    for run in (first, again, other):
        train(run, drawn_digits)
    assert same(weights(first), weights(again))
    assert not same(weights(first), weights(other))


def test_extra_images_are_trained_on_and_never_validated_on(tmp_path, drawn_digits, small_recipe):
    from dataclasses import replace

    recipe = replace(small_recipe, epochs=1)
    blank = np.zeros((64, 28, 28), np.uint8)
    steps = []
    run = start(tmp_path, recipe)
    train(run, drawn_digits, Extra(None, blank, np.zeros(64, np.int64)), lambda *state: steps.append(state))
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


def test_learning_rate_is_a_triangle():
    recipe = Recipe(learning_rate=0.4, warmup=0.25)
    assert learning_rate(0, recipe) == 0
    assert learning_rate(0.125, recipe) == pytest.approx(0.2)
    assert learning_rate(0.25, recipe) == pytest.approx(0.4)
    assert learning_rate(0.625, recipe) == pytest.approx(0.2)
    assert learning_rate(1, recipe) == pytest.approx(0)


def test_moving_average_is_the_textbook_one_after_a_plain_start():
    update, value, expected = moving_average(0.5), [torch.zeros(1)], 0.0
    for count in range(30):
        new = float(count % 7)
        update(value, [torch.tensor([new])], count)
        decay = min(0.5, (1 + count) / (10 + count))
        expected = decay * expected + (1 - decay) * new
    assert value[0].item() == pytest.approx(expected, rel=1e-5)


def test_counters_are_copied_not_averaged():
    counter = [torch.tensor(3)]
    moving_average(0.9)(counter, [torch.tensor(8)], 5)
    assert counter[0].item() == 8

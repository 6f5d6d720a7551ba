"""Training: deterministic, resumable, averaged, and never on validation images."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.models.registry import architecture
from core.models.tensors import load_tensors
from core.training.data import Extra, split_rows, training_images
from core.training.fitting import fit
from core.training.loop import Batches, new_learner, train_epochs, train_steps
from core.training.metrics import best_epoch, doubt
from core.training.recipe import OPTIMIZERS, PLAIN, Recipe, own_recipe
from core.training.runs import Run
from core.training.train import train

MODEL = "resnet8-tiny"


def start(folder, recipe, model=MODEL):
    return Run.create(folder, model=model, data="drawn", recipe=recipe)


def finish(run, *more, **options):
    """Train to the end; returns the metrics of the best epoch."""
    *_, metrics = train(run, *more, **options)
    return best_epoch(metrics)


def weights(run):
    return load_tensors(run.best)[0]


def figures(run):
    timing = ("seconds", "seconds_left", "processor_seconds", "images_per_second")
    return [replace(row, **dict.fromkeys(timing, 0.0)) for row in run.metrics()]


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_it_learns_and_logs_every_epoch(tmp_path, drawn_digits, small_recipe):
    run = start(tmp_path, small_recipe)
    best = finish(run, drawn_digits)
    rows = run.metrics()
    assert [row.epoch for row in rows] == [1, 2, 3]
    assert rows[-1].train_loss < rows[0].train_loss
    assert best.validation_accuracy > 0.3  # chance is 0.1
    assert run.state() == "done"


@pytest.mark.parametrize("model", [MODEL, "knn"])
def test_labels_that_mean_nothing_leave_a_run_in_doubt(tmp_path, drawn_digits, small_recipe, model):
    labels = np.random.default_rng(0).permutation(drawn_digits.labels)
    run = start(tmp_path, small_recipe if model == MODEL else own_recipe(model), model)
    if model == MODEL:
        finish(run, replace(drawn_digits, labels=labels))
    else:
        fit(run, replace(drawn_digits, labels=labels))
    truth = load_tensors(run.answers)[0]["labels"].numpy()
    assert run.metrics()[-1].chance == pytest.approx(np.bincount(truth).max() / len(truth))
    assert "nearer to guessing" in doubt(run.metrics())


def test_the_seed_decides(tmp_path, drawn_digits, small_recipe):
    one_epoch = replace(small_recipe, epochs=1)
    first, again = start(tmp_path / "a", one_epoch), start(tmp_path / "b", one_epoch)
    other = start(tmp_path / "c", replace(one_epoch, seed=1))
    for run in (first, again, other):
        finish(run, drawn_digits)
    assert same(weights(first), weights(again))
    assert not same(weights(first), weights(other))


def test_extra_images_are_trained_on_and_never_validated_on(tmp_path, drawn_digits, small_recipe):
    recipe = replace(small_recipe, epochs=1)
    blank = np.zeros((64, 28, 28), np.uint8)
    steps = []
    run = start(tmp_path, recipe)
    extra = Extra(None, blank, np.zeros(64, np.int64))
    finish(run, drawn_digits, extra, lambda done, total, note: steps.append((done, total, note)))
    assert run.metrics()[0].validation_n == 50
    count = (400 - 50 + 64) // 16
    assert [step[:2] for step in steps] == [(done, count) for done in range(1, count + 1)]
    assert steps[0][2].startswith("epoch 1/1 loss ")


@given(st.lists(st.integers(0, 4), min_size=1, max_size=200), st.integers(1, 20), st.integers(0, 5))
def test_split_shares_nothing_and_holds_out_at_most_a_fifth_of_a_class(labels, per_class, seed):
    labels = np.array(labels)
    split = split_rows(labels, replace(Recipe(), validation_per_class=per_class, seed=seed))
    assert sorted([*split.train, *split.validation]) == list(range(len(labels)))
    for label in np.unique(labels):
        held = (labels[split.validation] == label).sum()
        assert held == min(per_class, (labels == label).sum() // 5)


def test_training_on_fewer_images_validates_on_the_same(drawn_digits, small_recipe):
    whole = split_rows(drawn_digits.labels, small_recipe)
    few = split_rows(drawn_digits.labels, replace(small_recipe, at_most=30))
    np.testing.assert_array_equal(few.validation, whole.validation)
    assert len(few.train) == 30
    assert set(few.train) < set(whole.train)


def test_it_stops_when_no_epoch_has_been_better_for_a_while(tmp_path, drawn_digits, small_recipe):
    run = start(tmp_path, replace(small_recipe, epochs=50, patience=2, learning_rate=0.0))
    finish(run, drawn_digits)
    assert len(run.metrics()) == 3
    assert run.state() == "done"
    finish(run, drawn_digits)  # resumed, it knows that it had ended
    assert len(run.metrics()) == 3


VARIED = {"schedule": "cosine", "mixup": 0.3, "effects": "noise=5,shift=1"}


@pytest.mark.parametrize(
    ("model", "name", "more"),
    [
        (MODEL, "sgd", {}),
        ("lenet5", "adam", VARIED),
        *(
            pytest.param("lenet5", name, VARIED, marks=pytest.mark.slow)
            for name in OPTIMIZERS
            if name != "adam"
        ),
    ],
)
def test_a_run_cut_in_mid_epoch_resumes_to_the_same_weights(
    tmp_path, drawn_digits, small_recipe, model, name, more
):
    recipe = replace(small_recipe, epochs=3, optimizer=name, **more)
    whole, cut = start(tmp_path / "a", recipe, model), start(tmp_path / "b", recipe, model)
    finish(whole, drawn_digits)

    def stop(done, total, note):
        if done == total // 3 + 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finish(cut, drawn_digits, report=stop)
    assert len(cut.metrics()) == 1
    finish(cut, drawn_digits)
    assert figures(cut) == figures(whole)
    assert same(weights(cut), weights(whole))


def test_whoever_stops_asking_stops_a_run_that_goes_on_later(tmp_path, drawn_digits, small_recipe):
    whole, cut = start(tmp_path / "a", small_recipe), start(tmp_path / "b", small_recipe)
    finish(whole, drawn_digits)
    counts = []
    for metrics in train(cut, drawn_digits):
        counts.append(len(metrics))
        if len(metrics) == 2:
            break
    assert [len(metrics) for metrics in train(cut, drawn_digits)] == [2, 3]
    assert counts == [0, 1, 2]
    assert figures(cut) == figures(whole)
    assert same(weights(cut), weights(whole))


def learning(dataset, recipe, model=MODEL):
    """The initial state of a run of this recipe, without a run."""
    images = training_images(dataset, split_rows(dataset.labels, recipe), None)
    return new_learner(model, len(dataset.classes), recipe), Batches(
        *images, dataset.classes, recipe
    )


def test_the_loop_alone_gives_the_weights_of_a_run(tmp_path, drawn_digits, small_recipe):
    run = start(tmp_path, small_recipe)
    finish(run, drawn_digits)
    learner, batches = learning(drawn_digits, small_recipe)
    epochs = list(train_epochs(learner, batches, small_recipe))
    held = load_tensors(run.checkpoint)[0]
    network = {f"network.{key}": value for key, value in learner.network.state_dict().items()}
    assert same(network, {key: held[key] for key in network})
    assert [(epoch.number, epoch.loss, epoch.accuracy, epoch.images) for epoch in epochs] == [
        (row.epoch - 1, row.train_loss, row.train_accuracy, row.images) for row in run.metrics()
    ]


def test_the_loop_is_stochastic_gradient_descent(drawn_digits):
    """Against a plain loop over the same batches with torch's own optimizer."""
    recipe = replace(
        PLAIN, epochs=2, batch_size=50, optimizer="sgd", momentum=0.0, learning_rate=0.1
    )
    learner, batches = learning(drawn_digits, recipe, "lenet5")
    torch.manual_seed(recipe.seed)
    plain = architecture("lenet5").build(10)
    optimizer = torch.optim.SGD(plain.parameters(), lr=0.1)
    for epoch in range(2):
        for images, target, _, _ in batches.epoch(epoch):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(plain(images), target).backward()
            optimizer.step()
    assert len(list(train_epochs(learner, batches, recipe))) == 2
    for name, tensor in plain.state_dict().items():
        torch.testing.assert_close(learner.network.state_dict()[name], tensor)
        # without an average, what is validated are the weights themselves
        torch.testing.assert_close(learner.average.module.state_dict()[name], tensor)


def test_steps_come_one_at_a_time(drawn_digits, small_recipe):
    learner, batches = learning(drawn_digits, small_recipe)
    before = {key: value.clone() for key, value in learner.network.state_dict().items()}
    steps = train_steps(learner, batches, small_recipe, epoch=0)
    assert same(before, learner.network.state_dict())
    first, second = next(steps), next(steps)
    assert (first.images, first.learning_rate) == (16, 0.0)
    assert second.learning_rate > 0
    assert not same(before, learner.network.state_dict())


def test_what_is_left_and_how_fast_is_told(tmp_path, drawn_digits, small_recipe):
    run = start(tmp_path, small_recipe)
    finish(run, drawn_digits)
    first, *_, last = run.metrics()
    assert first.seconds_left > last.seconds_left == 0
    assert first.images == 336
    assert first.images / first.images_per_second <= first.seconds
    assert first.learning_rate > last.learning_rate >= 0
    assert 0 <= last.train_accuracy_as_is <= 1


def test_weights_beyond_all_bounds_are_an_error_not_a_result(tmp_path, drawn_digits, small_recipe):
    run = start(tmp_path, replace(small_recipe, learning_rate=1e18, schedule="constant"))
    with pytest.raises(ArithmeticError, match="lower the learning rate"):
        finish(run, drawn_digits)
    assert not run.best.exists()

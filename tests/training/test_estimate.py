"""The estimate before a run: its parts add up, and it has the order of magnitude of the run."""

import time
from dataclasses import replace

import pytest

from core.training.estimate import Pace, estimate, images_of, measure
from core.training.recipe import PLAIN
from core.training.runs import Run
from core.training.train import train

PACE = Pace(
    steps=5,
    measured_batch=64,
    step=0.1,
    answer=0.001,
    prepare=0.0,
    synthetic=0.0,
    saved_bytes=1000,
    weights_bytes=4000,
    parameters=1000,
)


def test_time_is_steps_and_readings_of_every_epoch(drawn_digits):
    recipe = replace(PLAIN, epochs=3, batch_size=16, validation_per_class=1)
    n, classes = len(drawn_digits), len(drawn_digits.classes)
    text = estimate(PACE, recipe, drawn_digits)
    steps = (n - classes) // 16
    assert text.steps_an_epoch == steps
    # held out, and all others read once more
    assert text.seconds == pytest.approx(3 * (steps * 0.1 + n * 0.001))
    assert text.preparing == 0


def test_what_is_made_ready_first_is_in_it(drawn_digits):
    recipe = replace(PLAIN, epochs=1, batch_size=16, synthetic=7, redrawn=0.5)
    text = estimate(replace(PACE, prepare=2.0, synthetic=3.0), recipe, drawn_digits)
    assert text.preparing == pytest.approx(2.0 * len(drawn_digits) + 3.0 * 70)
    assert text.images == estimate(PACE, replace(recipe, synthetic=0), drawn_digits).images + 70


def test_steps_are_measured_and_counted_in_the_batches_of_the_run(drawn_digits):
    """350 images are trained on in batches of 16, however large the recipe's."""
    recipe = replace(PLAIN, epochs=1, batch_size=256, validation_per_class=5)
    assert images_of(recipe, drawn_digits) == 350
    assert images_of(replace(recipe, synthetic=2, negatives=3), drawn_digits, pooled=5) == 378
    assert measure("lenet5", recipe, drawn_digits, seconds=0.1).measured_batch == 16
    text = estimate(PACE, recipe, drawn_digits)
    assert text.steps_an_epoch == 350 // 16
    assert text.seconds == pytest.approx(350 // 16 * PACE.step + 400 * PACE.answer)


def test_more_images_a_step_need_more_memory(drawn_digits):
    small, large = (
        estimate(PACE, replace(PLAIN, batch_size=size), drawn_digits).memory for size in (4, 16)
    )
    assert 12 * PACE.saved_bytes <= large - small <= 1.5 * 12 * PACE.saved_bytes


def test_a_measured_pace_is_that_of_the_run(drawn_digits, tmp_path, monkeypatch):
    # processor time: other load on the machine does not count
    monkeypatch.setattr("time.perf_counter", time.process_time)
    recipe = replace(PLAIN, epochs=6, batch_size=32)
    pace = measure("lenet5", recipe, drawn_digits, seconds=0.5)
    assert pace.steps >= 2
    assert pace.parameters == 61_706
    run = Run.create(tmp_path, model="lenet5", data="drawn", recipe=recipe)
    started = time.perf_counter()
    assert len(list(train(run, drawn_digits))) == 7
    taken = time.perf_counter() - started
    # the machine may be busy in only one of the two
    assert taken / 12 < estimate(pace, recipe, drawn_digits).seconds < 12 * taken


def test_what_the_network_keeps_is_what_autograd_holds(drawn_digits):
    """LeNet-5: inputs of five convolutions and layers, outputs of four tanh and inputs of two
    pools, as float32.
    """
    selected = measure(
        "lenet5", replace(PLAIN, batch_size=8), drawn_digits, seconds=0.1
    ).saved_bytes
    numbers = 784 + 6 * 28 * 28 + 6 * 14 * 14 + 16 * 10 * 10 + 16 * 5 * 5 + 120 + 84
    assert numbers * 4 <= selected <= 1.5 * numbers * 4


def test_settings_are_said_in_the_words_that_make_them():
    from core.models.registry import architecture
    from core.training.recipe import Recipe, assignments

    hyper = architecture("resnet8").hyperparameters
    for recipe in (
        Recipe(),
        PLAIN,
        replace(
            PLAIN, effects="rotation=10,shift=2.8", pool="0.5*mnist+uci-digits", learning_rate=1 / 3
        ),
        Recipe(hyperparameters={"dropout": 0.1}, augmentation={"rotation": 3.5}),
    ):
        assert Recipe().override(assignments(recipe, None, hyper), hyper) == recipe
    assert assignments(Recipe()) == []
    assert assignments(Recipe(hyperparameters={"dropout": 0.3}), None, {"dropout": 0.3}) == []

"""Training on handwriting: drawn anew for each copy, with drawings of none of the classes, and
validated on named sets.
"""

import gzip
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from core.cli.main import main
from core.evaluation.publish import publish
from core.ink.handwritten import is_held_out
from core.training.loop import NONE, Batches, _loss
from core.training.recipe import PLAIN
from core.training.runs import Run


@pytest.fixture
def handwriting(home):
    """Bars by 20 writers as the collection `unipen-digits`; returns their writers."""
    writers = [f"w/{number}" for number in range(20)]
    rows = [
        {"label": label, "writer": writer, "strokes": [[[0, 0], [dx, 1]]]}
        for writer in writers
        for label, dx in (("1", 0.1), ("7", 0.6))
    ]
    path = home / "data" / "strokes" / "unipen.json.gz"
    path.parent.mkdir()
    path.write_bytes(gzip.compress(json.dumps(rows).encode()))
    return writers


def train_here(*settings):
    usual = "epochs=1", "redrawn=0", "synthetic=0", "validation_per_class=5"
    return main(["train", "resnet8-tiny", "--data", "mnist", "--set", *usual, *settings])


def test_each_copy_of_handwriting_is_another_drawing(home, handwriting, extras):
    mine = sum(not is_held_out(writer) for writer in handwriting)
    assert train_here("pool=3*unipen-digits:train") == 0
    assert train_here("pool=3*unipen-digits:train", "strokes=jitter=0.02,shear=9") == 0
    as_written, varied = (extra.images for extra in extras)
    assert len(as_written) == len(varied) == 3 * 2 * mine
    assert len(np.unique(as_written, axis=0)) == 2
    assert len(np.unique(varied, axis=0)) > 5 * mine
    assert set(extras[1].labels.tolist()) == {1, 7}
    run = Run.open(home / "runs", sorted((home / "runs").iterdir())[-1].name)
    assert "UniPen" in run.sources()[0]


def test_negatives_have_no_class(home, extras):
    assert train_here("negatives=30") == 0
    assert extras[0].labels.tolist() == [NONE] * 30
    assert (extras[0].images > 127).any((1, 2)).all()


def test_named_sets_are_validated_on(home, handwriting, extras):
    held = sum(is_held_out(writer) for writer in handwriting)
    assert train_here("validate_on=unipen-digits:validation") == 0
    assert sorted(extras[0].truth.tolist()) == [1] * min(held, 5) + [7] * min(held, 5)
    assert len(extras[0].validation) == len(extras[0].truth)


def test_the_card_names_what_it_learnt_from_and_was_validated_on(home, handwriting):
    assert (
        train_here("pool=unipen-digits:train", "validate_on=unipen-digits:validation", "at_most=60")
        == 0
    )
    run = Run.open(home / "runs", next((home / "runs").iterdir()).name)
    card = publish(run, name="mine", title="", folder=home / "models")
    assert "UniPen" in card.data
    assert card.validation is not None
    assert "unipen-digits:validation" in card.validation.data
    held = min(5, sum(is_held_out(writer) for writer in handwriting))
    assert card.validation.n == 50 + 2 * held


def test_the_loss_of_none_is_that_of_equal_probabilities():
    generator = torch.Generator().manual_seed(0)
    answers = torch.randn(9, 4, generator=generator)
    target = torch.tensor([0, 1, NONE, 2, NONE, 3, 3, 0, NONE])
    soft = torch.where(
        (target == NONE)[:, None],
        torch.full((9, 4), 0.25),
        F.one_hot(target.clamp(min=0), 4) * 0.9 + 0.1 / 4,
    )
    torch.testing.assert_close(_loss(answers, target, 0.1), F.cross_entropy(answers, soft))
    known = target[target != NONE]
    torch.testing.assert_close(
        _loss(answers[target != NONE], known, 0.1),
        F.cross_entropy(answers[target != NONE], known, label_smoothing=0.1),
    )


@pytest.mark.parametrize("power", [1.0, 0.0, 0.5])
def test_images_of_none_are_seen_as_often_as_there_are(power):
    targets = torch.tensor([0] * 300 + [1] * 60 + [NONE] * 90)
    sources = torch.zeros(450, 2, 8, 8, dtype=torch.uint8)
    recipe = replace(PLAIN, batch_size=50, sampling_power=power)
    batches = Batches(sources, targets, ("a", "b"), recipe)
    seen = torch.cat([target for n in range(20) for _, target, *_ in batches.epoch(n)])
    assert (seen == NONE).float().mean() == pytest.approx(0.2, abs=0.02)
    assert batches.log_prior.shape == (2,)

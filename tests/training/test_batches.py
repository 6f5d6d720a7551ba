"""Batches of an epoch: order, balance, effects and mixtures."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.training.loop import Batches
from core.training.recipe import PLAIN

CLASSES = ("iv", "vi", "x")


def batches(**changes):
    images = torch.zeros(90, 2, 28, 28, dtype=torch.uint8)
    labels = torch.tensor([0] * 60 + [1] * 20 + [2] * 10)
    # the second of each is marked
    images[:, :, 5, 5:10], images[:, 1, 20, 20] = labels[:, None, None].byte() * 80 + 60, 255
    return Batches(images, labels, CLASSES, replace(PLAIN, batch_size=30, **changes))


def whole(made, number=0):
    parts = list(made.epoch(number))
    return (
        torch.cat([part[0] for part in parts]),
        torch.cat([part[1] for part in parts]),
        torch.cat([part[2] for part in parts]),
        parts,
    )


def test_an_epoch_is_every_image_once_in_an_order_of_its_own():
    made = batches()
    (first, labels, _, parts), (second, *_) = whole(made), whole(made, 1)
    assert (made.steps, len(parts)) == (3, 3)
    assert torch.bincount(labels).tolist() == [60, 20, 10]
    assert not torch.equal(first, second)
    assert torch.equal(first, whole(made)[0])
    assert not first[:, 0, 20, 20].any()  # none is redrawn


def test_classes_are_balanced_and_the_prior_says_how_they_are_drawn():
    made = batches(sampling_power=0.0, logit_adjustment=1.0)
    counts = np.sum([np.bincount(whole(made, epoch)[1], minlength=3) for epoch in range(40)], 0)
    np.testing.assert_allclose(counts / counts.sum(), 1 / 3, atol=0.03)
    torch.testing.assert_close(made.log_prior.exp(), torch.full((3,), 1 / 3))
    torch.testing.assert_close(
        batches(logit_adjustment=1.0).log_prior.exp(), torch.tensor([60, 20, 10]) / 90
    )
    assert not batches(logit_adjustment=0.0).log_prior.any()


def test_a_batch_larger_than_the_data_is_the_data():
    made = batches()
    assert (
        Batches(made._sources, made._targets, CLASSES, replace(PLAIN, batch_size=1000)).steps == 1
    )


def test_redrawn_is_the_share_of_the_second_picture():
    marked = np.concatenate(
        [whole(batches(redrawn=0.25), epoch)[0][:, 0, 20, 20] > 0 for epoch in range(20)]
    )
    assert marked.mean() == pytest.approx(0.25, abs=0.04)


def test_effects_change_pictures_and_a_flip_its_label():
    images, labels, _, _ = whole(batches(effects="flip-left-right=1"))
    assert torch.bincount(labels).tolist() == [20, 60, 10]  # iv and vi swap, x stays x
    assert (images[:, 0, 5, 18:23] > 0).all()
    shifted, *_ = whole(batches(effects="shift=7"))
    assert (shifted[:, 0, 5, 5:10] == 0).any()


def test_a_flip_out_of_the_classes_is_not_made():
    made = batches(effects="flip-left-right=1")
    alone = Batches(
        made._sources[:60],
        made._targets[:60],
        ("iv",),
        replace(PLAIN, batch_size=30, effects="flip-left-right=1"),
    )
    images, labels, _, _ = whole(alone)
    assert not labels.any()
    assert (images[:, 0, 5, 5:10] > 0).all()


def test_mixup_mixes_pictures_as_it_says():
    for images, target, other, share in batches(mixup=0.4).epoch(0):
        assert 0 <= share <= 1
        value = lambda label: (label * 80 + 60) / 255  # noqa: E731
        torch.testing.assert_close(
            images[:, 0, 5, 5], share * value(target) + (1 - share) * value(other)
        )


def test_augmentation_varies_every_picture():
    made = batches(augmentation={"rotation": 20.0})
    images, labels, _, _ = whole(made)
    assert len(torch.unique(images[labels == 2].flatten(1), dim=0)) == 10

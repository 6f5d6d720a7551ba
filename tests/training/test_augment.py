"""Augmentation: off means off, each image on its own, seeded."""

import numpy as np
import pytest
import torch

from core.ink.forms import FORMS
from core.ink.paper import pen_width
from core.training.augment import Augmentation, augment
from core.training.redraw import redraw

NONE = Augmentation(
    rotation=0, shear=0, scale=0, stretch=0, shift=0, elastic=0, thickness=0, gamma=0
)


def batch(drawn_digits, count=16):
    return torch.from_numpy(drawn_digits.images[:count]).unsqueeze(1).float() / 255


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_everything_off_changes_nothing(drawn_digits):
    images = batch(drawn_digits)
    torch.testing.assert_close(augment(images, NONE, seeded()), images, atol=1e-5, rtol=0)


def test_same_generator_state_same_result(drawn_digits):
    images = batch(drawn_digits)
    assert torch.equal(
        augment(images, Augmentation(), seeded(3)), augment(images, Augmentation(), seeded(3))
    )
    assert not torch.equal(
        augment(images, Augmentation(), seeded(3)), augment(images, Augmentation(), seeded(4))
    )


def test_each_image_is_varied_on_its_own(drawn_digits):
    one = batch(drawn_digits, 1).repeat(8, 1, 1, 1)
    varied = augment(one, Augmentation(), seeded())
    assert all(not torch.equal(varied[0], other) for other in varied[1:])


def test_shift_moves_the_centre_of_mass_by_at_most_its_half_width():
    square = torch.zeros(200, 1, 28, 28)
    square[:, :, 11:17, 11:17] = 1
    moved = augment(square, Augmentation(**{**vars(NONE), "shift": 2.0}), seeded())
    rows = torch.arange(28.0)
    centre = (moved.sum((1, 3)) * rows).sum(1) / moved.sum((1, 2, 3))
    assert (centre - 13.5).abs().max() <= 2.01
    assert (centre - 13.5).std() == pytest.approx(2 / 3**0.5, abs=0.25)  # uniform


def test_thickness_adds_and_removes_ink(drawn_digits):
    images = batch(drawn_digits, 64)
    ink = augment(images, Augmentation(**{**vars(NONE), "thickness": 1.0}), seeded()).sum(
        (1, 2, 3)
    ) / images.sum((1, 2, 3))
    assert ink.min() < 0.8
    assert ink.max() > 1.2


def test_redrawing_brings_every_scan_to_the_pen_of_the_form(drawn_digits):
    form = FORMS["mnist"]
    rng = np.random.default_rng(0)
    scans = np.stack([np.roll(image, rng.integers(-1, 2), 0) for image in drawn_digits.images[:30]])
    drawn = redraw(scans, form, seed=0)
    assert drawn.shape == scans.shape
    widths = [pen_width(np.kron(image, np.ones((8, 8))) > 127) / 8 for image in drawn]
    assert np.median(widths) == pytest.approx(form.pen, abs=0.6)

"""The kernels of a batch against those of one picture, given the same parameters; and training
augmentation: off means off, each image on its own, seeded.
"""

import math

import numpy as np
import pytest
import torch
from scipy import ndimage

from core.synthesis.effects.batched import augment
from core.synthesis.effects.geometry import (
    displace,
    rotate,
    shear,
    shift,
    stretch,
    warp_batch,
    zoom,
)
from core.synthesis.effects.ink import thicken, thicken_batch
from core.synthesis.effects.table import EFFECTS
from core.synthesis.handwriting import Handwriting

TRAINED = {name: effect.training for name, effect in EFFECTS.items() if effect.training}
USUAL = {name: amount.default for name, amount in TRAINED.items()}
CLOSE, CLOSE_ON_AVERAGE = 1.0, 0.25
"""Grey levels. A picture is rounded to whole levels, which is up to 0.5 for a pixel and, as three
in four are paper, 0.06 on average; as much again is left to the precision of coordinates."""


@pytest.fixture(scope="module")
def digits():
    """uint8 [40, 28, 28], four of each."""
    return Handwriting(seed=5).draw(0, 40)[0]


def as_batch(images):
    return torch.from_numpy(images).unsqueeze(1).float() / 255


def warped(images, **parameters):
    """`warp_batch`, in grey levels, of uint8 [N, H, W]; omitted parameters are 0."""
    count = len(images)
    still = dict.fromkeys(("angle", "lean", "zoom", "stretch"), torch.zeros(count))
    parameters = {name: torch.tensor(value).float() for name, value in parameters.items()}
    moved = warp_batch(as_batch(images), **{**still, "shift": torch.zeros(count, 2), **parameters})
    return moved[:, 0].numpy() * 255


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def between(low, high, *shape):
    return np.random.default_rng(6).uniform(low, high, (40, *shape))


GEOMETRY = {
    "rotation": (rotate, between(-30, 30), lambda v: {"angle": np.radians(v)}),
    "shear": (shear, between(-30, 30), lambda v: {"lean": np.tan(np.radians(v))}),
    "zoom": (zoom, between(0.7, 1.4), lambda v: {"zoom": np.log(v)}),
    "stretch": (stretch, between(-0.3, 0.3), lambda v: {"stretch": v}),
    "shift": (lambda image, by: shift(image, *by), between(-4, 4, 2), lambda v: {"shift": v}),
}


@pytest.mark.parametrize("name", GEOMETRY)
def test_a_batch_moves_as_each_picture_does(digits, name):
    of_one, values, parameters = GEOMETRY[name]
    pictures = np.stack([of_one(image, v) for image, v in zip(digits, values, strict=True)])
    difference = np.abs(warped(digits, **parameters(values)) - pictures)
    assert difference.max() < CLOSE
    assert difference.mean() < CLOSE_ON_AVERAGE
    # what the bounds are worth: the digits did move
    assert np.abs(pictures.astype(float) - digits).mean() > 5


def test_a_batch_is_displaced_by_a_field_as_each_picture_is(digits):
    noise = between(-20, 20, 28, 28, 2)
    fields = ndimage.gaussian_filter(noise, (0, 4, 4, 0)).astype(np.float32)
    pictures = np.stack([displace(image, f) for image, f in zip(digits, fields, strict=True)])
    difference = np.abs(warped(digits, field=fields.transpose(0, 3, 1, 2)) - pictures)
    assert difference.max() < CLOSE
    assert difference.mean() < CLOSE_ON_AVERAGE
    assert np.abs(pictures.astype(float) - digits).mean() > 2


def test_all_of_the_geometry_at_once_is_shift_turn_shear_and_size_in_this_order(digits):
    angle, lean, size, width = (between(-0.4, 0.4) * factor for factor in (1, 0.9, 0.7, -0.5))
    by = between(-3, 3, 2)
    moved = warped(digits, angle=angle, lean=lean, zoom=size, stretch=width, shift=by)
    for i, image in enumerate(digits):
        # (y, x), y down; ndimage asks where a pixel comes from
        turn = np.array(
            [[math.cos(angle[i]), -math.sin(angle[i])], [math.sin(angle[i]), math.cos(angle[i])]]
        )
        slant = np.array([[1, 0], [-lean[i], 1]])
        factors = np.diag([math.exp(size[i] - width[i]), math.exp(size[i] + width[i])])
        back = np.linalg.inv(factors @ slant @ turn)
        offset = 13.5 - back @ (13.5, 13.5) - by[i, ::-1]
        expected = ndimage.affine_transform(
            image.astype(float), back, offset, order=1, mode="grid-constant"
        )
        np.testing.assert_allclose(moved[i], expected, atol=0.05)


@pytest.mark.parametrize("name", [name for name, effect in EFFECTS.items() if effect.batched])
def test_a_batch_is_changed_as_each_picture_is(digits, name):
    """All batch kernels of the table, with the parameters that the slider draws."""
    effect, amount = EFFECTS[name], min(1, EFFECTS[name].training.high)
    values = [np.random.default_rng(i).uniform(-amount, amount) for i in range(len(digits))]
    pictures = np.stack(
        [effect.draw(image, amount, np.random.default_rng(i)) for i, image in enumerate(digits)]
    )
    batch = effect.batched(as_batch(digits), torch.tensor(values).float())[:, 0].numpy() * 255
    inside = np.s_[:, 1:-1, 1:-1]  # thickness differs on the border
    assert np.abs(batch - pictures)[inside].max() < CLOSE
    assert np.abs(pictures.astype(float) - digits).mean() > 1


def test_where_thickening_a_batch_differs():
    """Beyond one pixel it repeats the first, and ink on the border is not thinned from outside."""
    wide = np.zeros((1, 28, 28), np.uint8)
    wide[0, 10:18, 10:18] = 100
    twice = thicken_batch(as_batch(wide), torch.tensor([2.0]))[0, 0] * 255
    assert (twice[9, 12].round(), twice[8, 12]) == (200, 0)
    assert (thicken(wide[0], 2)[9, 12], thicken(wide[0], 2)[8, 12]) == (100, 100)
    full = np.full((1, 28, 28), 255, np.uint8)
    thinned = thicken_batch(as_batch(full), torch.tensor([-1.0]))[0, 0]
    assert (thinned == 1).all()
    assert not thicken(full[0], -1)[0].any()


def test_everything_off_changes_nothing(digits):
    for off in ({}, dict.fromkeys(TRAINED, 0.0)):
        unchanged = augment(as_batch(digits), off, seeded())
        torch.testing.assert_close(unchanged, as_batch(digits), atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", TRAINED)
def test_each_effect_alone_varies_each_image_on_its_own(digits, name):
    one = as_batch(digits[:1]).repeat(8, 1, 1, 1)
    varied = augment(one, {name: TRAINED[name].high / 10}, seeded())
    assert (varied - one).abs().amax((1, 2, 3)).min() > 0.001
    assert all(not torch.equal(varied[0], other) for other in varied[1:])


def test_same_generator_state_same_result(digits):
    images = as_batch(digits)
    assert torch.equal(augment(images, USUAL, seeded(3)), augment(images, USUAL, seeded(3)))
    assert not torch.equal(augment(images, USUAL, seeded(3)), augment(images, USUAL, seeded(4)))


@pytest.mark.parametrize(
    ("name", "amount", "measure"),
    [
        ("rotation", 20, lambda x, y: np.degrees(np.arctan2(-x, -y))),
        ("shear", 20, lambda x, y: np.degrees(np.arctan2(x, -y))),
        ("zoom", 0.3, lambda x, y: np.log(-y / 7)),
        ("stretch", 0.3, lambda x, y: -np.log(-y / 7)),
        ("shift", 3, lambda x, y: x),
        ("shift", 3, lambda x, y: y + 7),
    ],
)
def test_geometry_is_drawn_uniformly_within_the_amount(name, amount, measure):
    """Measured on a soft spot 7 pixels above the centre."""
    across = torch.arange(28.0) - 13.5
    spot = torch.exp(-(across**2 + (across[:, None] + 7) ** 2) / 8).expand(300, 1, 28, 28)
    mass = augment(spot, {name: amount}, seeded(1))[:, 0].numpy()
    total = mass.sum((1, 2))
    x, y = ((mass.sum(axis) * across.numpy()).sum(1) / total for axis in (1, 2))
    values = measure(x, y) / amount
    assert 0.93 < np.abs(values).max() < 1.03
    assert abs(values.mean()) < 0.12
    assert values.std() == pytest.approx(1 / 3**0.5, abs=0.05)


def test_thickness_adds_and_removes_ink(digits):
    images = as_batch(digits).repeat(2, 1, 1, 1)
    ink = augment(images, {"thickness": 1.0}, seeded()).sum((1, 2, 3)) / images.sum((1, 2, 3))
    assert ink.min() < 0.8
    assert ink.max() > 1.2

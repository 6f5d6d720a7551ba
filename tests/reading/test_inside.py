"""What a network sees: held against the network itself, and one small enough to do by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from core.ink.forms import canonical_strokes
from core.models.network import Network
from core.models.recognizer import load_recognizer
from core.models.registry import ARCHITECTURES
from core.reading.inside import layer_titles, look_inside, shades
from core.settings import Settings

SEVEN = [np.array([[70.0, 70], [240, 62], [158, 235], [146, 270]])]


@pytest.fixture(scope="module")
def digits():
    return load_recognizer("digits", Settings.from_environment())


@pytest.fixture(scope="module")
def seven(digits):
    return canonical_strokes(SEVEN, digits.form, width=20).model_input


def by_hand():
    """Two units: the ink itself, and what lies right of ink; 2x2 pooled to their maximum, for two
    classes.
    """
    convolution = nn.Conv2d(1, 2, 3, padding=1, bias=False)
    convolution.weight.data.zero_()
    convolution.weight.data[0, 0, 1, 1] = 1
    convolution.weight.data[1, 0, 1, 0] = -1
    features = nn.Sequential(convolution, nn.AdaptiveMaxPool2d(1), nn.Flatten())
    classifier = nn.Sequential(nn.Dropout(0.5), nn.Linear(2, 2))
    classifier[1].weight.data = torch.tensor([[3.0, 0.5], [-1.0, 2.0]])
    classifier[1].bias.data = torch.tensor([0.25, -0.5])
    return Network(features, classifier).eval().requires_grad_(False)


def test_a_network_of_two_units_is_done_by_hand(digits):
    card = replace(digits.card, classes=("a", "b"))
    recognizer = replace(digits, network=by_hand(), card=card)
    image = np.zeros((28, 28), np.uint8)
    image[5, 7], image[5, 8] = 255, 51
    inside = look_inside(recognizer, image)
    (layer,) = inside.layers
    assert layer.maps.shape == (2, 28, 28)
    np.testing.assert_allclose(layer.maps[0], image / np.float32(255))
    np.testing.assert_allclose(layer.maps[1, :, 1:], -(image[:, :-1] / np.float32(255)))
    np.testing.assert_allclose(layer.total()[5, 7:10], [1, 1.2, 0.2], rtol=1e-6)
    moved = replace(layer, maps=layer.maps + 3, blank=layer.blank + 3)  # as biases do
    np.testing.assert_allclose(moved.total(), layer.total(), atol=1e-5)
    assert layer.strongest(1).tolist() == [0]
    np.testing.assert_allclose(inside.features, [1, 0])
    assert inside.pooled
    first, second = inside.votes
    assert (first.label, second.label) == ("a", "b")
    np.testing.assert_allclose(first.votes, [3, 0])
    assert (first.logit, first.bias) == (3.25, 0.25)
    assert [units.tolist() for units in first.strongest(4)] == [[0], []]
    assert [units.tolist() for units in second.strongest(4)] == [[], [0]]


def test_votes_and_bias_sum_to_the_logits(digits, seven):
    inside = look_inside(digits, seven, classes=10)
    with torch.no_grad():
        logits = digits.network(torch.from_numpy(seven)[None, None].float() / 255)[0].numpy()
    assert inside.votes[0].label == "7"
    for votes in inside.votes:
        expected = logits[digits.card.classes.index(votes.label)]
        assert votes.logit == pytest.approx(expected, abs=1e-4)
        assert votes.votes.sum() + votes.bias == pytest.approx(expected, abs=1e-4)
    pro, contra = inside.votes[0].strongest(4)
    assert (np.diff(inside.votes[0].votes[pro]) <= 0).all()
    assert inside.votes[0].votes[contra].max() < 0 < inside.votes[0].votes[pro].min()


def test_the_classes_that_vote_are_among_the_chosen(digits, seven):
    inside = look_inside(digits.only(("1", "4")), seven)
    assert {votes.label for votes in inside.votes} == {"1", "4"}


def test_maps_are_those_of_the_network_cut_off(digits, seven):
    inside = look_inside(digits, seven)
    parts = list(digits.network.features)
    inputs = torch.from_numpy(seven)[None, None].float() / 255
    for layer, last in zip(inside.layers, [0, 2, 3, 5, 6], strict=True):
        with torch.no_grad():
            expected = nn.Sequential(*parts[: last + 1])(inputs)[0].numpy()
        np.testing.assert_allclose(layer.maps, expected, atol=1e-4)
        with torch.no_grad():
            paper = nn.Sequential(*parts[: last + 1])(torch.zeros_like(inputs))[0].numpy()
        np.testing.assert_allclose(layer.total(), np.abs(expected - paper).sum(0), atol=1e-2)
    np.testing.assert_allclose(inside.layers[-1].maps.max((1, 2)), inside.features, atol=1e-5)


LAYERS = {
    "resnet8": 5,
    "resnet8-narrow": 5,
    "resnet8-small": 5,
    "resnet8-tiny": 5,
    "resnet10": 6,
    "notebook-cnn": 4,
    "vanilla-cnn": 2,
    "lenet5": 2,
    "lenet5-v2": 4,
    "lenet5-v2-32": 4,
    "numbers-cnn": 2,
    "small-cnn": 3,
    "resnet34": 5,
    "resnet50-cut": 2,
    "resnet50": 5,
}
"""Of each network those that convolve; stages of residual blocks count as one."""


def untrained(digits, name):
    torch.manual_seed(0)
    network = ARCHITECTURES[name].build(10).eval().requires_grad_(False)
    return replace(digits, network=network)


@pytest.mark.parametrize("name", LAYERS)
def test_any_network_of_the_table_is_looked_into(digits, seven, name):
    recognizer = untrained(digits, name)
    inside = look_inside(recognizer, seven)
    assert len(inside.layers) == len(layer_titles(recognizer)) == LAYERS[name]
    with torch.no_grad():
        logits = recognizer.network(torch.from_numpy(seven)[None, None].float() / 255)[0]
    assert inside.votes[0].logit == pytest.approx(float(logits.max()), rel=1e-3, abs=1e-4)
    # what is seen is what the next layer gets: after the activation, where there is one
    assert inside.layers[-1].maps.min() >= (-1 if name == "lenet5" else 0)


def test_what_has_no_layers_says_so(digits, seven):
    others = set(ARCHITECTURES) - set(LAYERS)
    assert others == {name for name, row in ARCHITECTURES.items() if row.fit}
    for name in others:
        assert look_inside(untrained(digits, name), seven) is None


def test_shades_are_ink_where_a_unit_is_active_of_either_sign():
    assert shades(np.array([0.0, 1, -4, 2])).tolist() == [0, 64, 255, 128]
    assert shades(np.zeros((2, 2))).max() == 0

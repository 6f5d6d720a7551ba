"""Every architecture against the parameter counts of its source, or its own arithmetic."""

from typing import Any

import pytest
import torch

from core import torchvision_cpu  # noqa: F401  (before torchvision)
from core.models.network import count_parameters, weights_in_common
from core.models.registry import ARCHITECTURES, architecture

from torchvision.models.resnet import BasicBlock, Bottleneck  # isort: skip

NETWORKS = sorted(name for name, row in ARCHITECTURES.items() if row.fit is None)

# (architecture, classes): what the source reports; Keras counts batch norm's running statistics
# too.
REPORTED = {
    ("notebook-cnn", 10): 176_938,
    ("vanilla-cnn", 47): 484_719,
    ("lenet5-v2", 47): 279_019,
    ("resnet34", 47): 21_328_047,
    ("numbers-cnn", 37): 61_310,
    ("resnet50-cut", 10): 232_330,
    # Keras's ResNet50 without its top, and the dense layer
    ("resnet50", 10): 23_587_712 + 2048 * 10 + 10,
    ("lenet5", 10): 61_706,  # LeNet-5 as it is usually rebuilt
    ("small-cnn", 10): 448 + 4_640 + 18_496 + (4 * 4 * 64 * 512 + 512) + 5_130,
}


@pytest.mark.parametrize(("name", "classes"), REPORTED)
def test_parameters_are_as_reported(name, classes):
    network = ARCHITECTURES[name].build(classes)
    assert count_parameters(network, running_statistics=True) == REPORTED[name, classes]


def test_what_of_lenet5_v2_and_resnet34_is_trained():
    for name, running in (("lenet5-v2", 279_019 - 277_891), ("resnet34", 17_024)):
        network = ARCHITECTURES[name].build(47)
        assert (
            count_parameters(network, running_statistics=True) - count_parameters(network)
            == running
        )


def convolution(inputs, outputs):
    return 9 * inputs * outputs + 2 * outputs  # 3x3 without bias, batch norm's scale and shift


def test_resnet8_has_as_many_parameters_as_its_layers():
    for name, (first, second, third) in (
        ("resnet8", (32, 64, 192)),
        ("resnet8-narrow", (32, 64, 128)),
    ):
        for classes in (10, 47):
            residual = 2 * convolution(second, second) + 2 * convolution(third, third)
            expected = (
                convolution(1, first)
                + convolution(first, second)
                + convolution(second, third)
                + residual
                + (third + 1) * classes
            )
            assert count_parameters(ARCHITECTURES[name].build(classes)) == expected


def test_a_deeper_network_begins_almost_as_the_shallower_one():
    shallow, deep = (ARCHITECTURES[name].build(10).eval() for name in ("resnet8", "resnet10"))
    given = weights_in_common(shallow.state_dict(), deep)
    assert given.keys() == shallow.state_dict().keys()
    deep.load_state_dict({**deep.state_dict(), **given})
    images = torch.rand(8, 1, 28, 28)
    with torch.inference_mode():
        one, other = shallow(images), deep(images)
    assert (one - other).abs().max() < 0.2 * one.std()
    more = 2 * convolution(192, 192)
    assert count_parameters(deep) == count_parameters(shallow) + more


@pytest.mark.parametrize("name", NETWORKS)
def test_one_logit_a_class_and_features_that_the_last_part_decides_from(name):
    network: Any = ARCHITECTURES[name].build(47).eval()
    images = torch.rand(3, 1, 28, 28)
    with torch.inference_mode():
        features = network.features(images)
        assert features.ndim == 2
        torch.testing.assert_close(network.classifier(features), network(images))
        assert network(images).shape == (3, 47)
        # each image on its own
        torch.testing.assert_close(network(images[:1]), network(images)[:1], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "name", [name for name in NETWORKS if "dropout" in ARCHITECTURES[name].hyperparameters]
)
def test_dropout_is_what_the_recipe_says(name):
    for rate in (0.1, ARCHITECTURES[name].hyperparameters["dropout"]):
        network = ARCHITECTURES[name].build(10, dropout=rate)
        assert rate in {
            layer.p for layer in network.modules() if isinstance(layer, torch.nn.Dropout)
        }


@pytest.mark.parametrize("name", ["resnet34", "resnet50"])
def test_the_blocks_of_a_deep_residual_network_begin_as_the_identity(name):
    blocks = [
        block
        for block in architecture(name).build(10).eval().modules()
        if isinstance(block, (BasicBlock, Bottleneck)) and block.downsample is None
    ]
    assert len(blocks) >= 12
    for block in blocks:
        images = torch.rand(2, block.conv1.in_channels, 4, 4)
        assert torch.equal(block(images), images)

"""The network against its own arithmetic."""

import torch

from core.models.registry import ARCHITECTURES


def convolution(inputs, outputs):
    return 9 * inputs * outputs + 2 * outputs  # 3x3 without bias, batch norm's scale and shift


def expected(first, second, third, classes):
    residual = 2 * convolution(second, second) + 2 * convolution(third, third)
    return convolution(1, first) + convolution(first, second) + convolution(second, third) + residual + (third + 1) * classes


def test_parameter_counts():
    for name, widths in (("resnet8", (32, 64, 192)), ("resnet8-narrow", (32, 64, 128))):
        for classes in (10, 47):
            network = ARCHITECTURES[name].build(classes)
            assert sum(parameter.numel() for parameter in network.parameters()) == expected(*widths, classes)


def test_one_logit_a_class():
    network = ARCHITECTURES["resnet8"].build(47).eval()
    assert network(torch.zeros(2, 1, 28, 28)).shape == (2, 47)

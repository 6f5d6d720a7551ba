"""The layer summary, against LeNet-5's published table and the parameter counts of every
architecture.
"""

import pytest
import torch

from core.models.network import count_parameters
from core.models.registry import ARCHITECTURES, architecture
from core.models.summary import summarise, weights_bytes


def test_lenet5_is_the_published_table():
    texts = [
        (layer.output, layer.parameters)
        for layer in summarise(architecture("lenet5").build(10))
        if layer.parameters
    ]
    # LeCun et al. 1998: C1, C3 (here with all maps connected), C5, F6 and the output
    assert texts == [
        ((6, 28, 28), 156),
        ((16, 10, 10), 2416),
        ((120,), 48120),
        ((84,), 10164),
        ((10,), 850),
    ]


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, item in ARCHITECTURES.items()
        if item.fit is None and "34" not in name and "50" not in name
    ],
)
def test_no_parameter_is_left_out_or_counted_twice(name):
    network = architecture(name).build(47)
    layers = summarise(network)
    assert sum(layer.parameters for layer in layers) == count_parameters(network)
    assert layers[-1].output == (47,)


def test_a_layer_that_is_passed_twice_is_listed_twice_and_counted_once():
    layer = torch.nn.Linear(784, 784)
    layers = summarise(torch.nn.Sequential(torch.nn.Flatten(), layer, layer))
    assert [item.parameters for item in layers] == [0, 784 * 785, 0]


def test_the_network_is_left_as_it_was():
    network = architecture("lenet5-v2").build(10).train()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    summarise(network)
    assert network.training
    assert not any(module._forward_hooks for module in network.modules())
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def test_bytes_are_those_of_the_file(tmp_path):
    from core.models.tensors import save_tensors

    network = architecture("lenet5").build(10)
    save_tensors(tmp_path / "it", network.state_dict())
    assert 0 < (tmp_path / "it").stat().st_size - weights_bytes(network) < 5000  # names and shapes

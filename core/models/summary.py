"""Network summaries: the layers in execution order, their output shapes and parameters."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Layer:
    """One leaf module.

    name : its path in the network. kind : its class. settings : as torch prints them. output :
    shape for one image, without the batch dimension. parameters : its own, counted at first use.
    """

    name: str
    kind: str
    settings: str
    output: tuple[int, ...]
    parameters: int


def summarise(network: nn.Module, *, size: int = 28) -> list[Layer]:
    """The layers run for one blank picture of `size` x `size`; the network and its mode are
    unchanged.
    """
    layers: list[Layer] = []
    counted: set[nn.Module] = set()
    names = {module: name for name, module in network.named_modules()}

    def passed(module: nn.Module, _: Any, output: Tensor) -> None:
        own = (
            0
            if module in counted
            else sum(tensor.numel() for tensor in module.parameters(recurse=False))
        )
        counted.add(module)
        layers.append(
            Layer(
                names[module],
                type(module).__name__,
                module.extra_repr(),
                tuple(output.shape[1:]),
                own,
            )
        )

    alone = [
        module
        for module in names
        if not any(module.children()) or any(module.parameters(recurse=False))
    ]
    hooks = [module.register_forward_hook(passed) for module in alone]
    training = network.training
    try:
        network.eval()
        with torch.inference_mode():
            network(torch.zeros(1, 1, size, size))
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()
    return layers


def weights_bytes(network: nn.Module) -> int:
    """Size in bytes of all its tensors, as in a file."""
    return sum(tensor.numel() * tensor.element_size() for tensor in network.state_dict().values())

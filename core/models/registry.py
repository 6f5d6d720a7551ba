"""The table of architectures; a new network is one file and one row here."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from core.errors import InklingError
from core.models.resnet8 import ResNet8


@dataclass(frozen=True)
class Architecture:
    """A network by name: `build(classes)` gives a module from float [N, 1, size, size] in 0-1 to logits [N, classes].

    Its part `features` goes from the same to [N, F], what its last layer decides from.
    """

    name: str
    title: str
    build: Callable[[int], nn.Module]
    size: int = 28


ARCHITECTURES = {
    architecture.name: architecture
    for architecture in [
        Architecture("resnet8", "Residual network, eight weight layers", ResNet8),
        Architecture("resnet8-narrow", "The same, a third narrower at the top", lambda classes: ResNet8(classes, (32, 64, 128))),
    ]
}


def architecture(name: str) -> Architecture:
    """The row called `name`; InklingError names the rows there are."""
    if name not in ARCHITECTURES:
        raise InklingError(f"There is no architecture {name!r}; choose one of: {', '.join(ARCHITECTURES)}.")
    return ARCHITECTURES[name]

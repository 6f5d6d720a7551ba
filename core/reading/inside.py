"""What the layers of a convolutional network make of one picture, and how its last layer votes."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from core.models.network import Network
from core.models.recognizer import Recognizer

_SAME_LAYER = (nn.BatchNorm2d, nn.ReLU, nn.Tanh)
"""What belongs to the convolution before it: it changes values and moves nothing."""


@dataclass(frozen=True, eq=False)
class Layer:
    """What one layer makes of a picture.

    title : what it is. maps : float32 [U, H, W], the activation of its U units at each place.
    blank : the same for blank paper, which moves units too.
    """

    title: str
    maps: np.ndarray
    blank: np.ndarray

    def total(self) -> np.ndarray:
        """How far the ink moves all units at each place: the sum of the absolute differences from
        blank paper, float32 [H, W].
        """
        total: np.ndarray = np.abs(self.maps - self.blank).sum(0)
        return total

    def strongest(self, count: int) -> np.ndarray:
        """The units with the highest activation anywhere, int64 [count], highest first."""
        return np.argsort(-self.maps.max((1, 2)), kind="stable")[:count]


@dataclass(frozen=True, eq=False)
class Votes:
    """How the last layer comes to the logit of one class: `bias` and the votes of all units.

    votes : float32 [F], each unit's activation times its weight; above 0 speaks for the class.
    """

    label: str
    logit: float
    bias: float
    votes: np.ndarray

    def strongest(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """At most `count` units for the class and as many against it, int64, strongest first."""
        order = np.argsort(self.votes, kind="stable")
        pro, contra = order[::-1][:count], order[:count]
        return pro[self.votes[pro] > 0], contra[self.votes[contra] < 0]


@dataclass(frozen=True, eq=False)
class Inside:
    """One picture's way through a network.

    layers : those that convolve, in their order. features : float32 [F], the activations of the
    units that vote. votes : of the most probable classes, most probable first.
    """

    layers: tuple[Layer, ...]
    features: np.ndarray
    votes: tuple[Votes, ...]

    @property
    def pooled(self) -> bool:
        """Whether unit f of the features is unit f of the last layer, taken over all places."""
        return len(self.layers[-1].maps) == len(self.features)


def look_inside(recognizer: Recognizer, image: np.ndarray, *, classes: int = 3) -> Inside | None:
    """The layers' maps and the votes for the `classes` most probable classes, in one pass; None for
    models without convolutions.

    image : model input uint8 [size, size].
    """
    titles = layer_titles(recognizer)
    if not titles:
        return None
    with torch.inference_mode():
        pictures = np.stack([image, np.zeros_like(image)])
        maps, features = activations(recognizer, as_input(pictures))
    last = _last_layer(recognizer)
    weight, bias = last.weight.numpy(), last.bias.numpy()
    values = features[0].float().numpy()
    logits = weight @ values + bias
    names = recognizer.card.classes
    among = [index for index, name in enumerate(names) if name in recognizer.classes]
    top = sorted(among, key=lambda index: -logits[index])[:classes]
    return Inside(
        tuple(
            Layer(title, *seen.float().numpy()) for title, seen in zip(titles, maps, strict=True)
        ),
        values,
        tuple(
            Votes(names[index], float(logits[index]), float(bias[index]), weight[index] * values)
            for index in top
        ),
    )


def layer_titles(recognizer: Recognizer) -> list[str]:
    """What each layer that convolves is; [] for models that have none."""
    return [title for _, title in _layers(recognizer.network)]


def activations(
    recognizer: Recognizer, inputs: torch.Tensor
) -> tuple[list[torch.Tensor], torch.Tensor]:
    """The maps of each layer that convolves, [N, U, H, W], and the features [N, F], of float inputs
    [N, 1, size, size] in 0-1; differentiable in them.

    The network's parts are called one after the other: hooks would be seen by all who use it.
    """
    ends = {end for end, _ in _layers(recognizer.network)}
    maps, x = [], inputs.contiguous(memory_format=torch.channels_last)
    for number, part in enumerate(recognizer.network.get_submodule("features").children()):
        x = part(x)
        if number in ends:
            maps.append(x)
    return maps, x


def as_input(images: np.ndarray) -> torch.Tensor:
    """Float [N, 1, size, size] in 0-1 of model input uint8 [N, size, size]."""
    return torch.from_numpy(np.array(images))[:, None].float() / 255


def shades(values: np.ndarray) -> np.ndarray:
    """Activations of any shape as ink, uint8: 0 is paper, the strongest of all, of either sign, is
    255.
    """
    strength = np.abs(values)
    return np.round(255 * strength / max(float(strength.max(initial=0)), 1e-9)).astype(np.uint8)


def _layers(network: nn.Module) -> list[tuple[int, str]]:
    """For each layer that convolves the number of its last part, and what it is."""
    if not isinstance(network, Network) or not isinstance(network.features, nn.Sequential):
        return []
    found: list[tuple[int, str]] = []
    for number, part in enumerate(network.features):
        convolutions = list(_convolutions(part))
        if convolutions:
            several = len(convolutions)
            what = f"{several} convolutions" if several > 1 else "convolution"
            side = "x".join(map(str, convolutions[0].kernel_size))
            found.append((number, what if several > 1 else f"{side} {what}"))
        elif found and number == found[-1][0] + 1 and isinstance(part, _SAME_LAYER):
            found[-1] = number, found[-1][1]
    return found


def _convolutions(part: nn.Module) -> Iterator[nn.Conv2d]:
    return (module for module in part.modules() if isinstance(module, nn.Conv2d))


def _last_layer(recognizer: Recognizer) -> nn.Linear:
    *_, last = (
        module
        for module in recognizer.network.get_submodule("classifier").modules()
        if isinstance(module, nn.Linear)
    )
    return last

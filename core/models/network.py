"""The common structure of networks: features, and a classifier on top of them."""

from collections.abc import Mapping

from torch import Tensor, nn


class Network(nn.Module):
    """Float [N, 1, size, size] in 0-1 to logits [N, classes], in two parts.

    features : input to [N, F]. classifier : [N, F] to logits.
    """

    def __init__(self, features: nn.Module, classifier: nn.Module) -> None:
        super().__init__()
        self.features = features
        self.classifier = classifier

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.features(x))
        return logits


class Colours(nn.Module):
    """Grey [N, 1, H, W] as three equal channels, for networks made for photographs."""

    def forward(self, x: Tensor) -> Tensor:
        return x.expand(-1, 3, -1, -1)


def count_parameters(network: nn.Module, *, running_statistics: bool = False) -> int:
    """Number of trainable parameters; with `running_statistics` also batch norm's means and
    variances, as Keras counts them.
    """
    buffers = [
        buffer for buffer in network.buffers() if buffer.is_floating_point() and running_statistics
    ]
    return sum(tensor.numel() for tensor in [*network.parameters(), *buffers])


def weights_in_common(given: Mapping[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """Those of another network's state that have the name and the shape of one of this one's."""
    own = network.state_dict()
    return {
        name: tensor
        for name, tensor in given.items()
        if name in own and tensor.shape == own[name].shape
    }

"""The vanilla CNN of the EMNIST study: two convolutions, 484,719 parameters with 47 classes."""

from torch import nn

from core.models.network import Network


def vanilla_cnn(classes: int, dropout: float = 0.5) -> Network:
    """For 28x28."""
    features = nn.Sequential(
        nn.Conv2d(1, 128, 5, padding=2),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(128, 64, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64 * 7 * 7, 128),
        nn.ReLU(inplace=True),
    )
    return Network(features, nn.Sequential(nn.Dropout(dropout), nn.Linear(128, classes)))

"""The network of the article on whole numbers 0-36: 61,310 parameters with its 37 classes."""

from torch import nn

from core.models.network import Network


def numbers_cnn(classes: int, dropout: float = 0.2) -> Network:
    """For 28x28."""
    features = nn.Sequential(
        nn.Conv2d(1, 30, 5),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(30, 15, 3),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Dropout(dropout),
        nn.Flatten(),
        nn.Linear(15 * 5 * 5, 128),
        nn.ReLU(inplace=True),
        nn.Linear(128, 50),
        nn.ReLU(inplace=True),
    )
    return Network(features, nn.Linear(50, classes))

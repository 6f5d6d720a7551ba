"""The MNIST notebook's network: four convolutions, spatial dropout, 176,938 parameters with ten
classes.
"""

from torch import nn

from core.models.network import Network


def notebook_cnn(classes: int, dropout: float = 0.5) -> Network:
    """For 28x28. The notebook drops whole channels with probability 0.25, and applies `dropout`
    before its last layer.
    """
    features = nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(inplace=True),
        nn.Conv2d(32, 32, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Dropout2d(0.25),
        nn.Conv2d(32, 32, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(32, 32, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Dropout2d(0.25),
        nn.Flatten(),
        nn.Linear(32 * 6 * 6, 128),
        nn.ReLU(inplace=True),
    )
    return Network(features, nn.Sequential(nn.Dropout(dropout), nn.Linear(128, classes)))

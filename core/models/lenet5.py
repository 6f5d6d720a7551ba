"""LeNet-5 (LeCun et al., Proc. IEEE 1998), and the EMNIST study's second version of it with batch
normalisation.
"""

from torch import nn

from core.models.network import Network


def lenet5(classes: int) -> Network:
    """For 28x28, padded to LeNet-5's 32x32 input; 61,706 parameters with ten classes."""
    features = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.Tanh(),
        nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.Tanh(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 5 * 5, 120),
        nn.Tanh(),
        nn.Linear(120, 84),
        nn.Tanh(),
    )
    return Network(features, nn.Linear(84, classes))


def lenet5_v2(classes: int, size: int = 28, dropout: float = 0.25) -> Network:
    """277,891 parameters with 47 classes at `size` 28; at 32, the 28x28 picture is padded with
    paper.

    Dropout is 0.25 after each pool, and `dropout` before the last layer: the study does not state
    the rate.
    """

    def block(inputs: int, outputs: int, kernel: int) -> list[nn.Module]:
        second = nn.Conv2d(outputs, outputs, kernel, bias=False)
        return [
            nn.Conv2d(inputs, outputs, kernel),
            second,
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Dropout(0.25),
        ]

    def dense(inputs: int, outputs: int) -> list[nn.Module]:
        return [
            nn.Linear(inputs, outputs, bias=False),
            nn.BatchNorm1d(outputs),
            nn.ReLU(inplace=True),
        ]

    side = ((size - 8) // 2 - 4) // 2
    features = nn.Sequential(
        nn.ZeroPad2d((size - 28) // 2),
        *block(1, 32, 5),
        *block(32, 64, 3),
        nn.Flatten(),
        *dense(64 * side * side, 256),
        *dense(256, 128),
        *dense(128, 84),
    )
    return Network(features, nn.Sequential(nn.Dropout(dropout), nn.Linear(84, classes)))

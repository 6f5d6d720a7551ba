"""The small CNN that the Roman-numeral articles compare with their residual networks: 553,514
parameters with ten classes.
"""

from torch import nn

from core.models.network import Colours, Network


def small_cnn(classes: int) -> Network:
    """For 28x28, padded to 32x32 and repeated to three channels."""
    layers: list[nn.Module] = [nn.ZeroPad2d(2), Colours()]
    for inputs, outputs in ((3, 16), (16, 32), (32, 64)):
        layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
    layers += [nn.Flatten(), nn.Linear(64 * 4 * 4, 512), nn.ReLU(inplace=True)]
    return Network(nn.Sequential(*layers), nn.Linear(512, classes))

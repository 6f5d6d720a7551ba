"""Inkling's own network: a residual network of eight weight layers for 28x28 ink."""

from torch import Tensor, nn

from core.models.network import Network


def convolution(inputs: int, outputs: int) -> nn.Sequential:
    """3x3 convolution, batch normalisation, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """Two convolutions with an identity shortcut (He et al., CVPR 2016)."""

    def __init__(self, channels: int, *, faint: bool = False) -> None:
        """faint : begins as almost nothing beside the shortcut (Goyal et al. 2017)."""
        super().__init__()
        last = convolution(channels, channels)
        if faint:
            nn.init.constant_(last.get_parameter("1.weight"), 0.1)
        self.body = nn.Sequential(convolution(channels, channels), last)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


def convolutions(widths: tuple[int, int, int]) -> list[nn.Module]:
    """Float [N, 1, H, W] to [N, widths[2], H / 4, W / 4]; also the front of the line network."""
    first, second, third = widths
    return [
        convolution(1, first),
        nn.MaxPool2d(2),
        convolution(first, second),
        Residual(second),
        nn.MaxPool2d(2),
        convolution(second, third),
        Residual(third),
    ]


def resnet8(
    classes: int,
    widths: tuple[int, int, int] = (32, 64, 192),
    dropout: float = 0.3,
    deeper: int = 0,
) -> Network:
    """For 28x28.

    deeper : residual blocks more at 7x7, faint ones, so that the weights of a shallower network are
    a good start.

    Most work is at 14x14 and 7x7: on a CPU multiplications cost time and parameters do not. Global
    *max* pooling detects a stroke anywhere, which suits thin ink on empty paper better than an
    average diluted by the paper.
    """
    third = widths[-1]
    more = [Residual(third, faint=True) for _ in range(deeper)]
    features = nn.Sequential(*convolutions(widths), *more, nn.AdaptiveMaxPool2d(1), nn.Flatten())
    return Network(features, nn.Sequential(nn.Dropout(dropout), nn.Linear(third, classes)))

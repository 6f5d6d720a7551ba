"""Inkling's network for lines: `resnet8` sliding along the line, and what it sees read in order."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.models.resnet8 import convolutions

LINE_HEIGHT = 32
"""Pixels of its input."""

COLUMN = 4
"""Pixels of its input to a column of its output."""


class _Along(nn.Module):
    """Two convolutions along the columns with an identity shortcut."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        one, two = (
            nn.Conv1d(channels, channels, 5, padding=2 * dilation, dilation=dilation, bias=False)
            for _ in range(2)
        )
        self.body = nn.Sequential(
            one,
            nn.BatchNorm1d(channels),
            nn.ReLU(inplace=True),
            two,
            nn.BatchNorm1d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.body(x))


class LineNetwork(nn.Module):
    """Float [N, 1, 32, W] in 0-1 to logits [N, W / 4, 1 + classes], the blank first, for
    connectionist temporal classification (Graves et al., ICML 2006).

    The front is that of `resnet8`, so that it may start from the weights of a recognizer of single
    characters. Its highest values in the upper and in the lower half of each column go through
    convolutions along the line, which see about six characters to each side.

    dilations : of the convolutions along the line, block by block.
    """

    def __init__(
        self,
        classes: int,
        widths: tuple[int, int, int] = (32, 64, 192),
        dropout: float = 0.2,
        dilations: Sequence[int] = (1, 1, 2, 4),
    ) -> None:
        super().__init__()
        third = widths[-1]
        self.features = nn.Sequential(*convolutions(widths))
        self.halves = nn.MaxPool2d((LINE_HEIGHT // COLUMN // 2, 1))
        self.along = nn.Sequential(
            nn.Dropout(dropout),
            nn.Conv1d(2 * third, third, 3, padding=1, bias=False),
            nn.BatchNorm1d(third),
            nn.ReLU(inplace=True),
            *(_Along(third, dilation) for dilation in dilations),
            nn.Dropout(dropout),
        )
        self.classifier = nn.Conv1d(third, 1 + classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        columns = self.halves(self.features(x)).flatten(1, 2)
        logits: Tensor = self.classifier(self.along(columns))
        return logits.transpose(1, 2)

"""Inkling's network for lines: `resnet8` sliding along the line, and what it sees read in order."""

import torch
from torch import Tensor, nn

from core.models.resnet8 import convolutions

LINE_HEIGHT = 32
"""Pixels of its input."""

COLUMN = 4
"""Pixels of its input to a column of its output."""


class _Along(nn.Module):
    """Two convolutions along the columns with an identity shortcut."""

    def __init__(self, channels: int, kernel: int = 5) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(channels, channels, kernel, padding=kernel // 2, bias=False),
            nn.BatchNorm1d(channels),
            nn.ReLU(inplace=True),
            nn.Conv1d(channels, channels, kernel, padding=kernel // 2, bias=False),
            nn.BatchNorm1d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.body(x))


class LineNetwork(nn.Module):
    """Float [N, 1, 32, W] in 0-1 to logits [N, W / 4, 1 + classes], the blank first, for
    connectionist temporal classification (Graves et al., ICML 2006).

    The front is that of `resnet8`, so that it may start from the weights of a recognizer of single
    characters. Its highest values in the upper and in the lower half of each column go through
    convolutions along the line, which see about two characters to each side.
    """

    def __init__(
        self, classes: int, widths: tuple[int, int, int] = (32, 64, 192), dropout: float = 0.2
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
            _Along(third),
            _Along(third),
            nn.Dropout(dropout),
        )
        self.classifier = nn.Conv1d(third, 1 + classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        columns = self.halves(self.features(x)).flatten(1, 2)
        logits: Tensor = self.classifier(self.along(columns))
        return logits.transpose(1, 2)

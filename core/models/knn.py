"""k nearest neighbours (Cover & Hart, IEEE Trans. Inf. Theory 1967): the training images, and a
vote of the nearest.
"""

from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from core.errors import InklingError
from core.models.fitted import RARE, Fitted, in_bytes, require, training_pixels, within
from core.progress import Progress, ignore_progress

_SPARE = 8
"""Candidates beyond k. Float32 matrix products rank them approximately; exact distances are then
computed in float64.
"""

_BLOCK = 2**13
"""Training images compared at a time: 26 MB as floats, which allocators still reuse (twice as many
took twice the time).
"""

_QUERIES = 1000
"""Query images at a time: 33 MB of distances to a block."""

_EXACT_BYTES = 2**26


class NearestNeighbours(Fitted):
    """Logits are log(votes / k). Euclidean distance over pixels scaled to 0-1 by their range, as
    scikit-learn's MinMaxScaler does.

    images : uint8 [M, pixels]. labels : int64 [M]. k : int64. Ties in distance go to the first in
    the file.
    """

    STORED: ClassVar = {
        "images": (torch.uint8, 2),
        "labels": (torch.int64, 1),
        "k": (torch.int64, 0),
    }
    images: Tensor
    labels: Tensor
    k: Tensor
    weights: Tensor
    norms: Tensor

    def check(self, tensors: dict[str, Tensor]) -> None:
        images, labels = tensors["images"], tensors["labels"]
        require(
            images.shape == (len(labels), self.pixels),
            f"images of {self.pixels} pixels with a label each are needed",
        )
        require(within(labels, 0, self.classes), "a label is none of the classes")
        require(
            within(tensors["k"], 1, len(labels) + 1), "k is not between 1 and the number of images"
        )

    def prepare(self) -> None:
        """weights : 1 / range ** 2 of each pixel. norms : squared length of each image under
        them.
        """
        span = self.images.amax(0).double() - self.images.amin(0)
        # a constant pixel adds the same to every distance
        self.register_buffer(
            "weights", torch.where(span > 0, span.clamp(min=1) ** -2, 0), persistent=False
        )
        norms = [
            block.float().square() @ self.weights.float() for block in self.images.split(_BLOCK)
        ]
        self.register_buffer("norms", torch.cat(norms), persistent=False)

    def logits(self, pixels: Tensor) -> Tensor:
        return torch.cat([self._logits(in_bytes(part)) for part in pixels.detach().split(_QUERIES)])

    def _logits(self, queries: Tensor) -> Tensor:
        labels = self.labels[self.neighbours(queries)]
        votes = torch.zeros(len(queries), self.classes, device=queries.device)
        votes.scatter_add_(1, labels, torch.ones_like(labels, dtype=votes.dtype))
        return torch.log(votes / self.k + RARE)

    def neighbours(self, queries: Tensor) -> Tensor:
        """Row numbers int64 [N, k] of the images nearest to uint8 [N, pixels], nearest first."""
        k = int(self.k)
        near = self._nearly(queries, min(k + _SPARE, len(self.images))).sort(1).values
        at_a_time = max(1, _EXACT_BYTES // (8 * self.pixels * near.shape[1]))
        results = []
        for rows, those in zip(queries.split(at_a_time), near.split(at_a_time), strict=True):
            distance = (self.images[those].double() - rows.unsqueeze(1)).square() @ self.weights
            results.append(those.gather(1, distance.sort(dim=1, stable=True).indices[:, :k]))
        return torch.cat(results)

    def _nearly(self, queries: Tensor, count: int) -> Tensor:
        """Row numbers [N, count] of the nearest, in any order: |a - b|^2 = |a|^2 - 2ab + |b|^2,
        where |a|^2 does not affect the ranking.
        """
        scaled = (queries * self.weights).float()
        distance, rows = (
            torch.empty(len(queries), 0),
            torch.empty(len(queries), 0, dtype=torch.int64),
        )
        distance, rows = distance.to(queries.device), rows.to(queries.device)
        for start in range(0, len(self.images), _BLOCK):
            block = slice(start, start + _BLOCK)
            apart = torch.addmm(self.norms[block], scaled, self.images[block].float().T, alpha=-2)
            nearest = apart.topk(min(count, apart.shape[1]), largest=False, sorted=False)
            distance, rows = (
                torch.cat([distance, nearest.values], 1),
                torch.cat([rows, nearest.indices + start], 1),
            )
            best = distance.topk(min(count, distance.shape[1]), largest=False, sorted=False)
            distance, rows = best.values, rows.gather(1, best.indices)
        return rows


def build_knn(classes: int) -> NearestNeighbours:
    """An empty model for 28x28 images."""
    return NearestNeighbours(classes)


def fit_knn(
    images: np.ndarray,
    labels: np.ndarray,
    classes: int,
    *,
    seed: int = 0,
    report: Progress = ignore_progress,
    k: int = 20,
) -> NearestNeighbours:
    """Store uint8 images [N, H, W] with labels int64 [N]; deterministic, so `seed` is unused.

    The default of 20 is the EMNIST notebook's. InklingError unless there are k images.
    """
    rows = training_pixels(images, labels, classes)
    if not 1 <= k <= len(rows):
        raise InklingError(
            f"k is a number of neighbours from 1 to the {len(rows):,} training images, not {k}."
        )
    network = NearestNeighbours(classes, rows.shape[1])
    network.load_state_dict(
        {
            "images": torch.tensor(rows),
            "labels": torch.tensor(labels, dtype=torch.int64),
            "k": torch.tensor(k),
        }
    )
    report(1, 1)
    return network

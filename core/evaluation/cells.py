"""The pictures behind a cell of a confusion matrix, worst first, and typical members of a class."""

import numpy as np

from core.models.prediction import ScoredPrediction

ANY, OTHER = -1, -2
"""Instead of a class: any, or any but the truth."""

_LOOKED_AT = 500


def find_cell(predictions: ScoredPrediction, truth: int, answer: int) -> np.ndarray:
    """Indices int64 [K] of pictures of class `truth` (or ANY) read as `answer` (or ANY, or OTHER),
    worst first.

    Worst: lowest probability of the truth, ties by highest confidence; if all are right, the least
    confident.
    """
    chosen = np.ones(len(predictions), bool) if truth == ANY else predictions.truth == truth
    if answer == OTHER:
        chosen &= ~predictions.right
    elif answer != ANY:
        chosen &= predictions.answers == answer
    indices = np.flatnonzero(chosen)
    order: np.ndarray = indices[
        np.lexsort((-predictions.confidence[indices], predictions.truth_probability[indices]))
    ]
    return order


def typical(
    predictions: ScoredPrediction, images: np.ndarray, class_: int, count: int
) -> np.ndarray:
    """Indices of the `count` correctly read pictures of a class that are nearest to their mean.

    images : uint8 [N, H, W], of all predictions. At most the first 500 of a class are considered.
    """
    indices = np.flatnonzero((predictions.truth == class_) & predictions.right)[:_LOOKED_AT]
    pixels = np.asarray(images[indices], np.float32)
    distance = ((pixels - pixels.mean(0)) ** 2).sum((1, 2)) if len(indices) else np.zeros(0)
    order: np.ndarray = indices[np.argsort(distance, kind="stable")][:count]
    return order


def nearest(
    image: np.ndarray, images: np.ndarray, count: int, *, most: int = 100_000
) -> tuple[np.ndarray, np.ndarray]:
    """Rows int64 [count] of the images [N, H, W] most like one [H, W], and the root mean square
    difference of their pixels, 0-1.

    Of more than `most` images, that many, evenly spread, are considered.
    """
    step = -(-len(images) // most) if len(images) else 1
    wanted = image.reshape(-1).astype(np.float32)
    distances = [np.zeros(0, np.float32)]
    for start in range(0, len(images), step * 4096):
        pixels = (
            np.asarray(images[start : start + step * 4096 : step])
            .reshape(-1, len(wanted))
            .astype(np.float32)
        )
        distances.append(
            np.einsum("ij,ij->i", pixels, pixels) - 2 * pixels @ wanted + wanted @ wanted
        )
    squared = np.concatenate(distances)
    order = np.argsort(squared, kind="stable")[:count]
    return order * step, np.sqrt(np.maximum(squared[order], 0) / len(wanted)) / 255

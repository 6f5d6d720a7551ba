"""Effect of pixel scaling on the average image and on k-nearest neighbours."""

from dataclasses import dataclass

import numpy as np

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.intervals import wilson_interval
from core.progress import Progress, ignore_progress

SCALINGS = {"none": "No scaling", "standard": "StandardScaler", "minmax": "MinMaxScaler"}
"""Name -> title."""


@dataclass(frozen=True)
class Scaled:
    """name : key of SCALINGS. average : of every pixel over the `learned` training images, scaled,
    float64 [H, W].

    low, high : of all their scaled pixels. accuracy : of k-NN fitted on them, on `n` other images.
    interval : 95 % Wilson.
    """

    name: str
    average: np.ndarray
    low: float
    high: float
    accuracy: float
    interval: tuple[float, float]
    n: int
    learned: int


def scalings(
    train: Dataset,
    test: Dataset,
    *,
    count: int = 5000,
    tested: int = 1000,
    neighbours: int = 20,
    seed: int = 0,
    report: Progress = ignore_progress,
) -> list[Scaled]:
    """Compare raw pixels 0-255 with scikit-learn's two scalers, fitted on the training sample.

    The samples are drawn at random: `count` and `tested` images, or all where there are fewer.
    k-NN: Euclidean, one vote each; 20 neighbours are the EMNIST notebook's, which chose
    MinMaxScaler. A pixel that is constant in the training sample becomes 0, but ink there in a test
    image stays unscaled, as in scikit-learn. InklingError if the two sets differ in image size or
    classes, or there are too few images. report(scalings done) may raise to stop.
    """
    if train.images.shape[1:] != test.images.shape[1:] or train.classes != test.classes:
        raise InklingError(
            f"{train.title} and {test.title} differ in image size or classes; compare two parts of "
            "one data set."
        )
    if min(len(train), count) < neighbours or min(len(test), tested) < 1:
        raise InklingError(
            f"{neighbours} neighbours need as many training images, and one to test with; choose "
            "fewer, or more images."
        )
    generator = np.random.default_rng(seed)
    known, labels = _sample(train, count, generator)
    asked, truth = _sample(test, tested, generator)
    results: list[Scaled] = []
    for name in SCALINGS:
        report(len(results))
        results.append(
            _scaled(name, known, labels, asked, truth, train.images.shape[1:], neighbours)
        )
    return results


def _sample(
    dataset: Dataset, count: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Pixels 0-255 float64 [n, H * W] and labels [n]."""
    rows = np.sort(generator.choice(len(dataset), min(count, len(dataset)), replace=False))
    return dataset.images[rows].reshape(len(rows), -1).astype(float), dataset.labels[rows]


def _scaled(
    name: str,
    known: np.ndarray,
    labels: np.ndarray,
    asked: np.ndarray,
    truth: np.ndarray,
    shape: tuple[int, ...],
    neighbours: int,
) -> Scaled:
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    if name != "none":
        scaler = StandardScaler() if name == "standard" else MinMaxScaler()
        known, asked = scaler.fit_transform(known), scaler.transform(asked)
    answers = KNeighborsClassifier(neighbours, algorithm="brute").fit(known, labels).predict(asked)
    hits, n = int((answers == truth).sum()), len(truth)
    # rounding errors of a zero average would be drawn as a pattern
    average = known.mean(0).reshape(shape).round(9)
    return Scaled(
        name,
        average,
        float(known.min()),
        float(known.max()),
        hits / n,
        wilson_interval(hits, n),
        n,
        len(known),
    )

"""A 2-D map of images, similar ones close together; also outliers and near-duplicates."""

import contextlib
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.files import NO_ARRAYS, write_whole
from core.progress import Progress, ignore_progress

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer

METHODS = ("pca", "umap")
SPACES = ("pixels", "features")
MOST_IMAGES = 20_000
_COMPONENTS = 50
_NEAREST = 15
_EPOCHS = 300
_BEFORE = 200
STEPS = _BEFORE + _EPOCHS
"""Progress steps of either method, of about equal duration."""


@dataclass(frozen=True)
class Projection:
    """K images of a data set as points.

    rows : int64 [K], their numbers in the data set, ascending. points : float32 [K, 2]. answers :
    int64 [K], the class that the recognizer reads, an index into the data set's classes, -1 where
    the data set lacks it or no recognizer was used.
    vectors : float32 [K, D], the images' principal components, D <= 50, which are projected
    further; basis [D, F] and centre [F] map another image's F pixels (0-1) or features to them.
    nearest : int64 [K], the index, 0 to K - 1, of the most similar other image, and distance
    float32 [K], the root mean square difference of their pixels, 0-1. oddity : float32 [K], the
    same distance to the fifth nearest: large for outliers (Ramaswamy et al., SIGMOD 2000).
    explained : share of the variance explained by the D components and by the first two; float32
    [2].
    """

    rows: np.ndarray
    points: np.ndarray
    answers: np.ndarray
    vectors: np.ndarray
    basis: np.ndarray
    centre: np.ndarray
    nearest: np.ndarray
    distance: np.ndarray
    oddity: np.ndarray
    explained: np.ndarray

    def locate(self, vector: np.ndarray, *, method: str) -> tuple[np.ndarray, np.ndarray]:
        """Position float [2] of an image, float [F] as in `inputs`, and the indices of the five
        images nearest to it.

        On a PCA its own point; on a UMAP, which cannot map a new image, the middle of those five.
        """
        own = self.basis @ (vector - self.centre)
        near = np.argsort(((self.vectors - own) ** 2).sum(1), kind="stable")[:5]
        return (own[:2] if method == "pca" else self.points[near].mean(0)), near

    def most_alike(self, count: int) -> np.ndarray:
        """Indices int64 [P, 2] of the most similar pairs of images, each once, most similar first;
        P <= `count`.
        """
        pairs = np.sort(np.stack([np.arange(len(self.rows)), self.nearest], 1), 1)[
            np.argsort(self.distance, kind="stable")
        ]
        _, first = np.unique(pairs, axis=0, return_index=True)
        return pairs[np.sort(first)[:count]]


def project(
    dataset: Dataset,
    *,
    method: str = "pca",
    space: str = "pixels",
    count: int = 2000,
    seed: int = 0,
    recognizer: "Recognizer | None" = None,
    report: Progress = ignore_progress,
) -> Projection:
    """Project `count` images, drawn at random, by their pixels or a recognizer's features.

    Principal components first (50, as is common before UMAP); `pca` shows the first two, `umap`
    lays out all of them (McInnes et al., arXiv:1802.03426; 15 neighbours, its defaults otherwise).
    The same seed gives the same map.
    """
    from sklearn.decomposition import PCA
    from sklearn.neighbors import NearestNeighbors

    _check(dataset, method, space, count, recognizer)
    text = report or (lambda done, total=0, note="": None)
    chosen = np.random.default_rng(seed).choice(
        len(dataset), min(count, len(dataset)), replace=False
    )
    rows = np.sort(chosen).astype(np.int64)
    images = np.asarray(dataset.images[rows])
    text(0, STEPS, "reading the images")
    answers = _answers(dataset, images, recognizer)
    pixels = inputs(images, "pixels", None)
    text(60, STEPS, "finding what looks alike")
    distances, order = (
        NearestNeighbors(n_neighbors=min(6, len(rows)), algorithm="brute")
        .fit(pixels)
        .kneighbors(pixels)
    )
    order, distances = _without_itself(order, distances / np.sqrt(pixels.shape[1]))
    text(100, STEPS, "principal components")
    source = pixels if space == "pixels" else inputs(images, space, recognizer)
    pca = PCA(
        min(_COMPONENTS, *source.shape),
        random_state=seed,
        svd_solver="randomized" if min(source.shape) > _COMPONENTS else "full",
    )
    with np.errstate(invalid="ignore"):  # identical images give 0 / 0 shares
        vectors = pca.fit_transform(source).astype(np.float32)
    text(120, STEPS, "laying out")
    points = (
        _umap(vectors, seed, lambda epoch: text(_BEFORE + epoch, STEPS, "laying out"))
        if method == "umap"
        else _two(vectors)
    )
    shares = np.nan_to_num(pca.explained_variance_ratio_)
    text(STEPS, STEPS)
    return Projection(
        rows,
        points,
        answers,
        vectors,
        pca.components_.astype(np.float32),
        pca.mean_.astype(np.float32),
        order[:, 0],
        distances[:, 0].astype(np.float32),
        distances[:, -1].astype(np.float32),
        np.array([shares.sum(), shares[:2].sum()], np.float32),
    )


def inputs(images: np.ndarray, space: str, recognizer: "Recognizer | None") -> np.ndarray:
    """What is projected, float32 [N, F]: pixels 0-1, or the features of a recognizer."""
    if space == "pixels":
        return images.reshape(len(images), -1).astype(np.float32) / 255
    assert recognizer is not None
    return recognizer.features(images)


def save_projection(projection: Projection, path: Path) -> None:
    """Write an .npz atomically."""
    packed = io.BytesIO()
    np.savez_compressed(
        packed, **{field.name: getattr(projection, field.name) for field in fields(Projection)}
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, packed.getvalue())


def load_projection(path: Path) -> Projection:
    """The inverse; InklingError if the file is not a projection."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return Projection(**{field.name: arrays[field.name] for field in fields(Projection)})
    except NO_ARRAYS as error:
        raise InklingError(f"{path.name} holds no map of images; make it again.") from error


def _check(
    dataset: Dataset, method: str, space: str, count: int, recognizer: "Recognizer | None"
) -> None:
    if method not in METHODS or space not in SPACES:
        raise InklingError(
            f"A map is made by {' or '.join(METHODS)}, of {' or '.join(SPACES)}, not by {method!r} "
            f"of {space!r}."
        )
    if len(dataset) < 10:
        raise InklingError(
            f"A map needs 10 images, and {dataset.title} has {len(dataset)}; add some, or choose "
            "other data."
        )
    if not 10 <= count <= MOST_IMAGES:
        raise InklingError(f"A map has 10 to {MOST_IMAGES:,} images, not {count:,}.")
    if space == "features" and recognizer is None:
        raise InklingError("Features are those of a recognizer; say which with --model.")


def _answers(dataset: Dataset, images: np.ndarray, recognizer: "Recognizer | None") -> np.ndarray:
    from core.datasets.labels import class_index

    if recognizer is None:
        return np.full(len(images), -1, np.int64)
    indices = [class_index(label, dataset.classes) for label in recognizer.card.classes]
    table = np.array([-1 if index is None else index for index in indices], np.int64)
    return table[recognizer.predict(images).answers]


def _without_itself(order: np.ndarray, distances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Neighbours [K, n] except the image itself, which need not come first among exact
    duplicates.
    """
    own = order == np.arange(len(order))[:, None]
    own[~own.any(1), -1] = True
    shape = (len(order), order.shape[1] - 1)
    return order[~own].reshape(shape), distances[~own].reshape(shape)


def _two(vectors: np.ndarray) -> np.ndarray:
    return np.pad(vectors[:, :2], ((0, 0), (0, max(0, 2 - vectors.shape[1]))))


def _umap(vectors: np.ndarray, seed: int, report: Callable[[int], object]) -> np.ndarray:
    import core.compiled  # noqa: F401

    # isort: split
    from sklearn.neighbors import NearestNeighbors
    from umap import UMAP

    count = min(_NEAREST, len(vectors) - 1)
    distances, order = (
        NearestNeighbors(n_neighbors=count, algorithm="brute").fit(vectors).kneighbors(vectors)
    )
    # Exact neighbours are found faster than umap-learn compiles its search for approximate ones.
    layout = UMAP(
        n_neighbors=count,
        precomputed_knn=(order, distances, None),
        random_state=seed,
        n_jobs=1,
        n_epochs=_EPOCHS,
        verbose=True,
        init="pca",
        tqdm_kwds={"file": _Epochs(report), "bar_format": "{n}\n", "mininterval": 0.2},
    )
    with (
        contextlib.redirect_stdout(io.StringIO()),
        warnings.catch_warnings(action="ignore", category=UserWarning),
    ):
        return layout.fit_transform(vectors).astype(np.float32)


class _Epochs(io.StringIO):
    """File to which UMAP writes its bar, its only report of progress."""

    def __init__(self, report: Callable[[int], object]) -> None:
        super().__init__()
        self._report = report

    def write(self, text: str) -> int:
        if text.strip().isdigit():
            self._report(int(text))
        return len(text)

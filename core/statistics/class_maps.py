"""What sets each class apart, pixel by pixel: exact sums of a whole data set in one pass, and the
maps that follow from them.
"""

import mmap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.progress import Progress, ignore_progress

_CHUNK_PIXELS = 2**23
"""Pixels counted between two progress reports: some 10,000 images of 28x28."""

_THREADS = 2

MOST_IMAGES = 11_000_000
"""With more, `n * squares` would no longer fit into an int64."""

_LANES = 8
"""Histograms filled in turn: most pixels are 0, and a single one would stall on its last write."""

COUNTS = {
    "count": np.int64,
    "sums": np.int64,
    "squares": np.int64,
    "histogram": np.int64,
    "low": np.uint8,
    "high": np.uint8,
}
"""Fields of `ClassMaps` that are counted, and their types."""

_Moments = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Number of images, sums and sums of squares of their pixel values, of shapes that broadcast."""


@dataclass(frozen=True)
class ClassMaps:
    """Sums over every image of a data set, and maps in ink 0-1 that follow from them; name, title,
    source and form are the data set's.

    count : images of each class, int64 [C]. sums, squares : of their pixel values 0-255 and of the
    squares, int64 [C, H, W].
    histogram : how many pixels of each class have each value, int64 [C, 256]. low, high : over all
    images, uint8 [H, W].
    """

    name: str
    title: str
    source: str
    form: str
    classes: tuple[str, ...]
    count: np.ndarray
    sums: np.ndarray
    squares: np.ndarray
    histogram: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def __post_init__(self) -> None:
        classes, size = len(self.classes), self.low.shape
        shapes = [getattr(self, name).shape for name in COUNTS]
        if len(size) != 2 or shapes != [
            (classes,),
            (classes, *size),
            (classes, *size),
            (classes, 256),
            size,
            size,
        ]:
            raise ValueError(f"arrays of {classes} classes do not fit together: {shapes}")

    @property
    def mean(self) -> np.ndarray:
        """[C, H, W]; 0 for a class without images."""
        return _mean(self._moments)

    @property
    def std(self) -> np.ndarray:
        """Standard deviation [C, H, W] with ddof 1; 0 for a class of fewer than two images."""
        return np.sqrt(_variance(self._moments))

    @property
    def z(self) -> np.ndarray:
        """Each class against all others, [C, H, W]: positive where ink speaks for the class,
        negative where it speaks against.

        z = (m_c - m_o) / sqrt(s_c^2 / n_c + s_o^2 / n_o), the formula of the MNIST notebook.
        Intensities are not normal: it ranks pixels and is no significance test. 0 where neither
        side varies, or one has fewer than two images.
        """
        count, sums, squares = self._moments
        return _z(
            self._moments, (count.sum(0) - count, sums.sum(0) - sums, squares.sum(0) - squares)
        )

    @property
    def overall_mean(self) -> np.ndarray:
        """[H, W], every image counted the same."""
        return _mean(self._all)

    @property
    def overall_std(self) -> np.ndarray:
        """[H, W], ddof 1."""
        return np.sqrt(_variance(self._all))

    def contrast(self, one: str, other: str) -> np.ndarray:
        """What distinguishes class `one` from class `other`: the z-score [H, W] of the first
        against the second only.

        InklingError if there is no such class.
        """
        for name in (one, other):
            if name not in self.classes:
                raise InklingError(
                    f"{self.title} has no class {name!r}; choose two of: {', '.join(self.classes)}."
                )
        a, b = self.classes.index(one), self.classes.index(other)
        return _z(
            (self.count[a], self.sums[a], self.squares[a]),
            (self.count[b], self.sums[b], self.squares[b]),
        )

    @property
    def _moments(self) -> _Moments:
        return self.count[:, None, None], self.sums, self.squares

    @property
    def _all(self) -> _Moments:
        return self.count.sum(), self.sums.sum(0), self.squares.sum(0)


def _mean(moments: _Moments) -> np.ndarray:
    count, sums, _ = moments
    return sums / (255 * np.maximum(count, 1))


def _variance(moments: _Moments) -> np.ndarray:
    """ddof 1. Integers until the single division, to avoid cancellation."""
    count, sums, squares = moments
    return (count * squares - sums * sums) / (255**2 * np.maximum(count * (count - 1), 1))


def _z(own: _Moments, others: _Moments) -> np.ndarray:
    gap = _mean(own) - _mean(others)
    variance = _variance(own) / np.maximum(own[0], 1) + _variance(others) / np.maximum(others[0], 1)
    known = (variance > 0) & (own[0] > 1) & (others[0] > 1)
    return np.divide(gap, np.sqrt(variance), out=np.zeros_like(gap), where=known)


def class_maps(
    dataset: Dataset, *, report: Progress = ignore_progress, chunk: int = 0
) -> ClassMaps:
    """Count a data set in one pass with bounded memory, `chunk` images at a time (0: some 8 MB),
    which does not change the result.

    report(images done) may raise to stop. InklingError if there are no images, or a label is not
    one of the classes.
    """
    images, labels, classes = dataset.images, dataset.labels, len(dataset.classes)
    if not images.size:
        raise InklingError(f"{dataset.title} has no images; choose a data set that has some.")
    if len(images) > MOST_IMAGES:
        raise InklingError(
            f"{dataset.title} has {len(images):,} images; split it into parts of at most "
            f"{MOST_IMAGES:,}."
        )
    if labels.min() < 0 or labels.max() >= classes:
        raise InklingError(
            f"{dataset.title} has labels from {labels.min()} to {labels.max()}, but labels are 0 "
            f"to {classes - 1}."
        )
    add_images, (height, width) = _compiled(), images.shape[1:]
    chunk = chunk or max(1, _CHUNK_PIXELS // (height * width))

    def add(tables: tuple[np.ndarray, ...], start: int, stop: int) -> None:
        # EMNIST lies transposed on disk
        pixels = np.array(images[start:stop], order="C").reshape(-1, height * width)
        add_images(pixels, labels[start:stop].astype(np.int64), *tables)

    parts = [_tables(classes, height * width) for _ in range(_THREADS)]
    with ThreadPoolExecutor(_THREADS) as pool:
        for start in range(0, len(images), chunk):
            edges = np.linspace(start, min(start + chunk, len(images)), _THREADS + 1).astype(int)
            list(pool.map(add, parts, edges[:-1], edges[1:]))
            _let_go(images)
            report(int(edges[-1]))
    sums, squares, histogram = (
        np.sum([tables[index] for tables in parts], 0) for index in range(3)
    )
    low, high = (
        np.min([tables[3] for tables in parts], 0),
        np.max([tables[4] for tables in parts], 0),
    )
    return ClassMaps(
        dataset.name,
        dataset.title,
        dataset.source,
        dataset.form,
        dataset.classes,
        np.bincount(labels, minlength=classes),
        sums.reshape(-1, height, width),
        squares.reshape(-1, height, width),
        histogram.sum(1),
        low.reshape(height, width),
        high.reshape(height, width),
    )


def _tables(classes: int, pixels: int) -> tuple[np.ndarray, ...]:
    """Initial sums, squares, histograms, minima and maxima."""
    return (
        np.zeros((classes, pixels), np.int64),
        np.zeros((classes, pixels), np.int64),
        np.zeros((classes, _LANES, 256), np.int64),
        np.full(pixels, 255, np.uint8),
        np.zeros(pixels, np.uint8),
    )


@cache
def _compiled():  # type: ignore[no-untyped-def]
    from core.compiled import njit  # heavy import, not needed for maps that are only displayed

    @njit(cache=True, nogil=True)
    def add_images(pixels, labels, sums, squares, histogram, low, high):  # type: ignore[no-untyped-def]
        """Add pixels uint8 [N, P] to the tables, in loops that each do one kind of work, so that
        they vectorize.
        """
        for number in range(len(pixels)):
            row, label = pixels[number], labels[number]
            own_sums, own_squares, own_histogram = sums[label], squares[label], histogram[label]
            for index in range(len(row)):
                value = np.int64(row[index])
                own_sums[index] += value
                own_squares[index] += value * value
            for index in range(len(row)):
                low[index] = min(low[index], row[index])
                high[index] = max(high[index], row[index])
            for index in range(len(row)):
                own_histogram[index % _LANES, row[index]] += 1

    return add_images


def _let_go(images: np.ndarray) -> None:
    """Unmap what has been read of a file: it stays in the page cache, but no longer counts as this
    process's memory.
    """
    owner: object = images
    while isinstance(owner, np.ndarray):
        owner = owner.base
    if (
        isinstance(owner, mmap.mmap)
        and hasattr(mmap, "MADV_DONTNEED")
        and memoryview(owner).readonly
    ):
        owner.madvise(mmap.MADV_DONTNEED)


def mean_histogram(
    maps: ClassMaps, *, bins: int = 30, span: tuple[float, float] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Histogram of the pixels' overall means: counts int64 [bins] and edges [bins + 1], ink 0-1, as
    in the MNIST notebook.

    span : range of means counted, such as the notebook's (0.01, 0.6), which cuts off the first
    peak; else all.
    """
    return np.histogram(maps.overall_mean, bins, span)

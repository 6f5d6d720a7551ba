"""Pictures of a collection as they are now, and some of them on one sheet for a browser."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

import cv2
import numpy as np

from core.curation.collection import Collection
from core.datasets.digest import digest_of_picture
from core.errors import InklingError
from core.ink.encode import png

_BATCH = 32
"""Pictures in memory at once: they may be photographs."""

_PAPER = 255

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture: image uint8 [H, W], which may have been reduced from `size`, its height and width,
    and the digest of all its pixels; or None and "", and the problem in a sentence.
    """

    index: int
    image: np.ndarray | None
    digest: str = ""
    problem: str = ""
    size: tuple[int, int] = (0, 0)


def see(collection: Collection, index: int) -> Seen:
    """Read one picture."""
    try:
        image = collection.read(index)
    except InklingError as error:
        return Seen(index, None, problem=str(error))
    height, width = image.shape
    return Seen(index, image, digest_of_picture(image), size=(height, width))


def reduced(seen: Seen, side: int) -> Seen:
    """The same, its image at most `side` pixels high and wide."""
    if seen.image is None or max(seen.size) <= side:
        return seen
    return replace(seen, image=_within(seen.image, side))


def see_all(
    collection: Collection, indices: Iterable[int], then: Callable[[Seen], T]
) -> Iterator[T]:
    """What `then` makes of each, in order, on all cores."""
    waiting = iter(indices)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        while batch := list(islice(waiting, _BATCH)):
            yield from pool.map(lambda index: then(see(collection, index)), batch)


def sheet_of(images: Sequence[np.ndarray | None], *, columns: int, most: int) -> bytes:
    """A PNG of pictures of any sizes in square cells, row by row: cells are as large as the largest
    picture, but at most `most` pixels. None leaves an empty cell.
    """
    longest = max((max(image.shape) for image in images if image is not None), default=1)
    side = min(longest, most)
    rows = -(-len(images) // columns)
    sheet = np.full((rows * side, columns * side), _PAPER, np.uint8)
    for number, image in enumerate(images):
        if image is None:
            continue
        small = _within(image, side)
        height, width = small.shape
        top = number // columns * side + (side - height) // 2
        left = number % columns * side + (side - width) // 2
        sheet[top : top + height, left : left + width] = small
    return png(sheet)


def _within(image: np.ndarray, side: int) -> np.ndarray:
    scale = side / max(image.shape)
    if scale >= 2:  # by whole numbers, unblurred
        return np.kron(image, np.ones((int(scale), int(scale)), np.uint8))
    if scale >= 1:
        return image
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    small: np.ndarray = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return small

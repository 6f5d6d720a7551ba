"""Uploaded pairs of IDX files, images and labels, and the names of their classes."""

from collections.abc import Iterator
from math import prod

import numpy as np

from core.datasets.archives import File, read_exactly
from core.datasets.export import Chunk
from core.datasets.published import parse_mapping
from core.errors import InklingError

MAPPING = "mapping.txt"
"""How the name of a file ends that names the classes of numbers."""

_CHUNK_BYTES = 2**22


def read_pair(files: list[File]) -> tuple[int, Iterator[Chunk]]:
    """How many images two files hold, in either order, and these with their numbers as labels."""
    (labels, numbers), (images, shape) = sorted(
        ((file, read_shape(file)) for file in files), key=lambda pair: len(pair[1])
    )
    if (len(numbers), len(shape)) != (1, 3):
        raise InklingError(
            f"{labels.name} and {images.name} are both "
            f"{'labels' if len(shape) == 1 else 'images'}; give one of each."
        )
    if numbers[0] != shape[0]:
        raise InklingError(
            f"{images.name} has {shape[0]:,} images and {labels.name} {numbers[0]:,} labels; give "
            "files that belong together."
        )
    return shape[0], _chunks(images, labels, shape)


def _chunks(images: File, labels: File, shape: tuple[int, ...]) -> Iterator[Chunk]:
    area = prod(shape[1:])
    step = max(1, _CHUNK_BYTES // max(1, area))
    for start in range(0, shape[0], step):
        count = min(step, shape[0] - start)
        pixels = np.frombuffer(read_exactly(images, count * area), np.uint8)
        yield (
            pixels.reshape(count, *shape[1:]),
            [str(number) for number in read_exactly(labels, count)],
        )
    if images.data.read(1) or labels.data.read(1):
        raise InklingError(
            f"{images.name} or {labels.name} is longer than its header says; save them again and "
            "retry."
        )


def class_names(mapping: list[File]) -> dict[str, str]:
    """Class names by label, from the `mapping.txt` of an export or the `…-mapping.txt` of EMNIST,
    which gives characters by their codes.
    """
    names: dict[str, str] = {}
    for file in mapping:
        file.data.seek(0)
        text = file.data.read(2**16).decode("utf-8", "replace")
        if file.name == MAPPING:
            parts = (line.partition(" ") for line in text.splitlines())
            names |= {number: name for number, _, name in parts if name}
            continue
        try:
            names |= {str(label): sign for label, sign in parse_mapping(text).items()}
        except ValueError as error:
            raise InklingError(
                f"{file.name} is no mapping of EMNIST, a label and a code in each line; leave it "
                "out."
            ) from error
    return names


def read_shape(file: File) -> tuple[int, ...]:
    """The sizes in the header of an IDX file, which is read up to its data."""
    head = file.data.read(4)
    if len(head) < 4 or head[2] != 8 or head[3] not in (1, 3):
        raise InklingError(
            f"{file.name} is not an IDX file of images or labels in bytes; use the files as MNIST "
            "publishes them."
        )
    shape = tuple(int(size) for size in np.frombuffer(read_exactly(file, 4 * head[3]), ">u4"))
    if prod(shape) > file.most:
        raise InklingError(
            f"{file.name} is cut short, or unpacks to more than is allowed; save it again or "
            "upload a part of it."
        )
    return shape

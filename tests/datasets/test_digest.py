"""Digests: any pixel and any label counts, the name does not; digests on disk stay valid."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b, sha256
from pathlib import Path

import numpy as np
import pytest

from core.datasets.dataset import Dataset
from core.datasets.digest import digest_of_dataset, digest_of_picture, quick_digest


def dataset(count: int, random: np.random.Generator) -> Dataset:
    images = random.integers(0, 256, (count, 4, 5), np.uint8)
    return Dataset("a", "A", images, random.integers(0, 3, count), ("0", "1", "2"), "mnist", "")


def test_a_picture(random: np.random.Generator) -> None:
    image = random.integers(0, 256, (6, 4), np.uint8)
    expected = blake2b(b"(6, 4)" + image.tobytes(), digest_size=16).hexdigest()
    assert digest_of_picture(image) == expected
    assert digest_of_picture(np.asfortranarray(image)) == expected
    assert digest_of_picture(image.reshape(4, 6)) != expected
    image[5, 3] ^= 1
    assert digest_of_picture(image) != expected


def test_a_data_set_is_told_by_all_that_is_in_it(random: np.random.Generator) -> None:
    data = dataset(5000, random)
    header = repr(((5000, 4, 5), ("0", "1", "2"), "mnist")).encode()
    expected = sha256(header + data.labels.tobytes() + data.images.tobytes()).hexdigest()
    assert digest_of_dataset(data) == expected
    assert digest_of_dataset(replace(data, name="b", source="elsewhere")) == expected
    for row in (0, 2047, 2048, 4999):
        images = data.images.copy()
        images[row, 3, 4] ^= 1
        assert digest_of_dataset(replace(data, images=images)) != expected


@pytest.mark.parametrize("digest", [digest_of_dataset, quick_digest])
@pytest.mark.parametrize("count", [0, 1, 2000, 5000])
def test_labels_classes_and_form_count(
    count: int, digest: Callable[[Dataset], str], random: np.random.Generator
) -> None:
    data = dataset(count, random)
    others = [replace(data, classes=("0", "1", "x")), replace(data, form="")]
    if count:
        labels = data.labels.copy()
        labels[-1] = (labels[-1] + 1) % 3
        others.append(replace(data, labels=labels))
    assert len({digest(data), *map(digest, others)}) == 1 + len(others)


def test_a_quick_look_sees_every_pixel_of_few_images(random: np.random.Generator) -> None:
    data = dataset(3999, random)
    assert quick_digest(data) == digest_of_dataset(data)
    large = dataset(40_000, random)
    images = large.images.copy()
    images[::100] = 0
    assert quick_digest(replace(large, images=images)) != quick_digest(large)


def test_a_file_and_a_turned_view_have_the_digest_of_their_pixels(
    random: np.random.Generator, tmp_path: Path
) -> None:
    data = dataset(3000, random)
    np.save(tmp_path / "images.npy", data.images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    turned = np.ascontiguousarray(data.images.transpose(0, 2, 1)).transpose(0, 2, 1)
    for images in (mapped, turned):
        other = replace(data, images=images)
        assert digest_of_dataset(other) == digest_of_dataset(data)
        assert quick_digest(other) == quick_digest(data)

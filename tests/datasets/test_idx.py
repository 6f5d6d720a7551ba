import gzip
import os
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from core import torchvision_cpu  # noqa: F401  (before torchvision)
from core.datasets.idx import idx_bytes, read_idx, write_idx
from core.errors import InklingError
from tests.idx_files import idx
from tests.sentences import is_sentence

from torchvision.datasets import MNIST  # isort: skip
from torchvision.datasets.mnist import read_sn3_pascalvincent_tensor  # isort: skip

_BYTES = arrays(np.uint8, array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=9))


@given(_BYTES)
def test_writing_is_the_published_format(array: np.ndarray) -> None:
    assert idx_bytes(array) == idx(array)


@given(_BYTES)
def test_writing_a_view_writes_what_it_shows(array: np.ndarray) -> None:
    assert idx_bytes(array.T) == idx(np.array(array.T))


@given(_BYTES, st.booleans())
def test_reads_what_torchvision_reads(
    tmp_path_factory: pytest.TempPathFactory, array: np.ndarray, packed: bool
) -> None:
    path = tmp_path_factory.mktemp("idx") / ("x-images-idx3-ubyte" + ".gz" * packed)
    path.write_bytes(gzip.compress(idx(array)) if packed else idx(array))
    ours = read_idx(path)
    if packed:
        path = path.with_suffix("")
        path.write_bytes(idx(array))
    theirs = read_sn3_pascalvincent_tensor(str(path)).numpy()
    assert ours.dtype == np.uint8
    np.testing.assert_array_equal(ours, theirs)


def test_no_images_is_an_array_of_none(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(idx(np.zeros((0, 28, 28))))
    assert read_idx(tmp_path / "x").shape == (0, 28, 28)


def test_opening_is_a_map_that_reads_nothing(tmp_path: Path) -> None:
    """814,255 images and more: a sparse file of 2 GB opens at once, and cannot be written
    through.
    """
    path, shape = tmp_path / "large", (2_700_000, 28, 28)
    path.write_bytes(idx(np.zeros((0, 28, 28)))[:4] + b"".join(n.to_bytes(4, "big") for n in shape))
    os.truncate(path, 16 + 2_700_000 * 784)
    start = time.process_time()
    images = read_idx(path)
    assert time.process_time() - start < 2
    assert isinstance(images, np.memmap)
    assert images.shape == shape
    assert not images.flags.writeable


_GOOD = idx(np.arange(24).reshape(2, 3, 4))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\x08",
        b"\x89PNG\r\n\x1a\n" + bytes(40),
        b"\0\0\x0d\x03" + _GOOD[4:],
        b"\0\0\x08\x04" + _GOOD[4:],
        b"\0\0\x08\x00",
        _GOOD[:9],
        _GOOD[:-1],
        _GOOD + b"\0",
        _GOOD[:16],
        b"\0\0\x08\x03" + b"\x80\0\0\0" * 2 + b"\0\0\0\x04",  # 2**64 bytes, which is 0 in 64 bits
        b"\0\0\x08\x03" + b"\xff" * 12,
    ],
    ids=[
        "empty",
        "3 bytes",
        "PNG",
        "floats",
        "4 dimensions",
        "0 dimensions",
        "half a header",
        "short",
        "long",
        "no data",
        "2**64",
        "2**96",
    ],
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_what_is_not_idx_gets_a_sentence(tmp_path: Path, data: bytes, packed: bool) -> None:
    path = tmp_path / ("file" + ".gz" * packed)
    path.write_bytes(gzip.compress(data) if packed else data)
    with pytest.raises(InklingError) as error:
        read_idx(path)
    assert is_sentence(str(error.value))
    assert path.name in str(error.value)


@pytest.mark.parametrize(
    "data",
    [b"", b"no gzip at all", gzip.compress(_GOOD)[:-9], gzip.compress(_GOOD)[:20] + b"\xff" * 20],
    ids=["empty", "text", "cut", "damaged"],
)
def test_what_is_not_gzip_gets_a_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file.gz").write_bytes(data)
    with pytest.raises(InklingError) as error:
        read_idx(tmp_path / "file.gz")
    assert is_sentence(str(error.value))


@pytest.mark.parametrize("name", ["absent", "absent.gz", ""])
def test_what_is_not_there_gets_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(InklingError) as error:
        read_idx(tmp_path / name)
    assert is_sentence(str(error.value))


def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_idx(path, np.arange(5, dtype=np.uint8))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.files.os.replace", full)
    with pytest.raises(OSError, match="No space"):
        write_idx(path, np.zeros(9, np.uint8))
    np.testing.assert_array_equal(read_idx(path), np.arange(5))


def test_the_real_mnist_is_read_as_torchvision_reads_it(real_data: Path) -> None:
    theirs = MNIST(str(real_data), train=False)
    raw = real_data / "MNIST" / "raw"
    np.testing.assert_array_equal(read_idx(raw / "t10k-images-idx3-ubyte"), theirs.data.numpy())
    np.testing.assert_array_equal(read_idx(raw / "t10k-labels-idx1-ubyte"), theirs.targets.numpy())

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.datasets.arrays import open_idx, open_npz
from core.errors import InklingError
from tests.conftest import BALANCED, DIGITS
from tests.idx_files import idx
from tests.sentences import is_sentence

IMAGES = np.arange(3 * 28 * 28, dtype=np.uint8).reshape(3, 28, 28)


def npz(folder: Path, **arrays: object) -> Path:
    path = folder / "set.npz"
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.int64, np.uint64])
def test_integer_labels_count_in_the_classes_of_the_model(tmp_path: Path, kind: type) -> None:
    data = open_npz(npz(tmp_path, images=IMAGES, labels=np.array([10, 46, 0], kind)), BALANCED)
    assert [data.classes[label] for label in data.labels] == ["A", "t", "0"]
    assert data.labels.dtype == np.int64
    np.testing.assert_array_equal(data.images, IMAGES)


@pytest.mark.parametrize("kind", ["U", "S", "U40"])
def test_text_labels_are_class_names(tmp_path: Path, kind: str) -> None:
    data = open_npz(npz(tmp_path, images=IMAGES, labels=np.array(["t", "A", "7"], kind)), BALANCED)
    assert [data.classes[label] for label in data.labels] == ["t", "A", "7"]
    assert data.classes == BALANCED


def test_a_small_letter_without_a_class_counts_as_its_capital(tmp_path: Path) -> None:
    data = open_npz(npz(tmp_path, images=IMAGES, labels=np.array(["c", "a", "A"])), BALANCED)
    assert [data.classes[label] for label in data.labels] == ["C", "a", "A"]


def test_without_classes_the_names_are_the_labels_own(tmp_path: Path) -> None:
    assert open_npz(npz(tmp_path, images=IMAGES, labels=np.array(["viii", "i", "x"]))).classes == (
        "i",
        "viii",
        "x",
    )
    assert open_npz(npz(tmp_path, images=IMAGES, labels=np.array([2, 0, 2]))).classes == (
        "0",
        "1",
        "2",
    )


@pytest.mark.parametrize("label", [-1, 10, 2**40])
@pytest.mark.parametrize("classes", [DIGITS, None])
def test_an_index_that_is_no_class_is_named(
    tmp_path: Path, label: int, classes: tuple[str, ...] | None
) -> None:
    path = npz(tmp_path, images=IMAGES, labels=np.array([0, label, 1]))
    if label == 10 and classes is None:
        assert len(open_npz(path).classes) == 11
        return
    with pytest.raises(InklingError, match=f"label {label}") as error:
        open_npz(path, classes)
    assert is_sentence(str(error.value))


@pytest.mark.parametrize("label", ["a", "10", "", "C"])
def test_a_text_that_is_no_class_is_named(tmp_path: Path, label: str) -> None:
    with pytest.raises(InklingError, match=f"{label!r}") as error:
        open_npz(npz(tmp_path, images=IMAGES, labels=np.array(["0", label, "1"])), DIGITS)
    assert is_sentence(str(error.value))


class Trap:
    """Unpickling this would write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.path), "w")


@pytest.mark.parametrize("name", ["images", "labels"])
def test_pickles_are_never_read(tmp_path: Path, name: str) -> None:
    trap = np.array([Trap(tmp_path / "sprung")] * 3, object)
    path = npz(tmp_path, **{"images": IMAGES, "labels": np.arange(3), name: trap})
    with pytest.raises(InklingError):
        open_npz(path)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "arrays",
    [
        {"images": IMAGES.astype(np.float32), "labels": np.arange(3)},
        {"images": IMAGES[0], "labels": np.arange(28)},
        {"images": IMAGES, "labels": np.arange(2)},
        {"images": IMAGES, "labels": np.zeros((3, 10), int)},
        {"images": IMAGES},
        {"labels": np.arange(3)},
        {"images": IMAGES[:0], "labels": np.arange(0)},
        {"images": np.zeros((3, 0, 28), np.uint8), "labels": np.arange(3)},
        {"images": np.zeros((3, 28, 28, 3), np.uint8), "labels": np.arange(3)},
        {"images": np.uint8(3), "labels": np.int64(3)},
    ],
    ids=[
        "floats",
        "one image",
        "2 labels",
        "one-hot",
        "no labels",
        "no images",
        "0 images",
        "0 rows",
        "colour",
        "numbers",
    ],
)
def test_other_arrays_get_a_sentence(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    with pytest.raises(InklingError) as error:
        open_npz(npz(tmp_path, **arrays))
    assert is_sentence(str(error.value))


def npy(header: str, data: bytes = b"") -> bytes:
    text = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def archive_of(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def damaged_member() -> bytes:
    data = bytearray(
        archive_of(
            {
                "images.npy": npy(
                    "{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}", b"abc" * 50
                ),
                "labels.npy": b"",
            }
        )
    )
    data[60:90] = b"\xff" * 30
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 but no more",
        npy("{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}", b"abc"),
        archive_of({"images.npy": b"text", "labels.npy": b""}),
        damaged_member(),
        archive_of(
            {
                "images.npy": npy(
                    "{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000000, 28, 28)}"
                ),
                "labels.npy": b"",
            }
        ),
        archive_of(
            {
                "images.npy": npy(
                    "{'descr': '|u1', 'fortran_order': False, 'shape': (" + "9" * 40 + ", 28, 28)}"
                ),
                "labels.npy": b"",
            }
        ),
        archive_of({"images.npy": npy("__import__('os')"), "labels.npy": b""}),
        archive_of({"images.npy": npy("[" * 5000), "labels.npy": b""}),
        archive_of(
            {
                "images.npy": npy("{'descr': ',', 'fortran_order': False, 'shape': (1,)}"),
                "labels.npy": b"",
            }
        ),
    ],
    ids=[
        "empty",
        "cut",
        "npy",
        "text inside",
        "damaged inside",
        "claims 784 TB",
        "claims more",
        "code",
        "brackets",
        "comma",
    ],
)
def test_what_is_no_npz_gets_a_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "set.npz").write_bytes(data)
    with pytest.raises(InklingError) as error:
        open_npz(tmp_path / "set.npz")
    assert is_sentence(str(error.value))


def test_a_zip_bomb_is_refused_unopened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = npz(tmp_path, images=IMAGES, labels=np.arange(3))
    monkeypatch.setattr("core.datasets.arrays.MAX_UNPACKED_BYTES", IMAGES.nbytes)
    monkeypatch.setattr("core.datasets.arrays.np.load", lambda *_, **__: pytest.fail("opened"))
    with pytest.raises(InklingError, match="unpacks to more than"):
        open_npz(path)


def test_a_pair_of_idx_files(tmp_path: Path) -> None:
    images, labels = tmp_path / "images-idx3-ubyte", tmp_path / "labels-idx1-ubyte"
    images.write_bytes(idx(IMAGES))
    labels.write_bytes(idx(np.array([0, 4, 2])))
    data = open_idx(images, labels)
    np.testing.assert_array_equal(data.images, IMAGES)
    assert (data.labels.tolist(), data.classes) == ([0, 4, 2], tuple("01234"))
    labels.write_bytes(idx(np.array([0, 4])))
    with pytest.raises(InklingError, match="do not belong together"):
        open_idx(images, labels)


def test_a_mapping_beside_a_pair_names_its_classes(tmp_path: Path) -> None:
    stem = "emnist-letters-test"
    (tmp_path / f"{stem}-images-idx3-ubyte").write_bytes(idx(IMAGES))
    (tmp_path / f"{stem}-labels-idx1-ubyte").write_bytes(idx(np.array([1, 3, 1])))
    (tmp_path / "emnist-letters-mapping.txt").write_text("1 65 97\n2 66 98\n3 67 99\n")
    data = open_idx(tmp_path / f"{stem}-images-idx3-ubyte", tmp_path / f"{stem}-labels-idx1-ubyte")
    assert [data.classes[label] for label in data.labels] == ["A", "C", "A"]

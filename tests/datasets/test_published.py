import string
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from core import torchvision_cpu  # noqa: F401  (before torchvision)
from core.datasets.published import open_emnist, open_mnist, read_mapping
from core.errors import InklingError
from tests.idx_files import write_pair
from tests.sentences import is_sentence

from torchvision.datasets import EMNIST  # isort: skip

# Which classes a split has: Cohen et al., arXiv:1702.05373, section II and figure 2; torchvision
# has written them down too.
MERGED = set("cijklmopsuvwxyz")
CLASSES = {
    "byclass": string.digits + string.ascii_uppercase + string.ascii_lowercase,
    "bymerge": string.digits
    + string.ascii_uppercase
    + "".join(c for c in string.ascii_lowercase if c not in MERGED),
    "balanced": string.digits + string.ascii_uppercase + "abdefghnqrt",
    "digits": string.digits,
    "mnist": string.digits,
    "letters": string.ascii_uppercase,
}
FIRST_LABEL = {kind: int(kind == "letters") for kind in CLASSES}


def upright_l(number: int) -> np.ndarray:
    """An L with its number in one pixel; no transposition, mirror or turn leaves it unchanged."""
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 6:9] = 255
    image[21:24, 6:18] = 255
    image[0, 27] = number
    return image


def write_split(root: Path, kind: str, *, split: str = "test") -> np.ndarray:
    """A made split with one picture per class, its files as EMNIST publishes them; returns the
    pictures upright.
    """
    raw = root / "EMNIST" / "raw"
    images = np.stack([upright_l(number) for number in range(len(CLASSES[kind]))])
    labels = np.arange(len(images)) + FIRST_LABEL[kind]
    # turned and mirrored: transposed
    on_disk = np.stack([np.flipud(np.rot90(image)) for image in images])
    write_pair(raw, f"emnist-{kind}-{split}", on_disk, labels)
    lines = []
    for label, name in zip(labels, CLASSES[kind], strict=True):
        codes = [ord(name), ord(name.lower())] if kind == "letters" else [ord(name)]
        lines.append(" ".join(str(number) for number in (label, *codes)))
    (raw / f"emnist-{kind}-mapping.txt").write_text("\n".join(lines) + "\n")
    return images


@pytest.mark.parametrize("kind", CLASSES)
def test_every_split_is_upright_and_named(tmp_path: Path, kind: str) -> None:
    images = write_split(tmp_path, kind)
    data = open_emnist(tmp_path, kind, "test")
    np.testing.assert_array_equal(data.images, images)
    assert [data.classes[label] for label in data.labels] == list(CLASSES[kind])
    assert data.labels.dtype == np.int64
    assert data.form == "emnist"
    assert "not the official split" in data.source


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if kind != "letters"])
def test_the_classes_are_those_torchvision_knows(tmp_path: Path, kind: str) -> None:
    write_split(tmp_path, kind)
    assert sorted(open_emnist(tmp_path, kind, "test").classes) == sorted(
        EMNIST.classes_split_dict[kind]
    )


def test_images_stay_on_disk(tmp_path: Path) -> None:
    write_split(tmp_path, "balanced")
    images = open_emnist(tmp_path, "balanced", "test").images
    assert isinstance(images.base, np.memmap)
    assert not images.flags.owndata


@pytest.mark.parametrize("kind", CLASSES)
def test_a_mapping_file_is_as_published(real_data: Path, kind: str) -> None:
    mapping = read_mapping(real_data / "EMNIST" / "raw" / f"emnist-{kind}-mapping.txt")
    assert list(mapping) == list(range(FIRST_LABEL[kind], FIRST_LABEL[kind] + len(CLASSES[kind])))
    assert "".join(mapping.values()) == CLASSES[kind]


@pytest.mark.parametrize(
    "text", [None, "", "zero 48\n", "0\n", "0 99999999999999999999\n", "\0\xff"], ids=repr
)
def test_a_damaged_mapping_gets_a_sentence(tmp_path: Path, text: str | None) -> None:
    write_split(tmp_path, "digits")
    path = tmp_path / "EMNIST" / "raw" / "emnist-digits-mapping.txt"
    path.unlink() if text is None else path.write_text(text, encoding="latin-1")
    with pytest.raises(InklingError) as error:
        open_emnist(tmp_path, "digits", "test")
    assert is_sentence(str(error.value))


@pytest.mark.parametrize(("kind", "label"), [("letters", 0), ("letters", 27), ("digits", 10)])
def test_a_label_outside_the_mapping_is_refused(tmp_path: Path, kind: str, label: int) -> None:
    """Label 0 of `letters` would otherwise become the last letter."""
    write_split(tmp_path, kind)
    write_pair(
        tmp_path / "EMNIST" / "raw",
        f"emnist-{kind}-test",
        np.zeros((2, 28, 28)),
        np.array([1, label]),
    )
    with pytest.raises(InklingError) as error:
        open_emnist(tmp_path, kind, "test")
    assert is_sentence(str(error.value))


def test_images_and_labels_that_do_not_belong_together(tmp_path: Path) -> None:
    write_pair(tmp_path / "MNIST" / "raw", "train", np.zeros((3, 28, 28)), np.zeros(2))
    with pytest.raises(InklingError, match="3 images"):
        open_mnist(tmp_path, "train")


def test_labels_in_the_place_of_images(tmp_path: Path) -> None:
    write_pair(tmp_path / "MNIST" / "raw", "train", np.zeros(3), np.zeros(3))
    with pytest.raises(InklingError) as error:
        open_mnist(tmp_path, "train")
    assert is_sentence(str(error.value))


@pytest.mark.parametrize("split", ["train", "test"])
def test_what_is_not_here_names_the_command(tmp_path: Path, split: str) -> None:
    letters = partial(open_emnist, kind="letters")
    for name, read in (("mnist", open_mnist), ("emnist-letters", letters)):
        with pytest.raises(InklingError) as error:
            read(tmp_path, split=split)
        assert is_sentence(str(error.value))
        assert error.value.command == f"data download {name}"


def test_the_real_mnist(real_data: Path) -> None:
    """Counts per class as everybody reports them for the test set."""
    data = open_mnist(real_data, "test")
    assert np.bincount(data.labels).tolist() == [
        980,
        1135,
        1032,
        1010,
        982,
        892,
        958,
        1028,
        974,
        1009,
    ]
    assert isinstance(data.images, np.memmap)
    assert (len(open_mnist(real_data, "train")), data.form, data.classes) == (
        60_000,
        "mnist",
        tuple(string.digits),
    )


@pytest.mark.parametrize("kind", ["balanced", "byclass", "bymerge"])
def test_the_real_emnist_is_torchvisions_turned(real_data: Path, kind: str) -> None:
    theirs = EMNIST(str(real_data), split=kind, train=False)
    ours = open_emnist(real_data, kind, "test")
    np.testing.assert_array_equal(ours.images, theirs.data.numpy().swapaxes(1, 2))
    np.testing.assert_array_equal(ours.labels, theirs.targets.numpy())
    assert list(ours.classes) == list(theirs.classes)


def test_the_real_emnist_stands_as_mnist_does(real_data: Path) -> None:
    """The mean digits resemble MNIST's as they stand more than transposed, mirrored or turned."""
    mnist, emnist = open_mnist(real_data, "test"), open_emnist(real_data, "bymerge", "test")
    theirs, ours = (
        np.stack([data.images[data.labels == digit].mean(0) for digit in range(10)])
        for data in (mnist, emnist)
    )
    ways = {
        "upright": ours,
        "transposed": ours.transpose(0, 2, 1),
        "upside down": ours[:, ::-1],
        "mirrored": ours[:, :, ::-1],
        "half turn": ours[:, ::-1, ::-1],
        "left": np.rot90(ours, 1, (1, 2)),
        "right": np.rot90(ours, 3, (1, 2)),
        "other diagonal": np.rot90(ours, 2, (1, 2)).transpose(0, 2, 1),
    }
    likeness = {
        way: np.corrcoef(images.ravel(), theirs.ravel())[0, 1] for way, images in ways.items()
    }
    assert likeness.pop("upright") > 0.1 + max(likeness.values())

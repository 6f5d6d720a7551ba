"""Handwriting that lies on its side is turned, said so, and nothing else is."""

from pathlib import Path

import numpy as np
import pytest

from core.datasets.catalogue import open_dataset
from core.datasets.corrections import TURNED, lies_on_its_side
from core.datasets.published import open_emnist, open_mnist
from core.ink.forms import FORMS, picture_to_form
from core.settings import Settings
from core.synthesis.request import Request
from tests.datasets.upload_files import folders, keep, npz, table, zipped
from tests.idx_files import idx

COUNT = 200
DRAWN, NAMES = Request(seed=4).handwriting().draw(0, COUNT)
DIGITS = np.stack([picture_to_form(255 - image, FORMS["emnist"]) for image in DRAWN])
LABELS = np.array([int(name) for name in NAMES])
ON_SIDE = np.ascontiguousarray(DIGITS.transpose(0, 2, 1))


@pytest.mark.parametrize("digits", [DRAWN, DIGITS], ids=["as drawn", "in EMNIST's form"])
@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("exchanged", [False, True])
def test_only_exchanged_rows_and_columns_lie_on_their_side(
    digits: np.ndarray, quarters: int, exchanged: bool
) -> None:
    way = np.rot90(digits.transpose(0, 2, 1) if exchanged else digits, quarters, (1, 2))
    assert lies_on_its_side(way) == (exchanged and quarters == 0)


@pytest.mark.parametrize("digits", [(1, 7), (3, 5), (4, 9), (2, 6, 8)])
def test_a_few_classes_are_enough(digits: tuple[int, ...]) -> None:
    some = np.isin(LABELS, digits)
    assert lies_on_its_side(ON_SIDE[some])
    assert not lies_on_its_side(DIGITS[some])


def test_what_is_no_handwriting_stays_as_it_is(random: np.random.Generator) -> None:
    bars = np.zeros((100, 28, 28), np.uint8)
    bars[:, 12:15, 4:24] = 255  # minus signs, which would be ones on their side
    noise = random.integers(0, 256, (100, 28, 28), np.uint8)
    for images in (bars, noise, np.zeros_like(bars), ON_SIDE[:19], ON_SIDE[:, ::2, ::2]):
        assert not lies_on_its_side(images)
    assert not lies_on_its_side(255 - ON_SIDE)


@pytest.mark.parametrize("images", [DIGITS, ON_SIDE], ids=["upright", "on side"])
def test_idx_files_are_opened_upright(
    settings: Settings, tmp_path: Path, images: np.ndarray
) -> None:
    """An .npz is upright by its contract, and stays as it is."""
    (tmp_path / "a-images-idx3-ubyte").write_bytes(idx(images))
    (tmp_path / "a-labels-idx1-ubyte").write_bytes(idx(LABELS))
    (tmp_path / "a.npz").write_bytes(npz(images=images, labels=LABELS))
    data = open_dataset(str(tmp_path / "a-images-idx3-ubyte"), settings)
    np.testing.assert_array_equal(data.images, DIGITS)
    assert data.source.endswith(f"; {TURNED}") == (images is ON_SIDE)
    np.testing.assert_array_equal(open_dataset(str(tmp_path / "a.npz"), settings).images, images)


UPLOADS = {
    "IDX": lambda images: [("i", idx(images)), ("l", idx(LABELS))],
    "CSV": lambda images: [("a.csv", table(images, LABELS.tolist()))],
    "npz": lambda images: [("a.npz", npz(images=images, labels=LABELS))],
    "IDX on bright paper": lambda images: [("i", idx(255 - images)), ("l", idx(LABELS))],
}


@pytest.mark.parametrize("kind", UPLOADS)
@pytest.mark.parametrize("images", [DIGITS, ON_SIDE], ids=["upright", "on side"])
def test_uploads_are_kept_upright(settings: Settings, kind: str, images: np.ndarray) -> None:
    data = keep(UPLOADS[kind](images), settings)
    np.testing.assert_array_equal(data.images, DIGITS)
    assert (TURNED in data.source) == (images is ON_SIDE)


def test_pictures_are_as_people_see_them(settings: Settings) -> None:
    members = folders(255 - ON_SIDE[:60], LABELS[:60].tolist())
    data = keep([("a.zip", zipped(members))], settings, form=FORMS["emnist"])
    assert TURNED not in data.source
    assert lies_on_its_side(data.images)


@pytest.mark.parametrize("kind", ["balanced", "byclass"])
def test_the_real_emnist_as_it_is_published(real_data: Path, settings: Settings, kind: str) -> None:
    raw = real_data / "EMNIST" / "raw" / f"emnist-{kind}-test-images-idx3-ubyte"
    opened, ours = open_dataset(str(raw), settings), open_emnist(real_data, kind, "test")
    assert opened.source.endswith(TURNED)
    assert opened.classes == ours.classes  # from the mapping file beside it
    np.testing.assert_array_equal(opened.images[::50], ours.images[::50])
    assert not lies_on_its_side(ours.images)


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_real_mnist_is_upright(real_data: Path, split: str) -> None:
    images = open_mnist(real_data, split).images
    assert not lies_on_its_side(images)
    assert lies_on_its_side(images.transpose(0, 2, 1))

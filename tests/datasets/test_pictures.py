from pathlib import Path

import cv2
import numpy as np
import pytest

from core.datasets.labels import folder_of_label
from core.datasets.pictures import find_pictures, open_folder, read_pictures
from core.errors import InklingError
from core.ink.forms import FORMS
from tests.conftest import BALANCED
from tests.sentences import is_sentence


def picture(path: Path, *, size: int = 60, bar: int = 20) -> Path:
    """A black bar on white, `bar` pixels high."""
    image = np.full((size, size), 255, np.uint8)
    image[10 : 10 + bar, 25:30] = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)
    return path


def test_folders_are_searched_through_in_name_order(tmp_path: Path) -> None:
    made = [picture(tmp_path / name) for name in ("b/2.PNG", "a.png", "b/c/1.jpg", "b/1.webp")]
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "folder.png").mkdir()
    assert set(find_pictures([tmp_path])) == set(made)
    assert find_pictures([tmp_path / "b"]) == sorted(made[:1] + made[2:])
    assert find_pictures([made[1], tmp_path / "notes.txt"]) == [made[1], tmp_path / "notes.txt"]


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InklingError, match=r"absent\.png does not exist"):
        find_pictures([picture(tmp_path / "a.png"), tmp_path / "absent.png"])


def test_no_file_stops_the_rest_and_order_is_kept(tmp_path: Path) -> None:
    paths = [picture(tmp_path / f"{number:03d}.png", bar=10 + number % 30) for number in range(300)]
    paths[7].write_bytes(b"not a picture")
    paths[280].write_bytes(b"")
    cv2.imwrite(str(paths[290]), np.full((60, 60), 255, np.uint8))
    batches = list(read_pictures(paths, FORMS["mnist"]))
    pictures = [one for batch in batches for one in batch]
    assert [one.path for one in pictures] == paths
    assert max(len(batch) for batch in batches) <= 256
    assert [number for number, one in enumerate(pictures) if one.image is None] == [7, 280, 290]
    assert is_sentence(pictures[7].problem)
    assert is_sentence(pictures[280].problem)
    assert pictures[290].problem == ""
    assert all(one.image.shape == (28, 28) for one in pictures if one.image is not None)


def test_labels_are_the_folders(tmp_path: Path) -> None:
    for label in BALANCED:
        picture(tmp_path / "set" / folder_of_label(label) / "writer" / "1.png")
    data = open_folder(tmp_path / "set", FORMS["emnist"])
    assert "left out" not in data.source
    assert set(data.classes) == set(BALANCED)
    assert sorted(data.classes[label] for label in data.labels) == sorted(BALANCED)
    assert (data.images.shape, data.form) == ((47, 28, 28), "emnist")


def test_what_cannot_be_used_is_counted(tmp_path: Path) -> None:
    picture(tmp_path / "7" / "good.png")
    (tmp_path / "7" / "bad.png").write_bytes(b"bad")
    cv2.imwrite(str(tmp_path / "7" / "blank.png"), np.full((60, 60), 255, np.uint8))
    picture(tmp_path / "loose.png")
    data = open_folder(tmp_path, FORMS["mnist"])
    assert (len(data), data.classes) == (1, ("7",))
    assert "2 blank or unreadable left out" in data.source


def test_folders_without_pictures_get_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InklingError, match="no pictures in class folders"):
        open_folder(tmp_path, FORMS["mnist"])
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "bad.png").write_bytes(b"bad")
    with pytest.raises(InklingError) as error:
        open_folder(tmp_path, FORMS["mnist"])
    assert is_sentence(str(error.value))


def test_pictures_of_the_models_size_are_framed_like_all(tmp_path: Path) -> None:
    """A bar far from the middle, 12 pixels high: it is brought to the middle and 20 high."""
    picture(tmp_path / "small.png", size=28, bar=12)
    (batch,) = read_pictures([tmp_path / "small.png"], FORMS["mnist"])
    image = batch[0].image
    assert image is not None
    rows, columns = np.nonzero(image > 127)
    assert np.ptp(rows) + 1 == pytest.approx(20, abs=1)
    assert columns.mean() == pytest.approx(14, abs=1)

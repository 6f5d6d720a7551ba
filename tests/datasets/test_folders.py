"""A folder and a zip of the same files are the same classes, whatever programs left in them."""

import unicodedata
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from core.datasets.catalogue import open_dataset
from core.datasets.dataset import Dataset
from core.datasets.pictures import find_pictures
from core.errors import InklingError
from core.ink.forms import FORMS
from core.settings import Settings
from tests.datasets.upload_files import FRAMED, IMAGES, LABELS, folders, keep, npz, png, zipped
from tests.sentences import is_sentence

PICTURE = png(IMAGES[0])
NFC, NFD = (unicodedata.normalize(form, "é") for form in ("NFC", "NFD"))
DIGITS = ("0", "1", "2", "10")


def unpacked(members: Mapping[str, bytes], folder: Path) -> Path:
    for name, data in members.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(data)
    return folder


def both(members: Mapping[str, bytes], settings: Settings, folder: Path) -> list[Dataset]:
    opened = open_dataset(str(unpacked(members, folder)), settings, form=FORMS["mnist"])
    return [opened, keep([("set.zip", zipped(members))], settings, form=FORMS["mnist"])]


AROUND = {
    "nothing": {},
    "notebook checkpoints": {".ipynb_checkpoints/1.png": PICTURE},
    "checkpoints in a class": {"1/.ipynb_checkpoints/1-checkpoint.png": PICTURE},
    "AppleDouble files": {"1/._1.png": PICTURE, "__MACOSX/1/._1.png": PICTURE},
    "Synology": {"@eaDir/1.png": PICTURE, "1/@eaDir/1.png/SYNOPHOTO_THUMB_S.png": PICTURE},
    "Windows": {"$RECYCLE.BIN/1.png": PICTURE},
    "version control": {".git/objects/1.png": PICTURE},
    "loose files": {"sheet.png": PICTURE, "notes.txt": b"text"},
    "an empty class": {"3/": b""},
}


@pytest.mark.parametrize("top", ["", "set/", "a/b/set/"])
@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_what_programs_leave_is_no_class(
    settings: Settings, tmp_path: Path, around: Mapping[str, bytes], top: str
) -> None:
    members = folders(top=top) | {top + name: data for name, data in around.items()}
    for data in both(members, settings, tmp_path / "folder"):
        assert data.classes == DIGITS
        names = np.array([int(data.classes[label]) for label in data.labels])
        order = np.argsort(LABELS, kind="stable")
        np.testing.assert_array_equal(np.sort(names), LABELS[order])
        by_class = [FRAMED[label == LABELS] for label in (0, 1, 2, 10)]
        for label, images in zip((0, 1, 2, 10), by_class, strict=True):
            np.testing.assert_array_equal(
                np.sort(data.images[names == label], axis=0), np.sort(images, axis=0)
            )


@pytest.mark.parametrize("parts", [("train", "test"), ("Training", "Validation"), ("val", "test")])
def test_parts_are_no_classes(settings: Settings, tmp_path: Path, parts: tuple[str, str]) -> None:
    members = folders(top=f"set/{parts[0]}/") | folders(top=f"set/{parts[1]}/")
    folder = unpacked(members, tmp_path / "folder")
    for attempt in (
        lambda: open_dataset(str(folder), settings),
        lambda: keep([("set.zip", zipped(members))], settings),
    ):
        with pytest.raises(InklingError, match="instead of classes; give each by itself") as error:
            attempt()
        assert is_sentence(str(error.value))
    part = open_dataset(str(folder / "set" / parts[0]), settings)
    assert part.classes == DIGITS


@pytest.mark.parametrize("folder", ["{}", "lower_{}", "x{}"])
def test_an_accent_in_two_forms_is_one_class(
    settings: Settings, tmp_path: Path, folder: str
) -> None:
    names = [folder.format(NFC), folder.format(NFD)]
    members = {f"{name}/{number}.png": PICTURE for number, name in enumerate([*names, "7"])}
    for data in both(members, settings, tmp_path / "folder"):
        assert data.classes == ("7", folder.removeprefix("lower_").format(NFC)), data.source
        assert np.bincount(data.labels).tolist() == [1, 2]


def test_an_accent_in_two_forms_is_one_class_of_an_array(
    settings: Settings, tmp_path: Path
) -> None:
    packed = npz(images=IMAGES, labels=[NFC, NFD, *"7777", "e"])
    (tmp_path / "a.npz").write_bytes(packed)
    for data in (
        open_dataset(str(tmp_path / "a.npz"), settings),
        keep([("a.npz", packed)], settings),
    ):
        assert data.classes == ("7", "e", NFC)


def test_hidden_files_are_not_searched_for(tmp_path: Path) -> None:
    members = dict.fromkeys(("a/1.png", "a/._1.png", "@eaDir/1.png", ".x/1.png"), PICTURE)
    folder = unpacked(members, tmp_path / ".hidden" / "folder")
    assert find_pictures([folder]) == [folder / "a" / "1.png"]
    assert find_pictures([folder / "a" / "._1.png"]) == [folder / "a" / "._1.png"]

"""Pictures are listed by the rules for folders, by names that last; what changes is noticed."""

import os
import time

import numpy as np
import pytest

from core.curation.collection import FolderCollection, open_collection, reading_order
from core.datasets.catalogue import open_dataset
from core.datasets.pictures import open_folder
from core.errors import InklingError
from core.ink.forms import FORMS
from tests.curation.collections import numerals, picture, write


def test_parts_and_classes(tmp_path, settings):
    found = open_collection(str(numerals(tmp_path / "set")), settings)
    assert (found.parts, found.classes, len(found)) == (("train", "val"), ("i", "iv", "x"), 18)
    for index in range(len(found)):
        part, label, file = found.name_of(index).split("/")
        assert part == found.parts[found.part_of[index]]
        assert label == found.label_of(index)
        assert found.index_of(f"{part}/{label}/{file}") == index
    assert (found.read(0) == picture(0)).all()
    assert found.index_of("train/i/none.png") is None


def test_a_part_is_what_the_folder_rules_make_of_it(tmp_path, settings):
    """The same labels as `open_folder` gives, wrappers and letters' names included."""
    for label in ("7", "upper_a", "lower_b", "%2F"):
        write(tmp_path / "set" / "wrapped" / label / "deep" / "1.png", picture(len(label)))
    write(tmp_path / "set" / "wrapped" / ".hidden" / "1.png", picture(9))
    expected = open_folder(tmp_path / "set", FORMS["mnist"])
    found = open_collection(str(tmp_path / "set"), settings)
    assert found.parts == ("",)
    assert found.classes == expected.classes
    assert sorted(found.labels.tolist()) == sorted(expected.labels.tolist())


def test_a_set_of_the_catalogue_has_its_parts(settings):
    found = open_collection("uci-digits", settings)
    train, test = (open_dataset(f"uci-digits:{part}", settings) for part in ("train", "test"))
    assert found.parts == ("train", "test")
    assert len(found) == len(train) + len(test)
    index = found.index_of("test/5")
    assert found.name_of(index) == "test/5"
    assert (found.read(index) == 255 - test.images[5]).all()
    assert found.label_of(index) == test.classes[test.labels[5]]
    assert found.index_of(f"test/{len(test)}") is None
    assert found.index_of("other/5") is None
    one = open_collection("uci-digits:test", settings)
    assert (one.parts, len(one), one.name_of(5)) == (("test",), len(test), "test/5")


def test_names_with_quotes_newlines_and_bytes(tmp_path, settings):
    names = ['a"b.png', "a\nb.png", "a'b.png", "ü.png", "a,b;c.png", os.fsdecode(b"\xff.png")]
    for number, name in enumerate(names):
        write(tmp_path / "set" / "i" / name, picture(number))
    write(tmp_path / "set" / "x" / "1.png", picture(99))
    found = open_collection(str(tmp_path / "set"), settings)
    assert {found.name_of(index) for index in range(len(found))} == {
        *(f"i/{name}" for name in names),
        "x/1.png",
    }
    for index in range(len(found)):
        assert found.read(index).shape == (40, 40)
    assert len(found.state) == 20


def test_files_that_come_and_go_are_noticed(tmp_path, settings):
    folder = numerals(tmp_path / "set")
    found = open_collection(str(folder), settings)
    assert isinstance(found, FolderCollection)
    assert found.is_current()
    time.sleep(0.02)  # the clock of a file system is coarse
    (folder / "val" / "x" / "2.png").rename(folder / "val" / "x" / "3.png")
    assert not found.is_current()
    assert open_collection(str(folder), settings).state != found.state
    with pytest.raises(InklingError):
        found.read(found.index_of("val/x/2.png"))


def test_a_hundred_thousand_files_are_listed_without_one_being_opened(tmp_path, settings):
    """They are empty: opening one would fail."""
    for label in range(10):
        folder = tmp_path / "set" / str(label)
        folder.mkdir(parents=True)
        for number in range(10_000):
            os.close(os.open(folder / f"{number}.png", os.O_CREAT | os.O_WRONLY))
    started = time.monotonic()
    found = open_collection(str(tmp_path / "set"), settings)
    assert len(found) == 100_000
    assert isinstance(found, FolderCollection)
    assert found.is_current()
    assert time.monotonic() - started < 20  # half a second where nothing else runs


def test_a_folder_without_class_folders_has_no_labels_yet(tmp_path, settings):
    for number in range(3):
        write(tmp_path / "flat" / f"{number}.png", picture(number))
    (tmp_path / "flat" / "empty").mkdir()
    found = open_collection(str(tmp_path / "flat"), settings)
    assert isinstance(found, FolderCollection)
    assert (found.parts, found.classes, len(found)) == (("",), (), 3)
    assert [found.label_of(index) for index in range(3)] == ["", "", ""]
    assert found.name_of(found.index_of("1.png")) == "1.png"
    assert found.is_current()
    # pictures beside class folders are passed over, as everywhere
    write(tmp_path / "flat" / "7" / "4.png", picture(4))
    assert not found.is_current()
    assert open_collection(str(tmp_path / "flat"), settings).name_of(0) == "7/4.png"


def test_refusals(tmp_path, settings):
    (tmp_path / "empty").mkdir()
    for name in ("empty", "none"):
        with pytest.raises(InklingError):
            open_collection(str(tmp_path / name), settings)
    with pytest.raises(InklingError):
        open_collection("uci-digits:val", settings)
    with pytest.raises(InklingError):
        open_collection("mnist", settings)


def test_reading_order():
    assert reading_order(["x", "ix", "i", "v"]) == ("i", "v", "ix", "x")
    assert reading_order(["x", "y", "10", "9"]) == ("9", "10", "x", "y")
    assert np.all(reading_order([]) == ())

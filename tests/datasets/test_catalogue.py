import io
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from core.datasets.catalogue import (
    BUNDLED,
    CATALOGUE,
    alike,
    find_entries,
    first_for,
    open_dataset,
)
from core.datasets.idx import write_idx
from core.datasets.uploads import keep_upload
from core.errors import InklingError
from core.ink.forms import FORMS
from core.settings import Settings
from tests.conftest import BALANCED
from tests.datasets.test_pictures import picture
from tests.datasets.test_published import CLASSES, write_split
from tests.sentences import is_sentence


def test_every_published_set_is_in_the_table() -> None:
    assert {"mnist", "uci-digits", "my-drawings", *(f"emnist-{kind}" for kind in CLASSES)} <= set(
        CATALOGUE
    )
    assert all(entry.name == name for name, entry in CATALOGUE.items())


def test_uploaded_sets_stand_behind_the_published_ones(settings: Settings) -> None:
    assert find_entries(settings) == CATALOGUE
    upload = io.BytesIO()
    np.savez(upload, images=np.eye(28, dtype=np.uint8)[None].repeat(2, 0) * 255, labels=["a", "b"])
    keep_upload([("mine.npz", upload)], "", settings)
    assert list(find_entries(settings)) == [*CATALOGUE, "upload-mine"]
    entry = find_entries(settings)["upload-mine"]
    assert (entry.name, entry.title, entry.splits, entry.obtainable) == (
        "upload-mine",
        "mine",
        ("train",),
        False,
    )
    assert (
        entry.open(settings, "train").classes
        == open_dataset("upload-mine", settings).classes
        == ("a", "b")
    )
    assert "upload-mine" not in CATALOGUE
    with pytest.raises(InklingError, match="upload-mine"):
        open_dataset("nothing", settings)


@pytest.mark.parametrize("kind", CLASSES)
def test_emnist_by_name(settings: Settings, kind: str) -> None:
    images = write_split(settings.data, kind, split="train")
    np.testing.assert_array_equal(open_dataset(f"emnist-{kind}", settings).images, images)
    with pytest.raises(InklingError, match="download"):
        open_dataset(f"emnist-{kind}:test", settings)


@pytest.mark.parametrize("kind", CLASSES)
def test_an_entry_says_what_its_data_set_is(settings: Settings, kind: str) -> None:
    write_split(settings.data, kind, split="train")
    name = f"emnist-{kind}"
    data, entry = open_dataset(name, settings), CATALOGUE[name]
    assert (entry.classes, entry.form) == (data.classes, data.form)


def test_the_bundled_set_is_always_there(settings: Settings) -> None:
    data, entry = open_dataset(BUNDLED, settings), CATALOGUE[BUNDLED]
    assert (entry.classes, entry.form) == (data.classes, data.form)


def test_a_recognizer_may_have_learnt_a_train_split_but_not_what_is_drawn_now() -> None:
    learnt = {
        (name, split)
        for name, entry in CATALOGUE.items()
        for split in entry.splits
        if entry.may_be_trained_on(split)
    }
    assert learnt == {(name, "train") for name in CATALOGUE} - {("my-drawings", "train")}


NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
NUMBERS = tuple(str(number) for number in range(37))


@pytest.mark.parametrize(
    ("classes", "name"),
    [
        (tuple("0123456789"), "mnist"),
        (BALANCED, "emnist-balanced"),
        (tuple(CLASSES["byclass"]), "emnist-byclass"),
        (tuple(CLASSES["letters"]), "emnist-letters"),
        (NUMBERS, "numbers"),
        (NUMERALS, "roman-emnist"),
        (("cat", "dog"), "mnist"),  # nothing fits: the first there is
    ],
)
def test_what_a_recognizer_is_looked_at_first_with(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, classes: tuple[str, ...], name: str
) -> None:
    monkeypatch.setattr("core.datasets.catalogue.is_here", lambda *_: True)
    assert first_for(classes, settings).name == name


@pytest.mark.parametrize(
    ("classes", "name"),
    [
        (tuple("0123456789"), "uci-digits"),
        (BALANCED, "uci-digits"),
        (NUMERALS, "roman-natural"),
        (NUMBERS, "numbers-natural"),
    ],
)
def test_on_an_empty_machine_it_is_what_is_here(
    settings: Settings, classes: tuple[str, ...], name: str
) -> None:
    assert first_for(classes, settings).name == name


def test_sets_that_a_recognizer_can_go_on_learning_from(settings: Settings) -> None:
    def names(classes: tuple[str, ...], form: str) -> list[str]:
        return [entry.name for entry in alike(classes, form, settings)]

    digits = tuple("0123456789")
    assert names(digits, "mnist") == ["mnist", "synthetic-natural", "synthetic-classic"]
    assert names(digits, "emnist") == ["emnist-digits", "emnist-mnist"]
    assert names(BALANCED, "emnist") == ["emnist-balanced", "emnist-bymerge"]
    assert names(NUMERALS, "number") == [
        "roman-emnist",
        "roman-chars74k",
        "roman",
        "roman-natural",
    ]
    assert names(NUMBERS, "number") == ["numbers", "numbers-natural"]
    assert names(digits, "number") == names(("cat",), "mnist") == []


def test_uci_digits_are_scikit_learns(settings: Settings) -> None:
    digits = load_digits()
    train, test = open_dataset("uci-digits", settings), open_dataset("uci-digits:test", settings)
    assert len(train) + len(test) == 1797
    assert len(test) == 360
    assert train.images.max() == 255
    np.testing.assert_allclose(test.images / 255, digits.images[::5] / 16, atol=0.5 / 255)
    np.testing.assert_array_equal(test.labels, digits.target[::5])
    assert (
        np.bincount(train.labels, minlength=10).sum()
        == np.bincount(np.delete(digits.target, np.s_[::5])).sum()
    )


@pytest.mark.parametrize(
    "name",
    [
        "mnist:validation",
        "nothing",
        "absent.npz",
        "",
        "my-drawings:test",
        "upload-x",
        "upload-..",
        "\0",
        "x" * 5000,
    ],
)
def test_what_there_is_not_gets_a_sentence(
    settings: Settings, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InklingError) as error:
        open_dataset(name, settings)
    assert is_sentence(str(error.value))


def test_files_and_folders_open_by_path(settings: Settings, tmp_path: Path) -> None:
    images = np.arange(2 * 784, dtype=np.uint8).reshape(2, 28, 28)
    np.savez(tmp_path / "a.npz", images=images, labels=[10, 0])
    write_idx(tmp_path / "my-images-idx3-ubyte", images)
    write_idx(tmp_path / "my-labels-idx1-ubyte", np.array([1, 0], np.uint8))
    picture(tmp_path / "folder" / "upper_b" / "1.png")
    archive = open_dataset(str(tmp_path / "a.npz"), settings, classes=BALANCED)
    assert [archive.classes[label] for label in archive.labels] == ["A", "0"]
    assert open_dataset(str(tmp_path / "my-images-idx3-ubyte"), settings).labels.tolist() == [1, 0]
    folder = open_dataset(str(tmp_path / "folder"), settings, form=FORMS["emnist"])
    assert (folder.classes, folder.form) == (("B",), "emnist")

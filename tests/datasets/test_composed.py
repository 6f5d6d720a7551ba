"""Composed numbers and numerals as data sets: from the right characters, made once, reported where
they are missing.
"""

import json
import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.cli.main import main
from core.datasets import competition, composed
from core.datasets.catalogue import open_dataset
from core.datasets.chars74k import EVERY, read_writers
from core.datasets.composed import MADE, make_composed, numbers_of
from core.errors import InklingError
from core.settings import Settings
from core.synthesis.compose.roman import LETTERS, NUMERALS, Roman
from tests.idx_files import write_pair
from tests.sentences import is_sentence, sentence_of
from tests.synthesis.test_compose import printed

NAMES = [*MADE, "roman"]


@pytest.fixture
def sources(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Printed MNIST, EMNIST and Chars74K: every split has a pen of its own. And sets small enough
    to make.
    """
    for part, file, pen in (("train", "train", 2), ("test", "t10k", 4)):
        digits = np.stack([printed(digit, pen=pen) for digit in "0123456789"])
        write_pair(settings.data / "MNIST" / "raw", file, digits, np.arange(10))
        # turned, as EMNIST is
        letters = np.stack([printed(letter, pen=pen).T for letter in LETTERS])
        write_pair(
            settings.data / "EMNIST" / "raw", f"emnist-byclass-{part}", letters, np.arange(6)
        )
    mapping = "\n".join(f"{number} {ord(letter)}" for number, letter in enumerate(LETTERS))
    (settings.data / "EMNIST" / "raw" / "emnist-byclass-mapping.txt").write_text(mapping)
    for letter in LETTERS:
        folder = (
            settings.data
            / "chars74k"
            / f"{'upper' if letter.isupper() else 'lower'}_{letter.lower()}"
        )
        folder.mkdir(parents=True)
        for writer in range(1, 12):
            picture = cv2.resize(printed(letter), (200 + 8 * writer, 200 + 8 * writer))
            cv2.imwrite(str(folder / f"writer{writer:02d}.png"), 255 - picture)
    for name, made in MADE.items():
        monkeypatch.setitem(
            MADE,
            name,
            replace(made, counts={"train": 370, "test": 74 if name == "numbers" else 80}),
        )
    return settings


def file(folder: Path, numeral: str, name: str, *, pen: float = 2.0) -> Path:
    """A photograph of a numeral: dark on light, letters side by side."""
    path = folder / numeral / name
    path.parent.mkdir(parents=True, exist_ok=True)
    line = np.hstack([np.pad(printed(letter, pen=pen), ((4, 4), (0, 0))) for letter in numeral])
    cv2.imwrite(str(path), 255 - cv2.resize(line, None, fx=4, fy=4))
    return path


@pytest.fixture
def photographs(settings: Settings) -> Settings:
    """The competition's folders: two pictures a numeral to train, one to validate."""
    for numeral in NUMERALS:
        for number, pen in enumerate((1.5, 2.0)):
            file(settings.data / "roman" / "train", numeral, f"{number}.png", pen=pen)
        file(settings.data / "roman" / "val", numeral, "a.png", pen=3)
    return settings


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("part", ["train", "test"])
def test_what_is_not_here_is_a_sentence(settings: Settings, name: str, part: str) -> None:
    with pytest.raises(InklingError) as caught:
        open_dataset(f"{name}:{part}", settings)
    assert is_sentence(str(caught.value))
    assert name in str(caught.value)


@pytest.mark.parametrize("name", MADE)
def test_a_set_is_not_made_without_its_characters(settings: Settings, name: str) -> None:
    with pytest.raises(InklingError) as caught:
        make_composed(name, settings.data)
    assert is_sentence(str(caught.value))
    assert not (settings.data / "composed").exists()


@pytest.mark.parametrize("name", MADE)
def test_a_set_is_made_once_and_opened(sources: Settings, name: str) -> None:
    text: list[tuple[int, int]] = []
    make_composed(name, sources.data, lambda *numbers: text.append(numbers))
    train, test = (open_dataset(f"{name}:{part}", sources) for part in ("train", "test"))
    counts = MADE[name].counts
    assert text[-1] == (sum(counts.values()), sum(counts.values()))
    assert (len(train), len(test)) == tuple(counts.values())
    assert train.classes == (tuple(str(n) for n in range(37)) if name == "numbers" else NUMERALS)
    for data in (train, test):
        assert set(np.bincount(data.labels)) == {len(data) // len(data.classes)}
        assert data.form == "number"
        assert isinstance(data.images, np.memmap)
        assert f"{len(data):,} images" in data.source
    assert not {image.tobytes() for image in train.images} & {
        image.tobytes() for image in test.images
    }
    first = train.images.tobytes()
    make_composed(name, sources.data)
    assert open_dataset(f"{name}:train", sources).images.tobytes() == first


def test_the_source_says_what_the_letters_are(sources: Settings) -> None:
    make_composed("roman-emnist", sources.data)
    assert "not the official split" in open_dataset("roman-emnist:test", sources).source
    (sources.data / "composed" / "roman-emnist-test.json").write_text("[]")
    with pytest.raises(InklingError) as caught:
        open_dataset("roman-emnist:test", sources)
    assert is_sentence(str(caught.value))


@pytest.mark.parametrize("name", ["numbers", "roman-emnist"])
@pytest.mark.parametrize(("part", "pen"), [("train", 2), ("test", 4)])
def test_the_parts_are_of_their_own_characters(
    sources: Settings, name: str, part: str, pen: float
) -> None:
    """Pieces, as written, are pictures of that split: their uprights are as wide as its pen."""
    composer, _ = MADE[name].compose(sources.data, part, 1)
    quiet = replace(composer, noise=0) if isinstance(composer, Roman) else composer
    bars = [
        piece
        for number in range(74)
        for piece in quiet.compose(number).pieces
        if piece.label in "1i"
    ]
    assert len(bars) > 10
    assert {piece.ink.shape[1] for piece in bars} <= {pen, pen + 1}


def test_no_writer_is_in_both_parts(sources: Settings) -> None:
    train, test, both = (read_writers(sources.data, part) for part in ("train", "test", ""))
    assert not train.keys() & test.keys()
    assert (
        train.keys() | test.keys()
        == both.keys()
        == {f"writer{number:02d}" for number in range(1, 12)}
    )
    assert len(test) == 11 // EVERY


def test_a_writer_without_all_letters_is_left_out_and_a_blank_letter_said(
    sources: Settings,
) -> None:
    (sources.data / "chars74k" / "lower_v" / "writer03.png").unlink()
    assert len(read_writers(sources.data, "")) == 10
    cv2.imwrite(
        str(sources.data / "chars74k" / "lower_v" / "writer04.png"),
        np.full((90, 90), 255, np.uint8),
    )
    with pytest.raises(InklingError) as caught:
        read_writers(sources.data, "")
    assert is_sentence(str(caught.value))


def test_photographs_are_opened_once(
    photographs: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, test = (open_dataset(f"roman:{part}", photographs) for part in ("train", "test"))
    assert (np.bincount(train.labels).tolist(), np.bincount(test.labels).tolist()) == (
        [2] * 10,
        [1] * 10,
    )
    assert (train.classes, train.form, train.images.shape[1:]) == (NUMERALS, "number", (28, 28))
    assert "noisy on purpose" in train.source
    with monkeypatch.context() as patch:
        patch.setattr(competition, "read_pictures", lambda *_: pytest.fail("opened again"))
        again = open_dataset("roman:train", photographs)
        np.testing.assert_array_equal(again.images, train.images)
        np.testing.assert_array_equal(again.labels, train.labels)
        assert again.source == train.source
    moved = photographs.data / "roman" / "train"
    os.rename(moved / "i" / "0.png", moved / "x" / "moved.png")  # a label corrected by hand
    assert np.bincount(open_dataset("roman:train", photographs).labels).tolist() == [1] + [
        2
    ] * 8 + [3]


def test_what_stands_in_val_is_not_trained_on(photographs: Settings) -> None:
    """The same bytes, and the same pixels in another file format under another numeral."""
    roman = photographs.data / "roman"
    (roman / "train" / "x" / "copy.png").write_bytes((roman / "val" / "x" / "a.png").read_bytes())
    cv2.imwrite(
        str(roman / "train" / "v" / "copy.bmp"),
        cv2.imread(str(roman / "val" / "i" / "a.png"), cv2.IMREAD_GRAYSCALE),
    )
    cv2.imwrite(str(roman / "train" / "v" / "blank.png"), np.full((90, 90), 255, np.uint8))
    train = open_dataset("roman:train", photographs)
    assert np.bincount(train.labels).tolist() == [2] * 10
    assert "2 also in val left out; 1 blank or unreadable left out" in train.source
    assert len(open_dataset("roman:test", photographs)) == 10


def test_photographs_on_a_full_disk_are_opened_all_the_same(photographs: Settings) -> None:
    (photographs.data / "composed").write_text("in the way")
    assert len(open_dataset("roman:test", photographs)) == 10


@pytest.fixture
def environment(sources: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("data", "runs", "models", "database"):
        monkeypatch.setenv(f"INKLING_{name.upper()}", str(getattr(sources, name)))
    return sources


def compose(*options: str) -> int:
    return main(["compose", *options])


@pytest.mark.parametrize(
    "kind",
    [["numbers"], ["numbers", "--data", "mnist:test"], ["roman"], ["roman", "--data", "chars74k"]],
)
def test_compose_writes_the_same_however_many_work(
    environment: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: list[str]
) -> None:
    assert (
        compose(
            *kind,
            "--count",
            "1100",
            "--seed",
            "5",
            "--out",
            str(tmp_path / "one"),
            "--workers",
            "1",
        )
        == 0
    )
    path = Path(capsys.readouterr().out.strip())
    assert (
        compose(
            *kind,
            "--count",
            "1100",
            "--seed",
            "5",
            "--out",
            str(tmp_path / "two"),
            "--workers",
            "3",
        )
        == 0
    )
    for end in ("images-idx3-ubyte", "labels-idx1-ubyte"):
        assert (tmp_path / f"one-{end}").read_bytes() == (tmp_path / f"two-{end}").read_bytes()
    data = open_dataset(str(path), environment)
    assert data.images.shape == (1100, 28, 28)
    facts = json.loads((tmp_path / "one.json").read_text())
    assert (facts["seed"], facts["form"]) == (5, "number")
    assert facts["classes"] == (
        list(NUMERALS) if kind[0] == "roman" else [str(number) for number in range(37)]
    )


def test_compose_as_written_in_folders(environment: Settings, tmp_path: Path) -> None:
    assert (
        compose(
            "roman",
            "--count",
            "20",
            "--out",
            str(tmp_path / "set"),
            "--format",
            "png",
            "--form",
            "written",
        )
        == 0
    )
    assert {path.name for path in (tmp_path / "set").iterdir()} == {
        "lower_i",
        "lower_v",
        "lower_x",
        *NUMERALS,
    } - {"i", "v", "x"}
    opened = open_dataset(str(tmp_path / "set"), environment)
    assert sorted(opened.classes) == sorted(NUMERALS)
    assert len(opened) == 20


@pytest.mark.parametrize(
    "options",
    [
        ["--data", "roman-emnist"],
        ["--data", "nothing"],
        ["--data", "uci-digits:x"],
        ["--form", "mnist"],
        ["--form", "curly"],
        ["--seed", "-1"],
        ["--count", "0"],
        ["--workers", "-1"],
    ],
)
@pytest.mark.parametrize("kind", ["numbers", "roman"])
def test_compose_refuses_with_a_sentence(
    environment: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    options: list[str],
) -> None:
    assert compose(kind, "--count", "10", "--out", str(tmp_path / "set"), *options) == 1
    assert is_sentence(sentence_of(capsys.readouterr().err))
    assert not list(tmp_path.glob("set*"))


def test_compose_knows_the_parts_of_chars74k(
    environment: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        compose(
            "roman", "--count", "10", "--out", str(tmp_path / "set"), "--data", "chars74k:valid"
        )
        == 1
    )
    assert is_sentence(sentence_of(capsys.readouterr().err))


def test_digits_of_any_size_do() -> None:
    """scikit-learn's, 8x8 pixels."""
    composer = numbers_of(open_dataset("uci-digits:test", Settings.from_environment()))
    images, labels = composer.draw(0, 37)
    assert images.shape == (37, 28, 28)
    assert labels[36] == "36"
    assert composed.FORM.size == 28


@pytest.mark.slow
def test_the_real_competition(real_data: Path, settings: Settings) -> None:
    """2,067 and 813 pictures, 49 of them in both; see the data's description."""
    if not (real_data / "roman").exists():
        pytest.skip("the competition's pictures are not beside the repository")
    settings.data.mkdir()
    (settings.data / "roman").symlink_to(real_data / "roman")
    train, test = (open_dataset(f"roman:{part}", settings) for part in ("train", "test"))
    assert "49 also in val" in train.source
    assert (2000 <= len(train) <= 2018, len(test) <= 813) == (True, True)


def test_real_digits_of_the_two_parts_do_not_mix(real_data: Path, settings: Settings) -> None:
    """A single digit's ink is the crop of a picture of its own split, and of none of the other."""
    known = {}
    for part in ("train", "test"):
        data = open_dataset(f"mnist:{part}", replace(settings, data=real_data))
        composer = numbers_of(data)
        known[part] = {image.tobytes() for image in composer.parts.images}
        assert len(composer.parts.images) == len(data)
    assert not known["train"] & known["test"]

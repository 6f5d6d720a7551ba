import csv
import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.cli.main import main
from core.datasets import tables
from core.errors import InklingError
from core.models.cards import Card
from core.models.recognizer import Recognizer, load_recognizer
from core.reading import table as unlabelled
from core.reading.table import read_unlabelled, submission
from core.settings import Settings
from tests.datasets.test_corrections import DIGITS, ON_SIDE
from tests.datasets.test_tables import HEADER, table
from tests.reading.test_pictures import spots
from tests.reports import Reports
from tests.sentences import is_sentence

Make = Callable[..., Card]
TEXT = Callable[[bytes], bytes]


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_csv", ".csv"), data)
    return buffer.getvalue()


PACKED: dict[str, tuple[str, TEXT]] = {
    "plain": ("test.csv", lambda text: text),
    "gz": ("test.csv.gz", gzip.compress),
    "zip": ("test.zip", lambda text: zipped(some_csv=text)),
    "gz in a zip": ("test.zip", lambda text: zipped(**{"some_csv.gz": gzip.compress(text)})),
    "Kaggle's zip": (
        "digit-recognizer.zip",
        lambda text: zipped(train_csv=b"label\n", test_csv=text, sample_submission_csv=b"ImageId"),
    ),
}


@pytest.fixture
def reader(settings: Settings, make_model: Make) -> Recognizer:
    make_model("tiny", tuple("abcdefghij"))
    return load_recognizer("tiny", settings)


@pytest.mark.parametrize("kind", PACKED)
def test_answers_are_the_recognizers(
    reader: Recognizer, random: np.random.Generator, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_CHUNK_PIXELS", 40 * 784)
    monkeypatch.setattr(unlabelled, "_BATCH", 30)
    images = spots(random, 100)
    images[17] = 0
    name, pack = PACKED[kind]
    text: list[tuple[int, int]] = []
    result = read_unlabelled(
        io.BytesIO(pack(table(images, header=HEADER))),
        name,
        reader,
        lambda *counts: text.append(counts),
    )
    expected = reader.predict(images)
    rows = list(csv.reader(io.StringIO(submission(result))))
    assert rows[0] == ["ImageId", "Label"]
    assert rows[1:] == [[str(number), label] for number, label in enumerate(expected.labels(), 1)]
    np.testing.assert_allclose(result.confidence, expected.probabilities.max(1), rtol=1e-4)
    assert text == [(30, 100), (40, 100), (70, 100), (80, 100), (100, 100)]
    assert result.rows[0] == 17  # a blank one: every class is as probable
    assert len(result.rows) == unlabelled.LEAST_SURE
    assert (
        sorted(result.confidence)[: unlabelled.LEAST_SURE]
        == result.confidence[result.rows].tolist()
    )
    np.testing.assert_array_equal(result.images, images[result.rows])
    assert result.notes == ()


def test_labels_are_passed_over_and_bright_paper_is_turned(
    reader: Recognizer, random: np.random.Generator
) -> None:
    images = spots(random, 20)
    result = read_unlabelled(io.BytesIO(table(255 - images, labels=range(20))), "a.csv", reader)
    np.testing.assert_array_equal(result.answers, reader.predict(images).probabilities.argmax(1))
    assert [note.split()[:2] for note in result.notes] == [["the", "column"], ["ink", "and"]]


def test_a_table_of_pictures_on_their_side_is_turned(
    reader: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_CHUNK_PIXELS", 150 * 784)  # the second chunk has 50
    text = table(255 - ON_SIDE)
    result = read_unlabelled(io.BytesIO(text), "a.csv", reader)
    np.testing.assert_array_equal(result.answers, reader.predict(DIGITS).probabilities.argmax(1))
    assert [note.split()[:2] for note in result.notes] == [["ink", "and"], ["rows", "and"]]


def test_other_sizes_go_through_the_canonical_form(
    reader: Recognizer, random: np.random.Generator
) -> None:
    images = np.pad(spots(random, 6), ((0, 0), (6, 6), (6, 6)))
    result = read_unlabelled(io.BytesIO(table(images)), "a.csv", reader)
    np.testing.assert_array_equal(result.answers, reader.predict(images).probabilities.argmax(1))


GOOD = table(np.zeros((3, 28, 28), np.uint8))
REFUSED = {
    "empty": ("a.csv", b"", "is empty"),
    "cut gz": ("a.csv.gz", gzip.compress(GOOD)[:-9], "damaged or cut short"),
    "bad gz": ("a.csv.gz", gzip.compress(GOOD)[:12] + b"\xff" * 40, "damaged or cut short"),
    "cut zip": ("a.zip", zipped(a_csv=GOOD)[:-30], "damaged or cut short"),
    "zip without": ("a.zip", zipped(readme=b"text"), "holds no CSV files"),
    "zip of two": ("a.zip", zipped(a_csv=GOOD, b_csv=GOOD), "holds 2 CSV files"),
    "gz bomb": ("a.csv.gz", gzip.compress(b"1" * 17 * 2**20), "too long|too much"),
    "a picture": ("a.csv", b"\x89PNG\r\n\x1a\n" + b"0" * 99, "is no table"),
    "a name like a path": ("../../x\ny.csv", b"1,2,3\n", "^x.y.csv has 3 columns"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_bad_file_is_one_sentence(reader: Recognizer, kind: str) -> None:
    name, data, text = REFUSED[kind]
    with pytest.raises(InklingError, match=text) as error:
        read_unlabelled(io.BytesIO(data), name, reader)
    assert is_sentence(str(error.value))


def test_what_progress_raises_stops_it(reader: Recognizer) -> None:
    with pytest.raises(KeyboardInterrupt):
        read_unlabelled(io.BytesIO(GOOD), "a.csv", reader, Reports(stop_after=0))


@pytest.fixture
def at_home(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("data", "runs", "models"):
        monkeypatch.setenv(f"INKLING_{name.upper()}", str(getattr(settings, name)))


def test_command(
    at_home: None,
    reader: Recognizer,
    random: np.random.Generator,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    images, out = spots(random, 9), tmp_path / "new" / "submission.csv"
    (tmp_path / "test.csv").write_bytes(table(images, header=HEADER))
    assert (
        main(["predict-table", str(tmp_path / "test.csv"), "--model", "tiny", "--out", str(out)])
        == 0
    )
    text = capsys.readouterr()
    assert text.out == f"{out}\n"
    assert "9 pictures read" in text.err
    assert out.read_text().splitlines() == [
        "ImageId,Label",
        *(f"{n},{label}" for n, label in enumerate(reader.predict(images).labels(), 1)),
    ]
    (tmp_path / "test.csv").write_bytes(table(images)[:-40])
    assert (
        main(["predict-table", str(tmp_path / "test.csv"), "--model", "tiny", "--out", str(out)])
        == 1
    )
    assert "Row 9 of test.csv" in capsys.readouterr().err
    assert len(out.read_text().splitlines()) == 10
    assert [path.name for path in out.parent.iterdir()] == ["submission.csv"]
    assert (
        main(["predict-table", str(tmp_path / "none.csv"), "--model", "tiny", "--out", str(out)])
        == 1
    )
    assert "none.csv cannot be read" in capsys.readouterr().err

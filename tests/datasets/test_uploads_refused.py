"""Invalid image sets: each gets its message, and leaves no files behind."""

import gzip
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.errors import InklingError
from core.settings import Settings
from tests.datasets.upload_files import (
    IMAGES,
    LABELS,
    PACKED,
    PAIR,
    WHOLE,
    Upload,
    folders,
    handwriting,
    keep,
    npz,
    png,
    table,
    zipped,
)
from tests.idx_files import idx
from tests.sentences import is_sentence


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info


def encrypted(data: bytes) -> bytes:
    """The encryption flag set on every member, as in an archive with a password."""
    return data.replace(b"PK\3\4\x14\0\0\0", b"PK\3\4\x14\0\1\0").replace(
        b"PK\1\2\x14\3\x14\0\0\0", b"PK\1\2\x14\3\x14\0\1\0"
    )


def row(*pixels: object, label: object = 3) -> bytes:
    return ",".join(map(str, [label, *pixels, *([0] * (784 - len(pixels)))])).encode() + b"\n"


GOOD = table(header=False)
REFUSED: dict[str, tuple[Upload, str]] = {
    "nothing": ([], "There is no file"),
    "empty file": ([("a.zip", b"")], "0 bytes"),
    "picture": ([("a.png", png(IMAGES[0]))], "give one set"),
    "two unrelated": ([("train.csv", GOOD), ("a.png", png(IMAGES[0]))], "give one set"),
    "two zips": ([("a.zip", WHOLE), ("b.zip", WHOLE)], "give one set"),
    "newline in a name": ([("a\n.bin", b"123"), ("..", b"123")], r"a\?\.bin, \.\.: give one set"),
    "path up": (
        [("a.zip", zipped(folders() | {"../../evil/1.png": png(IMAGES[0])}))],
        "leads out of it",
    ),
    "path up, backslashes": (
        [("a.zip", zipped(folders() | {"7\\..\\..\\1.png": b""}))],
        "leads out of it",
    ),
    "absolute": ([("a.zip", zipped(folders() | {"/etc/1.png": b""}))], "leads out of it"),
    "drive": ([("a.zip", zipped(folders() | {"C:\\7\\1.png": b""}))], "leads out of it"),
    "link": (
        [("a.zip", zipped([*folders().items(), (link("7/1.png"), b"/etc/passwd")]))],
        "leads out of it",
    ),
    "encrypted": ([("a.zip", encrypted(WHOLE))], "without a password"),
    "rare compression": ([("a.zip", zipped(folders(), zipfile.ZIP_BZIP2))], "ordinary zip"),
    "truncated zip": ([("a.zip", WHOLE[:-200])], "damaged or cut short"),
    "zip of nothing": ([("a.zip", zipped({}))], "no pictures in class folders"),
    "no folders": (
        [("a.zip", zipped({"1.png": png(IMAGES[0]), "2.png": png(IMAGES[1])}))],
        "no pictures in class folders",
    ),
    "no pictures": ([("a.zip", zipped({"7/notes.txt": b"text"}))], "no pictures in class folders"),
    "empty folders": ([("a.zip", zipped({"7/": b"", "8/": b""}))], "no pictures in class folders"),
    "unreadable": (
        [("a.zip", zipped({"7/1.png": b"no picture", "8/1.png": png(0 * IMAGES[0])}))],
        "None of the 2 pictures",
    ),
    "two parts of MNIST": (
        [("a.zip", zipped([(f"{part}-{name}", data) for part in "ab" for name, data in PAIR]))],
        "give one set",
    ),
    "train and test": (
        [("a.zip", zipped(folders(top="set/train/") | folders(top="set/test/")))],
        "parts test and train",
    ),
    "zip bomb": (
        [("a.zip", zipped(folders() | {"7/large.png": bytes(17 * 2**20)}))],
        "would unpack to 18 MB",
    ),
    "zip in a zip": ([("a.zip", zipped({"a.zip": WHOLE}))], "no pictures in class folders"),
    "one class": (
        [("a.zip", zipped(folders(labels=["7"] * 7, top="set/")))],
        "one class only, '7'",
    ),
    "one class of an npz": ([("a.npz", npz(images=IMAGES, labels=[3] * 7))], "one class only, '3'"),
    "257 classes": (
        [("a.csv", table(handwriting(257, side=4 + 4), range(257)))],
        "more than 256 classes",
    ),
    "class of a newline": (
        [("a.zip", zipped(folders(labels=["a%0Ab", *"bcdefg"])))],
        r"'a\\nb'; name classes",
    ),
    "class of nothing": (
        [("a.npz", npz(images=IMAGES, labels=["", *"bcdefg"]))],
        "class ''; name classes",
    ),
    "labels without images": (PAIR[1:], "holds labels without images"),
    "images without labels": (PACKED[:1], "holds images without labels"),
    "twice images": ([PAIR[0], PAIR[0]], "are both images"),
    "twice labels": ([PAIR[1], PACKED[1]], "are both labels"),
    "lengths": ([PAIR[0], ("l", idx(LABELS[:5]))], "7 images and l 5 labels"),
    "IDX of floats": ([PAIR[1], ("f", b"\0\0\x0d\3" + bytes(50))], "f is not an IDX file"),
    "IDX cut short": ([PAIR[1], ("i", PAIR[0][1][:-1])], "i is cut short"),
    "IDX with more": ([PAIR[1], ("i", PAIR[0][1] + b"1")], "longer than its header"),
    "IDX header only": ([PAIR[1], ("i", PAIR[0][1][:9])], "i is cut short"),
    "IDX that claims more": (
        [PAIR[1], ("i", PAIR[0][1][:4] + b"\xff" * 12)],
        "i is cut short, or unpacks",
    ),
    "IDX of no images": ([("i", idx(IMAGES[:0])), ("l", idx(LABELS[:0]))], "no images"),
    "IDX of 0 rows": (
        [("i", idx(IMAGES[:, :0])), PAIR[1]],
        "0x28; give pictures with sides of 4 to 256",
    ),
    "truncated gz": ([PACKED[0], ("l.gz", PACKED[1][1][:-10])], "damaged or cut short"),
    "damaged gz": ([PACKED[0], ("l.gz", b"\x1f\x8b\x08\0" + b"\xff" * 30)], "damaged or cut short"),
    "gz bomb": ([("a.csv.gz", gzip.compress(b"1" * 17 * 2**20))], "unpacks to too much"),
    "gz bomb of lines": (
        [("a.csv.gz", gzip.compress(b"\n" * 17 * 2**20))],
        "more than 1,000 blank rows",
    ),
    "gz bomb of images": (
        [("i.gz", gzip.compress(idx(np.zeros((30_000, 28, 28))))), PAIR[1]],
        "more than is allowed",
    ),
    "npz without labels": ([("a.npz", npz(images=IMAGES))], "a.npz is not an .npz with the arrays"),
    "npz of other shapes": (
        [("a.npz", npz(images=IMAGES[0], labels=LABELS))],
        "images must be uint8",
    ),
    "npz of floats": ([("a.npz", npz(images=IMAGES / 255, labels=LABELS))], "images must be uint8"),
    "npz of other lengths": ([("a.npz", npz(images=IMAGES, labels=LABELS[:6]))], "one label each"),
    "npz cut short": (
        [("a.npz", npz(images=IMAGES, labels=LABELS)[:-100])],
        "damaged or cut short",
    ),
    "npz bomb": (
        [("a.npz", npz(images=np.zeros((30_000, 28, 28), np.uint8), labels=LABELS))],
        "would unpack to 24 MB",
    ),
    "too small": ([("a.npz", npz(images=IMAGES[:, :3, :3], labels=LABELS))], "are 3x3; give"),
    "too large": (
        [("a.npz", npz(images=np.zeros((2, 257, 4), np.uint8), labels=[0, 1]))],
        "are 257x4; give",
    ),
    "no ink": (
        [("a.npz", npz(images=np.full((7, 28, 28), 255, np.uint8), labels=LABELS))],
        "between 255 and 255, which shows no ink",
    ),
    "pixels to 16": (
        [("a.npz", npz(images=IMAGES // 16, labels=LABELS))],
        "between 0 and 15, which shows no ink",
    ),
    "CSV of blank lines": ([("a.csv", b"\n\n \n")], "a.csv is empty"),
    "CSV header only": ([("a.csv", table().split(b"\n")[0])], "header and no rows"),
    "CSV of words": ([("a.csv", GOOD + row(0, "dark"))], "Row 8 of a.csv has a pixel"),
    "CSV of 256": ([("a.csv", GOOD + row(0, 256) + row())], "Row 8 of a.csv has a pixel"),
    "CSV of -1": ([("a.csv", GOOD + row() + row(-1))], "Row 9 of a.csv has a pixel"),
    "CSV of NaN": ([("a.csv", GOOD + row("nan"))], "Row 8 of a.csv has a pixel"),
    "CSV of gaps": ([("a.csv", GOOD + row(""))], "Row 8 of a.csv has a pixel"),
    "CSV of fractions": ([("a.csv", GOOD + row(0.5))], "Row 8 of a.csv has a pixel"),
    "CSV open quote": ([("a.csv", GOOD + row('"1') + row())], "Row 8 of a.csv has a pixel"),
    "CSV ragged": ([("a.csv", GOOD + row()[:-3] + b"\n")], "Row 8 of a.csv has 783 pixels"),
    "CSV long row": ([("a.csv", b"\n" + GOOD + row(*[0] * 785))], "Row 9 of a.csv has 785 pixels"),
    "CSV not square": ([("a.csv", b"1,2,3\n")], "3 columns, which make no square picture"),
    "CSV of labels": ([("a.csv", b"1\n2\n")], "1 pixels in a row and no label"),
    "CSV of a pixel": ([("a.csv", b"1,2\n2,200\n")], "are 1x1; give"),
    "CSV of UTF-16": ([("a.csv", table().decode().encode("utf-16"))], r"a\.csv has"),
    "Kaggle's test table": (
        [("a.csv", b"\n".join(line.partition(b",")[2] for line in table().split(b"\r\n")))],
        "784 pixels in a row and no label",
    ),
}


@pytest.mark.parametrize(("files", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_set_gets_a_sentence_and_leaves_nothing(
    settings: Settings, tmp_path: Path, files: Upload, words: str
) -> None:
    with pytest.raises(InklingError, match=words) as error:
        keep(files, settings)
    assert is_sentence(str(error.value))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert list((settings.data / "uploads").glob("*")) == []

import csv
import errno
import gzip
import io
import stat
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from core.datasets import drawings, unpack, uploads
from core.datasets.arrays import open_npz
from core.datasets.catalogue import find_entries, open_dataset
from core.datasets.pictures import open_folder
from core.datasets.uploads import delete_upload, find_uploads, keep_upload, open_upload, upload_name
from core.errors import InklingError
from core.ink.decode import decode
from core.ink.forms import FORMS
from core.settings import Settings
from tests.idx_files import idx
from tests.sentences import is_sentence

Upload = list[tuple[str, bytes]]

LABELS = np.array([2, 0, 1, 1, 2, 0, 10])


def handwriting(count: int = len(LABELS), side: int = 28, seed: int = 3) -> np.ndarray:
    """Noise of every value on empty paper, uint8 [count, side, side]: dark border, some ink."""
    images = np.zeros((count, side, side), np.uint8)
    images[:, 2:-2, 2:-2] = np.random.default_rng(seed).integers(0, 256, (count, side - 4, side - 4))
    return images


IMAGES = handwriting()


def keep(files: Upload, settings: Settings, name: str = "x", **options: object):
    return keep_upload([(title, io.BytesIO(data)) for title, data in files], name, settings, **options)  # type: ignore[arg-type]


def zipped(members: Mapping[str, bytes] | Sequence[tuple[str | zipfile.ZipInfo, bytes]], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name, data in members.items() if isinstance(members, Mapping) else members:
            archive.writestr(name, data)
    return buffer.getvalue()


def png(image: np.ndarray) -> bytes:
    return cv2.imencode(".png", image)[1].tobytes()


def table(images: np.ndarray = IMAGES, labels: Sequence[object] = LABELS.tolist(), header: bool = True, **style: object) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, **style)  # type: ignore[arg-type]
    if header:
        writer.writerow(["label", *(f"pixel{number}" for number in range(images[0].size))])
    writer.writerows([label, *image.ravel().tolist()] for label, image in zip(labels, images, strict=True))
    return text.getvalue().encode()


def npz(**arrays: object) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def folders(images: np.ndarray = IMAGES, labels: Sequence[object] = LABELS.tolist(), top: str = "") -> dict[str, bytes]:
    return {f"{top}{label}/{number}.png": png(image) for number, (label, image) in enumerate(zip(labels, images, strict=True))}


PAIR = [("train-images-idx3-ubyte", idx(IMAGES)), ("train-labels-idx1-ubyte", idx(LABELS))]
PACKED = [(f"{name}.gz", gzip.compress(data)) for name, data in PAIR]
KINDS: dict[str, Upload] = {
    "npz": [("set.npz", npz(images=IMAGES, labels=LABELS))],
    "npz of names": [("set.npz", npz(images=IMAGES, labels=LABELS.astype("U")))],
    "IDX pair": PAIR,
    "IDX pair, gz, labels first": PACKED[::-1],
    "IDX pair with names that do not tell": [("a", PAIR[1][1]), ("b.gz", PACKED[0][1])],
    "zip of an IDX pair": [("set.zip", zipped(PAIR))],
    "zip of a gz pair in a folder": [("set.zip", zipped({f"raw/{name}": data for name, data in PACKED} | {"raw/README.md": b"text"}))],
    "CSV": [("train.csv", table())],
    "CSV without header": [("train.csv", table(header=False))],
    "CSV, gz, in quotes, byte order mark": [("t.csv.gz", gzip.compress(b"\xef\xbb\xbf" + table(quoting=csv.QUOTE_ALL)))],
    "CSV of other line ends and blank lines": [("T.CSV", b"\n" + table(header=False, lineterminator="\n\n"))],
    "CSV in a zip": [("archive.zip", zipped({"train.csv": table(labels=[f"{label}.0" for label in LABELS])}))],
    "zip of class folders": [("set.zip", zipped(folders()))],
}


@pytest.mark.parametrize("files", KINDS.values(), ids=KINDS)
def test_every_kind_keeps_its_pixels_and_labels(settings: Settings, files: Upload) -> None:
    data = keep(files, settings, "My Digits")
    assert (data.name, data.title, data.form) == ("upload-my-digits", "My Digits", "")
    assert data.classes == ("0", "1", "2", "10")
    order = np.argsort(data.labels, kind="stable") if "folders" in data.source else np.arange(len(LABELS))
    names = np.array([int(data.classes[label]) for label in data.labels])
    np.testing.assert_array_equal(names[order], LABELS[order])
    np.testing.assert_array_equal(data.images, IMAGES)
    assert isinstance(data.images, np.memmap)
    assert data.source.startswith(f"the upload {files[0][0]}, 7 images; without a class for 3, 4, 5, 6, 7, 8, 9, of")
    assert sorted(place.name for place in (settings.data / "uploads").rglob("*")) == [
        "images-idx3-ubyte", "labels-idx1-ubyte", "my-digits", "set.json",
    ]  # fmt: skip


def test_an_uploaded_set_is_one_of_the_catalogue(settings: Settings) -> None:
    assert find_uploads(settings) == {}
    kept = keep(PAIR, settings)
    opened = open_dataset("upload-x", settings)
    np.testing.assert_array_equal(opened.images, kept.images)
    assert (opened.name, opened.labels.dtype) == ("upload-x", np.int64)
    assert len(open_dataset("upload-x:train", settings)) == 7
    assert find_entries(settings)["upload-x"].title == "x"
    assert "mnist" in find_entries(settings)
    for name in ("upload-x:test", "upload-y", "upload-../x"):
        with pytest.raises(InklingError) as error:
            open_dataset(name, settings)
        assert is_sentence(str(error.value))
    delete_upload(settings, "x")
    assert find_uploads(settings) == {}
    assert list((settings.data / "uploads").iterdir()) == []
    np.testing.assert_array_equal(opened.images, IMAGES)  # whoever has it open keeps it
    for forget in (open_upload, delete_upload):
        with pytest.raises(InklingError, match="no uploaded set 'x'") as error:
            forget(settings, "x")
        assert is_sentence(str(error.value))


def test_an_older_set_gives_way_only_to_a_whole_one(settings: Settings) -> None:
    old = keep(PAIR, settings)
    with pytest.raises(InklingError):
        keep([("x.csv", table()[:-1000])], settings)
    np.testing.assert_array_equal(open_upload(settings, "x").images, IMAGES)
    other = handwriting(seed=4)
    np.testing.assert_array_equal(keep([("x.csv", table(other))], settings).images, other)
    np.testing.assert_array_equal(old.images, IMAGES)
    assert [place.name for place in (settings.data / "uploads").iterdir()] == ["x"]


def test_pictures_are_read_as_those_of_a_folder(settings: Settings, tmp_path: Path) -> None:
    members = {}
    for number, label in enumerate(["upper_b", "lower_b", "7", "7"]):
        image = np.full((90, 70), 230, np.uint8)
        cv2.line(image, (20, 15 + number * 7), (45, 70), 20, 5)
        members[f"{label}/writer/{number}.jpg"] = cv2.imencode(".jpg", image)[1].tobytes()
    members |= {"7/blank.png": png(np.full((60, 60), 255, np.uint8)), "7/bad.png": b"no picture", "7/notes.txt": b"text"}
    for name, data in members.items():
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_bytes(data)
    expected = open_folder(tmp_path / "set", FORMS["emnist"])
    data = keep([("set.zip", zipped(members))], settings, form=FORMS["emnist"])
    assert (data.classes, data.form) == (("7", "B", "b"), "emnist")
    assert "; 2 blank or unreadable left out" in data.source
    for label in data.classes:
        np.testing.assert_array_equal(
            np.sort(data.images[data.labels == data.classes.index(label)], axis=0),
            np.sort(expected.images[expected.labels == expected.classes.index(label)], axis=0),
        )


def test_what_stands_around_the_class_folders_does_not_matter(settings: Settings) -> None:
    around = {"__MACOSX/set/7/._1.png": b"\0", "set/a/7/.DS_Store": b"\0", ".git/8/1.png": png(IMAGES[0]), "set/a/readme.txt": b"text"}
    data = keep([("set.zip", zipped(folders(top="set/a/") | around))], settings)
    assert data.classes == ("0", "1", "2", "10")
    np.testing.assert_array_equal(data.images, IMAGES)
    windows = {name.replace("/", "\\"): png for name, png in folders(top="set/").items()}
    np.testing.assert_array_equal(keep([("set.zip", zipped(windows))], settings).images, IMAGES)


def test_a_class_without_images_is_none_and_source_says_so(settings: Settings) -> None:
    empty = [*folders(labels=["b", "a", "b", "a", "b", "a", "b"]).items(), ("c/", b""), ("d/e/", b""), ("d/e/notes.txt", b"text")]
    data = keep([("set.zip", zipped(empty))], settings)
    assert data.classes == ("a", "b")
    assert data.source.endswith("; without a class for c, d, of which there are no images")
    data = keep([("set.npz", npz(images=IMAGES, labels=[5, 7, 5, 7, 5, 5, 5]))], settings)
    assert data.classes == ("5", "7")
    assert data.source.endswith("; without a class for 6, of which there are no images")


def test_bright_paper_is_turned_over(settings: Settings) -> None:
    data = keep([("set.npz", npz(images=255 - IMAGES, labels=LABELS))], settings)
    np.testing.assert_array_equal(data.images, IMAGES)
    assert "ink and paper changed places" in data.source
    assert "changed" not in keep(PAIR, settings).source


def test_other_sizes_and_labels(settings: Settings) -> None:
    small = handwriting(3, side=8)
    data = keep([("x.csv", table(small, ["viii", "a b", "viii"]))], settings)
    assert (data.images.shape, data.classes, data.labels.tolist()) == ((3, 8, 8), ("a b", "viii"), [1, 0, 1])
    flat = np.ascontiguousarray(handwriting(3, side=20)[:, :12])
    data = keep([("x.npz", npz(images=flat, labels=["a", "b", "a"]))], settings)
    np.testing.assert_array_equal(data.images, flat)
    many = keep([("x.csv", table(handwriting(256, side=8), range(256)))], settings)
    np.testing.assert_array_equal(many.labels, np.arange(256))


def test_many_chunks_are_one_set(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.datasets.unpack._CHUNK_BYTES", 3 * 784)
    monkeypatch.setattr("core.datasets.tables._CHUNK_PIXELS", 3 * 784)
    monkeypatch.setattr("core.datasets.unpack._BATCH", 3)
    for kind, total in (("IDX pair", 7), ("npz", 7), ("CSV", 0), ("zip of class folders", 7)):
        told: list[tuple[int, int]] = []
        data = keep(KINDS[kind], settings, progress=lambda *counts, told=told: told.append(counts))
        np.testing.assert_array_equal(data.images, IMAGES)
        assert told == [(3, total), (6, total), (7, total)]


def test_what_my_drawings_exports_comes_back(settings: Settings) -> None:
    image = np.full((60, 60), 255, np.uint8)
    image[10:40, 25:30] = 0
    for label in ("A", "x y", "7"):
        drawings.save(settings, drawings.Drawing(image, [], label, "1", 0.5, "m"))
    mine = drawings.open_drawings(settings)
    packed = drawings.export_idx(mine)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        unpacked = [(name, archive.read(name)) for name in archive.namelist()]
    for files in ([("set.zip", packed)], unpacked):
        data = keep(files, settings)
        np.testing.assert_array_equal(data.images, mine.images)
        assert [data.classes[label] for label in data.labels] == ["A", "x y", "7"]


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info


def encrypted(data: bytes) -> bytes:
    """The flag of every member set, as an archive with a password has it."""
    return data.replace(b"PK\3\4\x14\0\0\0", b"PK\3\4\x14\0\1\0").replace(b"PK\1\2\x14\3\x14\0\0\0", b"PK\1\2\x14\3\x14\0\1\0")


def row(*pixels: object, label: object = 3) -> bytes:
    return ",".join(map(str, [label, *pixels, *([0] * (784 - len(pixels)))])).encode() + b"\n"


WHOLE = zipped(folders())
GOOD = table(header=False)
REFUSED: dict[str, tuple[Upload, str]] = {
    "nothing": ([], "There is no file"),
    "empty file": ([("a.zip", b"")], "0 bytes"),
    "picture": ([("a.png", png(IMAGES[0]))], "give one set"),
    "two unrelated": ([("train.csv", GOOD), ("a.png", png(IMAGES[0]))], "give one set"),
    "two zips": ([("a.zip", WHOLE), ("b.zip", WHOLE)], "give one set"),
    "newline in a name": ([("a\n.bin", b"123"), ("..", b"123")], r"a\?\.bin, \.\.: give one set"),
    "path up": ([("a.zip", zipped(folders() | {"../../evil/1.png": png(IMAGES[0])}))], "leads out of it"),
    "path up, backslashes": ([("a.zip", zipped(folders() | {"7\\..\\..\\1.png": b""}))], "leads out of it"),
    "absolute": ([("a.zip", zipped(folders() | {"/etc/1.png": b""}))], "leads out of it"),
    "drive": ([("a.zip", zipped(folders() | {"C:\\7\\1.png": b""}))], "leads out of it"),
    "link": ([("a.zip", zipped([*folders().items(), (link("7/1.png"), b"/etc/passwd")]))], "leads out of it"),
    "encrypted": ([("a.zip", encrypted(WHOLE))], "without a password"),
    "rare compression": ([("a.zip", zipped(folders(), zipfile.ZIP_BZIP2))], "ordinary zip"),
    "truncated zip": ([("a.zip", WHOLE[:-200])], "damaged or cut short"),
    "zip of nothing": ([("a.zip", zipped({}))], "no pictures in class folders"),
    "no folders": ([("a.zip", zipped({"1.png": png(IMAGES[0]), "2.png": png(IMAGES[1])}))], "no pictures in class folders"),
    "no pictures": ([("a.zip", zipped({"7/notes.txt": b"text"}))], "no pictures in class folders"),
    "empty folders": ([("a.zip", zipped({"7/": b"", "8/": b""}))], "no pictures in class folders"),
    "unreadable": ([("a.zip", zipped({"7/1.png": b"no picture", "8/1.png": png(0 * IMAGES[0])}))], "None of the 2 pictures"),
    "two parts of MNIST": ([("a.zip", zipped([(f"{part}-{name}", data) for part in "ab" for name, data in PAIR]))], "give one set"),
    "train and test": ([("a.zip", zipped(folders(top="set/train/") | folders(top="set/test/")))], "parts test and train"),
    "zip bomb": ([("a.zip", zipped(folders() | {"7/large.png": bytes(17 * 2**20)}))], "would unpack to 18 MB"),
    "zip in a zip": ([("a.zip", zipped({"a.zip": WHOLE}))], "no pictures in class folders"),
    "one class": ([("a.zip", zipped(folders(labels=["7"] * 7, top="set/")))], "one class only, '7'"),
    "one class of an npz": ([("a.npz", npz(images=IMAGES, labels=[3] * 7))], "one class only, '3'"),
    "257 classes": ([("a.csv", table(handwriting(257, side=4 + 4), range(257)))], "more than 256 classes"),
    "class of a newline": ([("a.zip", zipped(folders(labels=["a%0Ab", *"bcdefg"])))], r"'a\\nb'; name classes"),
    "class of nothing": ([("a.npz", npz(images=IMAGES, labels=["", *"bcdefg"]))], "class ''; name classes"),
    "labels without images": (PAIR[1:], "holds labels without images"),
    "images without labels": (PACKED[:1], "holds images without labels"),
    "twice images": ([PAIR[0], PAIR[0]], "are both images"),
    "twice labels": ([PAIR[1], PACKED[1]], "are both labels"),
    "lengths": ([PAIR[0], ("l", idx(LABELS[:5]))], "7 images and l 5 labels"),
    "IDX of floats": ([PAIR[1], ("f", b"\0\0\x0d\3" + bytes(50))], "f is not an IDX file"),
    "IDX cut short": ([PAIR[1], ("i", PAIR[0][1][:-1])], "i is cut short"),
    "IDX with more": ([PAIR[1], ("i", PAIR[0][1] + b"1")], "longer than its header"),
    "IDX header only": ([PAIR[1], ("i", PAIR[0][1][:9])], "i is cut short"),
    "IDX that claims more": ([PAIR[1], ("i", PAIR[0][1][:4] + b"\xff" * 12)], "i is cut short, or unpacks"),
    "IDX of no images": ([("i", idx(IMAGES[:0])), ("l", idx(LABELS[:0]))], "no images"),
    "IDX of 0 rows": ([("i", idx(IMAGES[:, :0])), PAIR[1]], "0x28; give pictures with sides of 4 to 256"),
    "truncated gz": ([PACKED[0], ("l.gz", PACKED[1][1][:-10])], "damaged or cut short"),
    "damaged gz": ([PACKED[0], ("l.gz", b"\x1f\x8b\x08\0" + b"\xff" * 30)], "damaged or cut short"),
    "gz bomb": ([("a.csv.gz", gzip.compress(b"1" * 17 * 2**20))], "unpacks to too much"),
    "gz bomb of lines": ([("a.csv.gz", gzip.compress(b"\n" * 17 * 2**20))], "more than 1,000 blank rows"),
    "gz bomb of images": ([("i.gz", gzip.compress(idx(np.zeros((30_000, 28, 28))))), PAIR[1]], "more than is allowed"),
    "npz without labels": ([("a.npz", npz(images=IMAGES))], "a.npz is not an .npz with the arrays"),
    "npz of other shapes": ([("a.npz", npz(images=IMAGES[0], labels=LABELS))], "images must be uint8"),
    "npz of floats": ([("a.npz", npz(images=IMAGES / 255, labels=LABELS))], "images must be uint8"),
    "npz of other lengths": ([("a.npz", npz(images=IMAGES, labels=LABELS[:6]))], "one label each"),
    "npz cut short": ([("a.npz", npz(images=IMAGES, labels=LABELS)[:-100])], "damaged or cut short"),
    "npz bomb": ([("a.npz", npz(images=np.zeros((30_000, 28, 28), np.uint8), labels=LABELS))], "would unpack to 24 MB"),
    "too small": ([("a.npz", npz(images=IMAGES[:, :3, :3], labels=LABELS))], "are 3x3; give"),
    "too large": ([("a.npz", npz(images=np.zeros((2, 257, 4), np.uint8), labels=[0, 1]))], "are 257x4; give"),
    "no ink": ([("a.npz", npz(images=np.full((7, 28, 28), 255, np.uint8), labels=LABELS))], "between 255 and 255, which shows no ink"),
    "pixels to 16": ([("a.npz", npz(images=IMAGES // 16, labels=LABELS))], "between 0 and 15, which shows no ink"),
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
    "CSV not square": ([("a.csv", b"1,2,3\n")], "2 columns after the label"),
    "CSV of labels": ([("a.csv", b"1\n2\n")], "0 columns after the label"),
    "CSV of a pixel": ([("a.csv", b"1,2\n2,200\n")], "are 1x1; give"),
    "CSV of UTF-16": ([("a.csv", table().decode().encode("utf-16"))], r"a\.csv has"),
    "Kaggle's test table": ([("a.csv", b"\n".join(line.partition(b",")[2] for line in table().split(b"\r\n")))], "783 columns"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_set_gets_a_sentence_and_leaves_nothing(settings: Settings, tmp_path: Path, files: Upload, words: str) -> None:
    with pytest.raises(InklingError, match=words) as error:
        keep(files, settings)
    assert is_sentence(str(error.value))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert list((settings.data / "uploads").glob("*")) == []


def test_a_damaged_picture_is_left_out(settings: Settings) -> None:
    data = bytearray(zipped(folders(), zipfile.ZIP_STORED))
    data[data.find(b"IDAT") + 9] ^= 255
    kept = keep([("set.zip", bytes(data))], settings)
    np.testing.assert_array_equal(kept.images, IMAGES[1:])
    assert "; 1 blank or unreadable left out" in kept.source


def test_a_member_that_lies_about_its_size_gives_no_more(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    large = png(handwriting(1, side=200)[0])
    data, real = zipped({"7/1.png": large, "8/1.png": png(IMAGES[0])}), len(large).to_bytes(4, "little")
    read: list[int] = []
    monkeypatch.setattr(unpack, "decode", lambda data: read.append(len(data)) or decode(data))
    with pytest.raises(InklingError, match="one class only, '8'"):
        keep([("set.zip", data.replace(real, (10).to_bytes(4, "little")))], settings)
    assert sorted(read) in ([len(png(IMAGES[0]))], [10, len(png(IMAGES[0]))])


@pytest.mark.parametrize(
    ("limit", "value", "kind", "words"),
    [
        ("MAX_SET_BYTES", 1000, "zip of class folders", "larger than"),
        ("MAX_MEMBERS", 6, "zip of class folders", "holds more than 6 files"),
        ("MAX_UNPACKED_BYTES", 1000, "zip of class folders", "would unpack"),
        ("MAX_UNPACKED_BYTES", 5000, "IDX pair, gz, labels first", "unpacks to more than is allowed"),
        ("MAX_UNPACKED_BYTES", 15_000, "CSV, gz, in quotes, byte order mark", "Row 3 of t.csv is too long, or the file unpacks"),
    ],
)
def test_limits(settings: Settings, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, kind: str, words: str) -> None:
    keep(KINDS[kind], settings, "y")
    monkeypatch.setattr(unpack, limit, value)
    with pytest.raises(InklingError, match=words) as error:
        keep(KINDS[kind], settings)
    assert is_sentence(str(error.value))
    assert list(find_uploads(settings)) == ["y"]


def test_members_are_counted_across_blocks() -> None:
    data = b"-" * (2**20 - 2) + b"PK\1\2" * 5
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unpack, "MAX_MEMBERS", 5)
        unpack._count_members(unpack._File("a", io.BytesIO(data), len(data)))
        patch.setattr(unpack, "MAX_MEMBERS", 4)
        with pytest.raises(InklingError, match="more than 4 files"):
            unpack._count_members(unpack._File("a", io.BytesIO(data), len(data)))


@pytest.mark.parametrize("kind", ["IDX pair", "npz", "zip of class folders", "CSV"])
@pytest.mark.parametrize("where", ["write_idx", "idx_header", "tempfile.mkdtemp", "_put"])
def test_a_full_disk_leaves_the_store_as_it_was(settings: Settings, monkeypatch: pytest.MonkeyPatch, kind: str, where: str) -> None:
    keep(PAIR, settings)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(f"core.datasets.uploads.{where}", full)
    with pytest.raises(InklingError, match=r"cannot be kept \(No space left on device\); make room in") as error:
        keep(KINDS[kind], settings)
    assert is_sentence(str(error.value))
    assert [place.name for place in (settings.data / "uploads").iterdir()] == ["x"]
    np.testing.assert_array_equal(open_upload(settings, "x").images, IMAGES)


def test_a_rename_that_fails_puts_the_old_set_back(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(PAIR, settings)
    rename = uploads.os.rename

    def fail(source: Path, target: Path) -> None:
        if target.name == "x" and not source.name.endswith("-old"):
            raise OSError(errno.EIO, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(uploads.os, "rename", fail)
    with pytest.raises(InklingError, match="cannot be kept"):
        keep([("x.csv", table(handwriting(seed=4)))], settings)
    np.testing.assert_array_equal(open_upload(settings, "x").images, IMAGES)
    assert [place.name for place in (settings.data / "uploads").iterdir()] == ["x"]


def test_a_place_that_cannot_be_written_gets_a_sentence(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InklingError, match="cannot be kept") as error:
        keep(PAIR, replace(settings, data=tmp_path / "file"))
    assert is_sentence(str(error.value))


def test_what_progress_raises_stops_it(settings: Settings) -> None:
    def cancel(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep(PAIR, settings, progress=cancel)
    assert list((settings.data / "uploads").iterdir()) == []


def facts(text: str) -> Callable[[Path], object]:
    return lambda folder: (folder / "set.json").write_text(text)


@pytest.mark.parametrize(
    "damage",
    [
        facts("{}"), facts("[]"), facts('{"title": "x", "classes": ["a"], "form": "", "source": ""}'), facts("{"),
        lambda folder: (folder / "set.json").unlink(), lambda folder: (folder / "labels-idx1-ubyte").write_bytes(b"\0\0\x08\1\0\0\0\0"),
        lambda folder: (folder / "images-idx3-ubyte").write_bytes(b"cut"),
    ],
    ids=["no facts", "a list", "too few classes", "no JSON", "no file", "no labels", "no images"],
)  # fmt: skip
def test_a_damaged_set_gets_a_sentence_and_can_be_deleted(settings: Settings, damage: Callable[[Path], object]) -> None:
    keep(PAIR, settings)
    damage(settings.data / "uploads" / "x")
    assert find_uploads(settings) == {"x": "x"}
    with pytest.raises(InklingError, match="The uploaded set x is damaged") as error:
        open_dataset("upload-x", settings)
    assert is_sentence(str(error.value))
    delete_upload(settings, "x")
    assert find_uploads(settings) == {}


@given(st.text(max_size=60))
@limits(max_examples=50)
def test_a_name_is_small_letters_figures_and_hyphens(text: str) -> None:
    name = upload_name(text)
    assert 0 < len(name) <= 40
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not name.startswith("-")
    assert not name.endswith("-")
    assert upload_name(name) == name


@given(name=st.text(st.sampled_from("aZ9é/\\.-: \0\n~ßψ"), max_size=12))
@limits(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_leaves_the_folder(settings: Settings, tmp_path: Path, name: str) -> None:
    data = keep(PAIR, settings, name)
    key = data.name.removeprefix("upload-")
    assert (settings.data / "uploads" / key / "set.json").exists()
    assert data.title.isprintable()
    assert find_uploads(settings) == {key: data.title}
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    delete_upload(settings, key)
    for forget in (open_upload, delete_upload):
        with pytest.raises(InklingError) as error:
            forget(settings, name)
        assert is_sentence(str(error.value))


def test_without_a_name_it_is_the_files(settings: Settings) -> None:
    assert keep([("C:\\fakepath\\My Digits.v2.zip", WHOLE)], settings, "").name == "upload-my-digits"
    assert keep(PACKED, settings, " ").name == "upload-train-images-idx3-ubyte"


def test_the_npz_is_read_as_open_npz_reads_it(settings: Settings, tmp_path: Path) -> None:
    data = npz(images=IMAGES, labels=["t", "A", "7", "A", "t", "7", "c"])
    (tmp_path / "a.npz").write_bytes(data)
    theirs, ours = open_npz(tmp_path / "a.npz"), keep([("a.npz", data)], settings)
    assert [ours.classes[label] for label in ours.labels] == [theirs.classes[label] for label in theirs.labels]

import csv
import errno
import gzip
import io
import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from core.datasets import archives, drawings, unpack
from core.datasets.arrays import open_npz
from core.datasets.catalogue import find_entries, open_dataset
from core.datasets.packing import pack_idx
from core.datasets.pictures import open_folder
from core.datasets.uploads import delete_upload, find_uploads, open_upload, upload_name
from core.errors import InklingError
from core.ink.decode import decode
from core.ink.forms import FORMS
from core.settings import Settings
from tests.datasets.upload_files import (
    FRAMED,
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
from tests.sentences import is_sentence

KINDS: dict[str, Upload] = {
    "npz": [("set.npz", npz(images=IMAGES, labels=LABELS))],
    "npz of names": [("set.npz", npz(images=IMAGES, labels=LABELS.astype("U")))],
    "IDX pair": PAIR,
    "IDX pair, gz, labels first": PACKED[::-1],
    "IDX pair with names that do not tell": [("a", PAIR[1][1]), ("b.gz", PACKED[0][1])],
    "zip of an IDX pair": [("set.zip", zipped(PAIR))],
    "zip of a gz pair in a folder": [
        (
            "set.zip",
            zipped({f"raw/{name}": data for name, data in PACKED} | {"raw/README.md": b"text"}),
        )
    ],
    "CSV": [("train.csv", table())],
    "CSV without header": [("train.csv", table(header=False))],
    "CSV, gz, in quotes, byte order mark": [
        ("t.csv.gz", gzip.compress(b"\xef\xbb\xbf" + table(quoting=csv.QUOTE_ALL)))
    ],
    "CSV of other line ends and blank lines": [
        ("T.CSV", b"\n" + table(header=False, lineterminator="\n\n"))
    ],
    "CSV in a zip": [
        ("archive.zip", zipped({"train.csv": table(labels=[f"{label}.0" for label in LABELS])}))
    ],
    "zip of class folders": [("set.zip", zipped(folders()))],
}


@pytest.mark.parametrize("files", KINDS.values(), ids=KINDS)
def test_every_kind_keeps_its_pixels_and_labels(settings: Settings, files: Upload) -> None:
    data = keep(files, settings, "My Digits")
    framed = files is KINDS["zip of class folders"]
    assert (data.name, data.title) == ("upload-my-digits", "My Digits")
    assert data.form == ("mnist" if framed else "")
    assert data.classes == ("0", "1", "2", "10")
    order = np.argsort(data.labels, kind="stable") if framed else np.arange(len(LABELS))
    names = np.array([int(data.classes[label]) for label in data.labels])
    np.testing.assert_array_equal(names[order], LABELS[order])
    np.testing.assert_array_equal(data.images, FRAMED if framed else IMAGES)
    assert isinstance(data.images, np.memmap)
    assert data.source.startswith(
        f"the upload {files[0][0]}, 7 images; without a class for 3, 4, 5, 6, 7, 8, 9, of"
    )
    assert sorted(path.name for path in (settings.data / "uploads").rglob("*")) == [
        "images-idx3-ubyte",
        "labels-idx1-ubyte",
        "my-digits",
        "set.json",
    ]


@pytest.mark.parametrize(
    "kind",
    [kind for kind, [(name, _), *others] in KINDS.items() if not others and "npz" not in kind],
)
def test_a_file_is_opened_by_its_path_as_its_upload_is(
    settings: Settings, tmp_path: Path, kind: str
) -> None:
    [(name, packed)] = KINDS[kind]
    (tmp_path / name).write_bytes(packed)
    opened = open_dataset(str(tmp_path / name), settings, form=FORMS["mnist"])
    kept = keep(KINDS[kind], settings, form=FORMS["mnist"])
    assert (opened.classes, opened.form) == (kept.classes, kept.form)
    np.testing.assert_array_equal(opened.images, kept.images)
    np.testing.assert_array_equal(opened.labels, kept.labels)
    for damaged in (packed[: len(packed) // 2], b"", b"PK\3\4"):
        (tmp_path / name).write_bytes(damaged)
        with pytest.raises(InklingError) as error:
            open_dataset(str(tmp_path / name), settings)
        assert is_sentence(str(error.value))


def test_what_is_put_right_in_a_file_is_said(settings: Settings, tmp_path: Path) -> None:
    members = {**folders(), "7/bad.png": b"no picture"}
    (tmp_path / "a.zip").write_bytes(zipped(members))
    (tmp_path / "b.csv").write_bytes(table(255 - IMAGES))
    left_out, inverted = (
        open_dataset(str(tmp_path / name), settings) for name in ("a.zip", "b.csv")
    )
    assert left_out.source == "the file a.zip, 7 images; 1 blank or unreadable left out"
    np.testing.assert_array_equal(inverted.images, IMAGES)
    assert "ink and paper changed places" in inverted.source


def test_an_uploaded_set_is_one_of_the_catalogue(settings: Settings) -> None:
    assert find_uploads(settings) == {}
    selected = keep(PAIR, settings)
    opened = open_dataset("upload-x", settings)
    np.testing.assert_array_equal(opened.images, selected.images)
    assert (opened.name, opened.labels.dtype) == ("upload-x", np.int64)
    assert len(open_dataset("upload-x:train", settings)) == 7
    entry = find_entries(settings)["upload-x"]
    assert (entry.title, entry.classes, entry.form) == ("x", opened.classes, opened.form)
    assert "mnist" in find_entries(settings)
    for name in ("upload-x:test", "upload-y", "upload-../x"):
        with pytest.raises(InklingError) as error:
            open_dataset(name, settings)
        assert is_sentence(str(error.value))
    assert entry.delete is not None
    entry.delete(settings)
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
    assert [path.name for path in (settings.data / "uploads").iterdir()] == ["x"]


def test_pictures_are_read_as_those_of_a_folder(settings: Settings, tmp_path: Path) -> None:
    members = {}
    for number, label in enumerate(["upper_b", "lower_b", "7", "7"]):
        image = np.full((90, 70), 230, np.uint8)
        cv2.line(image, (20, 15 + number * 7), (45, 70), 20, 5)
        members[f"{label}/writer/{number}.jpg"] = cv2.imencode(".jpg", image)[1].tobytes()
    members |= {
        "7/blank.png": png(np.full((60, 60), 255, np.uint8)),
        "7/bad.png": b"no picture",
        "7/notes.txt": b"text",
    }
    for name, packed in members.items():
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_bytes(packed)
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
    around = {
        "__MACOSX/set/7/._1.png": b"\0",
        "set/a/7/.DS_Store": b"\0",
        ".git/8/1.png": png(IMAGES[0]),
        "set/a/readme.txt": b"text",
    }
    data = keep([("set.zip", zipped(folders(top="set/a/") | around))], settings)
    assert data.classes == ("0", "1", "2", "10")
    np.testing.assert_array_equal(data.images, FRAMED)
    windows = {name.replace("/", "\\"): png for name, png in folders(top="set/").items()}
    np.testing.assert_array_equal(keep([("set.zip", zipped(windows))], settings).images, FRAMED)


def test_a_class_without_images_is_none_and_source_says_so(settings: Settings) -> None:
    empty = [
        *folders(labels=["b", "a", "b", "a", "b", "a", "b"]).items(),
        ("c/", b""),
        ("d/e/", b""),
        ("d/e/notes.txt", b"text"),
    ]
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
    assert (data.images.shape, data.classes, data.labels.tolist()) == (
        (3, 8, 8),
        ("a b", "viii"),
        [1, 0, 1],
    )
    flat = np.ascontiguousarray(handwriting(3, side=20)[:, :12])
    data = keep([("x.npz", npz(images=flat, labels=["a", "b", "a"]))], settings)
    np.testing.assert_array_equal(data.images, flat)
    many = keep([("x.csv", table(handwriting(256, side=8), range(256)))], settings)
    np.testing.assert_array_equal(many.labels, np.arange(256))


def test_many_chunks_are_one_set(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.datasets.unpack._CHUNK_BYTES", 3 * 784)
    monkeypatch.setattr("core.datasets.unpack_idx._CHUNK_BYTES", 3 * 784)
    monkeypatch.setattr("core.datasets.tables._CHUNK_PIXELS", 3 * 784)
    monkeypatch.setattr("core.datasets.pictures._BATCH", 3)
    for kind, total in (("IDX pair", 7), ("npz", 7), ("CSV", 0), ("zip of class folders", 7)):
        text: list[tuple[int, int]] = []
        data = keep(KINDS[kind], settings, report=lambda *counts, text=text: text.append(counts))
        np.testing.assert_array_equal(data.images, FRAMED if kind.startswith("zip") else IMAGES)
        assert text == [(3, total), (6, total), (7, total)]


def test_what_my_drawings_exports_comes_back(settings: Settings) -> None:
    image = np.full((60, 60), 255, np.uint8)
    image[10:40, 25:30] = 0
    for label in ("A", "x y", "7"):
        drawings.save(settings, drawings.Drawing(image, [], label, "1", 0.5, "m"))
    mine = drawings.open_drawings(settings)
    packed = pack_idx(mine.images, mine.labels, mine.classes)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        unpacked = [(name, archive.read(name)) for name in archive.namelist()]
    for files in ([("set.zip", packed)], unpacked):
        data = keep(files, settings)
        np.testing.assert_array_equal(data.images, mine.images)
        assert [data.classes[label] for label in data.labels] == ["A", "x y", "7"]


EMNIST_MAPPING = "".join(f"{label} {48 + label} {100 + label}\n" for label in range(11)).encode()


@pytest.mark.parametrize("files", [PAIR, PACKED, [("train.csv", table())]])
@pytest.mark.parametrize("packed", [False, True])
def test_the_mapping_that_emnist_publishes_names_the_classes(
    settings: Settings, files: Upload, packed: bool
) -> None:
    every = [("emnist-balanced-mapping.txt", EMNIST_MAPPING), *files]
    data = keep([("archive.zip", zipped(every))] if packed else every, settings)
    assert [data.classes[label] for label in data.labels] == [chr(48 + n) for n in LABELS]
    with pytest.raises(InklingError, match=r"a-mapping\.txt is no mapping") as error:
        keep([("a-mapping.txt", b"0 zero\n"), *files], settings)
    assert is_sentence(str(error.value))


def test_a_damaged_picture_is_left_out(settings: Settings) -> None:
    data = bytearray(zipped(folders(), zipfile.ZIP_STORED))
    data[data.find(b"IDAT") + 9] ^= 255
    selected = keep([("set.zip", bytes(data))], settings)
    np.testing.assert_array_equal(selected.images, FRAMED[1:])
    assert "; 1 blank or unreadable left out" in selected.source


def test_a_member_that_lies_about_its_size_gives_no_more(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = png(handwriting(1, side=200)[0])
    data, real = (
        zipped({"7/1.png": large, "8/1.png": png(IMAGES[0])}),
        len(large).to_bytes(4, "little"),
    )
    read: list[int] = []

    def counted(data: bytes) -> np.ndarray:
        read.append(len(data))
        return decode(data)

    monkeypatch.setattr(unpack, "decode", counted)
    with pytest.raises(InklingError, match="one class only, '8'"):
        keep([("set.zip", data.replace(real, (10).to_bytes(4, "little")))], settings)
    assert sorted(read) in ([len(png(IMAGES[0]))], [10, len(png(IMAGES[0]))])


@pytest.mark.parametrize(
    ("limit", "value", "kind", "words"),
    [
        ("MAX_SET_BYTES", 1000, "zip of class folders", "larger than"),
        ("MAX_MEMBERS", 6, "zip of class folders", "holds more than 6 files"),
        ("MAX_UNPACKED_BYTES", 1000, "zip of class folders", "would unpack"),
        (
            "MAX_UNPACKED_BYTES",
            5000,
            "IDX pair, gz, labels first",
            "unpacks to more than is allowed",
        ),
        (
            "MAX_UNPACKED_BYTES",
            15_000,
            "CSV, gz, in quotes, byte order mark",
            "Row 3 of t.csv is too long, or the file unpacks",
        ),
    ],
)
def test_limits(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    value: int,
    kind: str,
    words: str,
) -> None:
    keep(KINDS[kind], settings, "y")
    module = unpack if limit == "MAX_SET_BYTES" else archives
    monkeypatch.setattr(module, limit, value)
    with pytest.raises(InklingError, match=words) as error:
        keep(KINDS[kind], settings)
    assert is_sentence(str(error.value))
    assert list(find_uploads(settings)) == ["y"]


def test_members_are_counted_across_blocks() -> None:
    data = b"-" * (2**20 - 2) + b"PK\1\2" * 5
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archives, "MAX_MEMBERS", 5)
        archives._count_members(archives.File("a", io.BytesIO(data), len(data)))
        patch.setattr(archives, "MAX_MEMBERS", 4)
        with pytest.raises(InklingError, match="more than 4 files"):
            archives._count_members(archives.File("a", io.BytesIO(data), len(data)))


@pytest.mark.parametrize("kind", ["IDX pair", "npz", "zip of class folders", "CSV"])
@pytest.mark.parametrize("where", ["write_idx", "idx_header", "whole_folder", "write_json"])
def test_a_full_disk_leaves_the_store_as_it_was(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, kind: str, where: str
) -> None:
    keep(PAIR, settings)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(f"core.datasets.uploads.{where}", full)
    with pytest.raises(
        InklingError, match=r"cannot be kept \(No space left on device\); make room in"
    ) as error:
        keep(KINDS[kind], settings)
    assert is_sentence(str(error.value))
    assert [path.name for path in (settings.data / "uploads").iterdir()] == ["x"]
    np.testing.assert_array_equal(open_upload(settings, "x").images, IMAGES)


def test_a_rename_that_fails_puts_the_old_set_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(PAIR, settings)
    rename, failures = os.rename, iter([True])

    def fail(source: Path, target: Path) -> None:
        if target.name == "x" and next(failures, False):
            raise OSError(errno.EIO, "Input/output error")
        rename(source, target)

    monkeypatch.setattr("core.files._swap", lambda *_: False)  # as on a disk that cannot
    monkeypatch.setattr("os.rename", fail)
    with pytest.raises(InklingError, match="cannot be kept"):
        keep([("x.csv", table(handwriting(seed=4)))], settings)
    np.testing.assert_array_equal(open_upload(settings, "x").images, IMAGES)
    assert [path.name for path in (settings.data / "uploads").iterdir()] == ["x"]


def test_a_place_that_cannot_be_written_gets_a_sentence(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InklingError, match="cannot be kept") as error:
        keep(PAIR, replace(settings, data=tmp_path / "file"))
    assert is_sentence(str(error.value))


def test_what_progress_raises_stops_it(settings: Settings) -> None:
    def cancel(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep(PAIR, settings, report=cancel)
    assert list((settings.data / "uploads").iterdir()) == []


def facts(text: str) -> Callable[[Path], object]:
    return lambda folder: (folder / "set.json").write_text(text)


@pytest.mark.parametrize(
    "damage",
    [
        facts("{}"),
        facts("[]"),
        facts('{"title": "x", "classes": ["a"], "form": "", "source": ""}'),
        facts("{"),
        lambda folder: (folder / "set.json").unlink(),
        lambda folder: (folder / "labels-idx1-ubyte").write_bytes(b"\0\0\x08\1\0\0\0\0"),
        lambda folder: (folder / "images-idx3-ubyte").write_bytes(b"cut"),
    ],
    ids=["no facts", "a list", "too few classes", "no JSON", "no file", "no labels", "no images"],
)
def test_a_damaged_set_gets_a_sentence_and_can_be_deleted(
    settings: Settings, damage: Callable[[Path], object]
) -> None:
    keep(PAIR, settings)
    damage(settings.data / "uploads" / "x")
    assert find_uploads(settings)["x"].title == "x"
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
    assert find_uploads(settings)[key].title == data.title
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    delete_upload(settings, key)
    for forget in (open_upload, delete_upload):
        with pytest.raises(InklingError) as error:
            forget(settings, name)
        assert is_sentence(str(error.value))


def test_without_a_name_it_is_the_files(settings: Settings) -> None:
    assert (
        keep([("C:\\fakepath\\My Digits.v2.zip", WHOLE)], settings, "").name == "upload-my-digits"
    )
    assert keep(PACKED, settings, " ").name == "upload-train-images-idx3-ubyte"


def test_the_npz_is_read_as_open_npz_reads_it(settings: Settings, tmp_path: Path) -> None:
    data = npz(images=IMAGES, labels=["t", "A", "7", "A", "t", "7", "c"])
    (tmp_path / "a.npz").write_bytes(data)
    theirs, ours = open_npz(tmp_path / "a.npz"), keep([("a.npz", data)], settings)
    assert [ours.classes[label] for label in ours.labels] == [
        theirs.classes[label] for label in theirs.labels
    ]

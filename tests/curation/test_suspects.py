"""Each kind of suspect is found where it was put, and nowhere else."""

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from core.curation.collection import open_collection
from core.curation.curated import curated
from core.curation.decisions import KEEP, LABEL, REMOVE, Decision
from core.curation.duplicates import is_blank
from core.curation.marked import marked
from core.curation.mislabelled import find_mislabelled
from core.curation.suspects import KINDS, LABELS, Suspects, find_suspects, one_of_each
from core.datasets.catalogue import open_dataset
from core.datasets.digest import digest_of_picture
from core.datasets.marks import Mark, mark
from tests.curation.collections import numerals, picture, write


@pytest.fixture
def folder(tmp_path):
    """18 different pictures, and: two exact copies, one over to val under another label; one near
    copy; a blank, a broken one and one that is no picture.
    """
    folder = numerals(tmp_path / "set")
    write(folder / "val" / "iv" / "copy.png", picture(0))
    write(folder / "train" / "i" / "copy.png", picture(0))
    smaller = cv2.resize(picture(4), None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
    write(folder / "train" / "iv" / "larger.png", smaller)
    specks = np.full((100, 100), 255, np.uint8)
    specks[10, 20] = specks[70, 33] = 0
    write(folder / "val" / "x" / "blank.png", specks)
    write(folder / "val" / "x" / "cut.png", picture(7))
    (folder / "val" / "x" / "cut.png").write_bytes((folder / "val/x/cut.png").read_bytes()[:60])
    (folder / "val" / "x" / "text.png").write_text("no picture")
    return folder


def test_each_kind(folder, settings):
    seen = []
    collection = open_collection(str(folder), settings)
    found = find_suspects(
        collection, report=lambda done, total=0, note="": seen.append((done, total))
    )
    names = {kind: {one.picture for one in some} for kind, some in found.lists.items()}
    assert names["exact"] == {"train/i/0.png", "train/i/copy.png", "val/iv/copy.png"}
    assert names["near"] == {"train/iv/1.png", "train/iv/larger.png"}
    assert names["blank"] == {"val/x/blank.png"}
    assert names["unreadable"] == {"val/x/cut.png", "val/x/text.png"}
    assert list(found.lists) == list(KINDS[:-1])
    assert seen[-1] == (2 * len(collection), 2 * len(collection))
    assert all(done <= later for (done, _), (later, _) in pairwise(seen))
    whys = {one.picture: one.why for one in found.lists["exact"]}
    assert whys["train/i/0.png"] == "an exact copy of val/iv/copy.png"
    for one in found.lists["exact"]:
        assert one.digest == digest_of_picture(picture(0))
    assert Suspects.from_json(found.to_json()) == found


def test_one_of_each_group_is_left(folder, settings):
    collection = open_collection(str(folder), settings)
    copies = find_suspects(collection, ["exact"]).lists["exact"]

    def left(part: str, *removed: str) -> set[str]:
        now = curated(collection, {name: Decision(name, "", REMOVE) for name in removed})
        gone = {one.picture for one in one_of_each(now, copies, part=part)}
        assert not gone & {*removed}
        return {one.picture for one in copies} - gone - {*removed}

    assert left("val") == {"val/iv/copy.png"}
    assert left("train") == left("") == {"train/i/0.png"}
    # what somebody removed already does not stand for the others
    assert left("train", "train/i/0.png") == {"train/i/copy.png"}
    assert left("train", "train/i/0.png", "train/i/copy.png") == {"val/iv/copy.png"}


def test_outliers_are_unlike_the_others_of_their_class(tmp_path, settings):
    random = np.random.default_rng(0)
    for number in range(60):
        image = np.full((60, 60), 255, np.uint8)
        left, right, top, bottom = np.round(random.normal((30, 30, 8, 52), 2)).astype(int).tolist()
        cv2.line(image, (left, top), (right, bottom), 0, 3)
        write(tmp_path / "set" / "i" / f"{number}.png", image)
    scribble = np.full((60, 60), 255, np.uint8)
    cv2.circle(scribble, (30, 30), 18, 0, 3)
    write(tmp_path / "set" / "i" / "heart.png", scribble)
    write(tmp_path / "set" / "x" / "few.png", scribble)
    found = find_suspects(open_collection(str(tmp_path / "set"), settings), ["outliers"])
    assert found.lists["outliers"][0].picture == "i/heart.png"
    assert len(found.lists["outliers"]) < 6


def test_wrong_labels(tmp_path, settings, monkeypatch):
    """Judged by one that knows; pictures that cannot be read have no label to be doubted."""
    folder = numerals(tmp_path / "set", of_each=10)
    (folder / "train" / "i" / "0.png").write_text("broken")
    collection = open_collection(str(folder), settings)
    wrong = {"train/i/5.png": "x", "val/iv/7.png": "i"}

    def knowing(dataset, **_):
        names = [collection.name_of(i) for i in range(len(collection)) if i]  # 0 is left out
        assert len(names) == len(dataset)
        truth = [wrong.get(name, name.split("/")[1]) for name in names]
        return np.array(
            [[0.9 if one == label else 0.05 for one in dataset.classes] for label in truth]
        )

    monkeypatch.setattr("core.curation.mislabelled.cross_validated", knowing)
    found = find_mislabelled(collection).lists[LABELS]
    assert {one.picture: one.becomes for one in found} == wrong
    assert {one.why for one in found} == {"perhaps x (90%)", "perhaps i (90%)"}


def test_blank():
    assert is_blank(np.full((20, 20), 200, np.uint8))
    assert not is_blank(picture(3))
    assert not is_blank(255 - picture(3))
    assert not is_blank(np.pad(picture(3, side=16), 200, constant_values=255))


def test_marks_of_evaluate_stand_for_decisions(settings):
    data = open_dataset("uci-digits:test", settings)
    labels = [data.classes[label] for label in data.labels[:3]]
    other = next(name for name in data.classes if name != labels[0])
    mark(
        settings,
        data,
        [
            Mark(0, labels[0], "mislabelled", other),
            Mark(1, labels[1], "unreadable"),
            Mark(2, labels[2], "hard"),
        ],
    )
    collection = open_collection("uci-digits", settings)
    decisions = [decision for _, decision in marked(collection, settings)]
    assert [(one.picture, one.action, one.label) for one in decisions] == [
        ("test/0", LABEL, other),
        ("test/1", REMOVE, ""),
        ("test/2", KEEP, ""),
    ]
    assert decisions[0].digest == digest_of_picture(255 - data.images[0])


def test_a_folder_has_no_marks(tmp_path, settings):
    collection = open_collection(str(numerals(tmp_path / "set")), settings)
    assert marked(collection, replace(settings, database="sqlite:////none/none.db")) == []

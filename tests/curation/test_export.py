"""What is exported is what was decided, and nothing is written where it should not be."""

import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.curation.collection import open_collection
from core.curation.curated import curated
from core.curation.decisions import KEEP, LABEL, REMOVE, Decision
from core.curation.export import SUMMARY, export, keep
from core.curation.manifest import CHANGED, GONE, MANIFEST, sources_of
from core.curation.seen import see
from core.datasets.catalogue import open_dataset
from core.datasets.pictures import find_pictures
from core.datasets.uploads import MAX_NAME
from core.errors import InklingError
from core.ink.decode import read_picture
from tests.curation.collections import numerals, picture, write


def opened(folder, settings, *decided):
    """A collection with decisions (picture, action, label) on its pixels as they are."""
    collection = open_collection(str(folder), settings)
    held = {
        name: Decision(name, see(collection, collection.index_of(name)).digest, action, label)
        for name, action, label in decided
    }
    return curated(collection, held)


def manifest(out: Path) -> dict[str, dict[str, str]]:
    with open(out / MANIFEST, encoding="utf-8", errors="surrogateescape", newline="") as file:
        return {row["picture"]: row for row in csv.DictReader(file)}


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in find_pictures([folder])}


def test_removed_moved_and_kept(tmp_path, settings):
    folder, out = numerals(tmp_path / "set"), tmp_path / "out"
    now = opened(
        folder,
        settings,
        ("train/i/0.png", REMOVE, ""),
        ("train/iv/0.png", LABEL, "x"),
        ("val/x/1.png", KEEP, ""),
        ("val/x/2.png", LABEL, "vi"),
    )
    assert (now.used, now.relabelled) == (17, 2)
    assert now.counts().tolist() == [[2, 2, 4, 0], [3, 3, 2, 1]]
    done = export(now, out)
    assert done.written == 17
    assert done.actions == {"undecided": 14, "remove": 1, "label": 2, "keep": 1}
    expected = files(folder) - {"train/i/0.png", "train/iv/0.png", "val/x/2.png"}
    assert files(out) == expected | {"train/x/0-2.png", "val/vi/2.png"}
    lines = manifest(out)
    assert len(lines) == 18
    assert lines["train/i/0.png"]["file"] == ""
    moved = lines["train/iv/0.png"]
    assert (moved["file"], moved["label"], moved["was"]) == ("train/x/0-2.png", "x", "iv")
    assert (out / moved["file"]).read_bytes() == (folder / "train/iv/0.png").read_bytes()
    assert json.loads((out / SUMMARY).read_text())["written"] == 17
    # a data set like any other
    assert Counter(open_dataset(str(out / "train"), settings).labels.tolist()) == {0: 2, 1: 2, 2: 4}
    with pytest.raises(InklingError, match="already"):
        export(now, out)
    with pytest.raises(InklingError, match="lies in the folder"):
        export(now, folder / "out")


def test_what_changed_or_is_gone_is_left_as_it_is_and_said(tmp_path, settings):
    folder = numerals(tmp_path / "set")
    held = opened(
        folder, settings, ("train/i/0.png", REMOVE, ""), ("train/i/1.png", REMOVE, "")
    ).held
    write(folder / "train/i/0.png", picture(1000))
    (folder / "train/i/1.png").unlink()
    now = curated(open_collection(str(folder), settings), held)
    assert now.gone == ("train/i/1.png",)
    done = export(now, tmp_path / "out")
    assert done.actions == {"undecided": 16, CHANGED: 1, GONE: 1}
    assert (tmp_path / "out" / "train/i/0.png").exists()
    assert manifest(tmp_path / "out")["train/i/1.png"]["action"] == GONE


def test_names_that_are_no_text(tmp_path, settings):
    for number, name in enumerate(['a"b\n.png', "a,b.png", "\udcff.png"]):
        write(tmp_path / "set" / "i" / name, picture(number))
    write(tmp_path / "set" / "x" / "1.png", picture(9))
    now = opened(tmp_path / "set", settings, ('i/a"b\n.png', LABEL, "x"))
    export(now, tmp_path / "out")
    assert files(tmp_path / "out") == {'x/a"b\n.png', "i/a,b.png", "i/\udcff.png", "x/1.png"}
    assert set(manifest(tmp_path / "out")) == {
        'i/a"b\n.png',
        "i/a,b.png",
        "i/\udcff.png",
        "x/1.png",
    }


def test_sources_are_carried_on(tmp_path, settings):
    folder = numerals(tmp_path / "set")
    (folder / MANIFEST).write_text("file,source\ntrain/i/0.png,EMNIST\nval/x/0.png,drawn\n")
    collection = open_collection(str(folder), settings)
    assert sources_of(collection) == {"train/i/0.png": "EMNIST", "val/x/0.png": "drawn"}
    export(opened(folder, settings, ("train/i/0.png", LABEL, "iv")), tmp_path / "out")
    again = open_collection(str(tmp_path / "out"), settings)
    assert sources_of(again) == {"train/iv/0-2.png": "EMNIST", "val/x/0.png": "drawn"}


def test_a_set_of_the_catalogue_is_kept_as_it_was_decided(tmp_path, settings):
    collection = open_collection("uci-digits", settings)
    first = collection.label_of(0)
    other = "1" if first != "1" else "2"
    now = opened("uci-digits", settings, ("train/0", LABEL, other), ("test/3", REMOVE, ""))
    train, test = keep(now, "My digits", settings)
    before, tested = (open_dataset(f"uci-digits:{part}", settings) for part in ("train", "test"))
    assert (train.name, test.name) == ("upload-my-digits", "upload-my-digits-test")
    assert np.array_equal(train.images, before.images)
    assert train.classes[train.labels[0]] == other
    assert np.array_equal(train.labels[1:], before.labels[1:])
    assert np.array_equal(test.images, np.delete(tested.images, 3, 0))
    assert open_dataset("upload-my-digits", settings).source == train.source
    long = keep(now, "a" * MAX_NAME, settings)
    assert [len(one) for one in long] == [len(train), len(test)]
    assert long[0].name != long[1].name
    exported = export(now, tmp_path / "out")
    assert exported.written == len(collection) - 1
    moved = read_picture(tmp_path / "out" / manifest(tmp_path / "out")["train/0"]["file"])
    assert np.array_equal(255 - moved, before.images[0])


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    return numerals(tmp_path_factory.mktemp("shelf") / "set", of_each=2)


@given(data=st.data())
@hypothesis_settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_decisions(shelf, settings, tmp_path_factory, data):
    """Nothing is lost, doubled or under another label than was decided; the source is untouched."""
    names = sorted(files(shelf))
    before = {name: (shelf / name).read_bytes() for name in names}
    decided = data.draw(
        st.dictionaries(
            st.sampled_from(names),
            st.sampled_from([(KEEP, ""), (REMOVE, ""), (LABEL, "i"), (LABEL, "x"), (LABEL, "v/")]),
        )
    )
    now = opened(shelf, settings, *((name, *rest) for name, rest in decided.items()))
    out = tmp_path_factory.mktemp("out") / "out"
    export(now, out)
    lines = manifest(out)
    written = {line["file"] for line in lines.values()} - {""}
    assert written == files(out)
    assert {name for name, line in lines.items() if not line["file"]} == {
        name for name, (action, _) in decided.items() if action == REMOVE
    }
    again = open_collection(str(out), settings)
    for name, line in lines.items():
        if line["file"]:
            assert (out / line["file"]).read_bytes() == before[name]
            label = decided.get(name, ("", ""))[1] or name.split("/")[1]
            assert again.label_of(again.index_of(line["file"])) == label
    assert {name: (shelf / name).read_bytes() for name in files(shelf)} == before


def test_edits_are_added_to_what_is_trained_on(tmp_path, settings):
    folder = tmp_path / "set"
    mirrored = picture(3)
    for part in ("train", "val"):
        write(folder / part / "iv" / "0.png", mirrored)
        write(folder / part / "vii" / "0.png", picture(4))  # no vii: nothing is made of it
    now = opened(folder, settings, ("train/vii/0.png", LABEL, "iv"))
    done = export(now, tmp_path / "out", edited=["flips"])
    with open(tmp_path / "out" / MANIFEST, newline="") as file:
        added = [row for row in csv.DictReader(file) if row["action"] == "mirrored left-right"]
    assert [(row["picture"], row["file"], row["label"]) for row in added] == [
        ("train/iv/0.png", "train/vi/0.png", "vi"),
        ("train/vii/0.png", "train/vi/0-2.png", "vi"),
    ]
    assert (read_picture(tmp_path / "out" / "train/vi/0.png") == mirrored[:, ::-1]).all()
    assert done.written == 6
    assert not {file for file in files(tmp_path / "out") if file.startswith("val/vi/")}


def test_only_what_was_labelled_is_exported_of_pictures_without_labels(tmp_path, settings):
    """Under classes in reading order, for Train too."""
    folder, out = tmp_path / "cuts", tmp_path / "out"
    for number in range(5):
        write(folder / f"{number}.png", picture(number))
    now = opened(
        folder,
        settings,
        ("0.png", LABEL, "24"),
        ("1.png", LABEL, "3"),
        ("2.png", REMOVE, ""),
        ("3.png", KEEP, ""),
    )
    assert (now.used, now.labelled, now.unlabelled, now.relabelled) == (2, 2, 2, 0)
    assert now.classes == ("3", "24")
    assert now.counts().tolist() == [[1, 1]]
    assert export(now, out).written == 2
    assert files(out) == {"24/0.png", "3/1.png"}
    assert {name: row["file"] for name, row in manifest(out).items()} == {
        "0.png": "24/0.png",
        "1.png": "3/1.png",
        "2.png": "",
        "3.png": "",
        "4.png": "",
    }
    (kept,) = keep(now, "my cuts", settings)
    dataset = open_dataset(kept.name, settings)
    assert (dataset.classes, dataset.labels.tolist(), dataset.form) == (
        ("3", "24"),
        [1, 0],
        "number",
    )
    with pytest.raises(InklingError):
        keep(opened(folder, settings), "none", settings)

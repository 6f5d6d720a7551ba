"""Drawings in a zip and back, and zips that are none."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.drawings import Drawing
from core.datasets.drawings_zip import export_png, read_zip
from core.datasets.labels import one_form
from core.errors import InklingError
from core.ink.encode import png
from core.tables import MAX_LABEL
from tests.sentences import is_sentence

DRAWING = Drawing(
    np.arange(600, dtype=np.uint8).reshape(20, 30),
    [[[1.5, 2.0], [3.0, 4.25]]],
    "7",
    "1",
    0.75,
    "digits",
    id=12,
    created=datetime(2026, 1, 2, 3, 4, 5),
)


def packed(files: dict[str, bytes]) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer


@given(st.lists(st.text(min_size=1, max_size=MAX_LABEL), min_size=1, max_size=4))
def test_every_label_comes_back_with_its_strokes(labels: list[str]) -> None:
    given = [replace(DRAWING, label=one_form(label), id=7 + n) for n, label in enumerate(labels)]
    back = read_zip("mine.zip", io.BytesIO(export_png(given)))
    for drawing, same in zip(given, back, strict=True):
        np.testing.assert_array_equal(drawing.picture, same.picture)
        assert replace(drawing, picture=same.picture) == same


def test_pictures_in_class_folders_have_the_same_ids_every_time() -> None:
    files = {"all/7/a.png": png(DRAWING.picture), "all/upper_a/b.png": png(DRAWING.picture)}
    files |= {"__MACOSX/7/._a.png": b"", "all/notes.txt": b""}
    first, again = (read_zip("set.zip", packed(files)) for _ in range(2))
    assert [drawing.label for drawing in first] == ["7", "A"]
    assert [drawing.id for drawing in first] == [drawing.id for drawing in again]
    assert len({drawing.id for drawing in first}) == 2
    assert first[0].strokes == []


ROW = {
    "file": "7/000001.png",
    "id": 5,
    "created": "2026-01-02 03:04:05",
    "label": "7",
    "predicted": "1",
    "confidence": 0.5,
    "model": "m",
    "strokes": [[[0, 0], [1, 1]]],
}


@pytest.mark.parametrize(
    "change",
    [
        {"file": "../7/000001.png"},
        {"file": "8/000001.png"},
        {"id": "5"},
        {"id": -1},
        {"id": 2**60},
        {"created": "yesterday"},
        {"confidence": 7},
        {"strokes": [[[0, float("nan")]]]},
        {"strokes": [[0, 1]]},
        {"strokes": [[[0, 0]] * 20_001]},
        {"strokes": None},
    ],
)
def test_a_damaged_list_is_one_sentence(change: dict[str, object]) -> None:
    files = {"7/000001.png": png(DRAWING.picture)}
    rows = json.dumps([{**ROW, **change}]).encode()
    with pytest.raises(InklingError) as error:
        read_zip("mine.zip", packed({**files, "drawings.json": rows}))
    assert is_sentence(str(error.value))
    assert read_zip("mine.zip", packed({**files, "drawings.json": json.dumps([ROW]).encode()}))


@pytest.mark.parametrize(
    "data",
    [
        b"no zip",
        b"",
        packed({"drawings.json": b"[[["}).getvalue(),
        packed({"drawings.json": b"7"}).getvalue(),
        packed({"drawings.json": b"[7]"}).getvalue(),
        packed({"drawings.json": b"[" + b"{}," * 9**6 + b"{}]"}).getvalue(),
        packed({"a.png": b""}).getvalue(),
        packed({"7/a.png": b"no picture"}).getvalue(),
        packed({"../7/a.png": png(DRAWING.picture)}).getvalue(),
    ],
)
def test_no_file_breaks_it(data: bytes) -> None:
    with pytest.raises(InklingError) as error:
        read_zip("set.zip", io.BytesIO(data))
    assert is_sentence(str(error.value))

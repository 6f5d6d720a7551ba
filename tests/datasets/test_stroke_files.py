"""Files of pen strokes in each layout, and what is wrong with some."""

import gzip
import io
import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import numpy as np
import pytest

from core.datasets.stroke_files import is_stroke_file, read_strokes, write_strokes
from core.errors import InklingError
from core.ink.handwritten import Handwritten
from tests.sentences import is_sentence

UJI = """// UJI: 100 units per millimetre
// ASCII char: a
WORD a trn_UJI_W01-01
  NUMSTROKES 1
  POINTS 3 # 0 0 10 20 -5 7
// Non-ASCII char: oacute
WORD \u00f3 tst_UPV_W40-02
  NUMSTROKES 2
  POINTS 1 # 4 5
  POINTS 2 # 1 2 3 4
"""

PENDIGITS = """.SEGMENT DIGIT ? "8"
.COMMENT 8 14 3
.PEN_DOWN
 1 10
 2 20
.PEN_UP
.DT 100
.PEN_DOWN
 3 30
.PEN_UP
.SEGMENT DIGIT ? "1"
.COMMENT 1 7 4
.PEN_DOWN
 5 5
.PEN_UP
"""

INK = """.VERSION 1.0
.COORD X Y T
.PEN_DOWN
1 10 0
2 20 5
3 30 9
.PEN_UP
9 9 9
.PEN_DOWN
4 40 12
.PEN_UP
.PEN_DOWN
5 50 15
6 60 17
.PEN_UP
"""

SEGMENTS = """.INCLUDE aga/data/one.dat
.WRITER_ID somebody
.HIERARCHY CHARACTER
.SEGMENT CHARACTER 0 OK "7"
.SEGMENT CHARACTER 1-2 OK "Q"
.SEGMENT CHARACTER 0:1-1,2:1 ? "e"
.SEGMENT CHARACTER 8 OK "3"
.SEGMENT CHARACTER 0 OK "?"
.SEGMENT WORD 0-2 OK "cat"
.SEGMENT WORD 0-1 OK "CAT"
.SEGMENT WORD 2 OK "49"
"""


def lists(written: Handwritten) -> list[list[list[float]]]:
    return [
        [[float(v) for point in stroke for v in point] for stroke in written.piece(n)]
        for n in range(len(written))
    ]


def test_our_own_list_is_read_back(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    pieces = [("a", "x/1", [generator.random((5, 2)), generator.random((1, 2))])]
    pieces += [("B", "x/2", [generator.random((3, 2)) * 300])]
    path = tmp_path / "mine.json.gz"
    write_strokes(path, Handwritten.of(pieces))
    written = read_strokes(path)
    assert written.labels.tolist() == ["a", "B"]
    assert written.writers.tolist() == ["x/1", "x/2"]
    for number, (_, _, strokes) in enumerate(pieces):
        for stroke, given in zip(written.piece(number), strokes, strict=True):
            np.testing.assert_allclose(stroke, given, rtol=1e-3)
    plain = tmp_path / "mine.json"
    plain.write_bytes(gzip.decompress(path.read_bytes()))
    assert lists(read_strokes(plain)) == lists(written)
    again = tmp_path / "again.json.gz"
    write_strokes(again, Handwritten.of(pieces))
    assert again.read_bytes() == path.read_bytes()


def test_ujipenchars(tmp_path: Path) -> None:
    path = tmp_path / "ujipenchars2.txt"
    path.write_text(UJI, encoding="utf-8")
    written = read_strokes(path)
    assert written.labels.tolist() == ["a", "\u00f3"]
    assert written.writers.tolist() == ["uji/trn_UJI_W01", "uji/tst_UPV_W40"]
    assert lists(written) == [[[0, 0, 10, 20, -5, 7]], [[4, 5], [1, 2, 3, 4]]]


@pytest.mark.skipif(not shutil.which("compress"), reason="needs compress to make a .Z file")
def test_pendigits_as_published(tmp_path: Path) -> None:
    path = tmp_path / "pendigits-orig.tra"
    path.write_text(PENDIGITS)
    subprocess.run(["compress", "-f", str(path)], check=True)
    assert len(read_strokes(tmp_path / "pendigits-orig.tra.Z")) == 2


@pytest.mark.parametrize(("name", "part"), [("p.tra", "train"), ("p.tes", "test")])
def test_pendigits(tmp_path: Path, name: str, part: str) -> None:
    path = tmp_path / name
    path.write_text(PENDIGITS)
    written = read_strokes(path)
    assert written.labels.tolist() == ["8", "1"]
    assert written.writers.tolist() == [f"{part}/14", f"{part}/7"]
    assert lists(written) == [[[1, -10, 2, -20], [3, -30]], [[5, -5]]]


def unipen_archive(path: Path, members: dict[str, str]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return path


def test_unipen(tmp_path: Path) -> None:
    path = unipen_archive(
        tmp_path / "unipen.tgz",
        {
            "CDROM/data/1a/aga/one.dat": SEGMENTS,
            "CDROM/data/1d/aga/signs.dat": SEGMENTS,
            "CDROM/data/7/aga/words.dat": SEGMENTS,
            "CDROM/include/aga/data/one.dat": INK,
            "CDROM/README": "about",
        },
    )
    written = read_strokes(path)
    assert written.labels.tolist() == ["7", "Q", "e", "CAT", "49"]
    assert set(written.writers.tolist()) == {"aga/somebody"}
    assert lists(written) == [
        [[1, -10, 2, -20, 3, -30]],
        [[4, -40], [5, -50, 6, -60]],
        [[2, -20, 3, -30], [4, -40], [6, -60]],
        [[1, -10, 2, -20, 3, -30], [4, -40]],
        [[5, -50, 6, -60]],
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b"{}"),
        ("a.json", b"[1]"),
        ("a.json", b"not json"),
        ("a.json", b'[{"label": "1", "writer": "w", "strokes": [[[1]]]}]'),
        ("a.json", b'[{"label": "1", "writer": "w", "strokes": [[[1, NaN]]]}]'),
        ("a.json", b"[]"),
        ("a.json.gz", b"no gzip"),
        ("a.json.gz", gzip.compress(b"[" * 100_000)[:-3]),
        ("a.txt", b"WORD a\n POINTS 2 # 1 2\n"),
        ("a.tgz", b"no archive"),
        ("a.tra", b""),
        ("a.tra.Z", b"no compress"),
    ],
)
def test_what_is_wrong_with_a_file_is_a_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InklingError) as raised:
        read_strokes(path)
    assert is_sentence(str(raised.value))
    assert name in str(raised.value)


def test_a_file_that_is_not_there_or_of_another_kind(tmp_path: Path) -> None:
    with pytest.raises(InklingError, match="no file of strokes"):
        read_strokes(tmp_path / "none.json")
    assert is_stroke_file(Path("a/b.json.gz"))
    assert not is_stroke_file(Path("a/b.npz"))


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("core.datasets.stroke_files.MAX_STROKE_FILE_BYTES", 100)
    path = tmp_path / "large.json"
    path.write_text(json.dumps([{"label": "1", "writer": "w", "strokes": [[[1, 2]] * 50]}]))
    with pytest.raises(InklingError, match="MB"):
        read_strokes(path)

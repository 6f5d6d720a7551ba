"""Files of pen strokes: our own list in JSON, and the layouts of UCI pendigits, UJIpenchars2 and
UniPen.
"""

import gzip
import json
import re
import subprocess
import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

import numpy as np

from core.errors import InklingError
from core.files import modified_ns, write_whole
from core.ink.handwritten import Handwritten
from core.settings import MAX_STROKE_FILE_BYTES

Piece = tuple[str, str, list[np.ndarray]]
"""Label, writer, strokes."""

_SEGMENT = re.compile(r'^\.SEGMENT\s+(\S+)\s+(\S+)\s+\S+\s+"(.*)"\s*$', re.MULTILINE)
_PENDIGITS_SEGMENT = re.compile(r'\.SEGMENT\s+DIGIT\s.*"(\d)"')
_LEVELS = {**dict.fromkeys(("1a", "1b", "1c", "2"), "CHARACTER"), "7": "WORD"}
_UNIPEN_LABELS = {
    "CHARACTER": re.compile("[0-9A-Za-z]"),
    "WORD": re.compile("[0-9]{2,}|[A-Z]{2,}"),
}
"""What is read of UniPen: by category the level of segments, and by level their labels."""

_WRITER = re.compile(r"^\.WRITER_ID\s+(\S+)", re.MULTILINE)
_INCLUDE = re.compile(r"^\.INCLUDE\s+(\S+)", re.MULTILINE)


def read_strokes(path: Path) -> Handwritten:
    """The handwriting in a file, kept in memory; InklingError if there is none.

    `.json`, `.json.gz` : a list of {"label", "writer", "strokes": [[[x, y], …], …]}, y down.
    `.txt` : UJIpenchars2. `.tgz` : the archive of UniPen, its single characters, numbers, and words
    in capitals. `.tra`, `.tes`, also with `.Z` : UCI pendigits.
    """
    if not path.exists():
        raise InklingError(f"There is no file of strokes at {path}.")
    return _read(path, modified_ns(path))


def is_stroke_file(path: Path) -> bool:
    """Whether a name has one of the endings that `read_strokes` knows."""
    return _reader(path) is not None


def write_strokes(path: Path, written: Handwritten) -> None:
    """As `.json.gz`, coordinates to four significant digits."""
    rows = [
        {
            "label": str(written.labels[number]),
            "writer": str(written.writers[number]),
            "strokes": [
                [[float(f"{x:.4g}"), float(f"{y:.4g}")] for x, y in stroke]
                for stroke in written.piece(number)
            ],
        }
        for number in range(len(written))
    ]
    write_whole(path, gzip.compress(json.dumps(rows, separators=(",", ":")).encode(), mtime=0))


@lru_cache(maxsize=4)
def _read(path: Path, _modified: int) -> Handwritten:
    reader = _reader(path)
    if reader is None:
        raise InklingError(
            f"{path.name} is no file of strokes; they end in {', '.join(dict(_READERS))}."
        )
    try:
        written = Handwritten.of(reader(path))
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise InklingError(f"{path.name} is damaged or cut short; get it again.") from error
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise InklingError(
            f"{path.name} does not have the layout of a file of strokes ({error})."
        ) from error
    if not len(written):
        raise InklingError(f"There are no characters in {path.name}.")
    if not np.isfinite(written.points).all():
        raise InklingError(f"{path.name} has coordinates that are not numbers.")
    return written


def _json(path: Path) -> Iterator[Piece]:
    for row in json.loads(_bytes(path)):
        yield str(row["label"]), str(row["writer"]), [_points(s) for s in row["strokes"]]


def _points(stroke: Sequence[Sequence[float]]) -> np.ndarray:
    return np.array(stroke, np.float32).reshape(len(stroke), 2)


def _uji(path: Path) -> Iterator[Piece]:
    """`WORD a trn_UJI_W01-01`, `NUMSTROKES 1`, `POINTS 3 # 0 0 10 20 …`; y down."""
    label, writer, strokes = "", "", list[np.ndarray]()
    for line in _bytes(path).decode("utf-8").splitlines():
        word = line.split()
        if word[:1] == ["WORD"]:
            if strokes:
                yield label, writer, strokes
            label, writer, strokes = word[1], "uji/" + word[2].rpartition("-")[0], []
        elif word[:1] == ["POINTS"]:
            strokes.append(np.array(word[3:], np.float32).reshape(int(word[1]), 2))
    if strokes:
        yield label, writer, strokes


def _pendigits(path: Path) -> Iterator[Piece]:
    """`.SEGMENT DIGIT ? "4"`, `.COMMENT 4 12 224` (label, writer, number), then the points of each
    stroke between `.PEN_DOWN` and `.PEN_UP`; y up.
    """
    part = "test" if ".tes" in path.name else "train"
    for segment in re.split(r"^(?=\s*\.SEGMENT)", _bytes(path).decode("latin-1"), flags=re.M)[1:]:
        head = _PENDIGITS_SEGMENT.search(segment)
        writer = re.search(r"\.COMMENT\s+\d\s+(\d+)", segment)
        if head:
            yield head[1], f"{part}/{writer[1] if writer else ''}", _pen_downs(segment)


def _unipen(path: Path) -> Iterator[Piece]:
    """The archive `unipen-CDROM-train_r01_v07.tgz`: files of segments under `data/1a`, `1b`, `1c`
    and `2` (single characters) and `7` (words) name one with the strokes under `include`. Of the
    words, numbers and words in capitals are read. Format: Guyon et al., ICPR 1994, and
    http://unipen.nici.ru.nl/unipen.def
    """
    segments, ink = list[tuple[str, str, str]](), dict[str, str]()
    with tarfile.open(path) as archive:
        for member in archive:
            inside = PurePosixPath(member.name).parts
            if not member.isfile() or not member.name.endswith(".dat"):
                continue
            if "include" in inside:
                name = "/".join(inside[inside.index("include") + 1 :])
                ink[name] = _text(archive, member)
            elif "data" in inside and inside[inside.index("data") + 1] in _LEVELS:
                category, collection = inside[inside.index("data") + 1 :][:2]
                segments.append((_LEVELS[category], collection, _text(archive, member)))
    for wanted, collection, text in segments:
        include = _INCLUDE.search(text)
        source = ink.get(include[1], "") if include else text
        writer = _WRITER.search(text) or _WRITER.search(source)
        strokes = _pen_downs(source)
        for level, where, label in _SEGMENT.findall(text):
            if level == wanted and _UNIPEN_LABELS[level].fullmatch(label):
                yield label, f"{collection}/{writer[1] if writer else ''}", _cut(strokes, where)


def _text(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    file = archive.extractfile(member)
    return file.read().decode("latin-1") if file else ""


def _pen_downs(text: str) -> list[np.ndarray]:
    """The points of each `.PEN_DOWN`, its first two columns, y turned down."""
    strokes = []
    for block in re.findall(r"^\s*\.PEN_DOWN(.*?)(?=^\s*\.|\Z)", text, flags=re.M | re.S):
        rows = [line.split()[:2] for line in block.splitlines() if line.strip()]
        strokes.append(np.array(rows, np.float32).reshape(-1, 2) * np.array((1, -1), np.float32))
    return strokes


def _cut(strokes: Sequence[np.ndarray], where: str) -> list[np.ndarray]:
    """The strokes of a delineation: `3`, `3-5`, `3:12-4:30` (points 12 of stroke 3 to 30 of 4),
    joined by commas; none if there are not so many.
    """
    parts = []
    for piece in where.split(","):
        ends = [[int(number) for number in end.split(":")] for end in piece.split("-")]
        first, last = ends[0], ends[-1]
        if last[0] >= len(strokes):
            return []
        for number in range(first[0], last[0] + 1):
            start = first[1] if number == first[0] and len(first) > 1 else 0
            stop = last[1] + 1 if number == last[0] and len(last) > 1 else None
            parts.append(strokes[number][start:stop])
    return parts


def _bytes(path: Path) -> bytes:
    """The content of a file, unpacked by its ending."""
    if path.suffix == ".Z":  # LZW, for which Python has no reader
        run = subprocess.run(["gzip", "-dc", "--", str(path)], capture_output=True, check=False)
        if run.returncode:
            raise OSError(run.stderr.decode(errors="replace").strip())
        return run.stdout
    with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
        data = file.read(MAX_STROKE_FILE_BYTES + 1)
    if len(data) > MAX_STROKE_FILE_BYTES:
        raise ValueError(f"it has more than {MAX_STROKE_FILE_BYTES // 2**20} MB")
    return data


_READERS: tuple[tuple[str, Callable[[Path], Iterator[Piece]]], ...] = (
    (".json", _json),
    (".json.gz", _json),
    (".txt", _uji),
    (".tgz", _unipen),
    (".tra", _pendigits),
    (".tes", _pendigits),
    (".tra.Z", _pendigits),
    (".tes.Z", _pendigits),
)


def _reader(path: Path) -> Callable[[Path], Iterator[Piece]] | None:
    return next((read for ending, read in _READERS if path.name.endswith(ending)), None)

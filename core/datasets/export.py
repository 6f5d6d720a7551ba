"""Stream any number of labelled images to disk as IDX pairs, PNG folders or .npz; stopped exports
are resumed.
"""

import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.datasets.idx import idx_header, note_path, pair_paths
from core.datasets.labels import folder_of_label
from core.errors import InklingError
from core.files import hold, open_whole
from core.ink.encode import png
from core.jobs.engine import HERE, Engine
from core.progress import Progress, ignore_progress
from core.synthesis.writer import Writer, check_first

Chunk = tuple[np.ndarray, Sequence[str]]
"""Images uint8 [n, H, W] and their labels."""

FORMATS = ("idx", "png", "npz")
MAX_IMAGES = 2**31 - 1
"""Limit of the sizes in an IDX header."""

_BLOCK = 4096
_REWRITTEN = 1000
"""Last pictures of a stopped PNG export that are rewritten, as a kill may have left them
incomplete.
"""


@dataclass(frozen=True)
class Export:
    """An export job: `count` images of `writer`, from its image number `first`, made by `engine`.

    facts : for the metadata file, after the writer's own.
    """

    writer: Writer
    count: int
    facts: Mapping[str, object] = field(default_factory=dict)
    first: int = 0
    engine: Engine = HERE

    def chunks(self, done: int) -> Iterator[Chunk]:
        """All images but the first `done`."""
        end = self.first + self.count
        return self.writer.chunks(end, start=self.first + done, engine=self.engine)


def export(job: Export, path: Path, kind: str, report: Progress = ignore_progress) -> Path:
    """Write the images as `kind` and return their path; report(images done).

    idx: PATH-images-idx3-ubyte and PATH-labels-idx1-ubyte, labels being indices into `classes`.
    png: PATH/CLASS/NUMBER.png, in a folder that holds nothing else: pictures of an earlier export
    are removed, and a folder with anything of another kind is refused. npz: PATH.npz with `images`
    and `labels`. PATH.json beside them holds the facts; a stopped export is resumed if they are
    equal (an .npz restarts). InklingError if disk space is too low, checked first.
    """
    if kind not in FORMATS:
        raise InklingError(f"{kind!r} is not a format; choose one of: {', '.join(FORMATS)}.")
    if not 1 <= job.count <= MAX_IMAGES:
        raise InklingError(f"The number of images is 1 to {MAX_IMAGES:,}, not {job.count:,}.")
    check_first(job.first)
    classes, size = job.writer.classes, job.writer.size
    if len(classes) > 256:
        raise InklingError(f"{len(classes)} classes do not fit into a byte; 256 is the most.")
    path = path.with_suffix("") if path.suffix == f".{kind}" else path
    facts = {
        **job.writer.facts(),
        **job.facts,
        **({"first": job.first} if job.first else {}),
        "count": job.count,
        "format": kind,
        "classes": list(classes),
    }
    note, text = note_path(path), json.dumps(facts, indent=1)
    unfinished = note.with_name(note.name + ".part")
    busy = f"Another export writes to {path}; wait until it has ended, or choose another name."
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with hold(path.with_name(f".{path.name}.lock"), busy):
            _check_room(path.parent, job.count * (size**2 + 1 if kind != "png" else _BLOCK))
            going_on = unfinished.exists() and unfinished.read_text(encoding="utf-8") == text
            if kind == "png" and not going_on:
                _empty(path, exported=_is_of_pictures(note) or _is_of_pictures(unfinished))
            unfinished.write_text(text, encoding="utf-8")
            made = _WRITERS[kind](job, path, going_on, report)
            os.replace(unfinished, note)
    except OSError as error:
        reason = error.strerror or error
        raise InklingError(
            f"{error.filename or path} cannot be written ({reason}); make room or choose another "
            "place."
        ) from error
    return made


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        sizes = f"{needed / 1e9:,.1f} GB and {folder} has {free / 1e9:,.1f} GB free"
        raise InklingError(f"This takes {sizes}; make fewer or choose another disk.")


def _is_of_pictures(note: Path) -> bool:
    """Whether a file is the metadata of a PNG export."""
    try:
        facts = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(facts, dict) and facts.get("format") == "png"


def _empty(folder: Path, *, exported: bool) -> None:
    """Remove the pictures of an earlier export; InklingError, and nothing is removed, if the folder
    holds anything else, or was not `exported`.
    """
    held = [path for path in folder.rglob("*") if not path.is_dir()] if folder.exists() else []
    pictures = [path for path in held if path.suffix == ".png" and path.stem.isdigit()]
    if held and (not exported or len(pictures) < len(held)):
        raise InklingError(
            f"{folder} holds files that no export made; choose another name, or empty it."
        )
    for path in pictures:
        path.unlink()


def _write_idx(job: Export, path: Path, going_on: bool, report: Progress) -> Path:
    indices = pair_paths(path)
    parts = [position.with_name(position.name + ".part") for position in indices]
    size = job.writer.size
    headers, lengths = (
        [idx_header((job.count, size, size)), idx_header((job.count,))],
        [size**2, 1],
    )
    done = 0
    if going_on and all(part.exists() for part in parts):
        whole = [
            (part.stat().st_size - len(header)) // length
            for part, header, length in zip(parts, headers, lengths, strict=True)
        ]
        done = max(0, min(whole))
    with (
        open(parts[0], "r+b" if done else "wb") as images,
        open(parts[1], "r+b" if done else "wb") as labels,
    ):
        for file, header, length in zip((images, labels), headers, lengths, strict=True):
            file.write(header)
            file.seek(len(header) + done * length)
            file.truncate()
        index = {name: position for position, name in enumerate(job.writer.classes)}
        for pictures, names in job.chunks(done):
            images.write(pictures.tobytes())
            labels.write(bytes(index[name] for name in names))
            done += len(names)
            report(done)
    for part, position in zip(parts, indices, strict=True):
        os.replace(part, position)
    return indices[0]


def _write_png(job: Export, path: Path, going_on: bool, report: Progress) -> Path:
    folders = {name: path / folder_of_label(name) for name in job.writer.classes}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    there = sum(1 for folder in folders.values() for _ in os.scandir(folder)) if going_on else 0
    done, digits = max(0, there - _REWRITTEN), len(str(job.first + job.count - 1))
    for pictures, names in job.chunks(done):
        for picture, name in zip(pictures, names, strict=True):
            (folders[name] / f"{job.first + done:0{digits}d}.png").write_bytes(png(picture))
            done += 1
        report(done)
    return path


def _write_npz(job: Export, path: Path, _: bool, report: Progress) -> Path:
    target, done = path.with_name(f"{path.name}.npz"), 0
    labels = np.empty(job.count, f"<U{max(map(len, job.writer.classes))}")
    with open_whole(target) as whole, zipfile.ZipFile(whole, "w") as archive:
        # ZipInfo's fixed date makes the bytes independent of the day.
        with archive.open(zipfile.ZipInfo("images.npy"), "w", force_zip64=True) as file:
            header = {
                "descr": "|u1",
                "fortran_order": False,
                "shape": (job.count, job.writer.size, job.writer.size),
            }
            np.lib.format.write_array_header_1_0(file, header)
            for pictures, names in job.chunks(0):
                file.write(pictures.tobytes())
                labels[done : done + len(names)] = names
                done += len(names)
                report(done)
        with archive.open(zipfile.ZipInfo("labels.npy"), "w", force_zip64=True) as file:
            np.lib.format.write_array(file, labels)
    return target


_WRITERS = {"idx": _write_idx, "png": _write_png, "npz": _write_npz}

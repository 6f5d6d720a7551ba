"""Uploads as chunks of labelled images: a zip of class folders, an .npz, a pair of IDX files or a
CSV. Members of a zip are read into memory, one batch at a time.
"""

import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import BinaryIO

import numpy as np

from core.datasets.archives import (
    DAMAGE,
    File,
    Member,
    head_of,
    look_through,
    open_member,
    open_zip,
    shown,
    unzipped,
)
from core.datasets.arrays import read_npz
from core.datasets.corrections import Corrections
from core.datasets.dataset import Dataset
from core.datasets.export import Chunk
from core.datasets.folders import class_folders, is_picture
from core.datasets.labels import in_order, one_form
from core.datasets.pictures import read_labelled
from core.datasets.tables import read_table
from core.datasets.unpack_idx import MAPPING, class_names, read_pair, read_shape
from core.errors import InklingError
from core.ink.decode import decode
from core.ink.forms import Form
from core.settings import MAX_UPLOAD_BYTES

MAX_SET_BYTES = 200 * 10**6
"""Maximum upload size, compressed."""

_CHUNK_BYTES = 2**22


@dataclass
class Findings:
    """Metadata collected while reading.

    form : the form of the converted pictures. folders : classes that have one.
    total : number of images, those to be left out too; 0 if not known in advance. corrections :
    what was put right in arrays.
    """

    form: str = ""
    folders: frozenset[str] = frozenset()
    total: int = 0
    corrections: Corrections = field(default_factory=Corrections)


def read_upload(
    files: Sequence[tuple[str, BinaryIO]], form: Form, findings: Findings, scratch: Path
) -> Iterator[Chunk]:
    """Images uint8 [n, H, W], all of one size, and their labels; fills in `findings` while reading.

    Pictures of a zip are converted to `form`. scratch : a folder for an .npz while it is read.
    Raises InklingError, or one of `DAMAGE`.
    """
    loose = []
    for name, data in files:
        data.seek(0, os.SEEK_END)
        loose.append(File(shown(name), data, data.tell()))
        if not loose[-1].most:
            raise InklingError(f"{loose[-1].name} is empty (0 bytes); choose another file.")
    if sum(file.most for file in loose) > MAX_SET_BYTES:
        raise InklingError(
            f"The upload is larger than {MAX_SET_BYTES // 10**6} MB; upload a part of it."
        )
    if len(loose) == 1 and head_of(loose[0].data)[:2] == b"PK":
        yield from _read_zip(loose[0], form, findings, scratch)
    else:
        yield from _read_loose(loose, findings)


def is_packed(path: Path) -> bool:
    """Whether `open_packed` opens files of this name."""
    return path.name.lower().endswith((".zip", ".csv", ".csv.gz"))


def open_packed(path: Path, form: Form) -> Dataset:
    """A zip or a table of pixels as a data set in memory, read by the rules for uploads."""
    findings = Findings()
    try:
        with open(path, "rb") as file, tempfile.TemporaryDirectory() as scratch:
            chunks = list(read_upload([(path.name, file)], form, findings, Path(scratch)))
    except DAMAGE as error:
        raise InklingError(f"{path.name} is damaged or cut short; save it again.") from error
    names = [one_form(name) for _, some in chunks for name in some]
    if not names:
        raise InklingError(f"{path.name} holds no images; give some of each class.")
    images, classes = np.concatenate([images for images, _ in chunks]), in_order(names)
    corrections = Corrections() if findings.form else Corrections.of(images)
    left_out = findings.total - len(names)
    notes = [f"{left_out:,} blank or unreadable left out"] * (left_out > 0) + corrections.notes
    index = {name: number for number, name in enumerate(classes)}
    return Dataset(
        name=str(path),
        title=path.name,
        images=corrections.apply(images),
        labels=np.array([index[name] for name in names], np.int64),
        classes=classes,
        form=findings.form,
        source="; ".join([f"the file {path.name}, {len(names):,} images", *notes]),
    )


def open_csv(name: str, data: BinaryIO) -> tuple[BinaryIO, str, int]:
    """The CSV that a file is or contains (gz; in a zip the only one, or test.csv): bytes, name,
    read limit.

    Raises InklingError or one of `DAMAGE`, also when reading.
    """
    data.seek(0, os.SEEK_END)
    file = File(shown(name), data, data.tell())
    if not file.most:
        raise InklingError(f"{file.name} is empty (0 bytes); choose another file.")
    if head_of(data)[:2] == b"PK":
        archive = open_zip(file)
        tables = [
            member
            for member in look_through(archive, file)[0]
            if re.search(r"\.csv(\.gz)?$", member.parts[-1], re.IGNORECASE)
        ]
        tests = [member for member in tables if member.parts[-1].lower().startswith("test.")]
        chosen = tables if len(tables) == 1 else tests
        if len(chosen) != 1:
            raise InklingError(
                f"{file.name} holds {len(tables) or 'no'} CSV files; give the one that is to be "
                "read by itself."
            )
        file = open_member(archive, chosen[0])
    file = unzipped(file)
    if head_of(file.data)[:2] in (b"\0\0", b"\x89P", b"\xff\xd8"):
        raise InklingError(
            f"{file.name} is no table; give a CSV with a row of pixels for each picture."
        )
    return file.data, file.name, file.most


def _read_zip(file: File, form: Form, findings: Findings, scratch: Path) -> Iterator[Chunk]:
    with open_zip(file) as archive:
        members, folders = look_through(archive, file)
        if any(member.parts[-1].endswith(".npy") for member in members):
            yield from _read_npz(file, findings, scratch)
        elif any(is_picture(member.parts[-1]) for member in members):
            yield from _read_pictures(archive, members, folders, form, findings, file.name)
        else:
            likely = re.compile(r"idx|\.csv(\.gz)?$|mapping\.txt$", re.IGNORECASE)
            # more than a pair is invalid
            chosen = [member for member in members if likely.search(member.parts[-1])][:5]
            if not chosen:
                raise InklingError(
                    f"{file.name} holds no pictures in class folders; make one folder a class, "
                    "such as 7/ or upper_a/."
                )
            yield from _read_loose([open_member(archive, member) for member in chosen], findings)


def _read_pictures(
    archive: zipfile.ZipFile,
    members: list[Member],
    folders: list[tuple[str, ...]],
    form: Form,
    findings: Findings,
    name: str,
) -> Iterator[Chunk]:
    """Model input in the canonical form, whatever size the pictures have."""
    inside = {Path(*member.parts): member.info for member in members}
    classes = class_folders([path for path in inside if is_picture(path.name)], folders, name)

    def read(path: Path) -> np.ndarray:
        try:
            with archive.open(inside[path]) as file:
                data = file.read(MAX_UPLOAD_BYTES + 1)
        except (ValueError, *DAMAGE) as error:
            raise InklingError(f"{path.name} is damaged; pack it again.") from error
        return decode(data)

    findings.folders, findings.total, findings.form = (
        classes.folders,
        len(classes.labels),
        form.name,
    )
    yield from read_labelled(classes.labels, form, name, read)


def _read_npz(file: File, findings: Findings, scratch: Path) -> Iterator[Chunk]:
    with tempfile.TemporaryDirectory(".part", ".npz.", scratch) as folder:
        path = Path(folder) / f"{file.name.removesuffix('.npz')}.npz"
        file.data.seek(0)
        with open(path, "wb") as copy:
            shutil.copyfileobj(file.data, copy)
        images, indices, classes = read_npz(path)
    findings.total, step = len(images), max(1, _CHUNK_BYTES // prod(images.shape[1:]))
    for start in range(0, len(images), step):
        some = slice(start, start + step)
        yield images[some], [classes[index] for index in indices[some]]


def _read_loose(files: list[File], findings: Findings) -> Iterator[Chunk]:
    mapping = [file for file in files if file.name.endswith(MAPPING)]
    opened = [unzipped(file) for file in files if file not in mapping]
    arrays = [file for file in opened if head_of(file.data)[:2] == b"\0\0"]
    tables = [file for file in opened if file.name.lower().endswith(".csv") and file not in arrays]
    if len(arrays) == 2 == len(opened):
        findings.total, chunks = read_pair(arrays)
    elif len(tables) == 1 == len(opened):
        chunks = read_table(tables[0].data, tables[0].name, tables[0].most)
    elif len(arrays) == 1 == len(opened):
        images = len(read_shape(arrays[0])) == 3
        half, other = ("images", "labels") if images else ("labels", "images")
        raise InklingError(
            f"{arrays[0].name} holds {half} without {other}; upload both files together."
        )
    else:
        some = ", ".join(file.name for file in files[:4])
        raise InklingError(
            f"{some}: give one set, as a zip of class folders, an .npz with images and labels, a "
            "CSV with a column of labels, or two IDX files, images and labels."
        )
    names = class_names(mapping)
    for pixels, labels in chunks:
        yield pixels, [names.get(label, label) for label in labels]

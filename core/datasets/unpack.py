"""Uploads as chunks of labelled images: a zip of class folders, an .npz, a pair of IDX files or a
CSV. Members of a zip are read into memory, one batch at a time.
"""

import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import prod
from pathlib import Path, PurePosixPath
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
    read_exactly,
    shown,
    unzipped,
)
from core.datasets.arrays import open_npz
from core.datasets.export import Chunk
from core.datasets.labels import label_of_folder
from core.datasets.tables import read_table
from core.errors import InklingError
from core.ink.decode import PICTURE_SUFFIXES, decode
from core.ink.forms import Form, picture_to_form
from core.settings import MAX_UPLOAD_BYTES

MAX_SET_BYTES = 200 * 10**6
"""Maximum upload size, compressed."""

_BATCH = 256
_CHUNK_BYTES = 2**22
_WRAPPERS = 4
_PARTS = {"train", "training", "test", "testing", "val", "valid", "validation"}


@dataclass
class Findings:
    """Metadata collected while reading.

    form : the form of the converted pictures. folders : classes that have one. left_out : number of
    blank or unreadable pictures.
    total : number of images, 0 if not known in advance. turned : whether bright paper was inverted.
    """

    form: str = ""
    folders: set[str] = field(default_factory=set)
    left_out: int = 0
    total: int = 0
    turned: bool = False


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
        elif any(_is_picture(member) for member in members):
            yield from _read_pictures(
                archive,
                _class_folders(members, folders, file.name, findings),
                form,
                findings,
                file.name,
            )
        else:
            likely = re.compile(r"idx|\.csv(\.gz)?$|^mapping\.txt$", re.IGNORECASE)
            # more than a pair is invalid
            chosen = [member for member in members if likely.search(member.parts[-1])][:5]
            if not chosen:
                raise InklingError(
                    f"{file.name} holds no pictures in class folders; make one folder a class, "
                    "such as 7/ or upper_a/."
                )
            yield from _read_loose([open_member(archive, member) for member in chosen], findings)


def _is_picture(member: Member) -> bool:
    return PurePosixPath(member.parts[-1]).suffix.lower() in PICTURE_SUFFIXES


def _class_folders(
    members: list[Member], folders: list[tuple[str, ...]], name: str, findings: Findings
) -> list[tuple[str, zipfile.ZipInfo]]:
    """Label and picture, in the order of the archive; common parent folders are stripped."""
    pictures = [member for member in members if _is_picture(member) and len(member.parts) > 1]
    for _ in range(_WRAPPERS):
        inner = [
            Member(member.parts[1:], member.info) for member in pictures if len(member.parts) > 2
        ]
        if (
            not inner
            or len({parts[0] for parts in [*folders, *(member.parts for member in pictures)]}) > 1
        ):
            break
        pictures, folders = inner, [parts[1:] for parts in folders if len(parts) > 1]
    tops = {member.parts[0] for member in pictures}
    if not pictures:
        raise InklingError(
            f"{name} holds no pictures in class folders; make one folder a class, such as 7/ or "
            "upper_a/."
        )
    if {top.lower() for top in tops} <= _PARTS:
        raise InklingError(
            f"{name} holds the parts {' and '.join(sorted(tops))} instead of classes; upload each "
            "by itself."
        )
    findings.folders = {label_of_folder(top) for top in tops | {parts[0] for parts in folders}}
    return [(label_of_folder(member.parts[0]), member.info) for member in pictures]


def _read_pictures(
    archive: zipfile.ZipFile,
    pictures: list[tuple[str, zipfile.ZipInfo]],
    form: Form,
    findings: Findings,
    name: str,
) -> Iterator[Chunk]:
    """Model input in the canonical form, whatever size the pictures have, on all cores. Blank and
    unreadable ones are left out.
    """

    def read(picture: tuple[str, zipfile.ZipInfo]) -> np.ndarray | None:
        try:
            with archive.open(picture[1]) as file:
                grey = decode(file.read(MAX_UPLOAD_BYTES + 1))
        except (InklingError, ValueError, *DAMAGE):
            return None
        return picture_to_form(grey, form)

    findings.total, findings.form = len(pictures), form.name
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(pictures), _BATCH):
            some = pictures[start : start + _BATCH]
            images, labels = [], []
            for (label, _), image in zip(some, pool.map(read, some), strict=True):
                if image is not None:
                    images.append(image)
                    labels.append(label)
            findings.left_out += len(some) - len(images)
            if images:
                yield np.stack(images), labels
    if findings.left_out == len(pictures):
        raise InklingError(
            f"None of the {len(pictures):,} pictures in {name} can be read and shows any ink; look "
            "at some of them."
        )


def _read_npz(file: File, findings: Findings, scratch: Path) -> Iterator[Chunk]:
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        path = Path(folder) / f"{file.name.removesuffix('.npz')}.npz"
        file.data.seek(0)
        with open(path, "wb") as copy:
            shutil.copyfileobj(file.data, copy)
        data = open_npz(path)
    findings.total, step = len(data), max(1, _CHUNK_BYTES // prod(data.images.shape[1:]))
    for start in range(0, len(data), step):
        yield (
            data.images[start : start + step],
            [data.classes[label] for label in data.labels[start : start + step]],
        )


def _read_loose(files: list[File], findings: Findings) -> Iterator[Chunk]:
    mapping = [file for file in files if file.name == "mapping.txt"]
    opened = [unzipped(file) for file in files if file.name != "mapping.txt"]
    arrays = [file for file in opened if head_of(file.data)[:2] == b"\0\0"]
    tables = [file for file in opened if file.name.lower().endswith(".csv") and file not in arrays]
    if len(arrays) == 2 == len(opened):
        yield from _read_pair(arrays, _class_names(mapping), findings)
    elif len(tables) == 1 == len(opened):
        yield from read_table(tables[0].data, tables[0].name, tables[0].most)
    elif len(arrays) == 1 == len(opened):
        half, other = ("images", "labels") if len(_shape(arrays[0])) == 3 else ("labels", "images")
        raise InklingError(
            f"{arrays[0].name} holds {half} without {other}; upload both files together."
        )
    else:
        names = ", ".join(file.name for file in files[:4])
        raise InklingError(
            f"{names}: give one set, as a zip of class folders, an .npz with images and labels, a "
            "CSV with the label first, "
            "or two IDX files, images and labels."
        )


def _class_names(mapping: list[File]) -> dict[str, str]:
    """Class names by label from the `mapping.txt` that *My drawings* exports beside its IDX
    files.
    """
    for file in mapping:
        file.data.seek(0)
    lines = [
        line
        for file in mapping
        for line in file.data.read(2**16).decode("utf-8", "replace").splitlines()
    ]
    return {number: name for number, _, name in (line.partition(" ") for line in lines) if name}


def _shape(file: File) -> tuple[int, ...]:
    """Read the sizes in the header of an IDX file."""
    head = file.data.read(4)
    if len(head) < 4 or head[2] != 8 or head[3] not in (1, 3):
        raise InklingError(
            f"{file.name} is not an IDX file of images or labels in bytes; use the files as MNIST "
            "publishes them."
        )
    shape = tuple(int(size) for size in np.frombuffer(read_exactly(file, 4 * head[3]), ">u4"))
    if prod(shape) > file.most:
        raise InklingError(
            f"{file.name} is cut short, or unpacks to more than is allowed; save it again or "
            "upload a part of it."
        )
    return shape


def _read_pair(files: list[File], names: dict[str, str], findings: Findings) -> Iterator[Chunk]:
    (labels, numbers), (images, shape) = sorted(
        ((file, _shape(file)) for file in files), key=lambda pair: len(pair[1])
    )
    if (len(numbers), len(shape)) != (1, 3):
        raise InklingError(
            f"{labels.name} and {images.name} are both "
            f"{'labels' if len(shape) == 1 else 'images'}; give one of each."
        )
    if numbers[0] != shape[0]:
        raise InklingError(
            f"{images.name} has {shape[0]:,} images and {labels.name} {numbers[0]:,} labels; give "
            "files that belong together."
        )
    table = [names.get(str(number), str(number)) for number in range(256)]
    findings.total, area = shape[0], prod(shape[1:])
    step = max(1, _CHUNK_BYTES // max(1, area))
    for start in range(0, shape[0], step):
        count = min(step, shape[0] - start)
        pixels = np.frombuffer(read_exactly(images, count * area), np.uint8)
        yield (
            pixels.reshape(count, *shape[1:]),
            [table[number] for number in read_exactly(labels, count)],
        )
    if images.data.read(1) or labels.data.read(1):
        raise InklingError(
            f"{images.name} or {labels.name} is longer than its header says; save them again and "
            "retry."
        )

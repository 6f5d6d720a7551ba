"""Uploaded files, zips included, with limits on what may be read of each.

Nothing is written under a name from an archive. The unpacked size is summed from the declared
sizes; `zipfile` reads no more of a member than it declares.
"""

import gzip
import re
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from core.datasets.folders import is_hidden
from core.errors import InklingError

MAX_UNPACKED_BYTES = 2**30
MAX_RATIO = 200
"""Limit on the unpacked size: this many times the upload's own size, but at least 16 MB.
Handwriting compresses to about a fifth.
"""

MAX_MEMBERS = 250_000

DAMAGE = (
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
)
"""Exceptions raised by archive readers for damaged files."""

_ALWAYS = 16 * 2**20


@dataclass(frozen=True)
class File:
    """A file with its display name; `most` is how many bytes may be read from it."""

    name: str
    data: BinaryIO
    most: int


@dataclass(frozen=True)
class Member:
    """A file of a zip; `parts` are the components of its path."""

    parts: tuple[str, ...]
    info: zipfile.ZipInfo


def shown(name: str) -> str:
    """The base name of a file, safe to show in a sentence."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(sign if sign.isprintable() else "?" for sign in last)[-60:] or "upload"


def head_of(data: BinaryIO) -> bytes:
    """The first four bytes, which identify the file type."""
    data.seek(0)
    head = data.read(4)
    data.seek(0)
    return head


def _allowance(size: int) -> int:
    return min(MAX_UNPACKED_BYTES, max(_ALWAYS, MAX_RATIO * size))


def open_zip(file: File) -> zipfile.ZipFile:
    """Open a file as a zip. InklingError for too many members, or one of `DAMAGE`."""
    _count_members(file)
    try:
        return zipfile.ZipFile(file.data)
    except ValueError as error:  # a negative offset
        raise zipfile.BadZipFile from error


def open_member(archive: zipfile.ZipFile, member: Member) -> File:
    """A member opened as a file."""
    data = cast(BinaryIO, archive.open(member.info))
    return File(shown(member.parts[-1]), data, member.info.file_size)


def unzipped(file: File) -> File:
    """The content of a .gz, up to the limit for an upload; other files unchanged."""
    if head_of(file.data)[:2] != b"\x1f\x8b":
        return file
    name = file.name[:-3] if file.name.lower().endswith(".gz") else file.name
    return File(name, cast(BinaryIO, gzip.GzipFile(fileobj=file.data)), _allowance(file.most))


def read_exactly(file: File, count: int) -> bytes:
    """The next `count` bytes; InklingError if there are fewer."""
    data = file.data.read(count)
    if len(data) < count:
        raise InklingError(
            f"{file.name} is cut short: it holds less than its header says; save it again and "
            "retry."
        )
    return data


def _count_members(file: File) -> None:
    """Count the members by their signature beforehand, as their list itself is held in memory."""
    count, tail = 0, b""
    file.data.seek(0)
    while block := file.data.read(2**20):
        count += (tail + block).count(b"PK\1\2")
        tail = block[-3:]
    if count > MAX_MEMBERS:
        raise InklingError(
            f"{file.name} holds more than {MAX_MEMBERS:,} files; upload a part of them."
        )


def look_through(
    archive: zipfile.ZipFile, file: File
) -> tuple[list[Member], list[tuple[str, ...]]]:
    """Files, and folders by path components, without hidden ones; InklingError for unsafe or
    unsupported content.
    """
    members, folders, total, most = [], [], 0, _allowance(file.most)
    for info in archive.infolist():
        path = info.filename.replace("\\", "/")
        parts = PurePosixPath(path).parts
        if (
            path.startswith("/")
            or ".." in parts
            or re.match("[A-Za-z]:", path)
            or stat.S_ISLNK(info.external_attr >> 16)
        ):
            raise InklingError(
                f"{file.name} holds {path[-60:]!r}, which leads out of it; pack the class folders "
                "and nothing else."
            )
        if info.flag_bits & 0x41:
            raise InklingError(f"{file.name} is encrypted; pack it without a password.")
        # other methods unpack without a size limit
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InklingError(
                f"{file.name} is packed in a rare way; pack it as an ordinary zip (deflate)."
            )
        total += info.file_size
        if parts and not is_hidden(parts):
            if path.endswith("/"):
                folders.append(parts)
            else:
                members.append(Member(parts, info))
    if total > most:
        raise InklingError(
            f"{file.name} would unpack to {total / 1e6:,.0f} MB, and {most / 1e6:,.0f} is the "
            "limit for it; upload a part of it."
        )
    return members, folders

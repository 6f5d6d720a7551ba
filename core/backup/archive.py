"""The zip of a backup: rows, files, and last a list of all with their sizes and SHA-256."""

import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from core import __version__
from core.errors import InklingError
from core.migrations.upgrade import NEWEST

FORMAT = 1
LIST = "inkling.json"
ROWS = "rows"
"""The folder of the tables, `rows/NAME.jsonl`."""

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""Errors raised by reading a damaged zip, or an encrypted one."""

_MOST_FILES, _LONGEST_LIST = 1_000_000, 2**28
_BLOCK = 2**20


@dataclass(frozen=True)
class Member:
    """A file in the zip: its size in bytes, and its SHA-256 in hexadecimal digits."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Contents:
    """What a backup holds. rows : by table. files : by name, those of the rows too. inkling,
    tables : the versions that wrote it.
    """

    rows: Mapping[str, int]
    files: Mapping[str, Member]
    inkling: str = __version__
    tables: str = NEWEST

    @property
    def size(self) -> int:
        """Bytes, unpacked."""
        return sum(member.size for member in self.files.values())

    def write(self, archive: zipfile.ZipFile) -> None:
        archive.writestr(LIST, json.dumps({"format": FORMAT, **asdict(self)}, indent=1))

    @staticmethod
    def read(archive: zipfile.ZipFile, name: str) -> "Contents":
        """InklingError if the zip is no backup, or one of a newer version."""
        try:
            infos = {info.filename: info for info in archive.infolist()}
            if len(infos) > _MOST_FILES or infos[LIST].file_size > _LONGEST_LIST:
                raise ValueError("too much of it")
            values = json.loads(archive.read(LIST))
            newer = values["format"] > FORMAT or str(values["tables"]) > NEWEST
            if newer:
                raise InklingError(
                    f"{name} was written by a newer Inkling ({values['inkling']}); update this one."
                )
            files = {file: Member(**facts) for file, facts in values["files"].items()}
            for file, member in files.items():
                if infos[file].file_size != member.size or len(member.sha256) != 64:
                    raise ValueError("other sizes than it says")
            return Contents(
                {table: int(count) for table, count in values["rows"].items()},
                files,
                str(values["inkling"]),
                str(values["tables"]),
            )
        except (*DAMAGE, TypeError, AttributeError, RecursionError) as error:
            raise InklingError(
                f"{name} is no backup of Inkling, or damaged ({error!s:.80}); choose another file."
            ) from error


def copied(
    source: BinaryIO, size: int, write: Callable[[bytes], object], moved: Callable[[int], None]
) -> Member:
    """Copy at most `size` bytes in blocks; `moved` is told how many each time."""
    digest, done = sha256(), 0
    while block := source.read(min(_BLOCK, size - done)):
        write(block)
        digest.update(block)
        done += len(block)
        moved(len(block))
    return Member(done, digest.hexdigest())


def digest_of(path: Path) -> str:
    """SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return copied(file, path.stat().st_size, lambda _: None, lambda _: None).sha256

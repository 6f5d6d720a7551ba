"""Published data sets: the files that make one up, fetched from their addresses or brought by
somebody who has them already.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from core.datasets.download import download
from core.errors import InklingError
from core.files import open_whole
from core.progress import Progress, ignore_progress, part_of_progress

_CHUNK = 2**20


@dataclass(frozen=True)
class RemoteFile:
    """path : under the data root, where it is kept as published. addresses : tried in this order.
    md5, bytes : "" and 0 where none are published.
    """

    path: str
    addresses: tuple[str, ...]
    md5: str = ""
    bytes: int = 0

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name


@dataclass(frozen=True)
class Published:
    """Files, and what is to be done once they are there.

    unpack(root) : makes the data set of them. is_unpacked(root) : whether that need not be done.
    """

    files: tuple[RemoteFile, ...]
    unpack: Callable[[Path], None]
    is_unpacked: Callable[[Path], bool] = lambda _: False

    @property
    def bytes(self) -> int:
        """Of all files; 0 if unknown."""
        return sum(file.bytes for file in self.files)


def fetch(
    published: Published, root: Path, report: Progress = ignore_progress, *, mirror: str = ""
) -> None:
    """Fetch what is missing, and unpack it. mirror : an address under which the files lie too,
    tried first. report(bytes done, bytes in all).

    Raises InklingError if a file cannot be had.
    """
    if published.is_unpacked(root):
        return
    if mirror and not mirror.startswith(("https://", "http://")):
        raise InklingError("A mirror is an address that begins with https:// or http://.")
    done = 0
    for file in published.files:
        own = [f"{mirror.rstrip('/')}/{file.name}"] if mirror else []
        part = part_of_progress(report, start=done, total=published.bytes)
        download(
            [*own, *file.addresses],
            root / file.path,
            md5=file.md5,
            report=part if published.bytes else report,
        )
        done += file.bytes
    published.unpack(root)


def bring(published: Published, root: Path, given: Sequence[tuple[str, BinaryIO]]) -> None:
    """Put files that somebody has, as (name, open file), where `fetch` looks for them: known by
    their MD5, or by their name where none is published.

    Raises InklingError at the first that is none of the set's.
    """
    by_md5 = {file.md5: file for file in published.files if file.md5}
    by_name = {file.name: file for file in published.files if not file.md5}
    for name, content in given:
        digest = hashlib.md5(usedforsecurity=False)
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
        file = by_md5.get(digest.hexdigest()) or by_name.get(PurePosixPath(name).name)
        if file is None:
            names = ", ".join(file.name for file in published.files)
            raise InklingError(
                f"{name} is not, or is no longer, one of the published files; these are {names}."
            )
        content.seek(0)
        try:
            (root / file.path).parent.mkdir(parents=True, exist_ok=True)
            with open_whole(root / file.path) as kept:
                while chunk := content.read(_CHUNK):
                    kept.write(chunk)
        except OSError as error:
            raise InklingError(
                f"{file.name} could not be kept in {root} ({error.strerror or error}); make room "
                "and try again."
            ) from error

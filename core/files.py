"""Atomic writes of files and folders, and exclusive locks."""

import ctypes
import hashlib
import json
import os
import re
import secrets
import shutil
import socket
import sys
import time
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import Any, BinaryIO

import psutil
from filelock import FileLock, Timeout

from core.errors import InklingError

NO_ARRAYS = (
    OSError,
    EOFError,
    LookupError,
    AttributeError,
    ValueError,
    TypeError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    SyntaxError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
"""Errors raised by reading a damaged or hostile .npz, whose headers NumPy reads as Python."""

_ABANDONED = 24 * 3600.0
"""Seconds without a write after which a part file counts as left behind by a killed process."""

_SPACE = os.readlink("/proc/self/ns/pid") if Path("/proc/self/ns/pid").exists() else ""
_HERE = hashlib.blake2b(f"{socket.gethostname()}{_SPACE}".encode(), digest_size=4).hexdigest()
"""This machine, or this container: its processes' numbers are no other's."""

_PART = re.compile(r"\..+\.part")
"""Names of files and folders that are not yet whole."""

_WRITER = re.compile(rf"\..+\.{_HERE}-(\d+)-[0-9a-f]+\.part")
"""Those of a process here, by its number."""

_AT_CWD, _RENAME_EXCHANGE = -100, 2
"""Of Linux's renameat2(2): paths as the process sees them; exchange two names."""


class HeldError(InklingError):
    """Another thread or process holds the lock."""


@contextmanager
def open_whole(path: Path, *, sync: bool = False) -> Iterator[BinaryIO]:
    """A writable file that becomes `path` when the block ends, but not if the block raises.

    Each writer has its own part file beside `path`; the last one to finish wins. sync : wait until
    the bytes are on disk, so that they survive a power failure.
    """
    part = _part_of(path)
    try:
        with open(part, "wb") as file:
            yield file
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_whole(path: Path, content: str | bytes, *, sync: bool = False) -> None:
    """`open_whole` for content already in memory; text is encoded as UTF-8."""
    with open_whole(path, sync=sync) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """An empty folder to fill that becomes `path` when the block ends, but not if the block raises.

    An existing folder stays until the new one is complete; the two are exchanged atomically. If the
    system cannot do that, there is briefly no folder between two renames.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = _part_of(path)
    part.mkdir()
    try:
        yield part
        _replace_folder(part, path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def new_folder(parent: Path, prefix: str) -> Path:
    """A new empty folder `PREFIX-xxxx` in `parent`, under a name that no other process has got."""
    parent.mkdir(parents=True, exist_ok=True)
    while True:
        folder = parent / f"{prefix}-{secrets.token_hex(2)}"
        with suppress(FileExistsError):
            folder.mkdir()
            return folder


def remove_folder(path: Path) -> None:
    """Rename the folder, then remove it: it is never seen half empty. OSError if it remains."""
    gone = _part_of(path)
    os.rename(path, gone)
    shutil.rmtree(gone)


@contextmanager
def hold(lock: Path, otherwise: str, *, wait: float = 0.0) -> Iterator[None]:
    """Hold the lock file `lock` exclusively among all threads and processes of this machine.

    It is released if the process is killed, and the file removed on release. otherwise : message of
    the HeldError raised if another still holds it after `wait` seconds. InklingError if the lock
    cannot be written.
    """
    held = FileLock(lock, timeout=wait)
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        held.acquire()
    except Timeout:
        raise HeldError(otherwise) from None
    except OSError as error:
        raise InklingError(cannot_write(lock.parent, error)) from error
    try:
        yield
    finally:
        with suppress(OSError):  # others that have it open notice this and try again
            lock.unlink()
        held.release()


def cannot_write(folder: Path, error: OSError) -> str:
    """One sentence on a full disk, or a folder that is read-only."""
    return (
        f"{folder} cannot be written ({error.strerror or error}); make room there, or let Inkling "
        "write."
    )


def remove_left_overs(folder: Path, *, older: float = 3600.0) -> None:
    """Remove the part files and folders below `folder` of processes of this machine that have
    ended, and any that nothing was written to for `older` seconds: what a killed process leaves,
    under a name that may never come again.
    """
    for found, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = Path(found, name)
            if _PART.fullmatch(name) and (
                _writer_ended(name) or time.time() - _last_write(path) > older
            ):
                with suppress(OSError):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        folders[:] = [name for name in folders if not _PART.fullmatch(name)]


def _writer_ended(name: str) -> bool:
    """Whether a process of this machine began the part file, and is no more."""
    writer = _WRITER.fullmatch(name)
    return writer is not None and not psutil.pid_exists(int(writer[1]))


def _last_write(path: Path) -> float:
    """Of a file, or of anything in a folder, seconds since 1970; now if it is gone."""
    try:
        return max(one.stat().st_mtime for one in [path, *path.rglob("*")])
    except OSError:
        return time.time()


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file; {} if it is missing or damaged."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def write_json(path: Path, value: object) -> None:
    """`write_whole` of a value as indented JSON."""
    write_whole(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def modified_ns(path: Path) -> int:
    """Modification time of a file in nanoseconds; 0 if it does not exist."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _part_of(path: Path) -> Path:
    """A unique name beside `path`; parts left behind by killed processes are removed."""
    for part in path.parent.glob(f".{escape(path.name[:50])}.*.part"):
        try:
            if time.time() - part.stat().st_mtime > _ABANDONED:
                shutil.rmtree(part) if part.is_dir() else part.unlink()
        except OSError:
            continue  # another writer was faster
    unique = f"{_HERE}-{os.getpid()}-{secrets.token_hex(4)}"
    return path.with_name(f".{path.name[:50]}.{unique}.part")


def _replace_folder(part: Path, path: Path) -> None:
    if path.exists() and _swap(part, path):
        shutil.rmtree(part, ignore_errors=True)
        return
    old = _part_of(path)
    if path.exists():
        os.rename(path, old)
    try:
        os.rename(part, path)
    except OSError:
        if old.exists():
            os.rename(old, path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _swap(one: Path, other: Path) -> bool:
    """Exchange two names atomically; False if unsupported (Linux only, not on all file systems)."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None) if sys.platform == "linux" else None
    return rename is not None and (
        rename(_AT_CWD, os.fsencode(one), _AT_CWD, os.fsencode(other), _RENAME_EXCHANGE) == 0
    )

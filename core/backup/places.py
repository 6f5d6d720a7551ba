"""Where the files lie that a person has made, and how they are read while others write."""

import io
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from core.errors import InklingError
from core.settings import Settings

_TRIES, _PAUSE = 20, 0.1
"""Seconds between two tries to see files that nobody writes to."""

_SMALL = 2**16
"""Bytes of a file that is read at once, for a process may hold only so many open."""

State = dict[Path, tuple[int, int, int]]
"""Inode, size in bytes and time in nanoseconds of each file."""


@dataclass(frozen=True)
class Place:
    """A folder, and which files in it, or in folders of it, are what a person has made.

    pattern : of a file; with a slash, of one in a folder that is whole only with all its files.
    together : the files are of one moment, as weights and their card are.
    """

    folder: Path
    pattern: str
    together: bool = False

    @property
    def of_folders(self) -> bool:
        return "/" in self.pattern

    def things(self) -> list[Path]:
        """The files, or the folders."""
        found = (path for path in self.folder.glob(self.pattern) if path.is_file())
        return sorted({path.parent if self.of_folders else path for path in found})

    def groups(self) -> list[list[Path]]:
        """The things, those together whose files are of one moment."""
        things = self.things()
        return [things] if self.together and things else [[thing] for thing in things]

    def fits(self, parts: Sequence[str]) -> bool:
        """Whether a file of this name in `folder` would be a thing, or belong to one."""
        if self.of_folders:
            return len(parts) > 1
        return len(parts) == 1 and PurePosixPath(parts[0]).match(self.pattern)


def places(settings: Settings, *, runs: bool = True) -> dict[str, Place]:
    """By the name that each has in a backup; `runs`: those of training and the searches too.

    Left out is what can be had again: published data, synthetic and composed sets, answers.
    """
    data, of_runs = settings.data, settings.runs
    return {
        "uploads": Place(data / "uploads", "[!.]*/set.json"),
        "glyphs": Place(data / "glyphs", "[!.]*.json"),
        "cells": Place(data / "cells", "[!.]*/*.png"),
        "mined": Place(data / "mined", "[!.]*.npz"),
        "models": Place(settings.models, "[!.]*", together=True),
        "curation": Place(settings.curation, "[!.]*.jsonl"),
    } | (
        {
            "runs": Place(of_runs, "[!.]*/settings.json"),
            "searches": Place(of_runs / "searches", "[!.]*/settings.json"),
        }
        if runs
        else {}
    )


@contextmanager
def opened(things: Sequence[Path]) -> Iterator[dict[Path, tuple[BinaryIO, int]]]:
    """All files of the things with their sizes, as they were at one moment.

    Files are replaced whole or appended to: what was opened between two looks that saw the same
    stays as it is, up to its size.
    """
    with ExitStack() as stack:
        for _ in range(_TRIES):
            with suppress(FileNotFoundError):
                before = look(things)
                files = {path: stack.enter_context(_open(path)) for path in before}
                if look(things) == before:
                    yield {path: (file, before[path][1]) for path, file in files.items()}
                    return
            stack.close()
            time.sleep(_PAUSE)
    raise InklingError(f"{things[0]} is written to all the time; stop that, or try again later.")


def look(things: Sequence[Path]) -> State:
    """Every file of the things; no locks, and nothing hidden, as files are before they are
    whole.
    """
    state = {}
    for thing in things:
        for path in sorted(thing.rglob("*")) if thing.is_dir() else [thing]:
            inside = path.relative_to(thing.parent).parts
            hidden = any(part.startswith(".") for part in inside)
            if not hidden and path.suffix != ".lock" and path.name != "lock" and path.is_file():
                facts = path.stat()
                state[path] = facts.st_ino, facts.st_size, facts.st_mtime_ns
    return state


def _open(path: Path) -> BinaryIO:
    if path.stat().st_size > _SMALL:
        return path.open("rb")
    return io.BytesIO(path.read_bytes())

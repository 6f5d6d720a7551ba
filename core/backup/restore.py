"""Bring back what a backup holds: all of it is checked before anything is changed."""

import io
import re
import shutil
import zipfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import sqlalchemy as sql

from core.backup.archive import DAMAGE, ROWS, Contents, Member, copied, digest_of
from core.backup.places import Place, look, places
from core.backup.rows import bring, differing
from core.errors import InklingError
from core.files import open_whole, whole_folder
from core.progress import Progress, ignore_progress
from core.settings import Settings
from core.tables import TABLES

_PLAIN = re.compile(r"[^./\\:\x00-\x1f\ud800-\udfff][^/\\:\x00-\x1f\ud800-\udfff]*")
"""A name that neither leads elsewhere nor hides a file."""

Moved = Callable[[int], None]


@dataclass(frozen=True)
class _Thing:
    """A file, or a folder with all its files. files : by path in the folder, () for the file
    itself; the name in the zip of each.
    """

    target: Path
    files: Mapping[tuple[str, ...], str]


def restore(
    settings: Settings, path: Path, *, replace: bool = False, report: Progress = ignore_progress
) -> Contents:
    """Bring back what `back_up` wrote. What is there already and the same is left alone; a restore
    that was stopped can be started again.

    replace : what differs is replaced by the backup's. Otherwise InklingError, and nothing changes.
    report : bytes so far, and in all.
    """
    with _archive(path) as archive:
        contents = Contents.read(archive, path.name)
        things = _things(contents, places(settings), path.name)
        _has_room(settings, contents.size)
        done = 0

        def moved(size: int) -> None:
            nonlocal done
            done += size
            report(done, max(2 * contents.size, done))

        # nothing is changed by a backup that is damaged anywhere
        for name, member in contents.files.items():
            _copy(archive, name, member, lambda _: None, moved)
        changed = [thing for thing in things if not _is_there(thing, contents)]
        differ = _differing(archive, contents, changed, settings)
        if differ and not replace:
            more = f" and {len(differ) - 3:,} more" if len(differ) > 3 else ""
            raise InklingError(
                f"{', '.join(differ[:3])}{more} would be replaced by what the backup has; nothing "
                "was changed, give --replace to have it so."
            )
        for thing in changed:
            thing.target.parent.mkdir(parents=True, exist_ok=True)
            _write(archive, thing, contents, moved)
        if any(contents.rows.values()):
            with ExitStack() as stack:
                tables = _tables(contents).items()
                files = [(one, stack.enter_context(_open(archive, name))) for one, name in tables]
                bring(settings, files)
        report(2 * contents.size, 2 * contents.size)
    return contents


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except DAMAGE as error:
        raise InklingError(
            f"{path.name} is no backup, or damaged ({error!s:.80}); choose another file."
        ) from error


def _things(contents: Contents, known: Mapping[str, Place], name: str) -> list[_Thing]:
    """What the files are part of. InklingError if one would lie where no backup has any."""
    things: dict[Path, dict[tuple[str, ...], str]] = {}
    rows = set(_tables(contents).values())
    taken = {place.folder for place in known.values()}
    for file in contents.files:
        first, *parts = file.split("/")
        place = known.get(first)
        if file in rows:
            continue
        plain = place is not None and all(map(_is_plain, parts)) and place.fits(parts)
        if place is None or not plain or place.folder / parts[0] in taken:
            raise InklingError(f"{name} holds {file[-60:]!r}, as no backup does; choose another.")
        things.setdefault(place.folder / parts[0], {})[tuple(parts[1:])] = file
    # weights before their card: a recognizer is there once its card is
    order = sorted(things, key=lambda target: (target.suffix == ".json", target))
    return [_Thing(target, things[target]) for target in order]


def _tables(contents: Contents) -> dict[sql.Table, str]:
    """The tables whose rows there are, with the files of these."""
    names = {table: f"{ROWS}/{table.name}.jsonl" for table in TABLES.tables.values()}
    return {table: name for table, name in names.items() if name in contents.files}


def _is_plain(part: str) -> bool:
    return bool(_PLAIN.fullmatch(part)) and len(part.encode()) < 256


def _has_room(settings: Settings, size: int) -> None:
    """Against sizes that no disk holds; a full one is met while writing."""
    folder = settings.data
    while not folder.exists():
        folder = folder.parent
    if size > shutil.disk_usage(folder).total:
        raise InklingError(f"The backup would take {size / 1e9:,.0f} GB; the disk is smaller.")


def _is_there(thing: _Thing, contents: Contents) -> bool:
    """Whether the same files, and no others, are there."""
    there = {path.relative_to(thing.target).parts: path for path in look([thing.target])}
    return there.keys() == thing.files.keys() and all(
        path.stat().st_size == contents.files[thing.files[parts]].size
        and digest_of(path) == contents.files[thing.files[parts]].sha256
        for parts, path in there.items()
    )


def _differing(
    archive: zipfile.ZipFile, contents: Contents, changed: list[_Thing], settings: Settings
) -> list[str]:
    """What would be replaced. InklingError if a row is none."""
    found = [str(thing.target) for thing in changed if thing.target.exists()]
    for table, name in _tables(contents).items():
        with _open(archive, name) as file:
            if count := differing(settings, table, file):
                found.append(f"{count:,} of the {table.name}")
    return found


def _write(archive: zipfile.ZipFile, thing: _Thing, contents: Contents, moved: Moved) -> None:
    if () in thing.files:
        name = thing.files[()]
        with open_whole(thing.target) as file:
            _copy(archive, name, contents.files[name], file.write, moved)
        return
    with whole_folder(thing.target) as part:
        for parts, name in thing.files.items():
            path = part.joinpath(*parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                _copy(archive, name, contents.files[name], file.write, moved)


def _copy(
    archive: zipfile.ZipFile,
    name: str,
    member: Member,
    write: Callable[[bytes], object],
    moved: Moved,
) -> None:
    try:
        with _open(archive, name) as source:
            whole = copied(source, member.size, write, moved) == member
    except DAMAGE as error:
        raise InklingError(f"The backup is damaged ({error!s:.80}); choose another.") from error
    if not whole:
        raise InklingError(f"The backup is damaged: {name} has changed; choose another.")


def _open(archive: zipfile.ZipFile, name: str) -> BinaryIO:
    # lines are found faster in large blocks
    return cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, archive.open(name)), 2**20))

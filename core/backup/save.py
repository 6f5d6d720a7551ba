"""Write a backup while Inkling goes on running."""

import zipfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from core.backup.archive import LIST, ROWS, Contents, Member, copied
from core.backup.places import look, opened, places
from core.backup.rows import TITLE, lines
from core.errors import InklingError
from core.files import open_whole
from core.progress import Progress, ignore_progress
from core.settings import Settings
from core.store import snapshot
from core.tables import TABLES


def back_up(
    settings: Settings, path: Path, *, runs: bool = True, report: Progress = ignore_progress
) -> Contents:
    """Write everything that a person has made to the zip `path`, replacing an older backup there;
    it is whole or not there. runs : those of training, and searches, too.

    report : bytes of files so far, and of all. Rows are of one moment, and so are the files of one
    thing: of an uploaded set, a run, the recognizers.
    """
    _may_write(path)
    kept = places(settings, runs=runs)
    total = sum(size for place in kept.values() for _, size, _ in look(place.things()).values())
    done, rows, files = 0, {}, {}

    def moved(size: int) -> None:
        nonlocal done
        done += size
        report(done, max(total, done))

    report(0, total)
    # lightly packed: weights and pictures hardly get smaller
    with (
        open_whole(path, sync=True) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        Path(file.name).chmod(0o600)
        with snapshot(settings, TITLE, path) as connection:
            for table in TABLES.tables.values():
                if connection is None:
                    break
                name = f"{ROWS}/{table.name}.jsonl"
                found = lines(connection, table, settings)
                rows[table.name], files[name] = _lines(archive, name, found)
        for name, place in kept.items():
            for group in place.groups():
                with opened(group) as sources:
                    for source, (content, size) in sources.items():
                        inside = f"{name}/{source.relative_to(place.folder).as_posix()}"
                        with archive.open(inside, "w", force_zip64=True) as target:
                            files[inside] = copied(content, size, target.write, moved)
        contents = Contents(rows, files)
        contents.write(archive)
    return contents


def _may_write(path: Path) -> None:
    """InklingError rather than a file lost that is no backup."""
    if path.exists() and not path.is_dir():
        try:
            with zipfile.ZipFile(path) as archive:
                if LIST in archive.namelist():
                    return
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            pass
        raise InklingError(f"{path} is there and no backup; give another name.")
    if not path.parent.is_dir():
        raise InklingError(f"There is no folder {path.parent}; make it, or choose another.")


def _lines(archive: zipfile.ZipFile, name: str, found: Iterable[bytes]) -> tuple[int, Member]:
    digest, count, size = sha256(), 0, 0
    with archive.open(name, "w", force_zip64=True) as target:
        for line in found:
            target.write(line)
            digest.update(line)
            count += 1
            size += len(line)
    return count, Member(size, digest.hexdigest())

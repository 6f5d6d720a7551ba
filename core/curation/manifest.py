"""The manifest of a curated collection: for each picture what was done to it, and why."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from core.curation.collection import Collection, FolderCollection
from core.curation.curated import Curated
from core.curation.decisions import LABEL, UNDECIDED
from core.curation.seen import Seen, see_all
from core.progress import Progress, ignore_progress

MANIFEST = "manifest.csv"
CHANGED, GONE = "changed", "gone"
"""Actions for decisions that are not applied: the pixels are no longer those that were decided on,
or the picture is not there."""

_MOST_BYTES = 200 * 2**20


@dataclass(frozen=True)
class Line:
    """A picture in the manifest.

    file : where it is in the export, "" if it is not. picture : its name in the collection. part,
    label, was : its part, its label, and the one it had. action : one of the decisions', CHANGED or
    GONE. why, at : of the decision. digest : of its pixels. source : where it came from, as the
    manifest of the collection says, if it has one.
    """

    file: str
    picture: str
    part: str
    label: str
    was: str
    action: str
    why: str
    at: str
    digest: str
    source: str


def checked(now: Curated, report: Progress = ignore_progress) -> Iterator[tuple[Line, Seen]]:
    """Each picture as it is now, in order, with its line, not placed yet; all are read."""
    collection, sources = now.collection, sources_of(now.collection)
    pictures = see_all(collection, range(len(collection)), lambda seen: seen)
    for done, seen in enumerate(pictures, 1):
        name, was = collection.name_of(seen.index), collection.label_of(seen.index)
        decision = now.held.get(name)
        action = decision.action if decision else UNDECIDED
        if decision and decision.digest != seen.digest:
            action = CHANGED
        line = Line(
            file="",
            picture=name,
            part=collection.parts[collection.part_of[seen.index]],
            label=decision.label if decision and action == LABEL else was,
            was=was,
            action=action,
            why=decision.why if decision else "",
            at=decision.at if decision else "",
            digest=seen.digest,
            source=sources.get(name, ""),
        )
        report(done, len(collection))
        yield line, seen


def gone(now: Curated) -> list[Line]:
    """Lines for the decisions on pictures that are not there."""
    return [
        Line("", name, "", "", "", GONE, one.why, one.at, one.digest, "")
        for name, one in ((name, now.held[name]) for name in now.gone)
    ]


def write_manifest(path: Path, lines: Iterable[Line]) -> None:
    """Write the lines as CSV; names that are no text on this system keep their bytes."""
    with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        writer = csv.DictWriter(file, [f.name for f in fields(Line)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, lines))


def sources_of(collection: Collection) -> dict[str, str]:
    """Where each picture came from, by its name: columns `file` and `source` of the manifest in the
    folder; {} if there is none that can be read.
    """
    if not isinstance(collection, FolderCollection):
        return {}
    path = collection.folder / MANIFEST
    try:
        if path.stat().st_size > _MOST_BYTES:
            return {}
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            rows = [(row.get("file"), row.get("source")) for row in csv.DictReader(file)]
    except (OSError, csv.Error):
        return {}
    return {file: source for file, source in rows if file and source}

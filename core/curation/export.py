"""A curated collection as a new folder of class folders with a manifest, or as a data set to train
on; the collection itself is never written to.
"""

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np

from core.curation.as_dataset import dataset_of
from core.curation.collection import Collection, FolderCollection
from core.curation.curated import Curated, curated
from core.curation.decisions import REMOVE
from core.curation.manifest import CHANGED, MANIFEST, Line, checked, gone, write_manifest
from core.curation.seen import Seen
from core.datasets.dataset import Dataset
from core.datasets.digest import digest_of_picture
from core.datasets.labels import folder_of_label, label_of_folder
from core.datasets.uploads import MAX_NAME, keep_dataset
from core.errors import InklingError
from core.files import whole_folder, write_json
from core.ink.encode import negative, png
from core.progress import Progress, ignore_progress, part_of_progress
from core.settings import Settings
from core.synthesis.compose.edits import edits

SUMMARY = "curation.json"

_TESTS = {"test", "testing", "val", "valid", "validation"}


@dataclass(frozen=True)
class Exported:
    """Where it lies, how many pictures were written, and how many lines of the manifest have each
    action.
    """

    path: str
    written: int
    actions: Mapping[str, int]


def export(
    now: Curated,
    out: Path,
    report: Progress = ignore_progress,
    *,
    edited: Sequence[str] = (),
) -> Exported:
    """Write what is kept to the new folder `out`: PART/CLASS/FILE, folders and files called as in
    the source, picture files byte by byte. MANIFEST has a line for every picture, SUMMARY the
    counts.

    edited : kinds of edits (`core.synthesis.compose.edits.KINDS`) of Roman numerals, whose pictures
    are added, but not to parts to test on.

    A decision on pixels that are others now is not applied, which the manifest says. `out` appears
    whole or not at all; InklingError if it is there already, or would lie in the folder that is
    curated.
    """
    collection, out = now.collection, out.expanduser().resolve()
    if out.exists():
        raise InklingError(f"{out} is there already; give the export a new name.")
    if isinstance(collection, FolderCollection) and out.is_relative_to(collection.folder):
        raise InklingError(f"{out} lies in the folder that is curated; give another place.")
    folders, taken = _class_folders(collection), set[str]()
    # what stays in its class keeps its name, whatever comes from another class before it
    own = {_folded(_place(collection, *at, folders)) for at in _as_they_are(collection) if at[2]}
    lines: list[Line] = []
    try:
        with whole_folder(out) as part:
            for line, seen in checked(now, report):
                if line.action != REMOVE and line.label:
                    place = _place(collection, line.picture, line.part, line.label, folders)
                    place = _free(place, taken if line.label == line.was else taken | own)
                    taken.add(_folded(place))
                    _copy(collection, seen, part / place)
                    line = replace(line, file=str(place))
                    for more, image in _edits(line, seen, edited):
                        place = _place(collection, more.picture, more.part, more.label, folders)
                        place = _free(place, taken | own)
                        taken.add(_folded(place))
                        (part / place).parent.mkdir(parents=True, exist_ok=True)
                        (part / place).write_bytes(png(image))
                        lines.append(replace(more, file=str(place)))
                lines.append(line)
            lines += gone(now)
            write_manifest(part / MANIFEST, lines)
            actions = Counter(line.action for line in lines)
            exported = Exported(str(out), len(taken), dict(actions))
            write_json(part / SUMMARY, {"of": collection.name, **asdict(exported)})
    except OSError as error:
        raise InklingError(
            f"{error.filename or out} cannot be written ({error.strerror}); make room or give "
            "another place."
        ) from error
    return exported


def _edits(line: Line, seen: Seen, kinds: Sequence[str]) -> Iterator[tuple[Line, np.ndarray]]:
    """What edits make of a picture, each with its line, whose picture is that of the source."""
    if seen.image is None or not kinds or line.part.lower() in _TESTS:
        return
    for one in edits(negative(seen.image), line.label, kinds):
        image = negative(one.ink)
        digest = digest_of_picture(image)
        yield replace(line, label=one.label, action=one.done, why="", digest=digest), image


def keep(
    now: Curated, name: str, settings: Settings, report: Progress = ignore_progress
) -> list[Dataset]:
    """Keep what is kept among the data sets that Train and Evaluate offer: the part to train on as
    `upload-NAME`, and one to test on, if there is one, as `upload-NAME-PART`.

    Decisions on pixels that are others now are not applied.
    """
    parts, count = now.collection.parts, len(now.collection)
    changed = {
        line.picture
        for line, _ in checked(now, part_of_progress(report, start=0, total=2 * count))
        if line.action == CHANGED
    }
    held = {picture: one for picture, one in now.held.items() if picture not in changed}
    fitting, done = curated(now.collection, held), count
    tests = [part for part in parts if part.lower() in _TESTS] if len(parts) > 1 else []
    kept: list[Dataset] = []
    for part in [part for part in parts if part not in tests] + tests:
        # what names are cut to must not make one of both
        title = f"{name[: MAX_NAME - len(part) - 1]} {part}" if kept else name
        reading = part_of_progress(report, start=done, total=2 * count)
        dataset, _ = dataset_of(fitting, part=part, report=reading)
        done += len(dataset)
        kept.append(keep_dataset(dataset, title, settings))
    return kept


def _class_folders(collection: Collection) -> dict[str, str]:
    """The name of each class's folder in the source."""
    found = {}
    if isinstance(collection, FolderCollection):
        for number, label in enumerate(collection.classes):
            first = collection.names[int(np.argmax(collection.labels == number))]
            found[label] = next(
                folder for folder in first.split("/") if label_of_folder(folder) == label
            )
    return found


def _as_they_are(collection: Collection) -> Iterator[tuple[str, str, str]]:
    """Name, part and label of each picture."""
    for index in range(len(collection)):
        part = collection.parts[collection.part_of[index]]
        yield collection.name_of(index), part, collection.label_of(index)


def _place(
    collection: Collection, picture: str, part: str, label: str, folders: Mapping[str, str]
) -> PurePosixPath:
    name = PurePosixPath(picture).name
    if not isinstance(collection, FolderCollection):
        name = f"{name}.png"
    part = part if len(collection.parts) > 1 else ""
    return PurePosixPath(part, folders.get(label) or folder_of_label(label), name)


def _free(place: PurePosixPath, taken: set[str]) -> PurePosixPath:
    """The place, or one beside it where files of one name come together."""
    free, number = place, 1
    while _folded(free) in taken:
        number += 1
        free = place.with_name(f"{place.stem}-{number}{place.suffix}")
    return free


def _folded(place: PurePosixPath) -> str:
    """Capitals do not tell two names apart on every file system."""
    return str(place).casefold()


def _copy(collection: Collection, seen: Seen, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(collection, FolderCollection):
        shutil.copyfile(collection.folder / collection.names[seen.index], to)
    elif seen.image is not None:
        to.write_bytes(png(seen.image))

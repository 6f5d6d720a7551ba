"""Data sets that visitors upload: validated, saved atomically, opened by name like any other."""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from core.datasets.archives import DAMAGE, shown
from core.datasets.corrections import Corrections
from core.datasets.dataset import Dataset
from core.datasets.export import Chunk
from core.datasets.idx import idx_header, read_idx, write_idx
from core.datasets.labels import in_order, one_form
from core.datasets.unpack import Findings, read_upload
from core.errors import InklingError
from core.files import remove_folder, whole_folder, write_json
from core.ink.forms import DEFAULT_FORM, FORMS, Form
from core.ink.paper import FAINTEST_INK
from core.progress import Progress, ignore_progress
from core.settings import MAX_DIGITS, Settings
from core.visitors import check_room

PREFIX = "upload-"
"""Name prefix of uploaded sets in the catalogue."""

MAX_CLASSES = 256
MAX_NAME = 40
_BATCH = 4096
SIDES = range(4, 257)
"""Height and width of pictures, pixels."""

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_IMAGES, _LABELS, _FACTS = "images-idx3-ubyte", "labels-idx1-ubyte", "set.json"


@dataclass(frozen=True)
class Facts:
    """Metadata saved with a set's images and labels; see `Dataset`."""

    title: str
    classes: tuple[str, ...] = ()
    form: str = ""
    source: str = ""


def keep_upload(
    files: Sequence[tuple[str, BinaryIO]],
    name: str,
    settings: Settings,
    *,
    form: Form = FORMS[DEFAULT_FORM],
    report: Progress = ignore_progress,
) -> Dataset:
    """Validate an upload (file names and their bytes) and save it as `upload_name(name)` ("" for
    the first file's), replacing an older one.

    One zip of class folders, one .npz as `open_npz` reads it, two IDX files (gz or not; or in a
    zip), or one CSV (gz or not).
    form : the form for pictures in a zip, whatever their size; arrays are not converted and have no
    form.
    report : images so far, images in all (0 if unknown); an exception in it stops the upload.

    If the border is mostly bright, images are inverted; arrays that lie on their side are turned. A
    class without images (an empty folder, a gap in the numbers) is dropped, as nothing can be shown
    or learnt of it; models and sets are compared by class names, so nothing shifts. A single class
    is rejected: there is nothing to classify. `source` records what was inverted, turned or left
    out. InklingError states in a sentence what is wrong; the store is then unchanged.
    """
    if not files:
        raise InklingError("There is no file; choose a zip, an .npz, a CSV or two IDX files.")
    first = shown(files[0][0])
    title = shown((name.strip() or first.partition(".")[0]).replace("/", "-"))
    folder, key, result = _store(settings), upload_name(title), Findings()
    check_room(settings)

    def report_and_check(done: int, total: int = 0, note: str = "") -> None:
        check_room(settings)  # what is written so far counts
        report(done, total)

    try:
        with whole_folder(folder / key) as part:
            chunks = read_upload(files, form, result, folder)
            classes, count = _write(chunks, part, first, result, report_and_check)
            facts = Facts(title, classes, result.form, _source(first, classes, count, result))
            write_json(part / _FACTS, asdict(facts))
    except DAMAGE as error:
        raise InklingError(f"{first} is damaged or cut short; save it again and retry.") from error
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        raise InklingError(f"The set cannot be kept ({reason}); make room in {folder}.") from error
    return open_upload(settings, key)


def keep_dataset(dataset: Dataset, name: str, settings: Settings) -> Dataset:
    """Keep a data set that is in memory as `upload_name(name)`, replacing an older one: its images
    as they are, its form, and those of its classes that have images.
    """
    key = upload_name(name)
    labels = [dataset.classes[label] for label in dataset.labels]
    classes = tuple(label for label in dataset.classes if label in set(labels))
    facts = Facts(name, classes, dataset.form, dataset.source)
    if not 1 < len(classes) <= MAX_CLASSES:
        raise InklingError(
            f"{dataset.title} has {len(classes)} classes; 2 to {MAX_CLASSES} can be told apart."
        )
    check_room(settings, dataset.images.nbytes)
    with whole_folder(_store(settings) / key) as part:
        write_idx(part / _IMAGES, dataset.images)
        write_idx(part / _LABELS, np.array([classes.index(label) for label in labels], np.uint8))
        write_json(part / _FACTS, asdict(facts))
    return open_upload(settings, key)


def upload_name(text: str) -> str:
    """A name of at most 40 small letters, digits and single hyphens, made from any text."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:MAX_NAME].strip("-") or "set"


def find_uploads(settings: Settings) -> dict[str, Facts]:
    """Metadata of every uploaded set, by name; the title of a damaged one is its name."""
    results = {}
    for folder in sorted(path for path in _store(settings).glob("*") if _NAME.fullmatch(path.name)):
        try:
            results[folder.name] = _facts(folder)
        except (OSError, ValueError, KeyError, TypeError):
            results[folder.name] = Facts(folder.name)
    return results


def open_upload(settings: Settings, name: str) -> Dataset:
    """A set saved by `keep_upload`, its images a memory map; InklingError if missing or damaged."""
    folder = _folder_of(settings, name)
    try:
        facts, images, labels = (
            _facts(folder),
            read_idx(folder / _IMAGES),
            np.asarray(read_idx(folder / _LABELS), np.int64),
        )
        if labels.max() >= len(facts.classes):
            raise ValueError("a label is no class")
        return Dataset(
            name=PREFIX + name,
            title=facts.title,
            images=images,
            labels=labels,
            classes=facts.classes,
            form=facts.form,
            source=facts.source,
        )
    except (InklingError, OSError, ValueError, KeyError, TypeError) as error:
        raise InklingError(
            f"The uploaded set {name} is damaged; delete it and upload it again."
        ) from error


def delete_upload(settings: Settings, name: str) -> None:
    """Delete an uploaded set; if open, it stays readable until closed."""
    folder = _folder_of(settings, name)
    try:
        remove_folder(folder)
    except OSError as error:
        raise InklingError(
            f"The uploaded set {name} cannot be deleted ({error.strerror}); delete {folder} by "
            "hand."
        ) from error


def _store(settings: Settings) -> Path:
    return settings.own_data / "uploads"


def _folder_of(settings: Settings, name: str) -> Path:
    folder = _store(settings) / name if _NAME.fullmatch(name) else None
    if folder is None or not folder.is_dir():
        raise InklingError(
            f"There is no uploaded set {name[:MAX_NAME]!r}; upload it, or choose another."
        )
    return folder


def _facts(folder: Path) -> Facts:
    values = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    title, form, source = (str(values[name]) for name in ("title", "form", "source"))
    return Facts(title, tuple(map(str, values["classes"])), form, source)


def _write(
    chunks: Iterable[Chunk], folder: Path, name: str, findings: Findings, report: Progress
) -> tuple[tuple[str, ...], int]:
    """Write images and labels; returns the classes in label order, and the number of images."""
    codes: dict[str, int] = {}
    labels, seen, shape = bytearray(), np.zeros(256, bool), (0, 0)
    with open(folder / _IMAGES, "wb") as file:
        file.write(idx_header((0, 0, 0)))
        for images, texts in chunks:
            shape, names = images.shape[1:], [one_form(text) for text in texts]
            if not all(side in SIDES for side in shape):
                sides = f"{SIDES[0]} to {SIDES[-1]} pixels"
                raise InklingError(
                    f"The pictures of {name} are {shape[0]}x{shape[1]}; give pictures with sides "
                    f"of {sides}."
                )
            for label in names:
                codes.setdefault(label, len(codes))
            if len(codes) > MAX_CLASSES:
                raise InklingError(
                    f"{name} has more than {MAX_CLASSES} classes; give fewer, and in a table "
                    "a column named label."
                )
            file.write(images.tobytes())
            labels += bytes(codes[label] for label in names)
            seen[np.unique(images)] = True
            report(len(labels), findings.total)
        file.seek(0)
        file.write(idx_header((len(labels), *shape)))
    classes = _check(codes, seen, name)
    indices = np.array([classes.index(label) for label in codes], np.uint8)
    write_idx(folder / _LABELS, indices[np.frombuffer(labels, np.uint8)])
    if not findings.form:  # pictures are seen as they are
        pixels = np.memmap(folder / _IMAGES, np.uint8, "r+", 16, (len(labels), *shape))
        findings.corrections = Corrections.of(pixels)
        for start in range(0, len(pixels), _BATCH) if findings.corrections.notes else ():
            some = slice(start, start + _BATCH)
            pixels[some] = findings.corrections.apply(pixels[some])
        pixels.flush()
    return classes, len(labels)


def _check(codes: dict[str, int], seen: np.ndarray, name: str) -> tuple[str, ...]:
    """The classes, numbers by value before other names; InklingError if they or the observed pixel
    values are invalid.
    """
    if not codes:
        raise InklingError(f"{name} holds no images; give some of each class.")
    for label in codes:
        if not 0 < len(label) <= MAX_NAME or not label.isprintable() or label.isspace():
            raise InklingError(
                f"{name} has a class {label[:MAX_NAME]!r}; name classes with 1 to {MAX_NAME} "
                "printable characters."
            )
    if len(codes) == 1:
        raise InklingError(
            f"{name} has one class only, {next(iter(codes))!r}; give two or more to tell apart."
        )
    low, high = np.flatnonzero(seen)[[0, -1]]
    if high - low < FAINTEST_INK:
        raise InklingError(
            f"All pixels of {name} lie between {low} and {high}, which shows no ink; scale them to "
            "paper 0 and ink 255."
        )
    return in_order(codes)


def _source(name: str, classes: Sequence[str], count: int, findings: Findings) -> str:
    notes = [f"the upload {name}, {count:,} images"]
    if findings.total > count:
        notes.append(f"{findings.total - count:,} blank or unreadable left out")
    notes += findings.corrections.notes
    numbers = [int(label) for label in classes if label.isdecimal() and len(label) <= MAX_DIGITS]
    gaps = (
        [str(number) for number in range(numbers[0], min(numbers[-1], numbers[0] + 1000))]
        if numbers
        else []
    )
    absent = [
        shown(label)
        for label in dict.fromkeys([*gaps, *sorted(findings.folders)])
        if label not in classes
    ]
    if absent:
        notes.append(
            f"without a class for {', '.join(absent[:10])}{' and more' * (len(absent) > 10)}, of "
            "which there are no images"
        )
    return "; ".join(notes)

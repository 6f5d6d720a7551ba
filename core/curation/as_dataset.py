"""A curated collection as a data set: what is kept, under the labels that were decided."""

import numpy as np

from core.curation.collection import Collection, SetCollection
from core.curation.curated import Curated
from core.curation.seen import Seen, see_all
from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.ink.forms import DEFAULT_FORM, FORMS, Form, picture_to_form, to_form
from core.progress import Progress, ignore_progress


def dataset_of(
    now: Curated, *, part: str = "", report: Progress = ignore_progress
) -> tuple[Dataset, np.ndarray]:
    """The pictures kept, of one part or of all, and their numbers in the collection, int64 [M].

    Images of the catalogue stay as they are; picture files are brought to a form, that of numbers
    where a class has several characters, and blank and unreadable ones are left out. InklingError
    if nothing is left.
    """
    collection = now.collection
    rows = np.flatnonzero(now.kept & _of_part(now, part))
    form = "" if isinstance(collection, SetCollection) else form_for(now.classes).name
    if isinstance(collection, SetCollection):
        images, form = _of_sets(collection, rows), collection.datasets[0].form
    else:
        found = inputs_of(collection, rows, FORMS[form], report)
        rows = rows[[image is not None for image in found]]
        images = np.array([image for image in found if image is not None], np.uint8)
    if not len(rows):
        raise InklingError(f"Nothing is kept of {collection.title}; keep some of each class.")
    changed = f"{int(now.removed.sum()):,} removed, {now.relabelled:,} relabelled by hand"
    changed += f", {now.labelled:,} labelled by hand" * bool(now.labelled)
    dataset = Dataset(
        name=collection.name,
        title=collection.title,
        images=images,
        labels=now.labels[rows],
        classes=now.classes,
        form=form,
        source=f"{collection.title}{f', {part}' if part else ''}, curated: {len(rows):,} pictures; "
        f"of all {len(collection):,} {changed}",
    )
    return dataset, rows


def inputs_of(
    collection: Collection, rows: np.ndarray, form: Form, report: Progress = ignore_progress
) -> list[np.ndarray | None]:
    """Some pictures as model input of a form, uint8 [size, size]; None for blank and unreadable
    ones. Those of the catalogue that have its size are taken as they are.
    """
    if isinstance(collection, SetCollection):
        images = to_form(_of_sets(collection, rows), form, report=report)
        return [image if image.any() else None for image in images]

    def to_input(seen: Seen) -> np.ndarray | None:
        return None if seen.image is None else picture_to_form(seen.image, form)

    found = []
    for done, image in enumerate(see_all(collection, rows.tolist(), to_input), 1):
        found.append(image)
        report(done, len(rows))
    return found


def form_for(classes: tuple[str, ...]) -> Form:
    """The form for picture files of these classes."""
    return FORMS["number" if any(len(name) > 1 for name in classes) else DEFAULT_FORM]


def _of_part(now: Curated, part: str) -> np.ndarray:
    parts = now.collection.parts
    return now.collection.part_of == parts.index(part) if part else np.ones(len(now.kept), bool)


def _of_sets(collection: SetCollection, rows: np.ndarray) -> np.ndarray:
    starts = np.cumsum([0, *(len(dataset) for dataset in collection.datasets)])
    return np.concatenate(
        [
            dataset.images[rows[(rows >= start) & (rows < start + len(dataset))] - start]
            for dataset, start in zip(collection.datasets, starts, strict=False)
        ]
    )

"""Labels of a collection that are probably wrong, by confident learning, as a list of suspects."""

from core.curation.as_dataset import dataset_of
from core.curation.collection import Collection
from core.curation.curated import curated
from core.curation.issues import find_issues
from core.curation.label_issues import cross_validated
from core.curation.seen import see
from core.curation.suspects import LABELS, Suspect, Suspects
from core.progress import Progress, ignore_progress


def find_mislabelled(
    collection: Collection,
    *,
    folds: int = 5,
    seed: int = 0,
    epochs: int = 0,
    report: Progress = ignore_progress,
) -> Suspects:
    """The labels that `find_issues` doubts by networks trained without them, see
    `cross_validated`; all parts are judged together. It takes minutes.
    """
    dataset, rows = dataset_of(curated(collection, {}))
    probabilities = cross_validated(dataset, folds=folds, seed=seed, epochs=epochs, report=report)
    issues = find_issues(dataset.labels, probabilities)
    suspects = []
    for row in issues.rows:
        index, becomes = int(rows[row]), dataset.classes[issues.suggested[row]]
        share = probabilities[row, issues.suggested[row]]
        suspects.append(
            Suspect(
                collection.name_of(index),
                see(collection, index).digest,
                f"perhaps {becomes} ({share:.0%})",
                group=index,
                becomes=becomes,
            )
        )
    return Suspects(collection.name, len(collection), {LABELS: tuple(suspects)})

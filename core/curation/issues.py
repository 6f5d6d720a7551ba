"""Labels that are probably wrong, by confident learning, and the list used to display, export and
fix them.
"""

import csv
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from core.files import write_whole

CAVEAT = (
    "an estimate, and only as good as the model: it counts what the model reads confidently as "
    "another class, so hard images and look-alikes count too; look before you mend"
)
"""Must accompany every displayed noise rate."""


@dataclass(frozen=True)
class Issues:
    """What confident learning finds among N labels.

    order : int64 [N], all images, worst first: those found, then the others. rows : int64 [K],
    those found, the first of `order`. quality : float64 [N], the probability of each image's label
    (self-confidence), 0-1. suggested : int64 [N], the most probable other class, or the label
    itself where there is no other.
    noise_rate : estimated share of the N labels that are not the true class; see CAVEAT.
    """

    order: np.ndarray
    rows: np.ndarray
    quality: np.ndarray
    suggested: np.ndarray
    noise_rate: float


def find_issues(labels: np.ndarray, probabilities: np.ndarray) -> Issues:
    """Confident learning (Northcutt et al., JAIR 2021, by cleanlab) on labels int64 [N] and
    probabilities float [N, C].

    The probabilities must be out of sample: of a model that was trained without these images, as
    `cross_validated` gives, or of one that the caller knows was trained on others. A model that has
    memorized the labels agrees with all of them.

    In each class, as many images are found as the confident joint (their equation 1) estimates to
    be mislabelled, least probable labels first ("prune by class", their section 3.2), but none
    whose label is the most probable class, and not the last of a class. Ties are broken by row.
    ValueError if a label is not a class or the probabilities are invalid.
    """
    labels, probabilities = np.asarray(labels, np.int64), np.asarray(probabilities, np.float64)
    count, classes = _checked(labels, probabilities)
    item = np.arange(count)
    others = probabilities.copy()
    others[item, labels] = -1.0
    suggested = others.argmax(1) if count else labels.copy()
    quality = probabilities[item, labels]
    result, noise_rate = np.zeros(count, bool), 0.0
    # a single class cannot be judged, and cleanlab refuses it
    if classes > 1 and len(np.unique(labels)) > 1:
        from cleanlab.count import compute_confident_joint, estimate_joint
        from cleanlab.filter import find_label_issues

        joint = compute_confident_joint(labels, probabilities)
        # it warns of a class with one image, whose label it keeps
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            result = find_label_issues(
                labels, probabilities, filter_by="prune_by_class", confident_joint=joint, n_jobs=1
            )
        noise_rate = float(
            np.clip(
                1 - np.trace(estimate_joint(labels, probabilities, confident_joint=joint)), 0, 1
            )
        )
    order = np.lexsort((item, quality, ~result))
    return Issues(order, order[: int(result.sum())], quality, suggested, noise_rate)


def _checked(labels: np.ndarray, probabilities: np.ndarray) -> tuple[int, int]:
    if (
        probabilities.ndim != 2
        or labels.shape != probabilities.shape[:1]
        or not probabilities.shape[1]
    ):
        raise ValueError(
            f"labels [N] and probabilities [N, C], not {labels.shape} and {probabilities.shape}"
        )
    count, classes = probabilities.shape
    if count and not 0 <= labels.min() <= labels.max() < classes:
        raise ValueError(f"labels from {labels.min()} to {labels.max()} for {classes} classes")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():  # also rejects NaN
        raise ValueError("probabilities are 0 to 1")
    return count, classes


@dataclass(frozen=True)
class Issue:
    """An image whose label is doubted: its row in the data set, its label and the suggested class,
    with the probability of each, and whether it was found or only listed. quality : the lower, the
    more doubtful.
    """

    number: int
    label: str
    suggested: str
    label_probability: float
    suggested_probability: float
    quality: float
    found: bool


@dataclass(frozen=True)
class IssueList:
    """The first of N images, worst first. data : their source. found : number of doubtful labels.
    noise : the estimated share of wrong labels, to be shown with `caveat`.
    """

    data: str
    n: int
    found: int
    noise: float
    caveat: str
    rows: tuple[Issue, ...]

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "IssueList":
        """What `to_json` gave."""
        rows = tuple(Issue(**row) for row in values["rows"])
        return IssueList(**{**values, "rows": rows})

    def to_json(self) -> dict[str, Any]:
        """As `label-issues --json` prints it."""
        return asdict(self)

    def write(self, path: Path) -> None:
        """Write the rows as CSV, atomically."""
        text = StringIO()
        writer = csv.DictWriter(text, [f.name for f in fields(Issue)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, self.rows))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.getvalue())


def list_issues(
    issues: Issues,
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: tuple[str, ...],
    *,
    data: str,
    limit: int | None = None,
) -> IssueList:
    """The first `limit` images, or all that are found; arguments as in `find_issues`."""
    rows = issues.order[: len(issues.rows) if limit is None else limit]
    listed = tuple(
        Issue(
            number=int(row),
            label=classes[labels[row]],
            suggested=classes[issues.suggested[row]],
            label_probability=float(probabilities[row, labels[row]]),
            suggested_probability=float(probabilities[row, issues.suggested[row]]),
            quality=float(issues.quality[row]),
            found=rank < len(issues.rows),
        )
        for rank, row in enumerate(rows)
    )
    return IssueList(data, len(labels), len(issues.rows), issues.noise_rate, CAVEAT, listed)

"""How real synthetic digits look: mean maps beside those of real ones, and a classifier that tries
to distinguish them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.datasets.catalogue import find_entries
from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.ink.forms import form_named
from core.intervals import wilson_interval
from core.settings import Settings
from core.synthesis.handwriting import Handwriting

MOST_IMAGES = 20_000
_TREES = 200


@dataclass(frozen=True, eq=False)
class Realism:
    """labels : the L labels compared. real, synthetic : mean maps float [L, H, W], ink 0-1.

    accuracy : of distinguishing real from synthetic on `n` images unseen by the classifier; 0.5 is
    chance. interval : 95 % Wilson. by_label : the same accuracy for each label.
    """

    labels: tuple[str, ...]
    real: np.ndarray
    synthetic: np.ndarray
    accuracy: float
    interval: tuple[float, float]
    n: int
    by_label: dict[str, float]

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "Realism":
        """What `to_json` gave."""
        return Realism(
            labels=tuple(values["labels"]),
            real=np.array(values["real"]),
            synthetic=np.array(values["synthetic"]),
            accuracy=values["accuracy"],
            interval=tuple(values["interval"]),
            n=values["n"],
            by_label=values["by_label"],
        )

    def to_json(self) -> dict[str, Any]:
        """All fields; maps rounded to three decimals."""
        return {
            "labels": list(self.labels),
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "n": self.n,
            "by_label": self.by_label,
            "real": self.real.round(3).tolist(),
            "synthetic": self.synthetic.round(3).tolist(),
        }


def realism(writing: Handwriting, dataset: Dataset, *, count: int = 2000, seed: int = 0) -> Realism:
    """Compare `count` real and `count` synthetic images, the same number of each label on both
    sides.

    A classifier two-sample test (Lopez-Paz & Oquab, ICLR 2017): a random forest learns to
    distinguish them on one half and is tested on the other. It sees raw pixels, so it also finds
    differences harmless to a network, such as softer edges. InklingError if the data have too few
    images of these labels, or of another size.
    """
    if dataset.images.shape[1:] != (writing.size, writing.size):
        raise InklingError(
            f"{dataset.title} has images of {dataset.images.shape[1:]}, not of {writing.size} "
            "pixels; compare others."
        )
    labels = tuple(label for label in writing.labels if label in dataset.classes)
    item = count // max(1, len(labels))
    if not labels or item < 20 or count > MOST_IMAGES:
        raise InklingError(
            f"At least 20 images of each label are needed, and at most {MOST_IMAGES:,}; {count:,} "
            f"of {len(labels)} labels are not."
        )
    real, synthetic = _balanced(dataset, labels, item, seed), _written(writing, labels, item)
    text, truth, which = _discriminate(real, synthetic, seed)
    hits = int((text == truth).sum())
    return Realism(
        labels,
        real.mean(1) / 255,
        synthetic.mean(1) / 255,
        hits / len(truth),
        wilson_interval(hits, len(truth)),
        len(truth),
        {
            label: float((text == truth)[which == index].mean())
            for index, label in enumerate(labels)
        },
    )


def comparable(writing: Handwriting, settings: Settings) -> list[str]:
    """The splits of real handwriting that have some of these labels in images of this size."""
    return [
        f"{entry.name}:{entry.splits[0]}"
        for entry in find_entries(settings).values()
        if entry.form
        and not entry.make
        and form_named(entry.form).size == writing.size
        and not set(writing.labels).isdisjoint(entry.classes)
    ]


def _balanced(dataset: Dataset, labels: tuple[str, ...], item: int, seed: int) -> np.ndarray:
    """uint8 [L, each, H, W], drawn at random."""
    generator, results = np.random.default_rng(seed), []
    for label in labels:
        rows = np.flatnonzero(dataset.labels == dataset.classes.index(label))
        if len(rows) < item:
            raise InklingError(
                f"{dataset.title} has {len(rows)} images of {label}, but {item} are needed; "
                "compare fewer."
            )
        results.append(dataset.images[np.sort(generator.choice(rows, item, replace=False))])
    return np.stack(results)


def _written(writing: Handwriting, labels: tuple[str, ...], item: int) -> np.ndarray:
    """uint8 [L, each, H, W]: the first `each` of every label."""
    images, _ = writing.draw(0, item * len(writing.labels))
    indices = [writing.labels.index(label) for label in labels]
    return images.reshape(item, len(writing.labels), writing.size, writing.size)[
        :, indices
    ].swapaxes(0, 1)


def _discriminate(
    real: np.ndarray, synthetic: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Answers, truth (1: synthetic) and label indices of the half held out from the classifier."""
    from sklearn.ensemble import RandomForestClassifier

    count, item = real.shape[:2]
    pixels = np.stack([real, synthetic]).reshape(2, count, item, -1)
    learn, check = pixels[:, :, : item // 2], pixels[:, :, item // 2 :]
    forest = RandomForestClassifier(_TREES, random_state=seed, n_jobs=-1)
    forest.fit(learn.reshape(-1, pixels.shape[-1]), np.repeat([0, 1], count * (item // 2)))
    truth, which = np.indices(check.shape[:3])[:2].reshape(2, -1)
    return forest.predict(check.reshape(-1, pixels.shape[-1])), truth, which

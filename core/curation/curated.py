"""A collection as the decisions on it say that it is: labels, what is removed, and the balance."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.curation.collection import UNLABELLED, Collection, reading_order
from core.curation.decisions import LABEL, REMOVE, Decision


@dataclass(frozen=True, eq=False)
class Curated:
    """N pictures with their decisions.

    held : the decision that holds for each name. classes : those of the data, then those that only
    decisions name. labels : int64 [N], as decided; UNLABELLED where there is none yet. removed,
    decided : bool [N]. gone : names with a decision that are not in the data now.
    """

    collection: Collection
    held: Mapping[str, Decision]
    classes: tuple[str, ...]
    labels: np.ndarray
    removed: np.ndarray
    decided: np.ndarray
    gone: tuple[str, ...]

    @property
    def kept(self) -> np.ndarray:
        """Bool [N]: those with a label that are not removed."""
        return (self.labels != UNLABELLED) & ~self.removed

    @property
    def unlabelled(self) -> int:
        """Pictures that are not removed and have no label yet."""
        return int((~self.removed & (self.labels == UNLABELLED)).sum())

    @property
    def used(self) -> int:
        """Pictures that are kept."""
        return int(self.kept.sum())

    @property
    def relabelled(self) -> int:
        """Pictures that are kept under another label than in the data."""
        before = self.collection.labels
        return int((self.kept & (before != UNLABELLED) & (self.labels != before)).sum())

    @property
    def labelled(self) -> int:
        """Pictures that are kept and had no label in the data."""
        return int((self.kept & (self.collection.labels == UNLABELLED)).sum())

    def counts(self) -> np.ndarray:
        """Pictures kept of each part and class, int64 [P, C]."""
        counts = np.zeros((len(self.collection.parts), len(self.classes)), np.int64)
        np.add.at(counts, (self.collection.part_of[self.kept], self.labels[self.kept]), 1)
        return counts


def curated(collection: Collection, held: Mapping[str, Decision]) -> Curated:
    """Apply the decisions; whether the pictures are still those that were decided on is not looked
    at, see `core.curation.export`.
    """
    labels, removed = np.array(collection.labels), np.zeros(len(collection), bool)
    decided, gone = np.zeros(len(collection), bool), []
    there = [one.label for name, one in held.items() if collection.index_of(name) is not None]
    classes = (*collection.classes, *reading_order({*there} - {"", *collection.classes}))
    index_of = {name: index for index, name in enumerate(classes)}
    for name, decision in held.items():
        index = collection.index_of(name)
        if index is None:
            gone.append(name)
            continue
        decided[index] = True
        removed[index] = decision.action == REMOVE
        if decision.action == LABEL:
            labels[index] = index_of[decision.label]
    return Curated(collection, held, classes, labels, removed, decided, tuple(gone))

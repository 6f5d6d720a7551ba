"""Marks that were made on Evaluate, as suspects: they become decisions when they are confirmed."""

from core.curation.collection import Collection, SetCollection
from core.curation.decisions import KEEP, LABEL, REMOVE, Decision
from core.curation.seen import see
from core.curation.suspects import Suspect
from core.datasets.marks import HARD, MISLABELLED, UNREADABLE, marks_of
from core.settings import Settings

_ACTIONS = {MISLABELLED: LABEL, UNREADABLE: REMOVE, HARD: KEEP}


def marked(collection: Collection, settings: Settings) -> list[tuple[Suspect, Decision]]:
    """The marked pictures of a set of the catalogue, each with the decision that its mark stands
    for; none of a folder, which Evaluate knows by other names.
    """
    if not isinstance(collection, SetCollection):
        return []
    found = []
    for part, dataset in zip(collection.parts, collection.datasets, strict=True):
        for row, mark in marks_of(settings, dataset).items():
            name = f"{part}/{row}"
            index = collection.index_of(name)
            assert index is not None  # it is a row of this data set
            digest, why = see(collection, index).digest, f"marked {mark.kind} on Evaluate"
            suspect = Suspect(name, digest, why, group=index, becomes=mark.becomes)
            decision = Decision(name, digest, _ACTIONS[mark.kind], mark.becomes, why)
            found.append((suspect, decision))
    return found

"""Pictures that deserve a look: copies, blank and unreadable ones, outliers, labels that may be
wrong. What is to become of them, a person decides.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from core.curation.collection import Collection
from core.curation.curated import Curated
from core.curation.duplicates import duplicates_of, is_blank, outline_of
from core.curation.seen import Seen, see_all
from core.progress import Progress, ignore_progress, part_of_progress

EXACT, NEAR, BLANK, UNREADABLE, OUTLIERS, LABELS = KINDS = (
    "exact",
    "near",
    "blank",
    "unreadable",
    "outliers",
    "labels",
)
"""`labels` takes minutes: networks are trained."""

_NEIGHBOURS = 5
_COMPONENTS = 30
_FAR = 3.5
"""Modified z-score above which a distance counts as an outlier (Iglewicz and Hoaglin, How to Detect
and Handle Outliers, 1993).
"""

_LEAST = 0.1
"""Of the mean distance: a smaller spread counts as this."""


@dataclass(frozen=True)
class Suspect:
    """A picture by its name in the collection, with the digest of its pixels when it was looked at
    ("" if unreadable). group : copies of one another have the same number. becomes : the label that
    is suggested, "" for none.
    """

    picture: str
    digest: str
    why: str
    group: int = 0
    becomes: str = ""


@dataclass(frozen=True)
class Suspects:
    """Suspects of each kind that was looked for, the most suspect first, in a collection of n
    pictures called `data`.
    """

    data: str
    n: int
    lists: Mapping[str, tuple[Suspect, ...]] = field(default_factory=dict)

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "Suspects":
        """What `to_json` gave."""
        lists = {
            kind: tuple(Suspect(**one) for one in found) for kind, found in values["lists"].items()
        }
        return Suspects(values["data"], values["n"], lists)

    def to_json(self) -> dict[str, Any]:
        """As `suspects --json` prints it."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class _Facts:
    """What is kept of a picture that was looked at."""

    digest: str
    problem: str
    blank: bool
    outline: np.ndarray | None


def find_suspects(
    collection: Collection, kinds: Sequence[str] = KINDS[:-1], report: Progress = ignore_progress
) -> Suspects:
    """Look through all pictures once, for all kinds but `labels`; report(pictures seen, of 2 N, for
    comparing them counts as much).
    """
    count = len(collection)
    facts = []
    for done, fact in enumerate(see_all(collection, range(count), _look), 1):
        facts.append(fact)
        report(done, 2 * count)
    compared = part_of_progress(report, start=count, total=2 * count)
    lists: dict[str, tuple[Suspect, ...]] = {}
    if EXACT in kinds or NEAR in kinds:
        # two that cannot be read are no copies of one another
        digests = [fact.digest or str(number) for number, fact in enumerate(facts)]
        copies = duplicates_of(digests, [fact.outline for fact in facts], report=compared)
        lists[EXACT] = _copies(collection, facts, copies.exact, "an exact copy of")
        lists[NEAR] = _copies(collection, facts, copies.near, "the same drawing as")
    lists[BLANK] = _each(collection, facts, lambda fact: "blank" if fact.blank else "")
    lists[UNREADABLE] = _each(collection, facts, lambda fact: fact.problem)
    if OUTLIERS in kinds:
        lists[OUTLIERS] = _outliers(collection, facts)
    report(2 * count, 2 * count)
    return Suspects(collection.name, count, {kind: lists[kind] for kind in KINDS if kind in kinds})


def one_of_each(now: Curated, copies: Sequence[Suspect], *, part: str) -> list[Suspect]:
    """The copies to remove so that one of each group is left, of those that are kept so far: one in
    `part` if there is one there, or else the first.
    """
    gone, groups = [], dict[int, list[Suspect]]()
    for one in copies:
        index = now.collection.index_of(one.picture)
        if index is not None and not now.removed[index]:
            groups.setdefault(one.group, []).append(one)
    for group in groups.values():
        inside = (one for one in group if _part(now.collection, one.picture) == part)
        stays = next(inside, group[0])
        gone += [one for one in group if one is not stays]
    return gone


def _part(collection: Collection, name: str) -> str:
    index = collection.index_of(name)
    return "" if index is None else collection.parts[collection.part_of[index]]


def _look(seen: Seen) -> _Facts:
    if seen.image is None:
        return _Facts("", seen.problem, False, None)
    return _Facts(seen.digest, "", is_blank(seen.image), outline_of(seen.image))


def _copies(
    collection: Collection,
    facts: Sequence[_Facts],
    groups: Iterable[Sequence[int]],
    what: str,
) -> tuple[Suspect, ...]:
    """Copies side by side; groups that stand in several parts or under several labels first."""
    suspects = []
    for number, group in enumerate(sorted(groups, key=lambda group: _worst(collection, group))):
        for index in group:
            others = [other for other in group if other != index]
            apart = [o for o in others if collection.part_of[o] != collection.part_of[index]]
            name = collection.name_of((apart or others)[0])
            suspects.append(
                Suspect(
                    collection.name_of(index), facts[index].digest, f"{what} {name}", group=number
                )
            )
    return tuple(suspects)


def _worst(collection: Collection, group: Sequence[int]) -> tuple[bool, bool, int]:
    parts, labels = collection.part_of[list(group)], collection.labels[list(group)]
    return len({*labels}) == 1, len({*parts}) == 1, group[0]


def _each(
    collection: Collection, facts: Sequence[_Facts], why: Callable[[_Facts], str]
) -> tuple[Suspect, ...]:
    return tuple(
        Suspect(collection.name_of(index), fact.digest, why(fact), group=index)
        for index, fact in enumerate(facts)
        if why(fact)
    )


def _outliers(collection: Collection, facts: Sequence[_Facts]) -> tuple[Suspect, ...]:
    """Pictures far from all others of their class: the mean distance to the nearest of it, among
    the principal components of the outlines, against the median of the class.
    """
    from sklearn.decomposition import PCA
    from sklearn.neighbors import NearestNeighbors

    rows = np.array([index for index, fact in enumerate(facts) if not fact.blank and fact.digest])
    if len(rows) <= _NEIGHBOURS:
        return ()
    outlines = np.array([facts[index].outline for index in rows], np.float32)
    components = min(_COMPONENTS, len(rows), outlines.shape[1])
    places = PCA(components, random_state=0).fit_transform(outlines)
    labels, scores = collection.labels[rows], np.zeros(len(rows))
    for label in np.unique(labels):
        mine = np.flatnonzero(labels == label)
        if len(mine) <= 2 * _NEIGHBOURS:
            continue  # too few to say what is usual
        nearest = NearestNeighbors(n_neighbors=_NEIGHBOURS + 1).fit(places[mine])
        distances = nearest.kneighbors(places[mine])[0][:, 1:].mean(1)
        away = distances - np.median(distances)
        # where most are copies, the least that is unlike them is no outlier
        spread = max(float(np.median(np.abs(away))), _LEAST * float(distances.mean()), 1e-9)
        scores[mine] = 0.6745 * away / spread
    found = [number for number in np.argsort(-scores, kind="stable") if scores[number] > _FAR]
    return tuple(
        Suspect(
            collection.name_of(int(rows[number])),
            facts[rows[number]].digest,
            f"unlike the others{_labelled(collection, int(rows[number]))} "
            f"(score {scores[number]:.1f})",
            group=int(rows[number]),
        )
        for number in found
    )


def _labelled(collection: Collection, index: int) -> str:
    label = collection.label_of(index)
    return f" labelled {label}" if label else ""

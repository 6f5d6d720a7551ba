"""Results of a sweep and a hardening, also as the JSON that their commands print and a screen
reads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from core.datasets.labels import class_index
from core.intervals import wilson_interval
from core.synthesis.filmstrip import TRACKS, short_name, track_name
from core.synthesis.handwriting import Handwriting
from core.synthesis.labels import parse_labels
from core.synthesis.request import Request

JITTER = "jitter"
"""What the MNIST notebook swept along."""


@dataclass(frozen=True)
class Row:
    """Of `n` images at one value of the setting `along`, those read correctly; digit : the class,
    "" for all of them.
    """

    along: str
    value: float
    digit: str
    n: int
    correct: int

    @property
    def accuracy(self) -> float:
        """0-1."""
        return self.correct / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, Wilson's."""
        return wilson_interval(self.correct, self.n)

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "Row":
        """From `to_json`, or from that `in_jitters`."""
        along, digit = _along(values), values.get("digit", "")
        return Row(along, _value(values), digit, values["n"], values["correct"])

    def to_json(self) -> dict[str, Any]:
        """With its accuracy and interval; without `digit` if it covers all classes."""
        return {
            "along": short_name(self.along),
            "value": self.value,
            **({"digit": self.digit} if self.digit else {}),
            "n": self.n,
            "correct": self.correct,
            "accuracy": self.accuracy,
            "interval": list(self.interval),
        }


@dataclass(frozen=True)
class Rates:
    """A row for each value and class, and one for each value, of all classes."""

    rows: tuple[Row, ...]
    totals: tuple[Row, ...]

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "Rates":
        """From its `rows` and `totals`."""
        rows, totals = (map(Row.from_json, values[name]) for name in ("rows", "totals"))
        return Rates(tuple(rows), tuple(totals))

    def to_json(self) -> dict[str, Any]:
        """Its `rows` and `totals`."""
        return {
            "rows": [row.to_json() for row in self.rows],
            "totals": [row.to_json() for row in self.totals],
        }


@dataclass(frozen=True, eq=False)
class Failure:
    """A misread image: its number, what it shows, what it was read as, the probabilities (0-1) of
    both, and the image uint8 [size, size] as given to the network, None if not stored.
    """

    number: int
    truth: str
    answer: str
    confidence: float
    truth_probability: float
    image: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Level:
    """Results at one value. confusion : int64 [C, C], rows are the truth. failures : by character,
    lowest truth_probability first.
    """

    value: float
    confusion: np.ndarray
    failures: tuple[Failure, ...]


@dataclass(frozen=True, eq=False)
class Sweep:
    """`count` images of each character of a request at each value of one of its settings.

    glyphs : name of the set. along : a name in TRACKS. handwriting_seed : reproduces the drawings
    (`core synth --seed`). canonical : whether images went through the recognizer's canonical form.
    classes : the recognizer's C class names.
    """

    model: str
    glyphs: str
    request: Request
    along: str
    handwriting_seed: int
    count: int
    canonical: bool
    classes: tuple[str, ...]
    levels: tuple[Level, ...]

    @property
    def rates(self) -> Rates:
        """Counts of correctly read images, of the classes that were drawn: those of the characters
        asked for, in their order, then those that flips made of them.
        """
        asked = (class_index(label, self.classes) for label in parse_labels(self.request.digits))
        truths = sum(level.confusion.sum(1) for level in self.levels)
        drawn = np.flatnonzero(truths).tolist()
        order = [index for index in dict.fromkeys([*asked, *drawn]) if index in drawn]
        rows = [
            self._row(level, [index], self.classes[index])
            for level in self.levels
            for index in order
            if level.confusion[index].any()
        ]
        return Rates(tuple(rows), tuple(self._row(level, order, "") for level in self.levels))

    def _row(self, level: Level, indices: Sequence[int], digit: str) -> Row:
        count = int(level.confusion[indices].sum())
        correct = int(level.confusion[indices, indices].sum())
        return Row(self.along, level.value, digit, count, correct)

    def writing(self, value: float) -> Handwriting:
        """What was drawn at a value, before the canonical form."""
        asked = TRACKS[self.along].at(self.request, value)
        return replace(asked, seed=self.handwriting_seed).handwriting()

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "Sweep":
        """From `to_json`, or from that `in_jitters`; its failures have no image."""
        levels = tuple(
            Level(_value(total), np.array(confusion), _failures_at(_value(total), values))
            for total, confusion in zip(values["totals"], values["confusion"], strict=True)
        )
        request = Request.parse(values.get("arguments", ["--glyphs", values["glyphs"]]))
        names = ("model", "glyphs", "handwriting_seed", "count", "canonical")
        return Sweep(
            **{name: values[name] for name in names},
            request=replace(request, seed=values["seed"]),
            along=_along(values),
            classes=tuple(values["classes"]),
            levels=levels,
        )

    def to_json(self) -> dict[str, Any]:
        """All fields except pixels; `confusion` holds a matrix for each of `totals`, `failures`
        give their value, and `arguments` are the request's but for its seed.
        """
        return {
            "model": self.model,
            "glyphs": self.glyphs,
            "arguments": replace(self.request, seed=0).arguments(),
            "along": short_name(self.along),
            "seed": self.request.seed,
            "handwriting_seed": self.handwriting_seed,
            "count": self.count,
            "canonical": self.canonical,
            **self.rates.to_json(),
            "classes": list(self.classes),
            "confusion": [level.confusion.tolist() for level in self.levels],
            "failures": [
                {"value": level.value, **_without_image(failure)}
                for level in self.levels
                for failure in level.failures
            ],
        }


def in_jitters(values: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON of a sweep along jitter as `sweep --jitter` and `harden` print it: each row says its
    `jitter`, and what goes without saying is left out.
    """
    named = {
        name: [
            {"jitter" if key == "value" else key: row[key] for key in row if key != "along"}
            for row in rows
        ]
        for name, rows in values.items()
        if name in ("rows", "totals", "failures")
    }
    given = [word for word in values.get("arguments", ()) if word.startswith("--")]
    unsaid = {"along"} | ({"arguments"} if set(given) <= {"--glyphs"} else set())
    return {name: named.get(name, value) for name, value in values.items() if name not in unsaid}


def _along(values: Mapping[str, Any]) -> str:
    return track_name(values.get("along", JITTER))


def _value(row: Mapping[str, Any]) -> float:
    value: float = row["value"] if "value" in row else row["jitter"]
    return value


def _failures_at(value: float, values: Mapping[str, Any]) -> tuple[Failure, ...]:
    names = [field.name for field in fields(Failure) if field.name != "image"]
    rows = [row for row in values["failures"] if _value(row) == value]
    return tuple(Failure(**{name: row[name] for name in names}) for row in rows)


def _without_image(failure: Failure) -> dict[str, Any]:
    return {name: value for name, value in vars(failure).items() if name != "image"}


@dataclass(frozen=True)
class Score:
    """How well real images were read: accuracy 0-1 with its 95 % interval, and the mean
    cross-entropy, nats.
    """

    data: str
    n: int
    accuracy: float
    interval: tuple[float, float]
    loss: float


@dataclass(frozen=True)
class Figures:
    """Measurements of one recognizer. test : None if there is no real test set. rates : of a sweep
    along jitter with `seed`.
    """

    model: str
    test: Score | None
    glyphs: str
    seed: int
    rates: Rates

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "Figures":
        """What `to_json` gave."""
        test, swept = values["test"], values["sweep"]
        score = Score(**{**test, "interval": tuple(test["interval"])}) if test else None
        rates = Rates.from_json(swept)
        return Figures(values["model"], score, swept["glyphs"], swept["seed"], rates)

    def to_json(self) -> dict[str, Any]:
        """The sweep's figures are in a nested object."""
        jitters = in_jitters(self.rates.to_json())
        return {
            "model": self.model,
            "test": asdict(self.test) if self.test else None,
            "sweep": {
                "glyphs": self.glyphs,
                "seed": self.seed,
                "totals": jitters["totals"],
                "rows": jitters["rows"],
            },
        }


@dataclass(frozen=True)
class Mined:
    """Mined images: the path of the file, and its facts, {} if they are missing."""

    path: str
    note: Mapping[str, Any]


@dataclass(frozen=True)
class Hardened:
    """A recognizer trained by `run` on what it misread, saved as `save_as`; figures before and
    after.
    """

    model: str
    data: str
    save_as: str
    run: str
    mined: Mined
    before: Figures
    after: Figures

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "Hardened":
        """What `to_json` gave."""
        note = dict(values["mined"])
        return Hardened(
            **{name: values[name] for name in ("model", "data", "save_as", "run")},
            mined=Mined(note.pop("path"), note),
            before=Figures.from_json(values["before"]),
            after=Figures.from_json(values["after"]),
        )

    def to_json(self) -> dict[str, Any]:
        """As `harden --json` prints it."""
        return {
            **{name: getattr(self, name) for name in ("model", "data", "save_as", "run")},
            "mined": {"path": self.mined.path, **self.mined.note},
            "before": self.before.to_json(),
            "after": self.after.to_json(),
        }

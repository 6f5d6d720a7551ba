"""Results of a sweep and a hardening, also as the JSON that their commands print and a screen
reads.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.intervals import wilson_interval
from core.synthesis.handwriting import DIGITS


@dataclass(frozen=True)
class Row:
    """Of `n` images at one jitter, those read correctly; digit : "" for all digits."""

    jitter: float
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
        """What `to_json` gave."""
        return Row(values["jitter"], values.get("digit", ""), values["n"], values["correct"])

    def to_json(self) -> dict[str, Any]:
        """With its accuracy and interval; without `digit` if it covers all digits."""
        return {
            "jitter": self.jitter,
            **({"digit": self.digit} if self.digit else {}),
            "n": self.n,
            "correct": self.correct,
            "accuracy": self.accuracy,
            "interval": list(self.interval),
        }


@dataclass(frozen=True)
class Rates:
    """A row for each jitter and digit, and one for each jitter, of all digits."""

    rows: tuple[Row, ...]
    totals: tuple[Row, ...]

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "Rates":
        """From its `rows` and `totals`."""
        rows, totals = (map(Row.from_json, values[name]) for name in ("rows", "totals"))
        return Rates(tuple(rows), tuple(totals))


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
    """Results at one jitter. confusion : int64 [C, C], rows are the truth. failures : by digit,
    lowest truth_probability first.
    """

    jitter: float
    confusion: np.ndarray
    failures: tuple[Failure, ...]

    def row(self, indices: Sequence[int], digit: str = "") -> Row:
        """The row of the images of these classes."""
        count = int(self.confusion[indices].sum())
        return Row(self.jitter, digit, count, int(self.confusion[indices, indices].sum()))


@dataclass(frozen=True, eq=False)
class Sweep:
    """A sweep of `count` images of each digit at each jitter; `handwriting_seed` reproduces the
    drawings (`core synth --seed`).

    canonical : whether images went through the recognizer's canonical form. classes : the
    recognizer's C class names.
    """

    model: str
    glyphs: str
    seed: int
    handwriting_seed: int
    count: int
    canonical: bool
    classes: tuple[str, ...]
    levels: tuple[Level, ...]

    @property
    def rates(self) -> Rates:
        """Counts of correctly read images."""
        indices = {digit: self.classes.index(digit) for digit in DIGITS}
        rows = (level.row([indices[digit]], digit) for level in self.levels for digit in DIGITS)
        return Rates(tuple(rows), tuple(level.row([*indices.values()]) for level in self.levels))

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "Sweep":
        """What `to_json` gave; its failures have no image."""
        levels = tuple(
            Level(total["jitter"], np.array(confusion), _failures_at(total["jitter"], values))
            for total, confusion in zip(values["totals"], values["confusion"], strict=True)
        )
        names = ("model", "glyphs", "seed", "handwriting_seed", "count", "canonical")
        own = {name: values[name] for name in names}
        return Sweep(**own, classes=tuple(values["classes"]), levels=levels)

    def to_json(self) -> dict[str, Any]:
        """All fields except pixels; `confusion` holds a matrix for each of `totals`, and `failures`
        give their jitter.
        """
        return {
            "model": self.model,
            "glyphs": self.glyphs,
            "seed": self.seed,
            "handwriting_seed": self.handwriting_seed,
            "count": self.count,
            "canonical": self.canonical,
            "rows": _to_json(self.rates.rows),
            "totals": _to_json(self.rates.totals),
            "classes": list(self.classes),
            "confusion": [level.confusion.tolist() for level in self.levels],
            "failures": [
                {"jitter": level.jitter, **_without_image(failure)}
                for level in self.levels
                for failure in level.failures
            ],
        }


def _failures_at(jitter: float, values: Mapping[str, Any]) -> tuple[Failure, ...]:
    rows = [dict(row) for row in values["failures"]]
    return tuple(Failure(**row) for row in rows if row.pop("jitter") == jitter)


def _without_image(failure: Failure) -> dict[str, Any]:
    return {name: value for name, value in vars(failure).items() if name != "image"}


def _to_json(rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [row.to_json() for row in rows]


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
    with `seed`.
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
        return {
            "model": self.model,
            "test": asdict(self.test) if self.test else None,
            "sweep": {
                "glyphs": self.glyphs,
                "seed": self.seed,
                "totals": _to_json(self.rates.totals),
                "rows": _to_json(self.rates.rows),
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

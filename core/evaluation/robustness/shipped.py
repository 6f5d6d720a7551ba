"""Results that come with the recognizers, so that there is one to see before the first run."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

from core.evaluation.predictions import SHIPPED, digest_of_weights
from core.evaluation.robustness.results import JITTER, Rates, Row, Sweep, in_jitters
from core.files import read_json, write_whole
from core.models.cards import Card
from core.settings import ASSETS
from core.synthesis.request import Request

_HARDENING = ASSETS / "results" / "hardening.csv"


def shipped_sweep(
    card: Card,
    weights: Path,
    *,
    request: Request,
    along: str,
    values: Sequence[float],
    count: int,
    folder: Path = SHIPPED,
) -> Sweep | None:
    """The sweep of this recognizer under these settings; None if another, or none, is there."""
    shipped = read_json(_path(card, folder))
    if not shipped or shipped["weights"] != digest_of_weights(weights, card):
        return None
    swept = Sweep.from_json(shipped)
    made = swept.request, swept.along, [level.value for level in swept.levels], swept.count
    return swept if made == (request, along, list(values), count) else None


def ship_sweep(swept: Sweep, card: Card, weights: Path, folder: Path = SHIPPED) -> Path:
    """Write a sweep along jitter to ship with its recognizer."""
    path = _path(card, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    shipped = {"weights": digest_of_weights(weights, card), **in_jitters(swept.to_json())}
    write_whole(path, json.dumps(shipped, ensure_ascii=False))
    return path


def _path(card: Card, folder: Path) -> Path:
    return folder / f"{card.name}-sweep.json"


def measured_hardening(name: str, *, glyphs: str = "natural") -> tuple[str, dict[str, Rates]]:
    """The version of Inkling it was measured with, and the accuracy on digits of a glyph set before
    hard examples were trained on, after it, and after the same training without them, by these
    titles; {} if it was not measured for this recognizer.
    """
    version = ""
    titles = {name: "before", f"{name}-control": "without them", f"{name}-hard": "after"}
    totals: dict[str, list[Row]] = {}
    with open(_HARDENING, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["model"] in titles and row["data"] == f"{glyphs} digits":
                version, count = row["version"], int(row["n"])
                correct = round(float(row["accuracy"]) * count)
                total = Row(JITTER, float(row["jitter"]), "", count, correct)
                totals.setdefault(titles[row["model"]], []).append(total)
    return version, {title: Rates((), tuple(rows)) for title, rows in totals.items()}

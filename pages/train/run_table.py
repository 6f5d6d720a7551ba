"""The table of all runs, read from their folders; reread only if a file has changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.files import modified_ns
from core.settings import Settings
from core.training.metrics import best_epoch
from core.training.runs import Run, find_runs
from pages.shared.cache import cached

MOST = 500
"""Runs listed; the newest of those that fit the filter."""

_FILES = ("settings.json", "metrics.jsonl", "notes.json", "data.json")


@dataclass(frozen=True)
class Row:
    """One run in figures. best : highest validation accuracy, of `n` images; None before the first
    epoch.
    """

    name: str
    model: str
    data: str
    started: datetime | None
    done: int
    epochs: int
    best: float | None
    n: int | None
    minutes: float
    tags: tuple[str, ...]
    note: str

    @property
    def short(self) -> str:
        """A name for a legend."""
        return f"{self.model}, {self.data}, {self.name.rpartition('-')[2]}"


@dataclass(frozen=True)
class Listed:
    """A run with its row of the table."""

    run: Run
    state: str
    row: Row


SORTS = {
    "Newest": lambda listed: listed.row.name,
    "Best accuracy": lambda listed: listed.row.best or 0.0,
    "Longest": lambda listed: listed.row.minutes,
}


def list_runs(settings: Settings) -> list[Listed]:
    """All runs, newest first."""
    return [Listed(run, run.state(), _row(run)) for run in find_runs(settings.runs)]


def pick(listed: Sequence[Listed], *, find: str, states: Sequence[str], sort: str) -> list[Listed]:
    """Those that contain all words of `find` and have one of the states, sorted."""
    words = find.lower().split()
    fitting = [
        item
        for item in listed
        if (not states or item.state in states) and all(word in _text(item) for word in words)
    ]
    return sorted(fitting, key=SORTS[sort], reverse=True)[:MOST]


def as_rows(listed: Sequence[Listed]) -> list[dict[str, Any]]:
    """The rows as the table shows them."""
    return [
        {
            "state": item.state,
            "model": item.row.model,
            "data": item.row.data,
            "epochs": f"{item.row.done} of {item.row.epochs}",
            "accuracy": item.row.best,
            "n": item.row.n,
            "minutes": round(item.row.minutes, 1),
            "started": item.row.started,
            "tags": list(item.row.tags),
            "note": item.row.note,
            "run": item.row.name,
        }
        for item in listed
    ]


def _text(item: Listed) -> str:
    row = item.row
    return " ".join((row.name, row.model, row.data, item.state, *row.tags, row.note)).lower()


def _row(run: Run) -> Row:
    stamps = tuple(modified_ns(run.folder / name) for name in _FILES)
    return cached("run", (run.folder, stamps), lambda: _read(run))


def _read(run: Run) -> Row:
    """Without the recipe class, which needs torch; unreadable fields are empty."""
    try:
        settings = json.loads((run.folder / "settings.json").read_text(encoding="utf-8"))
        model, data, epochs = (
            str(settings["model"]),
            str(settings["data"]),
            int(settings["recipe"]["epochs"]),
        )
    except (OSError, ValueError, TypeError, KeyError):
        model, data, epochs = "damaged", "", 0
    metrics, notes = run.metrics(), run.notes()
    if metrics and metrics[0].train_loss is None:
        epochs = 1  # fitted in one step
    best = best_epoch(metrics) if metrics else None
    try:
        started = datetime.strptime(run.name[:15], "%Y%m%d-%H%M%S")
    except ValueError:
        started = None
    return Row(
        run.name,
        model,
        data,
        started,
        len(metrics),
        epochs,
        best.validation_accuracy if best else None,
        best.validation_n if best else None,
        sum(row.seconds for row in metrics) / 60,
        notes.tags,
        notes.note,
    )

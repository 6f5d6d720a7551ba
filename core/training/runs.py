"""A training run on disk: one folder that survives a kill at any moment."""

import json
import os
import secrets
import shutil
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.files import read_json, write_whole
from core.jobs.job import Job, living_process

if TYPE_CHECKING:
    from core.training.recipe import Recipe


@dataclass(frozen=True)
class Run:
    """`settings.json`, `data.json`, `state.json`, `notes.json`, `metrics.jsonl`, and as safetensors
    `checkpoint`, `best` and its `answers` to the images held out, in one folder."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.safetensors"

    @property
    def best(self) -> Path:
        return self.folder / "best.safetensors"

    @property
    def answers(self) -> Path:
        """Of the best epoch: `logits` float [N, C] and `labels` int64 [N] of the images held
        out.
        """
        return self.folder / "answers.safetensors"

    @property
    def job(self) -> Job:
        """The process that a queue runs it in."""
        return Job(self.folder / "job")

    @staticmethod
    def create(
        runs: Path, *, model: str, data: str, recipe: "Recipe", tags: Sequence[str] = ()
    ) -> "Run":
        """A new folder `DATE-TIME-MODEL-xxxx` under `runs`, its state "new": nothing trains it
        yet.
        """
        run = Run(runs / f"{datetime.now():%Y%m%d-%H%M%S}-{model}-{secrets.token_hex(2)}")
        run.folder.mkdir(parents=True)
        run.set_state("new")
        if tags:
            run.annotate(tags=tags)
        # last: now it is a run
        _write_json(
            run.folder / "settings.json", {"model": model, "data": data, "recipe": recipe.to_json()}
        )
        return run

    @staticmethod
    def open(runs: Path, name: str) -> "Run":
        """The run called `name`; InklingError if there is none."""
        run = Run(runs / Path(name).name)
        if not (run.folder / "settings.json").is_file():
            raise InklingError(
                f"There is no run {name!r} in {runs}; see the folder for the runs there are."
            )
        return run

    def settings(self) -> tuple[str, str, "Recipe"]:
        """Architecture, data and recipe; InklingError if they cannot be read."""
        # not above: who only looks at runs need not wait for torch
        from core.training.recipe import Recipe

        try:
            values = json.loads((self.folder / "settings.json").read_text(encoding="utf-8"))
            return values["model"], values["data"], Recipe.from_json(values["recipe"])
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise InklingError(
                f"The settings of run {self.name} cannot be read ({error}); delete it and start another."
            ) from error

    def keep_data(self, dataset: Dataset) -> None:
        """Note what it trains on; InklingError if that is not what it began with, for then no epoch
        would follow from the last.
        """
        facts = {
            "title": dataset.title,
            "source": dataset.source,
            "form": dataset.form,
            "classes": list(dataset.classes),
            "n": len(dataset),
            "labels": zlib.crc32(np.ascontiguousarray(dataset.labels).tobytes()),
        }
        before = read_json(self.folder / "data.json")
        if before and self.checkpoint.exists() and before != facts:
            raise InklingError(
                f"{dataset.title} has changed since run {self.name} began; start another run on it."
            )
        _write_json(self.folder / "data.json", facts)

    def data(self) -> dict[str, Any]:
        """title, source, form, classes and n of what it trains on; {} before it has begun."""
        return read_json(self.folder / "data.json")

    def set_state(self, state: str, detail: str = "") -> None:
        """new, queued, running, done, failed or cancelled, with a sentence."""
        born = psutil.Process().create_time()
        _write_json(
            self.folder / "state.json",
            {"state": state, "detail": detail, "pid": os.getpid(), "born": born},
        )

    def state(self) -> str:
        """As it was set; or "stopped" if it says running and nothing runs it."""
        values = read_json(self.folder / "state.json")
        state: str = values.get("state", "stopped")
        return "stopped" if state == "running" and living_process(values) is None else state

    def detail(self) -> str:
        """The sentence it failed with, or ""."""
        detail: str = read_json(self.folder / "state.json").get("detail", "")
        return detail

    def notes(self) -> dict[str, Any]:
        """{"tags": [...], "note": "..."}, as a person has written them."""
        return {"tags": [], "note": "", **read_json(self.folder / "notes.json")}

    def annotate(self, *, tags: Sequence[str] | None = None, note: str | None = None) -> None:
        """Replace its tags or its note."""
        notes = self.notes()
        _write_json(
            self.folder / "notes.json",
            {
                "tags": notes["tags"]
                if tags is None
                else sorted({tag.strip() for tag in tags} - {""}),
                "note": notes["note"] if note is None else note,
            },
        )

    def metrics(self) -> list[dict[str, Any]]:
        """One entry an epoch, oldest first; a line half written by a kill is left out."""
        try:
            lines = (self.folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        except OSError:
            return []
        rows = []
        for line in lines:
            try:
                rows.append(json.loads(line))
            except json.JSONDecodeError:
                break
        return rows

    def keep_metrics(self, rows: list[dict[str, Any]]) -> None:
        """Replace the log; between an epoch's metrics and its checkpoint it is one line ahead,
        which resuming mends.
        """
        write_whole(self.folder / "metrics.jsonl", "".join(json.dumps(row) + "\n" for row in rows))

    def delete(self) -> None:
        """Remove it with all it holds; InklingError while it trains."""
        if self.state() == "running" or self.job.state() == "running":
            raise InklingError(f"Run {self.name} is training; cancel it first.")
        shutil.rmtree(self.folder, ignore_errors=True)


def find_runs(runs: Path) -> list[Run]:
    """Every run, newest first."""
    return sorted(
        (Run(path.parent) for path in runs.glob("*/settings.json")),
        key=lambda run: run.name,
        reverse=True,
    )


def best_epoch(metrics: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The row with the highest validation accuracy, or of equal ones the lowest loss."""
    return max(metrics, key=lambda row: (row["validation_accuracy"], -row["validation_loss"]))


def _write_json(path: Path, value: object) -> None:
    write_whole(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")

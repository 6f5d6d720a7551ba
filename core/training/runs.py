"""A training run on disk: one folder that survives a kill at any moment."""

import json
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.files import hold, new_folder, read_json, remove_folder, write_json, write_whole
from core.jobs.job import Job, living_process
from core.training.metrics import EpochMetrics

if TYPE_CHECKING:
    from core.training.recipe import Recipe


@dataclass(frozen=True)
class RunSettings:
    """What is trained, on which data set (its name), and how it is trained."""

    model: str
    data: str
    recipe: "Recipe"


@dataclass(frozen=True)
class Notes:
    """What a person has written about a run."""

    tags: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class DataFacts:
    """What a run stores about its data set, in case that is deleted. n : images. labels : their
    CRC-32, None in a file of an older version.
    """

    title: str
    source: str
    form: str
    classes: tuple[str, ...]
    n: int
    labels: int | None = None

    @staticmethod
    def of(dataset: Dataset) -> "DataFacts":
        return DataFacts(
            title=dataset.title,
            source=dataset.source,
            form=dataset.form,
            classes=dataset.classes,
            n=len(dataset),
            labels=zlib.crc32(np.ascontiguousarray(dataset.labels).tobytes()),
        )

    @staticmethod
    def from_json(values: dict[str, Any]) -> "DataFacts | None":
        """None if there is nothing or a field is missing."""
        try:
            return DataFacts(
                title=values["title"],
                source=values["source"],
                form=values["form"],
                classes=tuple(values["classes"]),
                n=values["n"],
                labels=values.get("labels"),
            )
        except (KeyError, TypeError):
            return None


@dataclass(frozen=True)
class Run:
    """`settings.json`, `data.json`, `state.json`, `notes.json`, `metrics.jsonl`, and as safetensors
    `checkpoint`, `best` and its `answers` on the images held out, in one folder."""

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
        """The process in which a queue runs it."""
        return Job(self.folder / "job")

    @staticmethod
    def create(
        runs: Path, *, model: str, data: str, recipe: "Recipe", tags: Sequence[str] = ()
    ) -> "Run":
        """A new folder `DATE-TIME-MODEL-xxxx` under `runs`, its state "new": nothing trains it
        yet.
        """
        run = Run(new_folder(runs, f"{datetime.now():%Y%m%d-%H%M%S}-{model}"))
        run.set_state("new")
        if tags:
            run.annotate(tags=tags)
        # last: now it is a run
        run.write_settings(RunSettings(model, data, recipe))
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

    @contextmanager
    def held(self) -> Iterator[None]:
        """Lock it, as training requires; HeldError if another process or thread holds it."""
        sentence = f"Run {self.name} is being trained; wait until it has ended, or cancel it first."
        with hold(self.folder / "lock", sentence):
            yield

    def write_settings(self, settings: RunSettings) -> None:
        values = {"model": settings.model, "data": settings.data}
        write_json(self.folder / "settings.json", {**values, "recipe": settings.recipe.to_json()})

    def settings(self) -> RunSettings:
        """InklingError if they cannot be read."""
        # not above: listing runs must not wait for torch
        from core.training.recipe import Recipe

        try:
            values = json.loads((self.folder / "settings.json").read_text(encoding="utf-8"))
            recipe = Recipe.from_json(values["recipe"])
            return RunSettings(values["model"], values["data"], recipe)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise InklingError(
                f"The settings of run {self.name} cannot be read ({error}); delete it and start "
                "another."
            ) from error

    def keep_data(self, dataset: Dataset) -> None:
        """Record what it trains on; InklingError if the data differ from those it started with, as
        epochs would not be comparable.
        """
        facts = DataFacts.of(dataset)
        if self.checkpoint.exists() and self.data() not in (None, facts):
            raise InklingError(
                f"{dataset.title} has changed since run {self.name} began; start another run on it."
            )
        write_json(self.folder / "data.json", asdict(facts))

    def data(self) -> DataFacts | None:
        """What it trains on; None before it has started."""
        return DataFacts.from_json(read_json(self.folder / "data.json"))

    def keep_sources(self, sources: Sequence[str]) -> None:
        """Record where the images that the recipe adds come from."""
        write_json(self.folder / "sources.json", {"added": list(sources)})

    def sources(self) -> tuple[str, ...]:
        """What was recorded by `keep_sources`."""
        return tuple(map(str, read_json(self.folder / "sources.json").get("added", ())))

    def set_state(self, state: str, detail: str = "") -> None:
        """new, queued, running, done, failed or cancelled, with a sentence."""
        born = psutil.Process().create_time()
        values = {"state": state, "detail": detail, "pid": os.getpid(), "born": born}
        write_json(self.folder / "state.json", values)

    def state(self) -> str:
        """The state set; "stopped" if that is running but no process runs it."""
        values = read_json(self.folder / "state.json")
        state: str = values.get("state", "stopped")
        return "stopped" if state == "running" and living_process(values) is None else state

    def detail(self) -> str:
        """The sentence it failed with, or ""."""
        detail: str = read_json(self.folder / "state.json").get("detail", "")
        return detail

    def notes(self) -> Notes:
        """Empty if the file is missing or damaged."""
        values = read_json(self.folder / "notes.json")
        tags, note = values.get("tags", []), values.get("note", "")
        return Notes(tuple(map(str, tags)) if isinstance(tags, list) else (), str(note))

    def annotate(self, *, tags: Sequence[str] | None = None, note: str | None = None) -> None:
        """Replace its tags or its note."""
        notes = self.notes()
        if tags is not None:
            notes = replace(notes, tags=tuple(sorted({tag.strip() for tag in tags} - {""})))
        if note is not None:
            notes = replace(notes, note=note)
        write_json(self.folder / "notes.json", asdict(notes))

    def metrics(self) -> list[EpochMetrics]:
        """One entry an epoch, oldest first; a line half written by a kill is skipped."""
        try:
            lines = (self.folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        except OSError:
            return []
        rows = []
        for line in lines:
            try:
                rows.append(EpochMetrics.from_line(line))
            except ValueError:
                break
        return rows

    def keep_metrics(self, rows: Sequence[EpochMetrics]) -> None:
        """Replace the log; after a kill it may be one line ahead of the checkpoint, which resuming
        corrects.
        """
        lines = "".join(row.to_line() + "\n" for row in rows)
        write_whole(self.folder / "metrics.jsonl", lines)

    def delete(self) -> None:
        """Delete it with all its files; InklingError while it trains."""
        if self.state() == "running" or self.job.state() == "running":
            raise InklingError(f"Run {self.name} is training; cancel it first.")
        with self.held():
            remove_folder(self.folder)


def find_runs(runs: Path) -> list[Run]:
    """Every run, newest first."""
    result = (Run(path.parent) for path in runs.glob("[!.]*/settings.json"))
    return sorted(result, key=lambda run: run.name, reverse=True)

"""A training run on disk: one folder that survives a kill at any moment."""

import json
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import InklingError
from core.files import write_whole
from core.training.recipe import Recipe


@dataclass(frozen=True)
class Run:
    """`settings.json`, `state.json`, `metrics.jsonl`, `checkpoint.safetensors` and `best.safetensors` in one folder."""

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

    @staticmethod
    def create(runs: Path, *, model: str, data: str, recipe: Recipe) -> "Run":
        """A new folder `DATE-TIME-MODEL-xxxx` under `runs`."""
        run = Run(runs / f"{datetime.now():%Y%m%d-%H%M%S}-{model}-{secrets.token_hex(2)}")
        run.folder.mkdir(parents=True)
        _write_json(run.folder / "settings.json", {"model": model, "data": data, "recipe": recipe.to_json()})
        run.set_state("queued")
        return run

    @staticmethod
    def open(runs: Path, name: str) -> "Run":
        """The run called `name`; InklingError if there is none."""
        run = Run(runs / Path(name).name)
        if not (run.folder / "settings.json").is_file():
            raise InklingError(f"There is no run {name!r} in {runs}; see the folder for the runs there are.")
        return run

    def settings(self) -> tuple[str, str, Recipe]:
        """Architecture, data and recipe."""
        values = json.loads((self.folder / "settings.json").read_text())
        return values["model"], values["data"], Recipe.from_json(values["recipe"])

    def set_state(self, state: str, detail: str = "") -> None:
        """queued, running, done, failed or cancelled, with a sentence."""
        _write_json(self.folder / "state.json", {"state": state, "detail": detail, "pid": os.getpid()})

    def state(self) -> str:
        state: str = json.loads((self.folder / "state.json").read_text())["state"]
        return state

    def metrics(self) -> list[dict[str, Any]]:
        """One entry an epoch, oldest first; a line half written by a kill is left out."""
        path = self.folder / "metrics.jsonl"
        rows = []
        for line in path.read_text().splitlines() if path.exists() else []:
            try:
                rows.append(json.loads(line))
            except json.JSONDecodeError:
                break
        return rows

    def keep_metrics(self, rows: list[dict[str, Any]]) -> None:
        """Replace the log; between an epoch's metrics and its checkpoint it is one line ahead, which resuming mends."""
        write_whole(self.folder / "metrics.jsonl", "".join(json.dumps(row) + "\n" for row in rows))


def _write_json(path: Path, value: object) -> None:
    write_whole(path, json.dumps(value, indent=1) + "\n")

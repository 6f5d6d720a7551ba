"""A search on disk: one folder that says what is tried, what came of it so far, and goes on after a
kill at any moment.
"""

import json
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from core.errors import InklingError
from core.files import write_whole
from core.jobs.job import Job
from core.training.runs import Run
from core.training.search.space import Plan

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

FINISHED = ("done", "pruned", "failed")
"""States of a trial that nothing more comes of; the others are running and waiting."""

_STUDY = "search"
_WAIT = 3.0  # seconds: whoever only asks holds the lock for far less


@dataclass(frozen=True)
class Search:
    """`settings.json`, `journal.jsonl` (Optuna's) or `cells.jsonl` (of cross-validation), and the
    job, in one folder.

    The objective is the accuracy on the images held out, or over the folds; test parts are never
    looked at.
    """

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def job(self) -> Job:
        """The process that carries it out, where a screen started it."""
        return Job(self.folder / "job")

    @property
    def runs(self) -> Path:
        return self.folder.parent.parent

    @property
    def tag(self) -> str:
        """That its runs bear."""
        return f"search {self.name}"

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    @property
    def cells(self) -> Path:
        return self.folder / "cells.jsonl"

    @staticmethod
    def create(
        runs: Path,
        *,
        model: str,
        data: str,
        space: Sequence[str],
        assignments: Sequence[str] = (),
        trials: int | None = None,
        seed: int = 0,
        folds: int = 3,
    ) -> "Search":
        """A new folder under `runs`; nothing carries it out yet. Arguments, and InklingError, as of
        `Plan.of`; trials None: the grid.
        """
        plan = Plan.of(
            model, data, space, assignments=assignments, trials=trials, seed=seed, folds=folds
        )
        search = Search(
            runs / "searches" / f"{datetime.now():%Y%m%d-%H%M%S}-{model}-{secrets.token_hex(2)}"
        )
        search.folder.mkdir(parents=True)
        write_whole(
            search.folder / "settings.json",
            json.dumps(plan.to_json(), indent=1, ensure_ascii=False) + "\n",
        )
        return search

    @staticmethod
    def open(runs: Path, name: str) -> "Search":
        """The search called `name`; InklingError if there is none."""
        search = Search(runs / "searches" / Path(name).name)
        if not (search.folder / "settings.json").is_file():
            raise InklingError(
                f"There is no search {name!r} in {runs / 'searches'}; see the folder for the searches there are."
            )
        return search

    @cached_property
    def plan(self) -> Plan:
        """InklingError if it cannot be read."""
        try:
            return Plan.from_json(
                json.loads((self.folder / "settings.json").read_text(encoding="utf-8"))
            )
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise InklingError(
                f"The settings of search {self.name} cannot be read ({error}); start another."
            ) from error

    def resume(self) -> None:
        """Let a process of its own carry it out, or go on with it."""
        self.job.start(["search", "--resume", self.name])

    def delete(self) -> None:
        """Remove it; its runs stay. InklingError while it is carried out."""
        if self.running():
            raise InklingError(f"Search {self.name} is under way; cancel it first.")
        shutil.rmtree(self.folder, ignore_errors=True)

    def state(self) -> str:
        """new, running, done, failed, or stopped: cancelled or killed, to be gone on with."""
        if self.running():
            return "running"
        finished = sum(row["state"] in FINISHED for row in self.trials())
        if finished >= self.plan.total:
            return "done"
        if self.job.state() == "failed":
            return "failed"
        return (
            "stopped" if self.job.state() or self.journal.exists() or self.cells.exists() else "new"
        )

    def running(self) -> bool:
        """Whether a process carries it out, or is about to."""
        if self.job.state() == "running":
            return True
        try:
            with self._lock(0):
                return False
        except Timeout:
            return True

    @contextmanager
    def alone(self) -> Iterator[None]:
        """InklingError if another process carries it out already."""
        lock = self._lock(_WAIT)
        try:
            lock.acquire()
        except Timeout:
            raise InklingError(
                f"Search {self.name} is under way already; wait for it, or stop it first."
            ) from None
        try:
            yield
        finally:
            lock.release()

    def trials(self, *, running: bool | None = None) -> list[dict[str, Any]]:
        """Every trial known so far, by number.

        number, state (done, running, pruned, failed, waiting), value (accuracy 0-1 that is
        validated; of what was pruned, its last), spread (standard deviation over the folds, where
        there are any), run (its name), trained (epochs), seconds, detail
        (a sentence, if it failed), and what was searched. running : whether it is carried out,
        where that is known.
        """
        running = self.running() if running is None else running
        rows = (
            self._fitted_rows()
            if self.plan.fitted
            else [self._row(trial) for trial in self._frozen()]
        )
        for row in rows:
            if row["state"] == "running" and not running:
                row["state"] = "waiting"
        return rows

    @property
    def best(self) -> dict[str, Any] | None:
        """Of the trials that are done, the one with the highest accuracy, the first of equals."""
        return best_of(self.trials())

    def check_data(self, facts: dict[str, Any]) -> None:
        """InklingError if these are not the facts that its first trial noted of the data: no
        accuracies could be compared.
        """
        path = self.folder / "data.json"
        if not path.exists():
            write_whole(path, json.dumps(facts, ensure_ascii=False))
        elif json.loads(path.read_text(encoding="utf-8")) != facts:
            raise InklingError(
                f"{facts['title']} has changed since search {self.name} began; start another search on it."
            )

    def _lock(self, timeout: float) -> FileLock:
        return FileLock(self.folder / "lock", timeout=timeout)

    def _frozen(self) -> list["FrozenTrial"]:
        if not self.journal.exists():
            return []
        from optuna.exceptions import StorageInternalError

        try:
            return list(study_of(self).get_trials(deepcopy=False))
        except (KeyError, StorageInternalError):  # not begun
            return []
        except ValueError as error:
            raise InklingError(
                f"The journal of search {self.name} is damaged; delete its folder and start another."
            ) from error

    def _row(self, trial: "FrozenTrial") -> dict[str, Any]:
        known = {**trial.system_attrs.get("fixed_params", {}), **trial.params}
        told = trial.user_attrs
        row = {
            "number": trial.number,
            "state": _STATES[trial.state.name],
            "value": trial.value,
            "spread": None,
            "run": told.get("run", ""),
            "trained": told.get("trained", 0),
            "seconds": told.get("seconds", 0.0),
            "detail": told.get("detail", ""),
        }
        if row["state"] == "running" and row["run"]:
            metrics = Run(self.runs / row["run"]).metrics()
            row["value"] = max((each["validation_accuracy"] for each in metrics), default=None)
            row["trained"], row["seconds"] = len(metrics), sum(each["seconds"] for each in metrics)
        return row | {dimension.key: known.get(dimension.key) for dimension in self.plan.dimensions}

    def _fitted_rows(self) -> list[dict[str, Any]]:
        rows = read_lines(self.cells)
        for number, cell in list(enumerate(self.plan.cells()))[len(rows) :]:
            state = "waiting" if number > len(rows) else "running"
            rows.append(
                {
                    "number": number,
                    "state": state,
                    "value": None,
                    "spread": None,
                    "run": "",
                    "trained": 0,
                    "seconds": 0.0,
                    "detail": "",
                    **cell,
                }
            )
        return rows


_STATES = {
    "COMPLETE": "done",
    "PRUNED": "pruned",
    "FAIL": "failed",
    "WAITING": "waiting",
    "RUNNING": "running",
}


def find_searches(runs: Path) -> list[Search]:
    """Every search, newest first."""
    return sorted(
        (Search(path.parent) for path in runs.glob("searches/*/settings.json")),
        key=lambda search: search.name,
        reverse=True,
    )


def best_of(rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The best of a table's trials that are done."""
    return max(
        (row for row in rows if row["state"] == "done"),
        key=lambda row: (row["value"], -row["number"]),
        default=None,
    )


def study_of(search: Search, **options: Any) -> Any:
    """Optuna's study in the journal; with `options` of `optuna.create_study`, made where there is
    none.
    """
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = JournalStorage(JournalFileBackend(str(search.journal)))
    if not options:
        return optuna.load_study(study_name=_STUDY, storage=storage)
    return optuna.create_study(
        study_name=_STUDY, storage=storage, direction="maximize", load_if_exists=True, **options
    )


def read_lines(path: Path) -> list[dict[str, Any]]:
    """A row a line; none if there is no such file."""
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        return []


def seconds_left(plan: Plan, rows: Sequence[dict[str, Any]]) -> float | None:
    """Until the end at the pace so far, each trial counted by its epochs; None while that is
    anybody's guess.
    """
    worked, seconds = (
        sum(_work(plan, row, done=True) for row in rows),
        sum(row["seconds"] for row in rows),
    )
    if not worked or not seconds:
        return None
    ahead = sum(
        _work(plan, row, done=False) - _work(plan, row, done=True)
        for row in rows
        if row["state"] not in FINISHED
    )
    finished = [_work(plan, row, done=True) for row in rows if row["state"] in FINISHED]
    unknown = (plan.total - len(rows)) * (
        sum(finished) / len(finished) if finished else plan.recipe.epochs
    )
    return seconds / worked * (ahead + unknown)


def _work(plan: Plan, row: dict[str, Any], *, done: bool) -> int:
    """Epochs of a trial, or 1 for one that is fitted."""
    if plan.fitted:
        return int(row["state"] in FINISHED) if done else 1
    return row["trained"] if done else row.get("epochs") or plan.recipe.epochs

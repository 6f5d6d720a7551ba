"""A search on disk: one folder with its plan and results so far, which survives a kill at any
moment.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.files import (
    HeldError,
    hold,
    new_folder,
    read_json,
    remove_folder,
    write_json,
    write_whole,
)
from core.jobs.job import Job
from core.training.metrics import best_epoch
from core.training.runs import DataFacts, Run
from core.training.search.space import Plan
from core.training.search.trials import FINISHED, Trial, best_of

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

_STUDY = "search"
_WAIT = 3.0  # seconds: a mere check holds the lock for far less


@dataclass(frozen=True)
class Search:
    """`settings.json`, `journal.jsonl` (Optuna's) or `cells.jsonl` (of cross-validation), and the
    job, in one folder.

    The objective is the accuracy on the images held out, or over the folds; test splits are never
    used.
    """

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def job(self) -> Job:
        """The process that carries it out, if a screen started it."""
        return Job(self.folder / "job")

    @property
    def runs(self) -> Path:
        return self.folder.parent.parent

    @property
    def tag(self) -> str:
        """The tag of its runs."""
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
        """A new folder under `runs`; nothing carries it out yet. Arguments and InklingError as in
        `Plan.of`; trials None: the whole grid.
        """
        plan = Plan.of(
            model, data, space, assignments=assignments, trials=trials, seed=seed, folds=folds
        )
        folder = new_folder(runs / "searches", f"{datetime.now():%Y%m%d-%H%M%S}-{model}")
        search = Search(folder)
        write_json(search.folder / "settings.json", plan.to_json())
        return search

    @staticmethod
    def open(runs: Path, name: str) -> "Search":
        """The search called `name`; InklingError if there is none."""
        search = Search(runs / "searches" / Path(name).name)
        if not (search.folder / "settings.json").is_file():
            raise InklingError(
                f"There is no search {name!r} in {runs / 'searches'}; see the folder for the "
                "searches there are."
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
        """Carry it out, or resume it, in its own process."""
        self.job.start(["search", "--resume", self.name])

    def delete(self) -> None:
        """Delete it; its runs stay. InklingError while it is running."""
        if self.running():
            raise InklingError(f"Search {self.name} is under way; cancel it first.")
        with self.alone(wait=0.0):
            remove_folder(self.folder)

    def state(self) -> str:
        """new, running, done, failed, or stopped (cancelled or killed; can be resumed)."""
        if self.running():
            return "running"
        finished = sum(trial.state in FINISHED for trial in self.trials())
        if finished >= self.plan.total:
            return "done"
        if self.job.state() == "failed":
            return "failed"
        return (
            "stopped" if self.job.state() or self.journal.exists() or self.cells.exists() else "new"
        )

    def running(self) -> bool:
        """Whether a process is running it, or about to."""
        if self.job.state() == "running":
            return True
        try:
            with self.alone(wait=0.0):
                return False
        except HeldError:
            return True

    @contextmanager
    def alone(self, *, wait: float = _WAIT) -> Iterator[None]:
        """Lock it; HeldError if another process still runs it after `wait` seconds."""
        sentence = f"Search {self.name} is under way already; wait for it, or stop it first."
        with hold(self.folder / "lock", sentence, wait=wait):
            yield

    def trials(self, *, running: bool | None = None) -> list[Trial]:
        """Every trial known so far, by number. running : whether the search is running, if
        known.
        """
        running = self.running() if running is None else running
        if self.plan.fitted:
            trials = self._fitted_trials()
        else:
            trials = [self._trial(frozen) for frozen in self._frozen()]
        if running:
            return trials
        return [
            replace(trial, state="waiting") if trial.state == "running" else trial
            for trial in trials
        ]

    @property
    def best(self) -> Trial | None:
        """The finished trial with the highest accuracy, the first of equals."""
        return best_of(self.trials())

    def check_data(self, dataset: Dataset) -> None:
        """InklingError if this is not the data set that its first trial recorded: accuracies would
        not be comparable.
        """
        facts = DataFacts.of(dataset)
        path = self.folder / "data.json"
        if not path.exists():
            write_whole(path, json.dumps(asdict(facts), ensure_ascii=False))
        elif DataFacts.from_json(read_json(path)) != facts:
            raise InklingError(
                f"{facts.title} has changed since search {self.name} began; "
                "start another search on it."
            )

    def _frozen(self) -> list["FrozenTrial"]:
        if not self.journal.exists():
            return []
        from optuna.exceptions import StorageInternalError

        try:
            return list(study_of(self).get_trials(deepcopy=False))
        except (KeyError, StorageInternalError):  # not started
            return []
        except ValueError as error:
            raise InklingError(
                f"The journal of search {self.name} is damaged; delete its folder and start "
                "another."
            ) from error

    def _trial(self, frozen: "FrozenTrial") -> Trial:
        drawn = {**frozen.system_attrs.get("fixed_params", {}), **frozen.params}
        known = frozen.user_attrs
        trial = Trial(
            number=frozen.number,
            state=_STATES[frozen.state.name],
            value=frozen.value,
            run=known.get("run", ""),
            trained=known.get("trained", 0),
            seconds=known.get("seconds", 0.0),
            detail=known.get("detail", ""),
            parameters={
                dimension.key: drawn.get(dimension.key) for dimension in self.plan.dimensions
            },
        )
        if trial.state != "running" or not trial.run:
            return trial
        metrics = Run(self.runs / trial.run).metrics()
        return replace(
            trial,
            value=best_epoch(metrics).validation_accuracy if metrics else None,
            trained=len(metrics),
            seconds=sum(row.seconds for row in metrics),
        )

    def _fitted_trials(self) -> list[Trial]:
        keys = [dimension.key for dimension in self.plan.dimensions]
        trials = [Trial.from_json(values, keys) for values in read_lines(self.cells)]
        ahead = list(enumerate(self.plan.cells()))[len(trials) :]
        return trials + [
            Trial(
                number=number,
                state="running" if number == len(trials) else "waiting",
                parameters=cell,
                folds=(),
            )
            for number, cell in ahead
        ]


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
        (Search(path.parent) for path in runs.glob("searches/[!.]*/settings.json")),
        key=lambda search: search.name,
        reverse=True,
    )


def study_of(search: Search, **options: Any) -> Any:
    """Optuna's study in the journal; with `options` of `optuna.create_study`, created if there is
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
    """One row per line; none if there is no such file."""
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        return []

"""Carry out a search: networks trial by trial with Optuna, fitted models cell by cell with
scikit-learn's GridSearchCV.

A trial's draws follow from the search's seed, its number and the trials before it, so that a killed
search resumes with the same trials.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from core.errors import InklingError, out_of_memory
from core.files import write_whole
from core.jobs.engine import HERE, Engine
from core.progress import Progress, progress_bar
from core.settings import Settings
from core.training.data import open_for_training, prepare
from core.training.metrics import EpochMetrics, best_epoch
from core.training.recipe import Recipe
from core.training.runs import Run, find_runs
from core.training.search.search import Search, study_of
from core.training.search.space import Dimension, Plan, Value
from core.training.train import has_ended, train

if TYPE_CHECKING:
    from optuna import Study, Trial

COMPARED = 5
"""Trials trained completely before any is pruned: a median of fewer is unreliable."""

_FIRST_PRUNED = 2  # epochs: after one, the learning rate has hardly risen


def carry_out(search: Search, settings: Settings, engine: Engine = HERE) -> None:
    """Run every remaining trial; InklingError says why it stopped early.

    engine : fits the cells of a grid. Trials of networks follow from those before them, and are
    trained here.
    """
    from core.training.search.cross_validation import fit_cells

    print(f"search {search.name} in {search.folder}", file=sys.stderr)
    with search.alone(), progress_bar(search.plan.total, unit="trial") as report:
        try:
            if search.plan.fitted:
                fit_cells(search, settings, engine, report)
            else:
                _train_trials(search, settings, report)
        except KeyboardInterrupt:
            raise InklingError(
                f"Search {search.name} is stopped; it can go on.",
                command=f"search --resume {search.name}",
            ) from None
        except OSError as error:
            raise InklingError(
                f"Search {search.name} stopped ({error}); resume it once that is mended."
            ) from error


def _train_trials(search: Search, settings: Settings, report: Progress) -> None:
    plan, study = search.plan, _open(search)
    while True:
        known = study.get_trials(deepcopy=False)
        finished = sum(trial.state.is_finished() for trial in known)
        report(finished, plan.total)
        if finished >= plan.total:
            return
        trial = _next(plan, study)
        title = f"trial {trial.number + 1}/{plan.total}"

        def report_batches(
            done: int, total: int = 0, note: str = "", finished: int = finished, title: str = title
        ) -> None:
            report(finished, plan.total, f"{title} {note} batch {done}/{total}")

        recipe = plan.recipe_of(
            {dimension.key: _suggest(trial, dimension) for dimension in plan.dimensions}
        )
        run = _run_of(search, study, trial, recipe)
        with run.held():
            _train_one(search, study, trial, run, settings, report_batches)


def _open(search: Search) -> "Study":
    from optuna.pruners import MedianPruner, NopPruner

    if search.journal.exists():
        _mend(search)
    plan = search.plan
    pruner = NopPruner() if plan.grid else MedianPruner(COMPARED, _FIRST_PRUNED)
    study: Study = study_of(search, pruner=pruner)
    if plan.grid:
        # in the table's order; GridSampler shuffles them, and stops only within `optimize`,
        # which marks a trial failed on Ctrl-C
        for cell in plan.cells()[len(study.get_trials(deepcopy=False)) :]:
            study.enqueue_trial(cell)
    return study


def _mend(search: Search) -> None:
    """Truncate a line that a full disk left unfinished and remove the lock of a killed process; the
    caller holds the search.
    """
    content = search.journal.read_bytes()
    if not content.endswith(b"\n"):
        write_whole(search.journal, content[: content.rfind(b"\n") + 1])
    search.journal.with_name(search.journal.name + ".lock").unlink(missing_ok=True)


def _next(plan: Plan, study: "Study") -> "Trial":
    """The trial in progress when the search stopped, or a new one."""
    from optuna.samplers import RandomSampler, TPESampler
    from optuna.trial import Trial

    known = study.get_trials(deepcopy=False)
    in_hand = next((trial for trial in known if trial.state.name == "RUNNING"), None)
    number = len(known) if in_hand is None else in_hand.number
    seed = int(np.random.SeedSequence((plan.seed, number)).generate_state(1)[0])
    study.sampler = RandomSampler(seed) if plan.grid else TPESampler(seed=seed)
    return study.ask() if in_hand is None else Trial(study, in_hand._trial_id)


def _suggest(trial: "Trial", dimension: Dimension) -> Value:
    """The value already stored for this trial, or a new draw."""
    if dimension.choices:
        chosen = trial.suggest_categorical(dimension.key, dimension.choices)
        assert chosen is not None
        return chosen
    if dimension.whole:
        return trial.suggest_int(
            dimension.key, int(dimension.low), int(dimension.high), log=dimension.log
        )
    return trial.suggest_float(dimension.key, dimension.low, dimension.high, log=dimension.log)


def _train_one(
    search: Search, study: "Study", trial: "Trial", run: Run, settings: Settings, report: Progress
) -> None:
    try:
        _share(search, study, run)
        dataset = open_for_training(run, settings)
        search.check_data(dataset)
        recipe = run.settings().recipe
        metrics: Sequence[EpochMetrics] = ()
        for metrics in train(run, dataset, prepare(run, dataset, settings), report):
            _tell_epochs(study, trial, metrics)
            if metrics and not has_ended(metrics, recipe) and trial.should_prune():
                run.set_state("cancelled", "pruned")
                _end(study, trial, run, "PRUNED")
                return
    except KeyboardInterrupt:
        run.set_state("cancelled")
        raise
    except Exception as error:
        sentence = _of_the_trial(error)
        with suppress(OSError):  # a full disk must not hide the first error
            run.set_state("failed", sentence or str(error))
        if not sentence:
            raise
        trial.set_user_attr("detail", sentence)
        _end(study, trial, run, "FAIL")
    else:
        _end(study, trial, run, "COMPLETE", best_epoch(metrics).validation_accuracy)


def _tell_epochs(study: "Study", trial: "Trial", metrics: Sequence[EpochMetrics]) -> None:
    """Report epochs that Optuna lacks: a kill may come between an epoch and its report."""
    known = study.get_trials(deepcopy=False)[trial.number].intermediate_values
    for row in metrics:
        if row.epoch not in known:
            trial.report(row.validation_accuracy, row.epoch)


def _of_the_trial(error: Exception) -> str:
    """A sentence if this trial's settings caused the error; "" if the next would fail too."""
    if isinstance(error, ArithmeticError):
        return str(error)
    if out_of_memory(error):
        return "It needs more memory than there is; search smaller values of batch_size."
    return ""


def _end(study: "Study", trial: "Trial", run: Run, state: str, value: float | None = None) -> None:
    from optuna.trial import TrialState

    metrics = run.metrics()
    trial.set_user_attr("trained", len(metrics))
    trial.set_user_attr("seconds", sum(row.seconds for row in metrics))
    study.tell(trial, value, TrialState[state])


def _run_of(search: Search, study: "Study", trial: "Trial", recipe: Recipe) -> Run:
    """The run that the trial has started, or a new one."""
    name, plan = trial.user_attrs.get("run"), search.plan
    if name and (search.runs / name / "settings.json").is_file():
        return Run.open(search.runs, name)
    taken = {other.user_attrs.get("run") for other in study.get_trials(deepcopy=False)}
    left = (
        run
        for run in find_runs(search.runs)
        if search.tag in run.notes().tags and run.name not in taken
    )
    run = next(left, None)  # created just before a kill
    if run is None or run.settings().recipe != recipe:
        run = Run.create(
            search.runs, model=plan.model, data=plan.data, recipe=recipe, tags=[search.tag]
        )
    trial.set_user_attr("run", run.name)
    return run


def _share(search: Search, study: "Study", run: Run) -> None:
    """Link pictures made by an earlier trial that this one would make again, to save minutes and
    disk space.
    """
    recipe = run.settings().recipe
    for earlier in study.get_trials(deepcopy=False):
        other = Run(search.runs / earlier.user_attrs.get("run", "."))
        if other.name == run.name or not (other.folder / "settings.json").is_file():
            continue
        before = other.settings().recipe
        follows = {
            "canonical": True,
            "redrawn": before.seed == recipe.seed,
            "pool": (before.seed, before.pool) == (recipe.seed, recipe.pool),
        }
        # labels before images, whose presence means that both are complete
        for path in sorted(other.folder.glob("*-ubyte"), reverse=True):
            if follows.get(path.name.partition("-")[0]):
                # exists, or the file system has no links: then the run makes its own
                with suppress(OSError):
                    os.link(path, run.folder / path.name)

"""The table of a search: each trial's result, the best trial, and how long the rest takes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from core.training.search.space import Plan, Value

FINISHED = ("done", "pruned", "failed")
"""Final states of a trial; the others are running and waiting."""


@dataclass(frozen=True)
class Trial:
    """One trial of a search.

    number : from 0. state : done, running, pruned, failed or waiting. value : accuracy 0-1 on the
    images held out, or the mean over the folds; the last one if pruned; None before there is one.
    spread : standard deviation over the folds. run : name of the run that it trains. trained :
    epochs. detail : a sentence, if it failed. parameters : the searched settings; None if not drawn
    yet. folds : accuracy on each, for a fitted model (empty before fitting); None for a network,
    which has no folds.
    """

    number: int
    state: str
    value: float | None = None
    spread: float | None = None
    run: str = ""
    trained: int = 0
    seconds: float = 0.0
    detail: str = ""
    parameters: Mapping[str, Value | None] = field(default_factory=dict)
    folds: tuple[float, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """As `search --json` prints it: the parameters are merged with the other fields."""
        values = asdict(self)
        parameters, folds = values.pop("parameters"), values.pop("folds")
        if folds is not None:  # in the order that `cells.jsonl` has always had
            seconds = values.pop("seconds")
            values |= {"folds": list(folds)} if folds else {}
            values["seconds"] = seconds
        return values | parameters

    @staticmethod
    def from_json(values: Mapping[str, Any], keys: Sequence[str]) -> "Trial":
        """A fitted trial of a search over `keys`; KeyError without a number or state."""
        return Trial(
            number=values["number"],
            state=values["state"],
            value=values.get("value"),
            spread=values.get("spread"),
            seconds=values.get("seconds", 0.0),
            detail=values.get("detail", ""),
            parameters={key: values.get(key) for key in keys},
            folds=tuple(values.get("folds", ())),
        )


def best_of(trials: Sequence[Trial]) -> Trial | None:
    """The finished trial with the highest accuracy, the first of equals."""
    done = (trial for trial in trials if trial.state == "done")
    return max(done, key=lambda trial: (trial.value or 0.0, -trial.number), default=None)


def seconds_left(plan: Plan, trials: Sequence[Trial]) -> float | None:
    """Seconds until the end at the pace so far, trials weighted by their epochs; None if
    unknown.
    """
    worked = sum(_work_done(plan, trial) for trial in trials)
    seconds = sum(trial.seconds for trial in trials)
    if not worked or not seconds:
        return None
    ahead = sum(
        _work(plan, trial) - _work_done(plan, trial)
        for trial in trials
        if trial.state not in FINISHED
    )
    finished = [_work_done(plan, trial) for trial in trials if trial.state in FINISHED]
    usual = sum(finished) / len(finished) if finished else plan.recipe.epochs
    return seconds / worked * (ahead + (plan.total - len(trials)) * usual)


def epochs_of(plan: Plan, trial: Trial) -> int:
    """Epochs that the trial is to be trained for."""
    return int(trial.parameters.get("epochs") or plan.recipe.epochs)


def _work(plan: Plan, trial: Trial) -> int:
    """Epochs of a trial, or 1 for one that is fitted."""
    return 1 if plan.fitted else epochs_of(plan, trial)


def _work_done(plan: Plan, trial: Trial) -> int:
    return int(trial.state in FINISHED) if plan.fitted else trial.trained

"""A run from its settings to its last epoch, as the command line starts it."""

import json
import math
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO

from core.errors import InklingError, out_of_memory
from core.models.registry import architecture
from core.progress import progress_bar
from core.settings import Settings
from core.training import workers
from core.training.data import open_for_training, prepare
from core.training.fitting import fit
from core.training.loop import train
from core.training.recipe import Recipe, own_recipe
from core.training.runs import Run


def train_command(
    *,
    model: str | None,
    data: str | None,
    assignments: Sequence[str],
    resume: str | None,
    settings: Settings,
    base: Recipe | None = None,
    log: TextIO | None = None,
    command: str = "train",
) -> Run:
    """Start or resume a run and print a JSON line of metrics for each epoch; returns the finished
    run.

    assignments : `key=value` texts, applied to `base` or else to the default recipe. log : where
    the lines go, stdout if None.
    command : what goes on with a run that was stopped, when `--resume RUN` is put after it.
    """
    with workers.together():
        if resume:
            run = Run.open(settings.runs, resume)
        else:
            assert model
            assert data
            recipe = (base or own_recipe(model)).override(
                assignments, architecture(model).hyperparameters
            )
            made = (
                Run.create(settings.runs, model=model, data=data, recipe=recipe).name
                if workers.first()
                else ""
            )
            run = Run.open(settings.runs, workers.agree(made))
        print(f"run {run.name} in {run.folder}", file=sys.stderr)
        _carry_out(run, settings, command)
    for row in run.metrics() if workers.first() else []:
        print(json.dumps(row), file=log)
    return run


def _carry_out(run: Run, settings: Settings, command: str) -> None:
    try:
        model, _, recipe = run.settings()
        fitted = architecture(model).fit is not None
        with workers.first_alone():
            dataset = open_for_training(run, settings)
            extra = prepare(run, dataset, settings)
        with progress_bar(0, unit="batch") as update:

            def report(epoch: int, step: int, steps: int, loss: float) -> None:
                note = (
                    "" if math.isnan(loss) else f"epoch {epoch + 1}/{recipe.epochs} loss {loss:.3f}"
                )
                update(epoch * steps + step + 1, steps if fitted else recipe.epochs * steps, note)

            (fit if fitted else train)(run, dataset, extra, report)
    except KeyboardInterrupt:
        run.set_state("cancelled")
        raise InklingError(
            f"Stopped; go on with: python -m core {command} --resume {run.name}"
        ) from None
    except Exception as error:
        problem = _sentence(run, error)
        with suppress(OSError):  # a full disk must not hide the first error
            run.set_state("failed", str(problem or error))
        if problem is None:
            raise
        raise problem from error


def _sentence(run: Run, error: Exception) -> InklingError | None:
    """What went wrong and what to do next; None if only the traceback tells."""
    if isinstance(error, InklingError):
        return error
    if isinstance(error, ArithmeticError):
        return InklingError(str(error))
    if out_of_memory(error):
        return InklingError(
            f"Run {run.name} needs more memory than there is; give it a smaller batch_size or at_most."
        )
    if isinstance(error, OSError):
        return InklingError(f"Run {run.name} stopped ({error}); resume it once there is room.")
    return None

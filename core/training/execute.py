"""Carry out a run from its settings to its last epoch, as the command line starts it."""

import sys
from contextlib import nullcontext, suppress

from core.errors import InklingError, out_of_memory
from core.models.registry import architecture
from core.progress import progress_bar
from core.settings import Settings
from core.training import workers
from core.training.data import open_for_training, prepare
from core.training.fitting import fit
from core.training.recipe import Recipe
from core.training.runs import Run
from core.training.train import train


def start_run(
    *, model: str, data: str, recipe: Recipe, settings: Settings, resume_command: str = "train"
) -> Run:
    """Create a run and train it to its end.

    resume_command : the command that resumes it when followed by `--resume RUN`. InklingError if it
    is stopped or fails; its state then records it.
    """
    with workers.together():
        name = ""
        if workers.first():
            name = Run.create(settings.runs, model=model, data=data, recipe=recipe).name
        run = Run.open(settings.runs, workers.agree(name))
        _carry_out(run, settings, resume_command)
    return run


def resume_run(name: str, settings: Settings, *, resume_command: str = "train") -> Run:
    """Resume a run that was stopped, or start a new one; otherwise as `start_run`. HeldError if
    another process trains it; that process is not disturbed.
    """
    with workers.together():
        run = Run.open(settings.runs, name)
        _carry_out(run, settings, resume_command)
    return run


def _carry_out(run: Run, settings: Settings, resume_command: str) -> None:
    if workers.first():
        print(f"run {run.name} in {run.folder}", file=sys.stderr)
    with run.held() if workers.first() else nullcontext():
        workers.agree(run.name)  # the others wait until the first holds the lock
        try:
            _train(run, settings)
        except KeyboardInterrupt:
            run.set_state("cancelled")
            raise InklingError(
                f"Run {run.name} is stopped; it can go on.",
                command=f"{resume_command} --resume {run.name}",
            ) from None
        except Exception as error:
            problem = _sentence(run, error)
            with suppress(OSError):  # a full disk must not hide the first error
                run.set_state("failed", str(problem or error))
            if problem is None:
                raise
            raise problem from error


def _train(run: Run, settings: Settings) -> None:
    fitted = architecture(run.settings().model).fit is not None
    with workers.first_alone():
        dataset = open_for_training(run, settings)
        extra = prepare(run, dataset, settings)
    with progress_bar(0, unit="batch") as report:
        if fitted:
            fit(run, dataset, extra, report)
        else:
            for _ in train(run, dataset, extra, report):
                pass


def _sentence(run: Run, error: Exception) -> InklingError | None:
    """What went wrong and what to do next; None if only the traceback explains it."""
    if isinstance(error, InklingError):
        return error
    if isinstance(error, ArithmeticError):
        return InklingError(str(error))
    if out_of_memory(error):
        return InklingError(
            f"Run {run.name} needs more memory than there is; "
            "give it a smaller batch_size or at_most."
        )
    if isinstance(error, OSError):
        return InklingError(f"Run {run.name} stopped ({error}); resume it once there is room.")
    return None

"""A run from its settings to its last epoch, as the command line starts it."""

import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO

import numpy as np
from torch import nn

from core.datasets.catalogue import open_dataset
from core.datasets.dataset import Dataset
from core.datasets.idx import read_idx, write_idx
from core.datasets.labels import to_indices
from core.errors import InklingError
from core.ink.forms import form_named
from core.models.recognizer import load_recognizer
from core.models.registry import architecture
from core.progress import progress_bar
from core.settings import Settings
from core.synthesis.digits import synthetic_digits
from core.training.loop import Extra, train
from core.training.recipe import Recipe
from core.training.redraw import redraw
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
) -> tuple[Run, Dataset]:
    """Start or resume a run and print a JSON line of metrics for each epoch; returns the finished run and its data.

    assignments : `key=value` texts, applied to `base` or else to the default recipe. log : where the lines go, stdout if None.
    command : what goes on with a run that was stopped, when `--resume RUN` is put after it.
    """
    if resume:
        run = Run.open(settings.runs, resume)
    else:
        assert model
        assert data
        architecture(model)
        run = Run.create(settings.runs, model=model, data=data, recipe=(base or Recipe()).override(assignments))
    model, data, recipe = run.settings()
    print(f"run {run.name} in {run.folder}", file=sys.stderr)
    try:
        dataset = open_dataset(data, settings)
        if not dataset.form:
            raise InklingError(f"{data} is in no canonical form that a recognizer could be trained for.")
        extra = _extra(run, dataset, recipe, settings)
        with progress_bar(0, unit="batch") as update:

            def report(epoch: int, step: int, steps: int, loss: float) -> None:
                update(epoch * steps + step + 1, recipe.epochs * steps, f"epoch {epoch + 1}/{recipe.epochs} loss {loss:.3f}")

            train(run, dataset, extra, report)
        for row in run.metrics():
            print(json.dumps(row), file=log)
        return run, dataset
    except KeyboardInterrupt:
        run.set_state("cancelled")
        raise InklingError(f"Stopped; go on with: python -m core {command} --resume {run.name}") from None
    except Exception as error:
        with suppress(OSError):  # a full disk must not hide the first error
            run.set_state("failed", str(error))
        if isinstance(error, OSError | MemoryError):
            raise InklingError(f"Run {run.name} stopped ({error or 'out of memory'}); resume it once there is room.") from error
        raise


def _extra(run: Run, dataset: Dataset, recipe: Recipe, settings: Settings) -> Extra:
    """Kept in the run's folder where it takes minutes: a resumed run must see the same pictures without waiting for them."""
    form, path = form_named(dataset.form), run.folder / "redrawn-images-idx3-ubyte"
    weights = _start(run, dataset, recipe, settings).state_dict() if recipe.start else None
    images, indices = [np.zeros((0, form.size, form.size), np.uint8)], [np.zeros(0, np.int64)]
    if recipe.pool:
        pooled, places = _pool(run, dataset, recipe, settings)
        images.append(pooled)
        indices.append(places)
    if recipe.synthetic:
        drawn, labels = synthetic_digits(form, per_digit=recipe.synthetic, seed=recipe.seed)
        images.append(drawn)
        indices.append(to_indices(labels, dataset.classes))
    if recipe.redrawn and not path.exists():
        print(f"drawing {len(dataset):,} scans with a pen", file=sys.stderr)
        write_idx(path, redraw(dataset.images, form, seed=recipe.seed))
    return Extra(read_idx(path) if recipe.redrawn else None, np.concatenate(images), np.concatenate(indices), weights)


def _pool(run: Run, dataset: Dataset, recipe: Recipe, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [M, size, size] and their places int64 [M] among the classes; copied, for the file may change or go."""
    images, labels = run.folder / "pool-images-idx3-ubyte", run.folder / "pool-labels-idx1-ubyte"
    if not images.exists():
        form = form_named(dataset.form)
        pool = open_dataset(recipe.pool, settings, classes=dataset.classes, form=form)
        if pool.images.shape[1:] != (form.size, form.size):
            height, width = pool.images.shape[1:]
            raise InklingError(f"The images of {pool.title} are {height}x{width}, but {form.size}x{form.size} are trained on.")
        write_idx(labels, to_indices(pool.classes, dataset.classes)[pool.labels])
        write_idx(images, pool.images)  # last: where it is, both are whole
    return read_idx(images), np.asarray(read_idx(labels), np.int64)


def _start(run: Run, dataset: Dataset, recipe: Recipe, settings: Settings) -> nn.Module:
    recognizer, model = load_recognizer(recipe.start, settings), run.settings()[0]
    if (recognizer.card.architecture, recognizer.card.classes) != (model, dataset.classes):
        kind = f"a {recognizer.card.architecture} with {len(recognizer.card.classes)} classes"
        raise InklingError(f"{recipe.start} is {kind}; a {model} for {dataset.title} starts from one of its kind and classes.")
    return recognizer.network

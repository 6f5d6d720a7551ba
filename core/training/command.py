"""A run from its settings to its last epoch, as the command line starts it."""

import json
import sys
from collections.abc import Sequence
from contextlib import suppress

import numpy as np
from tqdm import tqdm

from core.datasets.catalogue import open_dataset
from core.datasets.dataset import Dataset
from core.datasets.idx import read_idx, write_idx
from core.datasets.labels import to_indices
from core.errors import InklingError
from core.ink.forms import form_named
from core.models.recognizer import load_recognizer
from core.models.registry import architecture
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
) -> tuple[Run, Dataset]:
    """Start or resume a run and print a JSON line of metrics for each epoch; returns the finished run and its data."""
    if resume:
        run = Run.open(settings.runs, resume)
    else:
        assert model
        assert data
        architecture(model)
        run = Run.create(settings.runs, model=model, data=data, recipe=Recipe().override(assignments))
    model, data, recipe = run.settings()
    print(f"run {run.name} in {run.folder}", file=sys.stderr)
    try:
        dataset = open_dataset(data, settings)
        if not dataset.form:
            raise InklingError(f"{data} is in no canonical form that a recognizer could be trained for.")
        extra = _extra(run, dataset, recipe, settings)
        with tqdm(unit="batch", file=sys.stderr, mininterval=1) as bar:

            def report(epoch: int, step: int, steps: int, loss: float) -> None:
                if bar.total is None:
                    bar.reset(total=recipe.epochs * steps)
                    bar.update(epoch * steps)
                bar.set_description(f"epoch {epoch + 1}/{recipe.epochs} loss {loss:.3f}", refresh=False)
                bar.update(1)

            train(run, dataset, extra, report)
        for row in run.metrics():
            print(json.dumps(row))
        return run, dataset
    except KeyboardInterrupt:
        run.set_state("cancelled")
        raise InklingError(f"Stopped; go on with: python -m core train --resume {run.name}") from None
    except Exception as error:
        with suppress(OSError):  # a full disk must not hide the first error
            run.set_state("failed", str(error))
        if isinstance(error, OSError | MemoryError):
            raise InklingError(f"Run {run.name} stopped ({error or 'out of memory'}); resume it once there is room.") from error
        raise


def _extra(run: Run, dataset: Dataset, recipe: Recipe, settings: Settings) -> Extra:
    """Kept in the run's folder where it takes minutes: a resumed run must see the same pictures without waiting for them."""
    form, path = form_named(dataset.form), run.folder / "redrawn-images-idx3-ubyte"
    if recipe.redrawn and not path.exists():
        print(f"drawing {len(dataset):,} scans with a pen", file=sys.stderr)
        write_idx(path, redraw(dataset.images, form, seed=recipe.seed))
    if recipe.synthetic:
        images, labels = synthetic_digits(form, per_digit=recipe.synthetic, seed=recipe.seed)
        indices = to_indices(labels, dataset.classes)
    else:
        images, indices = np.zeros((0, form.size, form.size), np.uint8), np.zeros(0, np.int64)
    weights = load_recognizer(recipe.start, settings).network.state_dict() if recipe.start else None
    return Extra(read_idx(path) if recipe.redrawn else None, images, indices, weights)

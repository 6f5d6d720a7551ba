"""What every architecture of the registry learns from a small set with its default recipe.

python -m tests.benchmarks.small_sets [NAME …]     trains what no finished run has, an hour,
                                           and writes assets/results/small_sets.csv

A run is tagged `small sets` and looked for among the runs there are. One thread, float32. Accuracy
is that of the best epoch on the images held out, which chose it.
"""

import argparse
import os
from dataclasses import replace

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is loaded

import torch

from core.datasets.synthetic import make_synthetic
from core.evaluation.publish import hardware
from core.intervals import wilson_interval
from core.models.registry import ARCHITECTURES
from core.settings import Settings
from core.training.execute import resume_run
from core.training.metrics import best_epoch
from core.training.recipe import own_recipe
from core.training.runs import Run, find_runs
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.small_sets"
TAG = "small sets"
SETS = "uci-digits", "synthetic-natural"
PER_DIGIT = 250
"""Of the synthetic set: a fifth is held out, so that 2,000 are learnt."""


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("names", nargs="*", help="architectures to train; all if none")
    names = options.parse_args().names or list(ARCHITECTURES)
    torch.set_num_threads(1)
    settings = Settings.from_environment()
    settings = replace(settings, data=settings.runs / "small-sets")
    if not (settings.data / "synthetic").exists():
        make_synthetic("natural", settings.data, sizes={"train": PER_DIGIT})
    for data in SETS:
        for name in names:
            if _find(name, data, settings) is None:
                recipe = own_recipe(name)
                run = Run.create(settings.runs, model=name, data=data, recipe=recipe, tags=[TAG])
                resume_run(run.name, settings)
    write_results(
        "small_sets.csv",
        "data,architecture,learned,epochs,n,accuracy,low_95,high_95,minutes,seed,hardware,command",
        [
            _row(data, run)
            for data in SETS
            for name in ARCHITECTURES
            if (run := _find(name, data, settings)) is not None
        ],
    )


def _find(name: str, data: str, settings: Settings) -> Run | None:
    """The newest finished run of an architecture on a set."""
    for run in find_runs(settings.runs):
        own = run.settings()
        alike = TAG in run.notes().tags and (own.model, own.data) == (name, data)
        if alike and run.state() == "done":
            return run
    return None


def _row(data: str, run: Run) -> list[object]:
    metrics, model = run.metrics(), run.settings().model
    best, fitted = best_epoch(metrics), ARCHITECTURES[model].fit is not None
    n = best.validation_n or 0
    right = round(best.validation_accuracy * n)
    return [
        data,
        model,
        metrics[0].images,
        "" if fitted else len(metrics),
        n,
        *(round(rate, 4) for rate in (right / n, *wilson_interval(right, n))),
        round(sum(row.seconds for row in metrics) / 60, 2),
        run.settings().recipe.seed,
        f"{hardware()}, one thread",
        f"{COMMAND} {model}",
    ]


if __name__ == "__main__":
    main()

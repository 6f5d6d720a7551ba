"""Time to 99.085 % of MNIST's test set, the notebook's score: its own network and recipe, and
Inkling's smallest, in one run.

INKLING_DATA=DATA_ROOT python -m tests.benchmarks.time_to_accuracy       five minutes; writes
assets/results/time_to_accuracy.csv

The test set is read after every epoch to see when the score is reached; it chooses nothing, and its
time is not counted.
"""

import os
import tempfile
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is loaded

import numpy as np
import torch

from core.datasets.catalogue import open_dataset
from core.evaluation.publish import hardware
from core.models.registry import architecture
from core.models.tensors import load_tensors
from core.settings import Settings
from core.training.data import open_for_training, prepare
from core.training.loop import accuracy, logits
from core.training.originals import ORIGINALS, Original
from core.training.runs import Run
from core.training.train import train
from tests.benchmarks.originals import OWN, recipe_of
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.time_to_accuracy"
SCORE = 0.99085


def main() -> None:
    torch.set_num_threads(1)
    settings, rows = Settings.from_environment(), []
    for original in (ORIGINALS["notebook-cnn"], OWN["own-mnist"]):
        with tempfile.TemporaryDirectory() as folder:
            rows += epochs(original, replace(settings, runs=Path(folder)))
    columns = (
        "name,architecture,epoch,epochs,n,test_accuracy,reached,minutes,"
        "processor_minutes,hardware,command"
    )
    write_results("time_to_accuracy.csv", columns, rows)


def epochs(original: Original, settings: Settings) -> list[list[object]]:
    """A row for each epoch, with the time from the start to its end."""
    recipe = replace(recipe_of(original), precision="bfloat16")
    run = Run.create(settings.runs, model=original.architecture, data=original.data, recipe=recipe)
    dataset, test = (
        open_for_training(run, settings),
        open_dataset(f"{original.data}:test", settings),
    )
    images, truth = torch.from_numpy(np.array(test.images)), torch.from_numpy(test.labels)
    network = architecture(original.architecture).build(
        len(dataset.classes), **recipe.hyperparameters
    )
    rows: list[list[object]] = []
    for metrics in train(run, dataset, prepare(run, dataset, settings)):
        if not metrics:
            continue
        tensors, prefix = load_tensors(run.checkpoint)[0], "average.module."
        network.load_state_dict(
            {
                name.removeprefix(prefix): tensor
                for name, tensor in tensors.items()
                if name.startswith(prefix)
            }
        )
        share = accuracy(logits(network, images), truth)
        wall = sum(row.seconds for row in metrics)
        processor = sum(row.processor_seconds for row in metrics)
        rows.append(
            [
                original.name,
                original.architecture,
                metrics[-1].epoch,
                recipe.epochs,
                len(truth),
                round(share, 5),
                share >= SCORE,
                round(wall / 60, 2),
                round(processor / 60, 2),
                f"{hardware()}, one thread, bfloat16",
                COMMAND,
            ]
        )
        print(*rows[-1][:9])
    return rows


if __name__ == "__main__":
    main()

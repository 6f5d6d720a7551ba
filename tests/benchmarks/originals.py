"""Every model of the sources, trained here on the data at hand, beside what its source claims and
beside Inkling's own.

INKLING_DATA=DATA_ROOT python -m tests.benchmarks.originals [NAME …]     trains what no finished run
has, hours on two cores,
                                                                         and writes
                                                                         assets/results/originals.csv

A run is tagged `original NAME` and looked for among the runs there are; of what has none, the table
keeps its row. What starts from another original needs a run of that one. Where the source's epochs
do not fit, EPOCHS has fewer. bfloat16 on the processor, one thread. Test parts choose nothing.
"""

import argparse
import csv
import os
import tempfile
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is loaded

import torch

from core.datasets.requested_compositions import PREFIX, RequestedCompositions
from core.errors import InklingError
from core.evaluation.publish import hardware, publish
from core.evaluation.scores import Summary, evaluate
from core.models.recognizer import load_recognizer
from core.models.registry import architecture
from core.settings import ASSETS, Settings
from core.training.execute import resume_run
from core.training.originals import ORIGINALS, Original
from core.training.recipe import Recipe
from core.training.runs import Run, find_runs
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.originals"
EPOCHS = {
    "lenet5": 20,
    "lenet5-v2": 70,
    "lenet5-v2-32": 4,
    "resnet34": 2,
    "resnet50-roman": 14,
    "resnet50-roman-emnist": 2,
    "resnet50-roman-chars74k": 1,
}
"""Where the source's own number takes hours on two cores."""

FEWER = {"forest-shifted": ("trees=48", "48 trees instead of 250")}
"""What else is less than the source's, and how the table says so."""

_FAST = "redrawn=0 precision=bfloat16 augmentation=0 shift=1 label_smoothing=0.05"
OWN = {
    "own-mnist": Original(
        "own-mnist",
        "Inkling's tiny network, one epoch",
        "resnet8-tiny",
        "mnist",
        f"{_FAST} epochs=1 at_most=40000 batch_size=64 learning_rate=0.2 warmup=0.3 ema_decay=0.98 "
        "dropout=0.1 "
        "validation_per_class=600",
        0,
        "",
    ),
    "own-characters": Original(
        "own-characters",
        "Inkling's small network, three epochs",
        "resnet8-small",
        "emnist-balanced",
        f"{_FAST} epochs=3 batch_size=128 learning_rate=0.2 warmup=0.25 ema_decay=0.99 dropout=0.2 "
        "sampling_power=0.7 rotation=4 shear=4 "
        "elastic=0.6 thickness=0.2 label_smoothing=0.1",
        0,
        "",
    ),
}
"""Set beside the notebook CNN and LeNet-5 v2: how soon are they reached?"""

SHIPPED = {"digits": "mnist:test", "characters": "emnist-balanced:test"}


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "names", nargs="*", help="originals to train; the table takes all that have a finished run"
    )
    names = options.parse_args().names
    torch.set_num_threads(1)
    settings = Settings.from_environment()
    everything = {**ORIGINALS, **OWN}
    for name in names or everything:
        if find(name, settings) is None:
            carry_out(everything[name], settings)
    with open(ASSETS / "results" / "originals.csv", newline="", encoding="utf-8") as file:
        before = {fields[0]: fields for fields in csv.reader(file)}
    rows = [
        row(original, run, settings) if run is not None else before[name]
        for name, original in everything.items()
        if (run := find(name, settings)) is not None or name in before
    ]
    rows += [shipped(name, data, settings) for name, data in SHIPPED.items()]
    columns = (
        "name,title,architecture,trained_on,train_n,epochs,source_epochs,n,accuracy,low_95,high_95,tested_on,validation_accuracy,"
        "validation_n,claim,claimed_on,note,parameters,MB,minutes,processor_minutes,hardware,command"
    )
    write_results("originals.csv", columns, rows)


def find(name: str, settings: Settings) -> Run | None:
    """The newest finished run of an original."""
    return next(
        (
            run
            for run in find_runs(settings.runs)
            if f"original {name}" in run.notes().tags and run.state() == "done"
        ),
        None,
    )


def carry_out(original: Original, settings: Settings) -> None:
    """Train it, or go on with a run that was stopped."""
    tag = f"original {original.name}"
    if original.data.startswith(PREFIX):
        make_if_missing(original.data, settings)
    if original.start:
        published(original.start, settings)
    before = next((run for run in find_runs(settings.runs) if tag in run.notes().tags), None)
    if before is None:
        base = recipe_of(original)
        fewer = [FEWER[original.name][0]] if original.name in FEWER else []
        base = base.override(fewer, architecture(original.architecture).hyperparameters)
        recipe = replace(
            base,
            epochs=EPOCHS.get(original.name, base.epochs),
            precision="bfloat16",
            start=original.start,
        )
        before = Run.create(
            settings.runs,
            model=original.architecture,
            data=original.data,
            recipe=recipe,
            tags=[tag],
        )
    resume_run(before.name, settings)


def make_if_missing(data: str, settings: Settings) -> None:
    """Compose the images of a set whose name says how."""
    requested = RequestedCompositions.parse(data)
    try:
        requested.open(settings, "train")
    except InklingError:
        requested.make(settings.data)


def published(name: str, settings: Settings) -> None:
    """Make a recognizer of the finished run of an original, unless there is one."""
    if not (settings.models / f"{name}.json").exists():
        run = find(name, settings)
        assert run is not None, f"{name} has to be trained first"
        publish(run, name=name, title=ORIGINALS[name].title, folder=settings.models)


def recipe_of(original: Original) -> Recipe:
    if original.name in OWN:
        return Recipe().override(
            original.assignments.split(), architecture(original.architecture).hyperparameters
        )
    return original.recipe


def row(original: Original, run: Run, settings: Settings) -> list[object]:
    """One line of the table: the best epoch by validation, on the test part."""
    metrics, data, recipe = run.metrics(), run.data(), run.settings().recipe
    assert data is not None
    with tempfile.TemporaryDirectory() as folder:
        own = replace(settings, models=Path(folder))
        card = publish(run, name=original.name, title=original.title, folder=own.models)
        size = (Path(folder) / f"{original.name}.safetensors").stat().st_size / 1e6
        result = evaluate(load_recognizer(original.name, own), f"{original.data}:test", own)
    fitted = architecture(original.architecture).fit is not None
    before = ""
    if original.start:
        published(original.start, settings)
        known = evaluate(
            load_recognizer(original.start, settings), f"{original.data}:test", settings
        )
        before = f"before it, {known.accuracy:.2%} of the same images"
    fewer = FEWER.get(original.name, ("", ""))[1]
    note = "; ".join(filter(None, [original.chosen, fewer, before]))
    return [
        original.name,
        original.title,
        original.architecture,
        data.title,
        metrics[0].images,
        "" if fitted else len(metrics),
        "" if fitted or not original.claim else recipe_of(original).epochs,
        *measured(result),
        round(card.validation.accuracy, 5),
        card.validation.n,
        original.claim or "",
        original.claimed_on,
        note,
        card.parameters,
        round(size, 2),
        round(sum(row.seconds for row in metrics) / 60, 1),
        round(sum(row.processor_seconds for row in metrics) / 60, 1),
        f"{card.hardware}, one thread, {recipe.precision}",
        f"{COMMAND} {original.name}",
    ]


def shipped(name: str, data: str, settings: Settings) -> list[object]:
    recognizer = load_recognizer(name, settings)
    card, result = recognizer.card, evaluate(recognizer, data, settings)
    size = (Path("assets/models") / f"{name}.safetensors").stat().st_size / 1e6
    return [
        name,
        f"Inkling's {name}",
        card.architecture,
        card.data,
        "",
        card.recipe["epochs"],
        "",
        *measured(result),
        round(card.validation.accuracy, 5),
        card.validation.n,
        "",
        "",
        "further epochs from earlier weights: see the card",
        card.parameters,
        round(size, 2),
        card.minutes,
        "",
        card.hardware,
        COMMAND,
    ]


def measured(result: Summary) -> list[object]:
    rates = (result.accuracy, *result.interval)
    return [result.n, *(round(rate, 5) for rate in rates), result.data]


if __name__ == "__main__":
    print(hardware())
    main()

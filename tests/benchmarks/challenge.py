"""The competition's fixed network on the data as given, and on those built here.

INKLING_DATA=DATA_ROOT python -m tests.benchmarks.challenge FOLDER [ROW] [SEED]
keeps data, checkpoints and answers in FOLDER, goes on from there, and writes
assets/results/challenge.csv

Tested on the competition's val, as assets/curation/roman.jsonl mends it, without pictures that
stand in train too. Rows of the ablation are built without one part, with fewer pictures and epochs.
"""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from core.curation.roman import PARTS, build_roman, photographs
from core.datasets.competition import NAME
from core.datasets.pictures import find_pictures
from core.evaluation.publish import hardware
from core.files import whole_folder, write_json
from core.intervals import wilson_interval
from core.settings import Settings
from core.training.challenge import read_photographs, run_challenge
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.challenge"
SEEDS = (0, 1, 2)
FEWER, SHORTER = 4_000, 30
"""Pictures and epochs of the rows of the ablation."""


@dataclass(frozen=True)
class Row:
    """Data that the network is trained on. without : parts left out; None: the data as given."""

    name: str
    without: tuple[str, ...] | None
    count: int = 10_000
    epochs: int = 100
    seeds: tuple[int, ...] = SEEDS


ROWS = {
    row.name: row
    for row in (
        Row("as given", None),
        Row("built", ()),
        Row("4,000 built", (), FEWER, SHORTER, (0,)),
        *(Row(f"4,000 without {part}", (part,), FEWER, SHORTER, (0,)) for part in PARTS),
    )
}


def link(paths: dict[Path, str], folder: Path) -> None:
    """Links to pictures in class folders."""
    with whole_folder(folder) as part:
        for path, label in paths.items():
            (part / label).mkdir(parents=True, exist_ok=True)
            (part / label / path.name).symlink_to(path)


def tested(settings: Settings) -> dict[Path, str]:
    """The competition's val as it was mended, without what stands in train too."""
    found = photographs(settings, "val", clean=True)
    return {settings.data / NAME / line.picture: line.label for line, _ in found}


def as_given(root: Path, folder: Path) -> None:
    """The competition's train, a fifth of it to choose the epoch by."""
    paths = find_pictures([root / "train"])
    order = np.random.default_rng(0).permutation(len(paths))
    held = set(order[: len(paths) // 5].tolist())
    for part, mine in (("val", True), ("train", False)):
        some = [path for number, path in enumerate(paths) if (number in held) == mine]
        link({path: path.parent.name for path in some}, folder / part)


def prepare(row: Row, root: Path, folder: Path, settings: Settings) -> Path:
    """The folder of a row's train and val."""
    place = folder / row.name.replace(" ", "-").replace(",", "")
    if not place.exists():
        if row.without is None:
            as_given(root, place)
        else:
            build_roman(settings, place, count=row.count, without=row.without)
    return place


def main() -> None:
    torch.set_num_threads(1)  # a batch of eight is too small for two
    os.nice(5)
    settings, folder = Settings.from_environment(), Path(sys.argv[1])
    root, test_folder = settings.data / NAME, Path(sys.argv[1]) / "test"
    if not test_folder.exists():
        link(tested(settings), test_folder)
    wanted = ROWS if len(sys.argv) < 3 else {sys.argv[2]: ROWS[sys.argv[2]]}
    for row in wanted.values():
        for seed in row.seeds if len(sys.argv) < 4 else (int(sys.argv[3]),):
            place = prepare(row, root, folder, settings)
            run = folder / "runs" / f"{place.name}-{seed}"
            if (run / "result.json").exists():
                continue
            run.mkdir(parents=True, exist_ok=True)
            train = read_photographs(place / "train")
            validation, test = (
                read_photographs(part, train.classes) for part in (place / "val", test_folder)
            )
            result = run_challenge(
                train, validation, test, seed=seed, epochs=row.epochs, folder=run
            )
            write_json(run / "result.json", {"row": row.name, **result.to_json()})
            print(row.name, seed, f"{result.accuracy:.4f}", file=sys.stderr, flush=True)
    table = []
    for path in sorted((folder / "runs").glob("*/result.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        low, high = wilson_interval(found["correct"], found["n"])
        table.append(
            [
                found["row"],
                found["seed"],
                found["train_n"],
                found["validation_n"],
                found["epochs"],
                found["best_epoch"],
                round(found["validation_accuracy"], 4),
                found["n"],
                found["correct"],
                round(found["accuracy"], 4),
                round(low, 4),
                round(high, 4),
                hardware(),
                COMMAND,
            ]
        )
    write_results(
        "challenge.csv",
        "data,seed,train,validation,epochs,best_epoch,validation_accuracy,n,correct,accuracy,low,"
        "high,hardware,command",
        table,
    )


if __name__ == "__main__":
    main()

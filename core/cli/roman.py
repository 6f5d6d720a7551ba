"""`python -m core challenge` and `build-roman`: better data for a network that stays as it is."""

import argparse
import json
from pathlib import Path
from typing import Any

from core.settings import Settings

# Commands import what they need themselves: `--help` must not wait for torch.


def add_commands(commands: Any) -> None:
    """Add them to the subparsers of the command line."""
    challenge = commands.add_parser(
        "challenge",
        help="train the fixed network of the Data-Centric AI competition on your data and test it",
    )
    for part, about in (
        ("train", "pictures to train on"),
        ("val", "pictures that choose the epoch; with --train at most 10,000"),
        ("test", "pictures to read"),
    ):
        challenge.add_argument(
            f"--{part}",
            type=Path,
            required=True,
            metavar="DIR",
            help=f"{about}: a folder of class folders",
        )
    challenge.add_argument(
        "--epochs", type=int, default=100, help="default 100, as in the competition"
    )
    challenge.add_argument("--seed", type=int, default=0, help="0 to 2^31 - 1; default 0")
    challenge.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        help="keeps a checkpoint after each epoch, and goes on from the one there",
    )
    challenge.add_argument(
        "--json", action="store_true", help="with the confusion matrix and every answer"
    )
    challenge.set_defaults(run=_challenge)

    build = commands.add_parser(
        "build-roman",
        help="a data set of Roman numerals for the challenge: photographs looked through, flipped "
        "and edited, and numerals composed of letters",
    )
    build.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="train/, val/ and manifest.csv"
    )
    build.add_argument(
        "--count", type=int, default=10_000, help="pictures in all; at most and by default 10,000"
    )
    build.add_argument("--seed", type=int, default=0, help="whole number; default 0")
    build.add_argument(
        "--without",
        nargs="+",
        action="extend",
        default=[],
        metavar="PART",
        help="leave out cleaning, quantising, flips, strokes (vii as viii and back), varied, "
        "unipen, chars74k, emnist or natural",
    )
    build.set_defaults(run=_build)


def _challenge(options: argparse.Namespace, _: Settings) -> None:
    from core.intervals import percent
    from core.progress import progress_bar
    from core.training.challenge import FIXED, read_photographs, run_challenge

    train = read_photographs(options.train)
    validation, test = (
        read_photographs(folder, train.classes) for folder in (options.val, options.test)
    )
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    batches = len(train) // FIXED.batch_size * options.epochs
    with progress_bar(batches, unit="batch") as report:
        result = run_challenge(
            train,
            validation,
            test,
            seed=options.seed,
            epochs=options.epochs,
            folder=options.folder,
            report=report,
        )
    if options.json:
        print(json.dumps(result.to_json()))
        return
    low, high = result.interval
    print(
        f"{percent(result.accuracy)} of {result.n:,} test pictures are read "
        f"(95 % interval {percent(low)} to {percent(high)}); epoch {result.best_epoch} of "
        f"{result.epochs} reads {percent(result.validation_accuracy)} of {result.validation_n:,} "
        f"validation pictures; {result.train_n:,} trained on, seed {result.seed}"
    )


def _build(options: argparse.Namespace, settings: Settings) -> None:
    from core.curation.roman import build_roman
    from core.progress import progress_bar

    with progress_bar(options.count, unit="picture") as report:
        made = build_roman(
            settings,
            options.out,
            seed=options.seed,
            count=options.count,
            without=options.without,
            report=report,
        )
    for done, count in made.most_common():
        print(f"{count:6,}  {done}")

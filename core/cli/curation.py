"""`python -m core label-issues`: labels that are probably wrong."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from core.cli.evaluation import answers, opened
from core.errors import InklingError
from core.settings import Settings

# Commands import what they need themselves: `--help` must not wait for torch.


def add_commands(commands: Any) -> None:
    """Add it to the subparsers of the command line."""
    issues = commands.add_parser(
        "label-issues", help="labels that are probably wrong, by confident learning, worst first"
    )
    issues.add_argument(
        "--data", required=True, help="NAME:train, NAME:test, an .npz, or a folder of class folders"
    )
    issues.add_argument(
        "--folds", type=int, default=5, help="of the cross-validation, 2 or more; default 5"
    )
    issues.add_argument(
        "--model",
        help=(
            "a recognizer that was trained on other images: its answers instead of a "
            "cross-validation"
        ),
    )
    issues.add_argument("--seed", type=int, default=0, help="of the cross-validation; default 0")
    issues.add_argument(
        "--form",
        default="mnist",
        help=(
            "canonical form of the pictures in a folder: mnist, emnist or number; default mnist, "
            "or the model's"
        ),
    )
    issues.add_argument(
        "--limit", type=int, metavar="N", help="images to list; default: as many as are found"
    )
    issues.add_argument(
        "--out", type=Path, metavar="F.csv", help="write the list there, as a table"
    )
    issues.add_argument(
        "--json",
        action="store_true",
        help="with the estimated label noise, a share of all labels, and its caveat",
    )
    issues.set_defaults(run=_label_issues)


def _label_issues(options: argparse.Namespace, settings: Settings) -> None:
    from core.curation.issues import find_issues, list_issues
    from core.curation.label_issues import check_unseen, cross_validated
    from core.datasets.catalogue import open_dataset
    from core.ink.forms import form_named
    from core.progress import progress_bar

    if options.limit is not None and options.limit < 0:
        raise InklingError(f"--limit is 0 or more, not {options.limit}.")
    if options.model:
        recognizer, dataset = opened(options, settings)
        check_unseen(recognizer.card, dataset)
        predictions = answers(recognizer, dataset, settings)
        labels, probabilities, classes = (
            predictions.truth,
            predictions.probabilities,
            predictions.classes,
        )
    else:
        dataset = open_dataset(options.data, settings, form=form_named(options.form))
        with progress_bar(1, unit="image") as report:
            labels, probabilities = (
                dataset.labels,
                cross_validated(dataset, folds=options.folds, seed=options.seed, report=report),
            )
        classes = dataset.classes
    issues = find_issues(labels, probabilities)
    listed = list_issues(
        issues, labels, probabilities, classes, data=dataset.source, limit=options.limit
    )
    if options.out:
        listed.write(options.out)
    if options.json:
        print(json.dumps(listed.to_json(), ensure_ascii=False))
        return
    for row in () if options.out else listed.rows:
        values = vars(row).values()
        print(
            *(f"{value:.4f}" if isinstance(value, float) else value for value in values), sep="\t"
        )
    print(
        f"{listed.found:,} found, label noise {listed.noise:.2%} of n = {listed.n:,}: "
        f"{listed.caveat}",
        file=sys.stderr,
    )

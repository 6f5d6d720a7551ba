"""`python -m core evaluate`, `report` and `errors`: how well a recognizer reads a data set."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.engine import add_engine, engine_of
from core.cli.reading import add_only
from core.jobs.engine import HERE, Engine
from core.settings import Settings

if TYPE_CHECKING:
    from core.datasets.dataset import Dataset
    from core.evaluation.predictions import DatasetPrediction
    from core.models.recognizer import Recognizer

# Commands import what they need themselves: `--help` must not wait for torch.


_DATA = "NAME:train, NAME:test, an .npz, a CSV, or a folder or zip of class folders"


def add_commands(commands: Any) -> None:
    """Add them to the subparsers of the command line."""
    evaluate = commands.add_parser("evaluate", help="accuracy and confusion matrix (rows: truth)")
    evaluate.add_argument("--model", required=True)
    evaluate.add_argument("--data", required=True, help=_DATA)
    add_only(evaluate)
    evaluate.add_argument("--json", action="store_true")
    add_engine(evaluate)
    evaluate.set_defaults(run=_evaluate)

    report = commands.add_parser(
        "report",
        help="one HTML file that says how well a recognizer reads a data set, with its errors",
    )
    _add_reading(report, "FILE.html")
    report.set_defaults(run=_report)

    errors = commands.add_parser("errors", help="a zip of every misread picture, with an index")
    _add_reading(errors, "FILE.zip")
    errors.set_defaults(run=_errors)


def _add_reading(parser: argparse.ArgumentParser, file: str) -> None:
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True, help=_DATA)
    parser.add_argument("--out", type=Path, required=True, metavar=file, help="where it goes")
    add_engine(parser)


def _evaluate(options: argparse.Namespace, settings: Settings) -> None:
    from core.evaluation.scores import evaluate
    from core.models.recognizer import load_recognizer
    from core.progress import progress_bar

    engine = engine_of(options, settings)
    with progress_bar(0, unit="image") as report:
        recognizer = load_recognizer(options.model, settings)
        result = evaluate(
            recognizer, options.data, settings, report, only=options.only, engine=engine
        )
    if options.json:
        print(json.dumps(result.to_json(), ensure_ascii=False))
    else:
        low, high = result.interval
        print(
            f"accuracy {result.accuracy:.2%} (95 % {low:.2%} - {high:.2%}, n = {result.n:,}), "
            f"{result.data}"
        )


def _report(options: argparse.Namespace, settings: Settings) -> None:
    import numpy as np

    from core.evaluation.report import report
    from core.files import write_whole

    recognizer, dataset = opened(options, settings)
    options.out.parent.mkdir(parents=True, exist_ok=True)  # fail now, not after minutes
    predictions = answers(recognizer, dataset, settings, engine_of(options, settings))
    text = report(predictions, dataset, np.arange(len(dataset)), card=recognizer.card)
    write_whole(options.out, text)
    print(options.out)


def _errors(options: argparse.Namespace, settings: Settings) -> None:
    import numpy as np

    from core.evaluation.errors import MOST, left_out, write_errors
    from core.progress import progress_bar

    recognizer, dataset = opened(options, settings)
    options.out.parent.mkdir(parents=True, exist_ok=True)  # fail now, not after minutes
    predictions = answers(recognizer, dataset, settings, engine_of(options, settings))
    errors = int((~predictions.right).sum())
    with progress_bar(min(errors, MOST), unit="image") as report:
        write_errors(predictions, dataset, np.arange(len(dataset)), options.out, report=report)
    print(
        left_out(predictions) or f"{errors:,} of {len(predictions):,} pictures were misread.",
        file=sys.stderr,
    )
    print(options.out)


def opened(options: argparse.Namespace, settings: Settings) -> "tuple[Recognizer, Dataset]":
    """The recognizer and the data that the options name."""
    from core.datasets.catalogue import open_dataset
    from core.errors import InklingError
    from core.models.recognizer import load_recognizer

    recognizer = load_recognizer(options.model, settings)
    dataset = open_dataset(
        options.data, settings, classes=recognizer.card.classes, form=recognizer.form
    )
    if not len(dataset):
        raise InklingError(f"There are no images in {options.data}; give a data set that has some.")
    return recognizer, dataset


def answers(
    recognizer: "Recognizer",
    dataset: "Dataset",
    settings: Settings,
    engine: Engine = HERE,
) -> "DatasetPrediction":
    """The recognizer's answers to the data, cached or made now, with a progress bar."""
    from core.evaluation.predictions import predict_all
    from core.progress import progress_bar

    with progress_bar(len(dataset), unit="image") as report:
        return predict_all(recognizer, dataset, settings, report, engine=engine)

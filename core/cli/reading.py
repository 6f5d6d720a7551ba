"""`python -m core predict` and `predict-table`: what a recognizer reads in pictures."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.engine import add_engine, engine_of
from core.errors import InklingError
from core.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.reading.pictures import LineReading, NumeralReading, PictureReading

# Commands import what they need themselves: `--help` must not wait for torch.


def add_commands(commands: Any) -> None:
    """Add them to the subparsers of the command line."""
    predict = commands.add_parser("predict", help="read pictures: a JSON line each")
    predict.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="picture, or folder searched through"
    )
    predict.add_argument("--model", required=True)
    add_only(predict)
    shown = predict.add_mutually_exclusive_group()
    shown.add_argument(
        "--line", action="store_true", help="each shows a line of characters instead of one"
    )
    shown.add_argument(
        "--numeral",
        action="store_true",
        help="each shows a Roman numeral of single letters, i to mmmcmxcix: the most probable one "
        "and its value",
    )
    predict.add_argument(
        "--json",
        action="store_true",
        help="JSON lines instead of tab-separated path, label or text, confidence (0-1)",
    )
    add_engine(predict)
    predict.set_defaults(run=_predict)

    table = commands.add_parser(
        "predict-table",
        help="read a CSV of pixels without labels, as Kaggle's test.csv: a CSV ImageId,Label",
    )
    table.add_argument(
        "file",
        type=Path,
        metavar="FILE.csv",
        help=(
            "a row for each picture, pixels 0-255 (.gz or .zip too); a header and a column of "
            "labels are passed over"
        ),
    )
    table.add_argument("--model", required=True)
    table.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE.csv",
        help="where the answers go, numbered from 1",
    )
    table.set_defaults(run=_predict_table)


def add_only(parser: argparse.ArgumentParser) -> None:
    """The option that says what the characters may be."""
    parser.add_argument(
        "--only",
        default="",
        metavar="CLASSES",
        help=(
            "the answer is one of these: digits, letters, capitals, or a list such as 0-9,A-F; "
            "probabilities are shared among them"
        ),
    )


def _predict(options: argparse.Namespace, settings: Settings) -> None:
    from core.models.recognizer import load_recognizer
    from core.reading.pictures import predict_lines, predict_numerals, predict_pictures

    engine = engine_of(options, settings)
    read_all: Callable[..., Iterator[PictureReading | LineReading | NumeralReading]]
    read_all = predict_lines if options.line else predict_pictures
    if options.numeral:
        read_all = predict_numerals
    recognizer = load_recognizer(options.model, settings, only=options.only)
    failed, count = 0, 0
    for read in read_all(options.paths, recognizer, engine):
        count += 1
        failed += bool(read.problem)
        if options.json:
            # escaped, so that any file name passes through any terminal
            print(json.dumps(read.to_json()))
        else:
            path = str(read.path)
            print(
                path if path.isprintable() else ascii(path)[1:-1],
                read.problem or read.text or "blank",
                f"{read.confidence:.3f}",
                sep="\t",
            )
    if not count:
        raise InklingError(
            f"There are no pictures in {', '.join(str(path) for path in options.paths)}."
        )
    if failed:
        raise InklingError(f"{failed} of the files could not be read; their lines say why.")


def _predict_table(options: argparse.Namespace, settings: Settings) -> None:
    from core.files import write_whole
    from core.models.recognizer import load_recognizer
    from core.progress import progress_bar
    from core.reading.table import read_unlabelled, submission

    recognizer = load_recognizer(options.model, settings)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with open(options.file, "rb") as file, progress_bar(0, unit="image") as report:
        reading = read_unlabelled(file, options.file.name, recognizer, report)
    write_whole(options.out, submission(reading))
    print(
        f"{len(reading):,} pictures read{''.join(f'; {note}' for note in reading.notes)}",
        file=sys.stderr,
    )
    print(options.out)

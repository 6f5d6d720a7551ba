"""`python -m core models`, `average` and `export`: recognizers, or every architecture; the mean of
some; one of them taken away.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from core.errors import InklingError
from core.settings import Settings

# Commands import what they need themselves: `--help` must not wait for torch.


def add_commands(commands: Any) -> None:
    """Add it to the subparsers of the command line."""
    models = commands.add_parser(
        "models", help="recognizers: name, classes, parameters, size in MB, accuracy"
    )
    models.add_argument("--all", action="store_true", help="every architecture that can be trained")
    models.add_argument("--json", action="store_true")
    models.set_defaults(run=_models)
    mean = commands.add_parser(
        "average", help="make the mean of recognizers' weights a recognizer: they must be alike"
    )
    mean.add_argument("parts", metavar="[WEIGHT*]NAME+…", help="such as 0.2*one+0.8*other")
    mean.add_argument("--save-as", required=True, metavar="NAME")
    mean.add_argument("--title", default="", help="its title in the model picker")
    mean.set_defaults(run=_average)
    export = commands.add_parser(
        "export",
        help="a recognizer as ONNX, from images in its canonical form to calibrated probabilities",
    )
    export.add_argument("model", metavar="NAME")
    export.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE.onnx",
        help="FILE.zip: with its card, and read.py, which reads pictures with it",
    )
    export.set_defaults(run=_export)


def _export(options: argparse.Namespace, settings: Settings) -> None:
    from core.files import write_whole
    from core.models.onnx_export import take_away, to_onnx
    from core.models.recognizer import load_recognizer

    makers = {".onnx": to_onnx, ".zip": take_away}
    if options.out.suffix not in makers:
        raise InklingError(f"{options.out} is to end in .onnx or .zip; name it so.")
    made = makers[options.out.suffix](load_recognizer(options.model, settings))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(options.out, made)
    print(options.out)


def _average(options: argparse.Namespace, settings: Settings) -> None:
    from core.evaluation.publish import average
    from core.training.mixture import parse_mixture

    parts = parse_mixture(options.parts)
    card = average(parts, settings, name=options.save_as, title=options.title)
    print(f"{card.name} is in {settings.models}")


def _models(options: argparse.Namespace, settings: Settings) -> None:
    from core.models.cards import damaged_cards, find_cards

    if options.all:
        from core.models.network import count_parameters
        from core.models.registry import ARCHITECTURES

        rows: list[dict[str, Any]] = [
            {
                "name": row.name,
                "title": row.title,
                "classes": 10,
                "parameters": None if row.fit else count_parameters(row.build(10)),
            }
            for row in ARCHITECTURES.values()
        ]
    else:
        rows = [
            {
                "name": card.name,
                "title": card.title,
                "classes": list(card.classes),
                "parameters": card.parameters,
                "MB": round(weights.stat().st_size / 1e6, 2),
                "accuracy": card.accuracy,
                "measured": card.measured.to_json() if card.measured else {},
            }
            for card, weights in find_cards(settings).values()
        ]
        for problem in damaged_cards(settings).values():
            print(f"python -m core: {problem}", file=sys.stderr)
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        classes = row["classes"] if isinstance(row["classes"], int) else len(row["classes"])
        size = (
            "grows with its data"
            if row["parameters"] is None
            else f"{row['parameters']:,} parameters"
        )
        figures = f"{classes} classes, {size}"
        if "MB" in row:
            figures += f", {row['MB']} MB, "
            if measured := row["measured"]:
                figures += (
                    f"accuracy {row['accuracy']:.2%} (n = {measured['n']:,}; {measured['data']})"
                )
            else:
                figures += "accuracy not measured"
        print(f"{row['name']}\t{row['title']}\t{figures}")

"""The command line: `python -m core COMMAND`; results go to stdout, progress to stderr; exit 0, 1 (could not) or 2 (usage)."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.datasets import commands as datasets
from core.errors import InklingError
from core.evaluation import commands as evaluation
from core.settings import Settings
from core.statistics import commands as statistics
from core.synthesis.request import add_options
from core.training import commands as training

# Commands import what they need themselves: `--help` and `data list` must not wait for torch.


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = build_parser().parse_args(arguments)
    try:
        options.run(options, Settings.from_environment())
    except BrokenPipeError:  # the reader of a pipe has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except InklingError as error:
        print(f"python -m core: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"python -m core: {error.filename or 'A file'} cannot be read or written: {error.strerror or error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("python -m core: stopped.", file=sys.stderr)
        return 1
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    parser = argparse.ArgumentParser(prog="python -m core", description="Inkling's command line.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    data = commands.add_parser("data", help="list or download data sets").add_subparsers(required=True, metavar="ACTION")
    listing = data.add_parser("list", help="names, and whether each is on this machine")
    listing.set_defaults(run=_data_list)
    download = data.add_parser("download", help="fetch a data set (resumes, checks the published MD5), or make a synthetic one")
    download.add_argument("name")
    download.set_defaults(run=_data_download)

    models = commands.add_parser("models", help="recognizers: name, classes, parameters, size in MB, accuracy")
    models.add_argument("--all", action="store_true", help="every architecture that can be trained")
    models.add_argument("--json", action="store_true")
    models.set_defaults(run=_models)

    predict = commands.add_parser("predict", help="read pictures: a JSON line each")
    predict.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="picture, or folder searched through")
    predict.add_argument("--model", required=True)
    predict.add_argument("--json", action="store_true", help="JSON lines instead of tab-separated path, label, confidence (0-1)")
    predict.set_defaults(run=_predict)

    evaluate = commands.add_parser("evaluate", help="accuracy and confusion matrix (rows: truth)")
    evaluate.add_argument("--model", required=True)
    evaluate.add_argument("--data", required=True, help="NAME:train, NAME:test, an .npz, or a folder of class folders")
    evaluate.add_argument("--json", action="store_true")
    evaluate.set_defaults(run=_evaluate)

    train = commands.add_parser("train", help="train a network; one line of metrics an epoch")
    train.add_argument("model", nargs="?", help="architecture, see `models --all`")
    train.add_argument("--data", metavar="NAME", help="data set, its train part unless NAME:PART is given")
    train.add_argument("--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="settings of the recipe")
    train.add_argument("--resume", metavar="RUN", help="go on with a run that was stopped")
    train.add_argument("--save-as", metavar="NAME", help="make the result a recognizer of this name")
    train.add_argument("--title", help="its title in the model picker")
    train.set_defaults(run=_train, usage_error=train.error)

    synth = commands.add_parser("synth", help="make handwriting that nobody wrote: any number of labelled images")
    synth.add_argument("--count", type=int, required=True, help="number of images")
    add_options(synth)
    synth.add_argument("--workers", type=int, default=0, help="threads; 0, the default, is one a processor; never changes the images")
    synth.add_argument("--format", choices=("idx", "png", "npz"), default="idx")
    synth.add_argument("--out", type=Path, required=True, metavar="PATH", help="PATH-images-idx3-ubyte …, folder PATH, or PATH.npz")
    synth.set_defaults(run=_synth)
    datasets.add_commands(commands)
    evaluation.add_commands(commands)
    statistics.add_commands(commands)
    training.add_commands(commands)
    return parser


def _data_list(_: argparse.Namespace, settings: Settings) -> None:
    from core.datasets.catalogue import find_entries

    for entry in find_entries(settings).values():
        for split in entry.splits:
            try:
                note = entry.open(settings, split).source
            except InklingError:
                note = f"not here; python -m core data download {entry.name}" if entry.download else "empty"
            print(f"{entry.name}:{split}\t{entry.title}\t{note}")


def _data_download(options: argparse.Namespace, settings: Settings) -> None:
    from tqdm import tqdm

    from core.datasets.catalogue import CATALOGUE

    entry = CATALOGUE.get(options.name)
    if entry is None or entry.download is None:
        names = ", ".join(name for name, candidate in CATALOGUE.items() if candidate.download)
        raise InklingError(f"{options.name!r} is not a data set to download; choose one of: {names}.")
    with tqdm(unit=entry.unit, unit_scale=True, desc=entry.name) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total or None
            bar.update(done - bar.n)

        entry.download(settings.data, progress)
    print(f"{entry.name} is in {settings.data}")


def _models(options: argparse.Namespace, settings: Settings) -> None:
    from core.models.cards import damaged_cards, find_cards

    if options.all:
        from core.models.network import count_parameters
        from core.models.registry import ARCHITECTURES

        rows: list[dict[str, Any]] = [
            {"name": row.name, "title": row.title, "classes": 10, "parameters": None if row.fit else count_parameters(row.build(10))}
            for row in ARCHITECTURES.values()
        ]
    else:
        rows = [
            {
                "name": card.name, "title": card.title, "classes": list(card.classes), "parameters": card.parameters,
                "MB": round(weights.stat().st_size / 1e6, 2), "accuracy": card.accuracy, "measured": card.test or card.validation,
            }
            for card, weights in find_cards(settings).values()
        ]  # fmt: skip
        for problem in damaged_cards(settings).values():
            print(f"python -m core: {problem}", file=sys.stderr)
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        classes = row["classes"] if isinstance(row["classes"], int) else len(row["classes"])
        size = "grows with its data" if row["parameters"] is None else f"{row['parameters']:,} parameters"
        figures = f"{classes} classes, {size}"
        if "MB" in row:
            figures += f", {row['MB']} MB, "
            if row["measured"]:
                figures += f"accuracy {row['accuracy']:.2%} (n = {row['measured']['n']:,}; {row['measured']['data']})"
            else:
                figures += "accuracy not measured"
        print(f"{row['name']}\t{row['title']}\t{figures}")


def _predict(options: argparse.Namespace, settings: Settings) -> None:
    from core.evaluation.predicting import predict_pictures
    from core.models.recognizer import load_recognizer

    failed, count = 0, 0
    for row in predict_pictures(options.paths, load_recognizer(options.model, settings)):
        count += 1
        failed += "error" in row
        if options.json:
            print(json.dumps(row))  # escaped, so that any file name passes through any terminal
        else:
            print(
                ascii(row["path"])[1:-1] if not row["path"].isprintable() else row["path"],
                row.get("error") or row["label"] or "blank",
                f"{row.get('confidence', 0):.3f}",
                sep="\t",
            )
    if not count:
        raise InklingError(f"There are no pictures in {', '.join(str(path) for path in options.paths)}.")
    if failed:
        raise InklingError(f"{failed} of the files could not be read; their lines say why.")


def _evaluate(options: argparse.Namespace, settings: Settings) -> None:
    from core.evaluation.predicting import evaluate
    from core.models.recognizer import load_recognizer
    from core.progress import progress_bar

    with progress_bar(0, unit="image") as progress:
        result = evaluate(load_recognizer(options.model, settings), options.data, settings, progress)
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        low, high = result["interval"]
        print(f"accuracy {result['accuracy']:.2%} (95 % {low:.2%} - {high:.2%}, n = {result['n']:,}), {result['data']}")


def _train(options: argparse.Namespace, settings: Settings) -> None:
    from core.evaluation.publish import publish
    from core.training import workers
    from core.training.command import train_command

    if bool(options.resume) == bool(options.model and options.data):
        options.usage_error("give either MODEL and --data NAME, or --resume RUN")
    run = train_command(
        model=options.model, data=options.data, assignments=options.set, resume=options.resume, settings=settings
    )  # fmt: skip
    if options.save_as and workers.first():
        card = publish(run, name=options.save_as, title=options.title or options.save_as, folder=settings.models)
        print(f"{card.name} is in {settings.models}, validation accuracy {card.accuracy:.2%}", file=sys.stderr)


def _synth(options: argparse.Namespace, _: Settings) -> None:
    from core.datasets.export import Export, export
    from core.progress import progress_bar
    from core.synthesis.request import Request

    if not 0 <= options.workers <= 256:
        raise InklingError(f"--workers is 0 to 256, not {options.workers}.")
    writing = Request.of(options).handwriting()
    job = Export(
        lambda start: writing.chunks(options.count, start=start, workers=options.workers),
        options.count, options.size, writing.classes, writing.facts(),
    )  # fmt: skip
    with progress_bar(options.count, unit="image") as progress:
        place = export(job, options.out, options.format, progress)
    print(place)


if __name__ == "__main__":
    sys.exit(main())

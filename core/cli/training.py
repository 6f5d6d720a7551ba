"""`python -m core train`, `search` and `queue`."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.cli.engine import add_engine, engine_of
from core.errors import InklingError
from core.settings import Settings

# Commands import what they need themselves: `--help` must not wait for torch.


def add_commands(commands: Any) -> None:
    """Add them to the subparsers of the command line."""
    train = commands.add_parser("train", help="train a network; one line of metrics an epoch")
    train.add_argument("model", nargs="?", help="architecture, see `models --all`")
    train.add_argument(
        "--data", metavar="NAME", help="data set, its train part unless NAME:PART is given"
    )
    train.add_argument(
        "--set",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUE",
        help="settings of the recipe",
    )
    train.add_argument("--resume", metavar="RUN", help="go on with a run that was stopped")
    train.add_argument(
        "--save-as", metavar="NAME", help="make the result a recognizer of this name"
    )
    train.add_argument("--title", help="its title in the model picker")
    train.set_defaults(run=_train, usage_error=train.error)

    tune = commands.add_parser(
        "fine-tune",
        help="a copy of a recognizer learns drawings too, new classes among them: a minute or two",
    )
    tune.add_argument("model", help="recognizer to start from; it stays as it is")
    tune.add_argument(
        "--data",
        default="my-drawings",
        metavar="D",
        help="the drawings: a data set, an .npz or a folder of class folders; default my-drawings",
    )
    tune.add_argument(
        "--save-as", required=True, metavar="NAME", help="name of the recognizer that results"
    )
    tune.add_argument("--title", default="", help="its title in the model picker")
    tune.add_argument(
        "--replay",
        default="",
        metavar="D",
        help="images of its classes to be reminded of; default: a set of them on this machine",
    )
    tune.add_argument(
        "--test",
        default="",
        metavar="D",
        help="what is measured before and after, besides the drawings; default: the test part of "
        "the replayed set",
    )
    tune.add_argument(
        "--copies",
        type=int,
        metavar="N",
        help="images of the drawings, each another variation of the strokes; default 3000, with "
        "--glyphs 1500",
    )
    tune.add_argument(
        "--beside",
        type=int,
        metavar="N",
        help="images of --replay; default 6000, with --glyphs 9000",
    )
    tune.add_argument(
        "--glyphs",
        default="",
        metavar="SET",
        help="a glyph set that writes half of these images: its name, its path, or own: made of "
        "the drawings",
    )
    tune.add_argument("--seed", type=int, default=0, help="0 to 2^31 - 1; default 0")
    tune.add_argument("--json", action="store_true")
    tune.set_defaults(run=_fine_tune)

    lines = commands.add_parser(
        "train-lines", help="train the network that reads lines, from files of pen strokes"
    )
    lines.add_argument("folder", type=Path, help="for checkpoint, weights and card; resumes there")
    lines.add_argument(
        "--words",
        type=Path,
        required=True,
        metavar="FILE",
        help="words to write, one a line, the most frequent first",
    )
    lines.add_argument(
        "--set",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUE",
        help="settings of the recipe; start=NAME begins with the convolutions of a resnet8, "
        "start=PATH.json with the line network of that card; at_most is lines an epoch",
    )
    lines.set_defaults(run=_train_lines)

    queue = commands.add_parser(
        "queue",
        help=(
            "train the runs that wait, one after another, until none does; the Train screen "
            "starts it"
        ),
    )
    queue.set_defaults(run=_queue)

    search = commands.add_parser(
        "search",
        help=(
            "try settings: every cell of a grid, or drawn by Optuna and pruned; the validation "
            "accuracy decides"
        ),
    )
    search.add_argument("model", nargs="?", help="architecture, see `models --all`")
    search.add_argument(
        "--data",
        metavar="NAME",
        help="data set, its train part unless NAME:PART is given; no test part is looked at",
    )
    search.add_argument(
        "--space",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUES",
        help=(
            "optimizer=adam,sgd (choices), dropout=0.2..0.5 (from, to), batch_size=64..512:log "
            "(even in the logarithm)"
        ),
    )
    search.add_argument(
        "--trials",
        type=int,
        metavar="N",
        help="runs to make; default: every cell of the grid once, if all are choices",
    )
    search.add_argument(
        "--folds",
        type=int,
        default=3,
        help="of cross-validation, for models that are fitted in one go; default 3",
    )
    search.add_argument(
        "--set",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUE",
        help="settings of every trial's recipe",
    )
    search.add_argument(
        "--seed",
        type=int,
        default=0,
        help="0 to 2^31 - 1; the same seed makes the same trials; default 0",
    )
    search.add_argument("--resume", metavar="NAME", help="go on with a search that was stopped")
    search.add_argument(
        "--json", action="store_true", help="a JSON line for each trial instead of a table"
    )
    add_engine(search)
    search.set_defaults(run=_search, usage_error=search.error)


def _train(options: argparse.Namespace, settings: Settings) -> None:
    from core.evaluation.publish import publish
    from core.models.registry import architecture
    from core.training import workers
    from core.training.execute import resume_run, start_run
    from core.training.metrics import doubt
    from core.training.recipe import own_recipe

    if bool(options.resume) == bool(options.model and options.data):
        options.usage_error("give either MODEL and --data NAME, or --resume RUN")
    if options.resume:
        run = resume_run(options.resume, settings)
    else:
        known = architecture(options.model).hyperparameters
        recipe = own_recipe(options.model).override(options.set, known)
        run = start_run(model=options.model, data=options.data, recipe=recipe, settings=settings)
    for row in run.metrics() if workers.first() else []:
        print(row.to_line())
    if workers.first() and (warning := doubt(run.metrics())):
        print(f"warning: {warning}", file=sys.stderr)
    if options.save_as and workers.first():
        card = publish(
            run,
            name=options.save_as,
            title=options.title or options.save_as,
            folder=settings.models,
        )
        print(
            f"{card.name} is in {settings.models}, validation accuracy {card.accuracy:.2%}",
            file=sys.stderr,
        )


def _fine_tune(options: argparse.Namespace, settings: Settings) -> None:
    from core.evaluation.fine_tune import fine_tune_on
    from core.progress import progress_bar
    from core.training.fine_tune import HAND, USUAL

    given = {"copies": options.copies, "replay": options.beside}
    plan = replace(
        HAND if options.glyphs else USUAL,
        seed=options.seed,
        **{key: value for key, value in given.items() if value is not None},
    )
    with progress_bar(0, unit="batch") as report:
        result = fine_tune_on(
            options.model,
            settings,
            data=options.data,
            save_as=options.save_as,
            title=options.title,
            replay=options.replay,
            test=options.test,
            glyphs=options.glyphs,
            plan=plan,
            report=report,
        )
    if options.json:
        print(json.dumps(result.to_json(), ensure_ascii=False))
        return
    for about, compared in (
        ("learnt", result.learnt),
        ("held out", result.held_out),
        ("test", result.test),
    ):
        if compared:
            print(
                f"{about:8}  {compared.right_before:6,} -> {compared.right_after:6,} of "
                f"{compared.n:,} read right  {compared.data}"
            )
    print(f"{result.save_as} is in {settings.models}; {result.seconds:.0f} s", file=sys.stderr)


def _train_lines(options: argparse.Namespace, settings: Settings) -> None:
    from core.progress import progress_bar
    from core.training.lines import RECIPE, Sources, train_lines

    recipe = RECIPE.override(options.set)
    try:
        words = options.words.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise InklingError(f"{options.words} cannot be read as text ({error}).") from error
    sources = Sources.open(settings, words)
    with progress_bar(0, unit="batch") as report:
        for _ in train_lines(options.folder, sources, recipe, settings, report=report):
            pass
    print(options.folder / "lines.json")


def _queue(_: argparse.Namespace, settings: Settings) -> None:
    from core.training.queue import serve

    serve(settings)


def _search(options: argparse.Namespace, settings: Settings) -> None:
    from core.training.search.execute import carry_out
    from core.training.search.search import Search

    engine = engine_of(options, settings)
    if bool(options.resume) == bool(options.model and options.data and options.space):
        options.usage_error(
            "give either MODEL, --data NAME and --space KEY=VALUES, or --resume NAME"
        )
    if options.resume:
        search = Search.open(settings.runs, options.resume)
    else:
        search = Search.create(
            settings.runs,
            model=options.model,
            data=options.data,
            space=options.space,
            assignments=options.set,
            trials=options.trials,
            seed=options.seed,
            folds=options.folds,
        )
    carry_out(search, settings, engine)
    trials = search.trials()
    if options.json:
        for trial in trials:
            print(json.dumps(trial.to_json(), ensure_ascii=False))
        return
    keys = [dimension.key for dimension in search.plan.dimensions]
    print("trial  state    accuracy          ", *(f"{key:>14}" for key in keys), " run")
    for trial in trials:
        accuracy = "" if trial.value is None else f"{100 * trial.value:6.2f} %"
        spread = "" if trial.spread is None else f" +- {100 * trial.spread:.2f}"
        drawn = [trial.parameters[key] for key in keys]
        values = [f"{value:.4g}" if isinstance(value, float) else str(value) for value in drawn]
        print(
            f"{trial.number:5}  {trial.state:7}  {accuracy + spread:18}",
            *(f"{value:>14}" for value in values),
            f" {trial.run or trial.detail}",
        )

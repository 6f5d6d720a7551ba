"""`python -m core sweep`, `mine`, `harden` and `realism`: a recognizer tested on drawn
handwriting.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.engine import add_engine, engine_of
from core.settings import Settings
from core.synthesis.filmstrip import TRACKS, short_name, track_name
from core.synthesis.request import Request, add_options

if TYPE_CHECKING:
    from core.evaluation.robustness.results import Row, Score

# Commands import what they need themselves: `--help` must not wait for torch.


def add_commands(commands: Any) -> None:
    """Add them to the subparsers of the command line."""
    sweep = commands.add_parser(
        "sweep",
        help="accuracy on drawn characters along one setting: of the hand, or of an effect",
    )
    sweep.add_argument("--model", required=True)
    axis = sweep.add_mutually_exclusive_group()
    axis.add_argument(
        "--jitter",
        dest="jitters",
        metavar="R,…",
        help="radii of the disc about each control point, units of the 28-unit grid; default "
        "0,0.5,1,2,3,4,5. The same as --along jitter, in rows that say jitter",
    )
    axis.add_argument("--along", metavar="NAME", help=f"what is varied: {_ranges()}")
    sweep.add_argument(
        "--values",
        metavar="V,…",
        help="of the setting in --along, in its unit; default: 8 to 11 across its range, evenly; "
        "for jitter 0,0.5,1,2,3,4,5",
    )
    sweep.add_argument(
        "--count",
        type=int,
        default=100,
        help="images of each character at each value; default 100",
    )
    add_options(sweep, without=("jitter", "size"))
    _add_canonical(sweep)
    sweep.add_argument(
        "--json",
        action="store_true",
        help="also confusion matrices (rows: truth) and the worst failures of each character",
    )
    add_engine(sweep)
    sweep.set_defaults(run=_sweep, usage_error=sweep.error, glyphs="classic")

    mine = commands.add_parser(
        "mine", help="draw digits and keep those that a recognizer misreads, to train on"
    )
    mine.add_argument("--model", required=True)
    _add_mining(mine, 20_000)
    mine.add_argument(
        "--unsure",
        action="store_true",
        help="keep also what is read correctly with a probability under 0.5",
    )
    mine.add_argument(
        "--besides",
        type=int,
        default=0,
        metavar="N",
        help="for each that is kept, keep N others at random; default 0",
    )
    mine.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="PATH.npz",
        help="for `--data`, or `train … --set pool=PATH.npz`",
    )
    add_engine(mine)
    mine.set_defaults(run=_mine)

    harden = commands.add_parser(
        "harden", help="mine, train on what was mined too, and measure before and after"
    )
    harden.add_argument("--model", help="recognizer to start from")
    harden.add_argument(
        "--data",
        metavar="NAME",
        help="what it was trained on, to be trained on again; its test part is measured",
    )
    harden.add_argument(
        "--save-as", required=True, metavar="NAME", help="name of the recognizer that results"
    )
    harden.add_argument("--title", default="", help="its title in the model picker")
    _add_mining(harden, 200_000)
    harden.add_argument(
        "--set",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUE",
        help=(
            "changes of the recipe: that of the recognizer's card, with 4 epochs and a learning "
            "rate of 0.02"
        ),
    )
    harden.add_argument(
        "--test",
        default="",
        metavar="D",
        help="real images to measure, instead of the test part of the data",
    )
    harden.add_argument(
        "--per-digit",
        type=int,
        default=100,
        metavar="N",
        help="images of each digit at each jitter of the sweeps",
    )
    harden.add_argument(
        "--resume", default="", metavar="RUN", help="go on with a run that was stopped"
    )
    harden.add_argument("--json", action="store_true")
    harden.set_defaults(run=_harden, usage_error=harden.error)

    realism = commands.add_parser(
        "realism",
        help="compare synthetic with real images: mean maps, and whether they can be told apart",
    )
    add_options(realism)
    realism.add_argument(
        "--data",
        default="mnist:train",
        help="real images: NAME:train, NAME:test, an .npz …; default mnist:train",
    )
    realism.add_argument(
        "--count", type=int, default=2000, help="images of each kind; default 2000"
    )
    realism.add_argument("--json", action="store_true", help="also the mean maps")
    realism.set_defaults(run=_realism)


def _ranges() -> str:
    """The settings that can be varied, each with its range and unit."""
    texts = []
    for name, track in TRACKS.items():
        ends = f"{track.low:g} to {track.high:g}"
        texts.append(f"{short_name(name)} ({', '.join(filter(None, (ends, track.unit)))})")
    return "; ".join(texts)


def _add_drawing(parser: argparse.ArgumentParser, glyphs: str) -> None:
    parser.add_argument(
        "--glyphs",
        default=glyphs,
        metavar="SET",
        help=f"natural, classic, or the path of a glyph set in JSON; default {glyphs}",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="0 to 2^32 - 1; a sweep never draws what is mined"
    )
    _add_canonical(parser)


def _add_canonical(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--canonical",
        action=argparse.BooleanOptionalAction,
        default=None,
        help=(
            "put images through the recognizer's canonical form, or never; default: unless the "
            "form is MNIST's, which they have"
        ),
    )


def _add_mining(parser: argparse.ArgumentParser, count: int) -> None:
    parser.add_argument(
        "--jitter",
        type=float,
        metavar="R",
        help=(
            "largest jitter, up to 5; default 3, or 1.5 for classic: beyond, a person cannot read "
            "much of what is misread either"
        ),
    )
    parser.add_argument(
        "--count", type=int, default=count, help=f"images to look at; default {count:,}"
    )
    _add_drawing(parser, "natural")


def _sweep(options: argparse.Namespace, settings: Settings) -> None:
    from core.evaluation.robustness.results import JITTER, in_jitters
    from core.evaluation.robustness.sweep import (
        check_count,
        parse_values,
        sweep,
        usual_values,
        writings_along,
    )
    from core.models.recognizer import load_recognizer
    from core.progress import progress_bar
    from core.synthesis.glyph_file import named_glyphs

    if options.values is not None and not options.along:
        options.usage_error("give --values with --along NAME")
    along = track_name(options.along or JITTER)
    text = options.jitters if options.values is None else options.values
    values = parse_values(text) if text is not None else usual_values(along)
    options.glyphs = named_glyphs(options.glyphs, settings)
    request = Request.of(options)
    characters = writings_along(request, along, values)[0].labels
    check_count(options.count)
    engine = engine_of(options, settings)
    recognizer = load_recognizer(options.model, settings)
    with progress_bar(len(values) * options.count * len(characters), unit="image") as report:
        swept = sweep(
            recognizer,
            request,
            along=along,
            values=values,
            count=options.count,
            canonical=options.canonical,
            engine=engine,
            report=report,
        )
    if options.json:
        printed = swept.to_json() if options.along else in_jitters(swept.to_json())
        print(json.dumps(printed, ensure_ascii=False))
        return
    rates = swept.rates
    digits = dict.fromkeys(row.digit for row in rates.rows)
    name = short_name(along)
    print(f"{name:>6}  accuracy   95 %         ", *(f"{digit:>5}" for digit in digits))
    for total in rates.totals:
        row_of = {row.digit: row for row in rates.rows if row.value == total.value}
        cells = [
            f"{100 * row_of[digit].accuracy:5.1f}" if digit in row_of else " " * 5
            for digit in digits
        ]
        print(f"{total.value:{max(6, len(name))}g}  {_percent(total)}", *cells)


def _mine(options: argparse.Namespace, settings: Settings) -> None:
    from core.evaluation.robustness.hard_examples import mine, save_hard
    from core.models.recognizer import load_recognizer
    from core.progress import progress_bar
    from core.synthesis.glyph_file import load_glyphs

    engine = engine_of(options, settings)
    recognizer, glyphs = load_recognizer(options.model, settings), load_glyphs(options.glyphs)
    options.out.parent.mkdir(parents=True, exist_ok=True)  # fail now, not after an hour
    with progress_bar(options.count, unit="image") as report:
        hard = mine(
            recognizer,
            glyphs,
            count=options.count,
            jitter=options.jitter,
            seed=options.seed,
            unsure=options.unsure,
            besides=options.besides,
            canonical=options.canonical,
            engine=engine,
            report=report,
        )
    path = save_hard(hard, options.out)
    print(f"{len(hard.labels):,} of {hard.mining.looked_at:,} images kept", file=sys.stderr)
    print(path)


def _harden(options: argparse.Namespace, settings: Settings) -> None:
    from core.evaluation.robustness.harden import Hardening, harden

    if (options.model or options.data) if options.resume else not (options.model and options.data):
        options.usage_error("give either --model NAME and --data NAME, or --resume RUN")
    result = harden(
        Hardening(
            save_as=options.save_as,
            model=options.model or "",
            data=options.data or "",
            title=options.title,
            glyphs=options.glyphs,
            jitter=options.jitter,
            count=options.count,
            seed=options.seed,
            canonical=options.canonical,
            assignments=options.set,
            test=options.test,
            per_digit=options.per_digit,
            resume=options.resume,
        ),
        settings,
    )
    if options.json:
        print(json.dumps(result.to_json(), ensure_ascii=False))
        return
    before, after = result.before, result.after
    print("                before                      after")
    if before.test and after.test:
        print(f"{'test':12}  {_percent(before.test)}  {_percent(after.test)}")
    for one, other in zip(before.rates.totals, after.rates.totals, strict=True):
        print(f"jitter {one.value:<5g}  {_percent(one)}  {_percent(other)}")


def _realism(options: argparse.Namespace, settings: Settings) -> None:
    from core.datasets.catalogue import open_dataset
    from core.evaluation.robustness.realism import realism
    from core.synthesis.glyph_file import named_glyphs

    options.glyphs = named_glyphs(options.glyphs, settings)
    result = realism(
        Request.of(options).handwriting(),
        open_dataset(options.data, settings),
        count=options.count,
        seed=options.seed,
    )
    if options.json:
        print(json.dumps(result.to_json()))
    else:
        low, high = result.interval
        print(
            f"told apart {result.accuracy:.2%} (95 % {low:.2%} - {high:.2%}, n = {result.n:,}; 50 "
            "% is not at all)"
        )


def _percent(figure: "Row | Score") -> str:
    low, high = figure.interval
    return f"{100 * figure.accuracy:6.2f} %  ({100 * low:6.2f} - {100 * high:6.2f})"

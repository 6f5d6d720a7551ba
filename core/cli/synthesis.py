"""`python -m core synth` and `compose`: handwriting made from tables of strokes, or joined from
written characters.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cli.engine import add_workers, engine_of
from core.errors import InklingError
from core.jobs.engine import Engine
from core.settings import Settings
from core.synthesis.compose.request import SHEET, ComposeRequest, is_requested
from core.synthesis.compose.request import add_options as add_compose_options
from core.synthesis.request import add_options

if TYPE_CHECKING:
    from core.synthesis.writer import Writer

# Commands import what they need themselves: `--help` must not wait for torch.

_DEFAULTS = {"numbers": "mnist:train", "roman": "emnist-byclass:train"}
_WRITTEN = "written"
_CHARS74K = "chars74k"
_COMPETITION = "competition"


def add_commands(commands: Any) -> None:
    """Add them to the subparsers of the command line."""
    synth = commands.add_parser(
        "synth", help="make handwriting that nobody wrote: any number of labelled images"
    )
    _add_number(synth)
    add_options(synth)
    add_workers(synth)
    synth.add_argument("--format", choices=("idx", "png", "npz"), default="idx")
    synth.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="PATH",
        help="PATH-images-idx3-ubyte …, folder PATH, or PATH.npz",
    )
    synth.set_defaults(run=_synth)

    compose = commands.add_parser(
        "compose",
        help="join written characters: Roman numerals of any value, or whole numbers",
        description="With --letters, --preset or --set every step is yours; without, what the "
        "composed data sets are made of.",
    )
    compose.add_argument(
        "kind",
        choices=("roman", "numbers"),
        help="numerals i, ii … x (small, then capital) or numbers 0 … 36, in turn",
    )
    _add_number(compose)
    compose.add_argument(
        "--data",
        metavar="NAME",
        help="what they are joined from: for numbers a set of digits (default mnist:train); for "
        "roman one with the letters i v x I V X (default emnist-byclass:train), or chars74k, "
        "chars74k:train or chars74k:test, where each numeral is of one writer",
    )
    compose.add_argument(
        "--seed",
        type=int,
        default=0,
        help="whole number; the same seed makes the same images; default 0",
    )
    compose.add_argument(
        "--form",
        default="",
        help="canonical form of the images, number (28x28 pixels, longer side 24, pen about 2: the "
        "default, but for presets that have sheets) or emnist (pen about 3); with --letters "
        f"{SHEET}, the sheet that the steps describe; without, {_WRITTEN}: 28x28 pixels, a "
        "character about 14 pixels high with the pen it was written with",
    )
    add_compose_options(compose)
    add_workers(compose)
    compose.add_argument(
        "--format",
        choices=("idx", "png", "npz", _COMPETITION),
        default="idx",
        help=f"{_COMPETITION}: folders train and val (a fifth), in each a folder for each numeral",
    )
    compose.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="PATH",
        help="PATH-images-idx3-ubyte …, folder PATH, or PATH.npz",
    )
    compose.set_defaults(run=_compose)

    glyphs = commands.add_parser(
        "glyphs",
        help="the glyph sets by name, or a new one made of somebody's drawings",
        description="Without --of, the names. With it, a set in which each drawing is a way of "
        "writing its character, and the middle of two another.",
    )
    glyphs.add_argument(
        "--of",
        default="",
        metavar="D",
        help="drawings of one hand with their strokes: my-drawings, or a file of strokes",
    )
    glyphs.add_argument("--save-as", default="", metavar="NAME", help="name of the set")
    glyphs.set_defaults(run=_glyphs, usage_error=glyphs.error)


def _add_number(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, required=True, help="number of images")
    parser.add_argument(
        "--first",
        type=int,
        default=0,
        metavar="N",
        help="number of the first image; default 0. A thousand commands with --count 1000000 and "
        "--first 0, 1000000 … make together what one would",
    )


def _glyphs(options: argparse.Namespace, settings: Settings) -> None:
    from core.datasets.catalogue import open_dataset
    from core.datasets.own_hand import glyphs_of
    from core.synthesis.glyph_file import dump_glyphs, find_glyphs, keep_glyphs, named_glyphs

    if bool(options.of) != bool(options.save_as):
        options.usage_error("give both --of D and --save-as NAME, or neither")
    if not options.of:
        print(*find_glyphs(settings), sep="\n")
        return
    made = glyphs_of(open_dataset(options.of, settings), options.save_as)
    print(named_glyphs(keep_glyphs(dump_glyphs(made), options.save_as, settings), settings))


def _synth(options: argparse.Namespace, settings: Settings) -> None:
    from core.synthesis.glyph_file import named_glyphs
    from core.synthesis.request import Request

    engine = engine_of(options, settings)
    options.glyphs = named_glyphs(options.glyphs, settings)
    _export(Request.of(options).handwriting(), options, engine)


def _compose(options: argparse.Namespace, settings: Settings) -> None:
    if is_requested(options):
        _compose_by_steps(options, settings)
        return
    if options.format == _COMPETITION:
        raise InklingError(f"The format {_COMPETITION} needs --letters, such as --letters natural.")
    _compose_from_data(options, settings)


def _compose_by_steps(options: argparse.Namespace, settings: Settings) -> None:
    """What a request describes."""
    from core.datasets.competition_layout import write_competition
    from core.datasets.letter_sources import open_compositions
    from core.progress import progress_bar

    engine = engine_of(options, settings)
    if options.data:
        raise InklingError("Give --letters or --data, not both.")
    request = ComposeRequest.of(options)
    made = open_compositions(request, settings)
    if options.format != _COMPETITION:
        _export(made, options, engine, letters=request.letters, preset=request.preset)
        return
    with progress_bar(options.count, unit="image") as report:
        path = write_competition(
            made, options.count, options.out, first=options.first, engine=engine, report=report
        )
    print(path)


def _compose_from_data(options: argparse.Namespace, settings: Settings) -> None:
    """What the composed data sets are made of, and of any data set with these characters."""
    from core.datasets.catalogue import open_dataset
    from core.datasets.composed import numbers_of, roman_of, roman_of_chars74k
    from core.ink.forms import form_named
    from core.synthesis.compose.composer import Composer

    engine = engine_of(options, settings)
    form = None if options.form == _WRITTEN else form_named(options.form or "number")
    data = options.data or _DEFAULTS[options.kind]
    name, _, part = data.partition(":")
    composer: Composer
    if options.kind == "roman" and name == _CHARS74K:
        if part not in ("", "train", "test"):
            raise InklingError(
                f"{_CHARS74K} has no part {part!r}; choose train or test, or leave it out for all "
                "writers."
            )
        composer = roman_of_chars74k(settings.data, part, seed=options.seed, form=form)
    else:
        join = numbers_of if options.kind == "numbers" else roman_of
        composer = join(open_dataset(data, settings), seed=options.seed, form=form)
    _export(composer, options, engine, data=data)


def _export(writer: "Writer", options: argparse.Namespace, engine: Engine, **facts: object) -> None:
    """Write what the options request, with a progress bar, and print its path."""
    from core.datasets.export import Export, export
    from core.progress import progress_bar

    job = Export(writer, options.count, facts, options.first, engine)
    with progress_bar(options.count, unit="image") as report:
        print(export(job, options.out, options.format, report))

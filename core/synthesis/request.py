"""A textual request for synthetic handwriting, shared by the command line, the screen, its URL and
the code it shows.
"""

import argparse
import shlex
from collections.abc import Collection, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING

from core.synthesis.effects.table import parse_effects
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.glyphs import (
    GlyphSet,
    move_points,
    parse_moves,
    parse_probabilities,
    with_probabilities,
)
from core.synthesis.handwriting import Handwriting, override
from core.synthesis.labels import parse_labels

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def keywords_of(request: "DataclassInstance") -> str:
    """The fields of a request that differ from their defaults, as Python writes them in a call."""
    values = ((f.name, getattr(request, f.name), f.default) for f in fields(request))
    return ", ".join(f"{name}={value!r}" for name, value, default in values if value != default)


@dataclass(frozen=True)
class Request:
    """Every setting as text; `handwriting` validates them.

    glyphs : a shipped set or the path of a file. digits : characters, `0-9` or `i,v,x`. hand :
    KEY=VALUE to override the set's own hand. odds : GLYPH/VARIANT[/PART]=P. moves :
    GLYPH/VARIANT/POINT=ROWS,COLUMNS.
    effects : NAME=AMOUNT,… in order.
    """

    glyphs: str = "natural"
    digits: str = "0-9"
    seed: int = 0
    size: int = 28
    hand: tuple[str, ...] = ()
    odds: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()
    effects: str = ""

    def handwriting(self) -> Handwriting:
        """The requested handwriting; InklingError for invalid settings."""
        glyphs = _changed(load_glyphs(self.glyphs), self.odds, self.moves)
        hand = override(glyphs.hand, self.hand)
        return Handwriting(
            glyphs,
            hand,
            parse_labels(self.digits),
            self.seed,
            self.size,
            parse_effects(self.effects),
        )

    def arguments(self) -> list[str]:
        """The equivalent options of `synth`, without defaults."""
        results: list[str] = []
        for f in fields(self):
            value = getattr(self, f.name)
            if value != f.default:
                results += [f"--{f.name}", *(value if isinstance(value, tuple) else [str(value)])]
        return results

    def command(self, *others: str) -> str:
        """The command line that makes these images."""
        return shlex.join(["python", "-m", "core", "synth", *self.arguments(), *others])

    def code(self, *, count: int) -> str:
        """The equivalent Python code."""
        return (
            "from core.synthesis.request import Request\n\nimages, labels = "
            f"Request({keywords_of(self)}).handwriting().draw(0, {count})"
        )

    @staticmethod
    def parse(arguments: Sequence[str]) -> "Request":
        """Inverse of `arguments`; ValueError for any other list."""
        parser = argparse.ArgumentParser(exit_on_error=False, add_help=False)
        add_options(parser)
        try:
            options, rest = parser.parse_known_args(arguments)
        except (argparse.ArgumentError, SystemExit) as error:
            raise ValueError(str(error)) from error
        if rest:
            raise ValueError(f"unknown: {rest}")
        return Request.of(options)

    @staticmethod
    def of(options: argparse.Namespace) -> "Request":
        """From the options added by `add_options`."""
        hand = (
            options.hand
            if options.jitter is None
            else [*options.hand, f"jitter={options.jitter:g}"]
        )
        lists = tuple(hand), tuple(options.odds), tuple(options.moves)
        return Request(
            options.glyphs, options.digits, options.seed, options.size, *lists, options.effects
        )


@lru_cache(maxsize=16)
def _changed(glyphs: GlyphSet, odds: tuple[str, ...], moves: tuple[str, ...]) -> GlyphSet:
    """The set with its odds and moves. The same object for the same texts: its table, which takes
    longer to compile than a hundred images to draw, is kept by it.
    """
    return move_points(with_probabilities(glyphs, parse_probabilities(odds)), parse_moves(moves))


def add_options(parser: argparse.ArgumentParser, *, without: Collection[str] = ()) -> None:
    """The options of every command that makes handwriting; those in `without` keep their
    defaults.
    """
    defaults = {f.name: f.default for f in fields(Request) if f.default is not MISSING}
    parser.set_defaults(**{name: defaults.get(name) for name in without})

    def add(name: str, **options: object) -> None:
        if name in without:
            return
        parser.add_argument(f"--{name}", default=defaults[name], **options)  # type: ignore[arg-type]

    def add_list(name: str, metavar: str, text: str) -> None:
        parser.add_argument(
            f"--{name}", nargs="+", action="extend", default=[], metavar=metavar, help=text
        )

    add(
        "glyphs",
        metavar="SET",
        help="natural, classic, one of your own by name, or the path of one in JSON; "
        "default %(default)s",
    )
    add("digits", metavar="LABELS", help="characters, in turn: 0-9, or 3,7, or A-F,x; default 0-9")
    if "jitter" not in without:
        parser.add_argument(
            "--jitter",
            type=float,
            metavar="R",
            help="radius of the disc about each control point, units of the 28-unit grid",
        )
    add("seed", type=int, help="whole number; the same seed makes the same images; default 0")
    add("size", type=int, help="side of an image, pixels; default 28")
    add_list("hand", "KEY=VALUE", "settings of the hand: slant=0.1 thickest=4 …")
    add_list(
        "odds",
        "GLYPH/VARIANT[/PART]=P",
        "share of a variant, or probability (0-1) of an optional part",
    )
    add_list("moves", "GLYPH/VARIANT/POINT=ROWS,COLUMNS", "control points moved, units")
    add("effects", metavar="NAME=AMOUNT,…", help="effects in their order: rotation=10,noise=20")

"""A textual request for compositions, shared by the command line, the screen, its address, the code
it shows, and names of data sets.
"""

import argparse
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from core.errors import InklingError
from core.settings import MAX_DIGITS
from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.letters import Letters
from core.synthesis.compose.numbers import NUMBERS
from core.synthesis.compose.numerals import parse_numerals
from core.synthesis.compose.recipe import PRESETS, Recipe, parse_amounts
from core.synthesis.compose.steps import STEPS
from core.synthesis.effects.table import number_text
from core.synthesis.request import keywords_of

SHEET = "sheet"
"""The form of what lies on a sheet, as it is written."""

KINDS = {"roman": "i-x", "numbers": f"0-{NUMBERS[-1]}"}
"""What is composed, and the texts unless others are asked for."""

LARGEST_NUMBER = 9999


@dataclass(frozen=True)
class ComposeRequest:
    """Every setting; `compositions` validates them.

    kind : of KINDS. letters : a source, `NAME` or `NAME:test`. texts : numerals or numbers, `i-x`,
    `1-20,xl`; "" for those of the kind. preset : of PRESETS. set : STEP=AMOUNT, on top of it. form,
    capitals, size, channels : of `Recipe`, None or "" for the preset's; the form `sheet` is none.
    """

    kind: str = "roman"
    letters: str = "natural"
    texts: str = ""
    preset: str = "canonical"
    set: tuple[str, ...] = ()
    form: str = ""
    capitals: float | None = None
    size: int | None = None
    channels: int | None = None
    seed: int = 0

    @property
    def recipe(self) -> Recipe:
        """The preset with all that is set; InklingError for what cannot be."""
        if self.preset not in PRESETS:
            raise InklingError(
                f"There is no preset {self.preset!r}; there are {', '.join(PRESETS)}."
            )
        preset = PRESETS[self.preset]
        own: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("capitals", "size", "channels")
            if getattr(self, name) is not None
        }
        if self.form:
            own["form"] = "" if self.form == SHEET else self.form
        amounts = {**preset.amounts, **parse_amounts(self.set)}
        return replace(preset, amounts=amounts, **own)

    def at(self, amounts: Mapping[str, float]) -> "ComposeRequest":
        """The same with these amounts of steps."""
        preset = PRESETS[self.preset]
        wanted = {**parse_amounts(self.set), **amounts}
        changed = {name: amount for name, amount in wanted.items() if amount != preset.amount(name)}
        texts = tuple(f"{name}={number_text(amount)}" for name, amount in changed.items())
        return replace(self, set=texts)

    @property
    def labels(self) -> tuple[str, ...]:
        """The texts one by one; InklingError for what is none."""
        texts = self.texts or KINDS[self.kind]
        return parse_numerals(texts) if self.kind == "roman" else _parse_numbers(texts)

    def compositions(self, letters: Letters, *, called: str = "The source") -> Compositions:
        """What is asked for; InklingError for invalid settings.

        letters : the source, opened. called : it, in messages.
        """
        return Compositions(
            letters=letters,
            texts=self.labels,
            recipe=self.recipe,
            seed=self.seed,
            called=called,
        )

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """(name, value) of all that is set, without defaults, but for the kind and the source."""
        pairs = []
        for f in fields(self):
            value = getattr(self, f.name)
            if value != f.default or f.name in ("kind", "letters"):
                values = value if isinstance(value, tuple) else (value,)
                pairs += [(f.name, f"{item}") for item in values]
        return pairs

    @staticmethod
    def parse(pairs: Sequence[tuple[str, str]]) -> "ComposeRequest":
        """Inverse of `pairs`; ValueError for another name, one that is there twice, or a value of
        another type; InklingError for another kind.
        """
        values: dict[str, Any] = {}
        for name, text in pairs:
            if name not in _TYPES or (name in values and name != "set"):
                raise ValueError(f"{name!r} is unknown or there twice")
            values[name] = (*values.get("set", ()), text) if name == "set" else _TYPES[name](text)
        request = ComposeRequest(**values)
        if request.kind not in KINDS:
            raise InklingError(f"{request.kind!r} is not composed; choose {' or '.join(KINDS)}.")
        return request

    def arguments(self) -> list[str]:
        """The equivalent arguments of `compose`, without defaults, but for the source: without it
        `compose` makes what it always made.
        """
        (_, kind), *pairs = self.pairs
        return [kind, *(word for name, value in pairs for word in (f"--{name}", value))]

    def command(self, *others: str) -> str:
        """The command line that makes these pictures."""
        return shlex.join(["python", "-m", "core", "compose", *self.arguments(), *others])

    def code(self, *, count: int) -> str:
        """The equivalent Python code."""
        return (
            "from core.datasets.letter_sources import open_compositions\n"
            "from core.settings import Settings\n"
            "from core.synthesis.compose.request import ComposeRequest\n\n"
            f"request = ComposeRequest({keywords_of(self)})\n"
            "made = open_compositions(request, Settings.from_environment())\n"
            f"images, labels = made.draw(0, {count})"
        )

    @staticmethod
    def of(options: argparse.Namespace) -> "ComposeRequest":
        """From the options added by `add_options`, and `kind`."""
        names = ("texts", "form", "capitals", "size", "channels", "seed")
        return ComposeRequest(
            kind=options.kind,
            letters=options.letters or "natural",
            preset=options.preset or "canonical",
            set=tuple(options.set),
            **{name: getattr(options, name) for name in names},
        )


_TYPES: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("kind", "letters", "texts", "preset", "set", "form"), str),
    "capitals": float,
    **dict.fromkeys(("size", "channels", "seed"), int),
}


def is_requested(options: argparse.Namespace) -> bool:
    """Whether any option of `add_options` alone is given."""
    names = ("letters", "preset", "texts", "set", "capitals", "size", "channels")
    return any(getattr(options, name) not in (None, "", []) for name in names)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `compose` by steps; seed and form are those of all compositions."""
    parser.add_argument("--letters", metavar="SOURCE", help="what is written with; see --data")
    parser.add_argument("--preset", help=f"{', '.join(PRESETS)}; default canonical")
    parser.add_argument(
        "--set",
        nargs="+",
        action="extend",
        default=[],
        metavar="STEP=AMOUNT",
        help=f"steps on top of the preset: gap=0.2 box=1 …; there are {', '.join(STEPS)}",
    )
    parser.add_argument(
        "--texts", default="", help="numerals, i-x or 1-20,xl,mmmcmxcix; numbers, 0-36 or 7,10-20"
    )
    parser.add_argument("--capitals", type=float, help="share of numerals in capitals, 0-1")
    parser.add_argument("--size", type=int, help="side of a picture, pixels; 0: of its sheet")
    parser.add_argument("--channels", type=int, choices=(1, 3), help="of PNG files")


def _parse_numbers(text: str) -> tuple[str, ...]:
    numbers: list[int] = []
    for piece in text.split(","):
        first, dash, last = (side.strip() for side in piece.partition("-"))
        last = last if dash else first
        if (
            not (first.isdecimal() and last.isdecimal())
            or len(first + last) > MAX_DIGITS
            or int(first) > int(last)
        ):
            raise InklingError(f"{piece[:40]!r} names no numbers; write 0-36, or 7,10-20.")
        if int(last) > LARGEST_NUMBER:
            raise InklingError(f"Numbers are composed up to {LARGEST_NUMBER}, not {last}.")
        numbers += range(int(first), int(last) + 1)
    return tuple(str(number) for number in dict.fromkeys(numbers))

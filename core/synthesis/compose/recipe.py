"""Recipes of compositions: an amount for each step, as texts and as presets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from core.errors import InklingError
from core.ink.forms import Form, form_named
from core.synthesis.compose.steps import STEPS, Step
from core.synthesis.effects.table import number_text


@dataclass(frozen=True)
class Recipe:
    """title : of a preset. amounts : by name of a step; those that are missing are off. form : the
    canonical form that the characters are framed in, "" for a sheet, which the steps of that group
    describe. capitals : share of numerals in capitals. size : side of the pictures, pixels; 0: of
    the sheet. channels : 1, or 3 alike.
    """

    amounts: Mapping[str, float] = field(default_factory=dict)
    form: str = ""
    capitals: float = 0.5
    size: int = 0
    channels: int = 1
    title: str = ""

    def __post_init__(self) -> None:
        for name, amount in self.amounts.items():
            if name not in STEPS:
                raise InklingError(f"There is no step {name!r}; there are {', '.join(STEPS)}.")
            step = STEPS[name]
            if not step.low <= amount <= step.high:
                raise InklingError(
                    f"{name} goes from {number_text(step.low)} to {number_text(step.high)}, not "
                    f"{number_text(amount)}."
                )
        if self.form and form_named(self.form).centre != "box":
            raise InklingError(
                "Compositions lie in the middle by their box, and those of the form "
                f"{self.form} do not."
            )
        if not 0 <= self.capitals <= 1:
            raise InklingError(f"The share of capitals is 0 to 1, not {self.capitals:g}.")
        if self.size and not 8 <= self.size <= 1000:
            raise InklingError(f"The size is 8 to 1000 pixels, or 0, not {self.size}.")
        if self.channels not in (1, 3):
            raise InklingError(f"Pictures have 1 or 3 channels, not {self.channels}.")

    def amount(self, name: str) -> float:
        """Of a step."""
        return self.amounts.get(name, STEPS[name].off)

    @cached_property
    def steps(self) -> Sequence[Step]:
        """Those with a kernel that are not off, in their order."""
        return [
            step
            for step in STEPS.values()
            if (step.pieces or step.picture) and self.amount(step.name) != step.off
        ]

    @cached_property
    def framed_in(self) -> Form | None:
        """The canonical form."""
        return form_named(self.form) if self.form else None

    @property
    def side(self) -> int:
        """Of a picture that is reduced to a square, pixels."""
        form = self.framed_in
        return self.size or (form.size if form else int(self.amount("sheet")))


def parse_amounts(texts: Sequence[str]) -> dict[str, float]:
    """`["gap=0.2", "box=1"]` as amounts; InklingError for what is no number."""
    amounts = {}
    for text in texts:
        name, _, number = (side.strip() for side in text.partition("="))
        try:
            amounts[name] = float(number)
        except ValueError as error:
            raise InklingError(f"{text!r} gives no number; write STEP=AMOUNT.") from error
    return amounts


def format_amounts(amounts: Mapping[str, float]) -> list[str]:
    """Inverse of `parse_amounts`, without what is off."""
    return [
        f"{name}={number_text(amount)}"
        for name, amount in amounts.items()
        if amount != STEPS[name].off
    ]


_PAIRS = {"gap": 0.1, "uneven": 0.06, "size": 0.05, "lift": 0.02}

PRESETS = {
    "canonical": Recipe({**_PAIRS, "bars": 0.3}, form="number", title="Canonical form"),
    "numbers": Recipe(
        {
            "size": 0.1,
            "breadths": 0.1,
            "leans": 3,
            "gap": 0.14,
            "uneven": 0.15,
            "overlap": 0.15,
            "lift": 0.07,
            "specks": 0.1,
            "gaussian": 12,
        },
        form="number",
        title="Joined numbers",
    ),
    "emnist-article": Recipe(
        {
            "even": 1,
            "pitch": 1,
            "sheet": 28,
            "letter": 24 / 28,
            "widen": 4,
            "gaussian": 12,
            "darken": 127,  # 175 of EMNIST, which its source darkens by 1.6
        },
        size=28,
        channels=3,
        title="Article, EMNIST",
    ),
    "chars74k-article": Recipe(
        {
            "gap": 0.02,
            "uneven": 0.06,
            "overlap": 0.2,
            "seam": 0.04,
            "bars": 0.3,
            "sheet": 225,
            "aspect": 4 / 3,
            "letter": 0.42,
            "dilation": 2,
            "gaussian": 25,
            "uniform": 30,
            "impulse": 0.03,
        },
        size=32,
        channels=3,
        title="Article, Chars74K",
    ),
    "competition-grey": Recipe(
        {
            "undotted": 1,
            "even": 1,
            "size": 0.06,
            "breadth": 0.75,
            "pen": 0.048,
            "pens": 0.06,
            "gap": 0.09,
            "uneven": 0.06,
            "overlap": 0.1,
            "lift": 0.05,
            "serifs": 0.6,
            "lines": 0.05,
            "slant": 5,
            "turn": 4,
            "bend": 0.5,
            "sheet": 255,
            "sheets": 0.11,
            "letter": 0.66,
            "letters": 0.15,
            "place": 0.095,
            "rough": 0.2,
            "broken": 0.15,
            "neighbour": 0.12,
            "grid": 0.17,
            "specks": 1.2,
            "grey": 64,
            "blotches": 0.03,
        },
        capitals=0.35,
        title="Competition, grey",
    ),
    "competition-black": Recipe(
        {
            "undotted": 0.1,
            "even": 0.6,
            "size": 0.06,
            "breadth": 0.9,
            "crowding": 0.42,
            "pen": 0.092,
            "pens": 0.2,
            "gap": 0.06,
            "uneven": 0.05,
            "overlap": 0.12,
            "lift": 0.03,
            "dots": 0.9,
            "serifs": 0.35,
            "bars": 0.1,
            "lines": 0.45,
            "box": 0.12,
            "slant": 6,
            "turn": 5,
            "bend": 0.5,
            "sheet": 245,
            "sheets": 0.3,
            "letter": 0.36,
            "letters": 0.24,
            "place": 0.1,
            "rough": 0.12,
            "neighbour": 0.03,
            "specks": 0.6,
            "blotches": 0.04,
        },
        capitals=0.65,
        title="Competition, black",
    ),
}
"""By name."""

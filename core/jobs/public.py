"""What visitors of a demo on a network may start: no training, no downloads, nothing large."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from core.settings import Settings

NO_TRAINING = "This demo does not train; Inkling on a machine of your own does."
NO_DATA = "This demo neither fetches nor makes data sets; choose other data."

MAY_START: dict[str, tuple[str, ...]] = {
    "compose": (),
    "curate": ("--log",),
    "evaluate": (),
    "project": (),
    "realism": (),
    "sheet": (),
    "suspects": ("--kinds",),  # wrong labels are found by training five networks
    "sweep": (),
    "synth": (),
}
"""Commands, and those of their options that visitors have not. All others train, or change what is
shared.
"""

MOST_PICTURES = 20_000
"""Pictures that a visitor has made at once."""


def refusal(arguments: Sequence[str], settings: Settings | None) -> str:
    """Why a visitor may not start `python -m core ARGUMENTS`, in a sentence; "" if it is allowed,
    as everything is to Inkling's own user.
    """
    if settings is None or settings.own is None:
        return ""
    command, *options = arguments
    if command == "data":
        return NO_DATA
    names = {option.partition("=")[0] for option in options}
    if command not in MAY_START or names & set(MAY_START[command]):
        return NO_TRAINING
    if _count(options) > MOST_PICTURES:
        return f"This demo makes up to {MOST_PICTURES:,} pictures at once; ask for fewer."
    if not all(_is_own(option, settings) for option in options):
        return "This demo reads and writes nothing but what is yours; choose it from a list."
    return ""


def _count(options: Sequence[str]) -> int:
    given = dict(pairwise(options)).get("--count", "0")
    return int(given) if given.isdecimal() and len(given) < 10 else MOST_PICTURES + 1


def _is_own(option: str, settings: Settings) -> bool:
    """Whether an option is no path, or one in the visitor's folder. The screens send no other: this
    is the second lock.
    """
    text = option.partition("=")[2] if option.startswith("--") else option
    path = Path(text)
    leads = path.is_absolute() or text.startswith("~") or ".." in path.parts
    return not leads or settings.may_open(path)

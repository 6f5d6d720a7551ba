"""Model cards: a recognizer's description, training data and measured accuracy; read without
loading torch.
"""

import json
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from glob import escape
from math import isfinite
from pathlib import Path
from typing import Any

from core.datasets.labels import class_index
from core.errors import InklingError
from core.files import hold, modified_ns, write_json
from core.intervals import Measured
from core.settings import SHIPPED_MODELS, Settings

LOCK = ".lock"
"""In a folder of recognizers: held while one is written or removed."""

_REPLACING = re.compile(r".+\.[0-9a-f]{12}\.safetensors")
"""Weights that took the place of others."""

_MOST = 2**64
"""Of a whole number in a card."""


@dataclass(frozen=True)
class Card:
    """The JSON beside a recognizer's weights.

    classes : class names in output order. form : canonical form of its input. temperature : logits
    are divided by it.
    data : the training data, with its caveats. recipe : every training setting.
    validation, test : None until measured; test is measured once. weights : name of the weights
    file beside the card; "" is NAME.safetensors.
    """

    name: str
    title: str
    architecture: str
    classes: tuple[str, ...]
    form: str
    parameters: int
    temperature: float
    data: str
    recipe: dict[str, Any]
    seed: int
    epoch: int
    minutes: float
    hardware: str
    validation: Measured | None = None
    test: Measured | None = None
    weights: str = ""

    @property
    def measured(self) -> Measured | None:
        """The test result, or else the validation result."""
        return self.test or self.validation

    @property
    def accuracy(self) -> float | None:
        """The accuracy of `measured`."""
        return self.measured.accuracy if self.measured else None


def save_card(folder: Path, card: Card) -> None:
    """Write `NAME.json` in `folder`."""
    write_json(folder / f"{card.name}.json", card_to_json(card))


def card_to_json(card: Card) -> dict[str, Any]:
    """As in its file; missing measurements are {}."""
    return asdict(card) | {
        name: figure.to_json() if figure else {}
        for name, figure in (("validation", card.validation), ("test", card.test))
    }


def find_cards(settings: Settings) -> dict[str, tuple[Card, Path]]:
    """Every recognizer by name, with the path of its weights; your own override shipped ones of the
    same name.

    A damaged card is skipped, so that it does not hide the others (see `damaged_cards`).
    """
    results = {}
    for path in _card_files(settings):
        try:
            pair = _with_weights(path)
        except InklingError as error:
            _warn(str(error), modified_ns(path))
            continue
        if pair is not None:
            results[pair[0].name] = pair
    return results


@lru_cache(maxsize=64)
def _warn(sentence: str, _modified: int) -> None:
    """Once for each state of a file."""
    logging.getLogger(__name__).warning(sentence)


def is_shipped(name: str) -> bool:
    """Whether it is the name of one of Inkling's own recognizers."""
    return (SHIPPED_MODELS / f"{name}.json").exists()


def damaged_cards(settings: Settings) -> dict[str, InklingError]:
    """The error of each card that `find_cards` skips, by file name."""
    damaged = {}
    for path in _card_files(settings):
        try:
            read_card(path)
        except InklingError as error:
            if any(path.parent.glob(f"{escape(path.stem)}.*safetensors")):  # else not a card
                damaged[path.stem] = error
    return damaged


def find_card(name: str, settings: Settings) -> tuple[Card, Path]:
    """One recognizer's card and weights; InklingError explains a damaged card, or lists the
    existing ones.
    """
    cards = find_cards(settings)
    if name not in cards:
        damaged = damaged_cards(settings).get(name)
        if damaged:
            raise damaged
        raise InklingError(
            f"There is no model {name!r}; choose one of: {', '.join(cards) or 'none is installed'}."
        )
    return cards[name]


def best_for(classes: Sequence[str], cards: Iterable[Card]) -> list[Card]:
    """The cards, sorted by most of these classes first, then by fewest other classes."""

    def misfit(card: Card) -> tuple[int, int]:
        unknown = sum(class_index(name, card.classes) is None for name in classes)
        return unknown, len(set(card.classes) - set(classes))

    return sorted(cards, key=misfit)


def remove_unnamed_weights(folder: Path) -> None:
    """Remove weights of which a kill left the card unwritten, or the successor's card written.

    Weights without any card stay if they are called as a recognizer: a person put them there. So do
    all while a card is damaged, which may name them, and while a recognizer is being written.
    """
    if not folder.is_dir():
        return
    with suppress(InklingError, OSError), hold(folder / LOCK, "A recognizer is being written."):
        cards = {path.stem: read_card(path) for path in folder.glob("*.json")}
        named = {card.weights or f"{stem}.safetensors" for stem, card in cards.items()}
        for weights in folder.glob("*.safetensors"):
            ours = weights.stem in cards or _REPLACING.fullmatch(weights.name)
            if ours and weights.name not in named:
                weights.unlink()


def _card_files(settings: Settings) -> Iterator[Path]:
    """JSON files that may be cards, shipped ones first."""
    for folder in (SHIPPED_MODELS, settings.models):
        yield from sorted(folder.glob("*.json")) if folder.is_dir() else []


def _with_weights(path: Path) -> tuple[Card, Path] | None:
    """A card and its weights, None without weights; reread if it was just replaced."""
    before = None
    while (card := read_card(path)) != before:
        weights = path.with_name(card.weights or f"{path.stem}.safetensors")
        if weights.exists():
            return card, weights
        before = card
    return None


def read_card(path: Path) -> Card:
    """A card of this version, or of a later one, whose new fields are ignored; InklingError if it
    is damaged. Kept until the file changes, for every answer on a screen asks for all of them.
    """
    try:
        state = path.stat()
    except OSError:
        return _read(path, 0, 0)
    return _read(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=256)
def _read(path: Path, _modified: int, _size: int) -> Card:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        # what JSON cannot hold in UTF-8: NaN, and half a character
        json.dumps(values, ensure_ascii=False, allow_nan=False).encode()
        known = {f.name: values[f.name] for f in fields(Card) if f.name in values}
        figures = {
            name: Measured.from_json(known[name]) if known.get(name) else None
            for name in ("validation", "test")
        }
        card = Card(**{**known, **figures, "classes": tuple(known["classes"])})
        _check(card)
        return card
    except (
        OSError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ) as error:
        reason = " ".join(str(error).encode("ascii", "replace").decode().split())
        raise InklingError(
            f"The model card {path.name} is damaged ({reason}); restore it or remove it."
        ) from error


def _check(card: Card) -> None:
    texts = (card.name, card.title, card.architecture, card.form, card.data, *card.classes)
    if card.weights != Path(str(card.weights)).name:  # never open anything outside the folder
        raise ValueError("weights must be the name of a file beside it")
    if (
        not all(isinstance(text, str) for text in texts)
        or not card.name
        or not card.classes
        or len(set(card.classes)) < len(card.classes)
    ):
        raise ValueError(
            "name, title, architecture, form, data and different classes must be texts"
        )
    if not all(
        isinstance(number, int) and abs(number) < _MOST
        for number in (card.parameters, card.seed, card.epoch)
    ) or not (isfinite(card.temperature) and card.temperature > 0 and isfinite(card.minutes)):
        raise ValueError(
            "parameters, seed and epoch must be whole numbers, minutes a number and temperature "
            "above 0"
        )

"""Model cards: what a recognizer is, what it learnt from, and how well it was measured; read without loading torch."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.errors import InklingError
from core.settings import SHIPPED_MODELS, Settings


@dataclass(frozen=True)
class Card:
    """The JSON beside a recognizer's weights.

    classes : class names in output order. form : canonical form of its input. temperature : logits are divided by it.
    data : what it was trained on, with its caveats. recipe : every setting of the training. validation, test : measured
    accuracy with n and a 95 % Wilson interval; test is {} until it has been measured, once.
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
    validation: dict[str, Any] = field(default_factory=dict)
    test: dict[str, Any] = field(default_factory=dict)

    @property
    def accuracy(self) -> float | None:
        """Measured on the test set, or else on validation data."""
        accuracy: float | None = (self.test or self.validation).get("accuracy")
        return accuracy


def save_card(folder: Path, card: Card) -> None:
    """Write `NAME.json` in `folder`."""
    (folder / f"{card.name}.json").write_text(json.dumps(asdict(card), indent=1, ensure_ascii=False) + "\n")


def find_cards(settings: Settings) -> dict[str, tuple[Card, Path]]:
    """Every recognizer there is, by name, with the path of its weights; your own win over shipped ones of equal name."""
    found = {}
    for folder in (SHIPPED_MODELS, settings.models):
        for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
            if path.with_suffix(".safetensors").exists():
                card = _read_card(path)
                found[card.name] = card, path.with_suffix(".safetensors")
    return found


def find_card(name: str, settings: Settings) -> tuple[Card, Path]:
    """One recognizer's card and weights; InklingError names those there are."""
    cards = find_cards(settings)
    if name not in cards:
        raise InklingError(f"There is no model {name!r}; choose one of: {', '.join(cards) or 'none is installed'}.")
    return cards[name]


def _read_card(path: Path) -> Card:
    try:
        values = json.loads(path.read_text())
        return Card(**{**values, "classes": tuple(values["classes"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InklingError(f"The model card {path.name} is damaged ({error}); restore it or remove it.") from error

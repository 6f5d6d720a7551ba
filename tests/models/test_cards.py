import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import InklingError
from core.intervals import Measured, wilson_interval
from core.models.cards import Card, best_for, damaged_cards, find_card, find_cards, save_card
from core.settings import Settings
from tests.conftest import BALANCED, DIGITS, tiny_card
from tests.sentences import is_sentence


def change(path: Path, **values: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_a_card_comes_back_as_it_was(settings: Settings, make_model: Callable[..., Card]) -> None:
    made = make_model(
        "digits", title="Ziffern é", recipe={"epochs": 3, "augmentation": {"shift": 2.0}}
    )
    card, weights = find_card("digits", settings)
    assert card == made
    assert weights == settings.models / "digits.safetensors"
    assert (
        json.loads((settings.models / "digits.json").read_text(encoding="utf-8"))["title"]
        == "Ziffern é"
    )


def test_no_folders_are_no_models(settings: Settings, no_shipped_models: Path) -> None:
    assert find_cards(settings) == {}
    with pytest.raises(InklingError, match="none is installed"):
        find_card("digits", settings)


def test_the_test_set_is_the_figure_and_validation_stands_in() -> None:
    assert tiny_card(test=Measured.of(3, 4, "four")).accuracy == 0.75
    assert tiny_card().accuracy == 0.5
    assert tiny_card(validation=None).accuracy is None


@pytest.mark.parametrize("unmeasured", [{}, None])
def test_what_was_not_measured_is_empty_on_disk(
    settings: Settings, make_model: Callable[..., Card], unmeasured: object
) -> None:
    make_model("odd", validation=None)
    assert json.loads((settings.models / "odd.json").read_text())["validation"] == {}
    change(settings.models / "odd.json", test=unmeasured)
    assert find_card("odd", settings)[0].measured is None


def test_a_figure_without_an_interval_gets_its_own(
    settings: Settings, make_model: Callable[..., Card]
) -> None:
    make_model("old")
    change(settings.models / "old.json", test={"accuracy": 0.75, "n": 12, "data": "twelve"})
    figure = find_card("old", settings)[0].test
    assert figure == Measured(0.75, 12, wilson_interval(9, 12), "twelve")


def test_the_recognizer_that_fits_some_classes_best_is_first() -> None:
    cards = [tiny_card("all", BALANCED), tiny_card("digits", DIGITS), tiny_card("pets", ("cat",))]

    def order(classes: tuple[str, ...]) -> list[str]:
        return [card.name for card in best_for(classes, cards)]

    assert order(DIGITS) == ["digits", "all", "pets"]
    assert order(("i", "v", "x")) == ["all", "pets", "digits"]  # read as capitals
    assert order(("cat", "dog")) == ["pets", "digits", "all"]


def test_ones_own_wins_over_a_shipped_one(
    settings: Settings, make_model: Callable[..., Card], no_shipped_models: Path
) -> None:
    for name in ("both", "shipped"):
        save_card(no_shipped_models, tiny_card(name, title="shipped"))
        (no_shipped_models / f"{name}.safetensors").write_bytes(b"")
    make_model("both", title="mine")
    assert {name: card.title for name, (card, _) in find_cards(settings).items()} == {
        "both": "mine",
        "shipped": "shipped",
    }


def test_a_card_without_weights_is_no_model(
    settings: Settings, make_model: Callable[..., Card]
) -> None:
    make_model("whole")
    save_card(settings.models, tiny_card("alone"))
    assert list(find_cards(settings)) == ["whole"]
    with pytest.raises(InklingError, match="choose one of: whole"):
        find_card("alone", settings)


def test_fields_of_a_later_version_are_passed_over(
    settings: Settings, make_model: Callable[..., Card]
) -> None:
    make_model("later")
    change(settings.models / "later.json", invented_later=[1, 2])
    assert find_card("later", settings)[0].name == "later"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "3",
        "{}",
        '"text"',
        '{"name": "damaged"}',
        "\0\xff",
        "[" * 5000,
        '{"classes": 3}',
    ],
)
def test_a_damaged_card_hides_no_other(
    settings: Settings, make_model: Callable[..., Card], text: str
) -> None:
    make_model("damaged")
    make_model("whole")
    (settings.models / "damaged.json").write_text(text, encoding="latin-1")
    assert list(find_cards(settings)) == ["whole"]
    with pytest.raises(InklingError, match=r"damaged\.json is damaged") as error:
        find_card("damaged", settings)
    assert is_sentence(str(error.value))
    assert list(damaged_cards(settings)) == ["damaged"]
    with pytest.raises(InklingError, match="choose one of: whole"):
        find_card("absent", settings)


@pytest.mark.parametrize(
    "values",
    [
        {"name": ["a"]},
        {"name": ""},
        {"name": None},
        {"classes": []},
        {"classes": [1, 2]},
        {"classes": ["a", "a"]},
        {"classes": {}},
        {"temperature": 0},
        {"temperature": -1},
        {"temperature": float("nan")},
        {"temperature": "1"},
        {"parameters": "many"},
        {"title": 3},
        {"form": None},
        {"architecture": {}},
        {"test": {"accuracy": "good"}},
        {"validation": {"n": 3}},
        {"validation": [1]},
        {"temperature": 10**400},
        {"parameters": 10**400},
        {"minutes": 10**400},
        {"minutes": "long"},
        {"seed": "x"},
        {"test": {"accuracy": 10**400, "n": 3, "data": "x"}},
        {"test": {"accuracy": 0.5, "n": 10**400, "data": "x"}},
        {"test": {"accuracy": 0.5, "n": 3, "data": "x", "interval": [0, 10**400]}},
        {"test": {"accuracy": 0.5, "n": 3, "data": "x", "interval": ["a", "b"]}},
        {"title": "\ud800"},
        {"recipe": {"\ud800": 1}},
        {"recipe": {"rate": float("inf")}},
    ],
    ids=lambda values: repr(values)[:60],
)
def test_values_that_cannot_be_are_damage(
    settings: Settings,
    make_model: Callable[..., Card],
    values: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    make_model("odd")
    make_model("whole")
    change(settings.models / "odd.json", **values)
    assert list(find_cards(settings)) == ["whole"]
    sentence = str(damaged_cards(settings)["odd"])
    assert is_sentence(sentence)
    assert sentence in caplog.messages

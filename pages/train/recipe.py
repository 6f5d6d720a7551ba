"""The settings of a new run: their starting point, the usual ones, and the rest."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import streamlit as st

from core.models.cards import find_cards
from core.models.registry import ARCHITECTURES, Architecture, architecture
from core.settings import Settings
from core.training.originals import ORIGINALS
from core.training.recipe import PLAIN, Recipe, own_recipe
from pages.train.controls import ADDED, FIRST, MORE, VARIED, Control

OWN, PLAINLY = "Inkling's own", "Plain Adam"
FITTED = ("at_most", "validation_per_class", "seed")
"""What matters to a model that is fitted in one go."""


def pick_model() -> Architecture:
    """The picker of architectures."""
    name = st.selectbox(
        "Model", list(ARCHITECTURES), key="model", bind="query-params", on_change=_take_settings
    )
    chosen = architecture(name)
    st.caption(
        chosen.title + (". It is fitted in one go, not trained in epochs." if chosen.fit else ".")
    )
    return chosen


def pick_recipe(
    chosen: Architecture, classes: tuple[str, ...] | None, pool: str, settings: Settings
) -> Recipe:
    """All settings; InklingError for effects that cannot be parsed."""
    bases = bases_of(chosen)
    name = st.selectbox(
        "Recipe",
        list(bases),
        key="recipe",
        bind="query-params",
        on_change=_take_settings,
        help="Where the settings below start from: choosing one sets all of them.",
    )
    base = bases[name]
    values: dict[str, Any] = asdict(base) | {"pool": pool}
    before = {**chosen.hyperparameters, **base.hyperparameters}
    with st.container(horizontal=True):
        if chosen.fit is None:
            values |= _shown(FIRST, values)
        hyper = _hyperparameters(chosen, before)
    with st.expander("More settings", icon=":material/tune:"), st.container(horizontal=True):
        values |= _shown(
            MORE if chosen.fit is None else [item for item in MORE if item.name in FITTED], values
        )
        if chosen.fit is None:
            values["start"] = _start(chosen.name, classes, settings)
    if chosen.fit is None:
        with st.expander("Augmentation, and images added", icon=":material/filter_vintage:"):
            st.caption(
                "How far each image is varied, differently every time it is seen. "
                "0 switches one off."
            )
            with st.container(horizontal=True):
                values["augmentation"] = _shown(VARIED, base.augmentation)
            with st.container(horizontal=True):
                values |= _shown(ADDED, values)
    return Recipe(
        **values
        | {"hyperparameters": {k: v for k, v in hyper.items() if v != chosen.hyperparameters[k]}}
    )


def bases_of(chosen: Architecture) -> Mapping[str, Recipe]:
    """Recipes to start from by their names on the screen."""
    originals = {
        title_of(name): item.recipe
        for name, item in ORIGINALS.items()
        if item.architecture == chosen.name
    }
    return (
        {OWN: own_recipe(chosen.name)}
        | ({PLAINLY: PLAIN} if chosen.fit is None else {})
        | originals
    )


def title_of(original: str) -> str:
    """The screen's name of an original's recipe."""
    return f"The original's: {ORIGINALS[original].title}"


def take_settings(model: str, recipe: str) -> None:
    """Set all controls to a recipe's values; for callbacks."""
    bases = bases_of(architecture(model))
    base = bases.get(recipe) or bases[OWN]
    st.session_state["recipe"] = recipe if recipe in bases else OWN
    values = {**asdict(base), **base.augmentation}
    for control in (*FIRST, *MORE, *VARIED, *ADDED):
        st.session_state[control.name] = values[control.name]
    for name, value in {**architecture(model).hyperparameters, **base.hyperparameters}.items():
        st.session_state[f"{model}-{name}"] = value


def _take_settings() -> None:
    take_settings(st.session_state["model"], st.session_state.get("recipe", OWN))


def _shown(controls: Iterable[Control], values: Mapping[str, Any]) -> dict[str, Any]:
    return {control.name: control.show(values[control.name], control.name) for control in controls}


def _hyperparameters(chosen: Architecture, usual: Mapping[str, float]) -> dict[str, Any]:
    """Those of the architecture; a default with a decimal point makes a share or another real
    number.
    """
    shown = {}
    for name, value in usual.items():
        title = name.replace("_", " ").capitalize() if len(name) > 1 else name
        if name == "dropout":
            control = Control(
                name, title, 0.95, 0.05, help="Share of the features that each step leaves out."
            )
        else:
            control = Control(name, title, 1_000_000, 1 if isinstance(value, int) else 0.1)
        shown[name] = control.show(value, f"{chosen.name}-{name}")
    return shown


def _start(model: str, classes: tuple[str, ...] | None, settings: Settings) -> str:
    fitting = [
        name
        for name, (card, _) in find_cards(settings).items()
        if (card.architecture, card.classes) == (model, classes)
    ]
    start: str = st.selectbox(
        "Start from",
        ["", *fitting],
        key="start",
        bind="query-params",
        width=140,
        format_func=lambda name: name or "random weights",
        help="A recognizer of the same architecture and classes, "
        "whose weights training goes on from.",
    )
    return start

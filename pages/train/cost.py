"""The cost of a run: its parameters, memory and time, the images it will see, the layers they
pass.
"""

import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.datasets.dataset import Dataset
from core.datasets.digest import quick_digest
from core.models.registry import Architecture
from core.settings import Settings
from core.training.recipe import Recipe
from core.training.runs import find_runs
from pages.shared.cache import cached, forget
from pages.shared.gallery import gallery
from pages.shared.text import duration
from pages.train.data import Material

if TYPE_CHECKING:
    from core.models.summary import Layer
    from core.training.estimate import Estimate, Pace

_VARIANTS, _IMAGES = 4, 10
_MINUTES = 15
_PACE = "pace"
_SMALL, _LARGE = "font-size: 0.8rem; opacity: 0.72", "font-size: 1.5rem; white-space: nowrap"


@dataclass(frozen=True)
class Cost:
    """Where the cost is shown: its figures, and words on them."""

    figures: DeltaGenerator
    words: DeltaGenerator

    @staticmethod
    def announced() -> "Cost":
        """Filled at once, so that nothing below moves when the figures arrive."""
        cost = Cost(st.empty(), st.empty())
        cost.figures.html(_in_a_row(dict.fromkeys(("Time", "Memory", "Parameters", "File"), "…")))
        cost.words.caption("Measuring a few steps …")
        return cost


def show_cost(
    cost: Cost, material: Material, chosen: Architecture, recipe: Recipe, settings: Settings
) -> None:
    """The cost, measured on a few real steps; measured again only when something that affects step
    time changes.
    """
    from core.training.estimate import estimate, images_of

    assert material.dataset is not None
    images = images_of(recipe, material.dataset, pooled=material.pooled)
    recipe = recipe.for_images(images)
    pace, at = _pace(chosen, recipe, material)
    text = estimate(pace, recipe, material.dataset, pooled=material.pooled)
    figures = {
        "Time": f"~ {duration(text.seconds)}",
        "Memory": f"~ {_size(text.memory)}",
        "Parameters": f"{pace.parameters:,}",
        "File": _size(pace.weights_bytes),
    }
    cost.figures.html(_in_a_row(figures))
    cost.words.caption(_how(pace, text, recipe, time.time() - at, settings))


def _in_a_row(figures: Mapping[str, str]) -> str:
    items = "".join(
        f'<div><div style="{_SMALL}">{title}</div><div style="{_LARGE}">{value}</div></div>'
        for title, value in figures.items()
    )
    return (
        '<div data-testid="cost" style="display: flex; flex-wrap: wrap; gap: 0.6rem '
        f'2rem">{items}</div>'
    )


def _size(number: float) -> str:
    """Bytes as 640 kB, 3.5 MB or 12 GB."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if number >= 0.9995 * unit:
            digits = 1 if number < 9.95 * unit else 0
            return f"{number / unit:.{digits}f} {name}"
    return f"{number:.0f} B"


def _how(pace: "Pace", estimate: "Estimate", recipe: Recipe, age: float, settings: Settings) -> str:
    busy = sum(run.state() == "running" for run in find_runs(settings.runs))
    when = "just now" if age < 60 else f"{duration(age)} ago"
    whole = (
        ""
        if pace.measured_batch == recipe.batch_size
        else f" of {pace.measured_batch} images, the rest extrapolated"
    )
    first = (
        f", {duration(estimate.preparing)} of it before the first epoch"
        if estimate.preparing > 0.1 * estimate.seconds
        else ""
    )
    rest = (
        f"while {busy} other {'run trains' if busy == 1 else 'runs train'}"
        if busy
        else "longer while other runs train"
    )
    return (
        f"On this machine, measured {when} on {pace.steps} steps{whole}; {rest}. "
        f"{estimate.images:,} images, {estimate.steps_an_epoch:,} steps an epoch{first}."
    )


def _what_counts(chosen: Architecture, recipe: Recipe, dataset: Dataset) -> tuple[Hashable, ...]:
    """What a step's time depends on, as a key: of the augmentation amounts only whether they are 0
    matters.
    """
    on = tuple(
        bool(value)
        for value in (
            *recipe.augmentation.values(),
            recipe.redrawn,
            recipe.synthetic,
            recipe.mixup,
        )
    )
    effects = tuple(part.partition("=")[0] for part in recipe.effects.split(","))
    about = (
        recipe.batch_size,
        recipe.optimizer,
        recipe.precision,
        tuple(recipe.hyperparameters),
        on,
        effects,
    )
    return chosen.name, about, (len(dataset.classes), dataset.images.shape[1:], dataset.form)


def _pace(chosen: Architecture, recipe: Recipe, material: Material) -> "tuple[Pace, float]":
    """The pace, and the time of measurement: at most `_MINUTES` ago."""
    from core.training.estimate import measure

    dataset = material.dataset
    assert dataset is not None

    def measured() -> "tuple[Pace, float]":
        return measure(chosen.name, recipe, dataset, pooled=material.pooled), time.time()

    key = _what_counts(chosen, recipe, dataset)
    pace, at = cached(_PACE, key, measured)
    if time.time() - at > 60 * _MINUTES:
        forget(_PACE)
        pace, at = cached(_PACE, key, measured)
    return pace, at


def show_preview(material: Material, recipe: Recipe) -> None:
    """Some training images, and below each the network's augmented input."""
    assert material.dataset is not None
    with st.expander("What the network will see", icon=":material/visibility:", expanded=True):
        before, after, labels = _preview(material.dataset, recipe)
        if not (after != before[:, None]).any():
            st.caption("Every image as it is: nothing in this recipe varies them.")
            after = after[:, :0]
        else:
            mixed = (
                " Mixup then lays another image over each, which is not shown."
                if recipe.mixup
                else ""
            )
            st.caption(
                "On top an image as it is, below it what training makes of it in its first "
                f"epoch.{mixed}"
            )
        gallery(
            np.concatenate([before[:, None], after], 1),
            alts=labels,
            variants=["as it is", *["varied"] * after.shape[1]],
            stacked=True,
            layout="tight",
            columns=len(before),
            name="preview",
        )


def _preview(dataset: Dataset, recipe: Recipe) -> tuple[np.ndarray, np.ndarray, list[str]]:
    from core.training.preview import preview

    return cached(
        "preview",
        (quick_digest(dataset), repr(recipe)),
        lambda: preview(dataset, recipe, count=_IMAGES, variants=_VARIANTS),
    )


def measure_again() -> None:
    """For a button: discards the measurement."""
    forget(_PACE)


def show_layers(chosen: Architecture, recipe: Recipe, material: Material) -> None:
    """Layer by layer, the output shape and the parameters."""
    assert material.dataset is not None
    classes = len(material.dataset.classes)
    layers = _layers(chosen, classes, recipe)
    with st.expander(f"{len(layers)} layers", icon=":material/layers:"):
        rows = [
            {
                "layer": layer.kind,
                "output": " x ".join(map(str, layer.output)),
                "parameters": layer.parameters,
                "settings": layer.settings,
                "name": layer.name,
            }
            for layer in layers
        ]
        st.dataframe(
            rows,
            hide_index=True,
            alt=f"Layers of {chosen.name}",
            column_config={"parameters": st.column_config.NumberColumn(format="localized")},
        )
        st.caption(
            "In the order one picture passes them, with the shape that comes out; "
            f"{sum(item.parameters for item in layers):,} parameters."
        )


def _layers(chosen: Architecture, classes: int, recipe: Recipe) -> "list[Layer]":
    from core.models.summary import summarise

    return cached(
        "layers",
        (chosen.name, classes, tuple(recipe.hyperparameters.items())),
        lambda: summarise(chosen.build(classes, **recipe.hyperparameters)),
    )

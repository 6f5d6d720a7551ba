"""Data sets mixed with weights: `0.5*synthetic-natural+3*my-drawings`."""

import math
from collections.abc import Sequence

import numpy as np

from core.datasets.dataset import Dataset
from core.datasets.labels import to_indices
from core.errors import InklingError
from core.ink.forms import form_named
from core.progress import progress_bar
from core.synthesis.drawing import draw_inputs, pieces_of

MOST = 2_000_000
"""Most images of one mixture, 1.6 GB."""


def parse_mixture(text: str) -> list[tuple[float, str]]:
    """(weight, name) of each part of `[WEIGHT*]NAME+…`; InklingError for a weight that is not a
    positive number, or an empty name.
    """
    parts = []
    for part in text.split("+"):
        weight, star, name = part.strip().rpartition("*")
        try:
            number = float(weight) if star else 1.0
        except ValueError:
            number = math.nan
        if not (0 < number < math.inf) or not name.strip():
            raise InklingError(
                f"{part!r} is no part of a mixture; write NAME, or WEIGHT*NAME with a weight above "
                "0."
            )
        parts.append((number, name.strip()))
    return parts


def format_mixture(parts: Sequence[tuple[float, str]]) -> str:
    """The text that `parse_mixture` reads back as these parts."""
    return "+".join(name if weight == 1 else f"{weight:g}*{name}" for weight, name in parts)


def mix(
    parts: Sequence[tuple[float, Dataset]],
    classes: tuple[str, ...],
    *,
    seed: int,
    effects: Sequence[tuple[str, float]] = (),
) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [M, H, W] and their indices int64 [M] into `classes`.

    Each image is repeated by the weight's integer part; its fraction adds a random share of them.
    effects : steps of STROKE_EFFECTS: with them each copy of handwriting is another drawing.
    """
    total = sum(weight * len(dataset) for weight, dataset in parts)
    if total > MOST:
        raise InklingError(
            f"The mixture would have {total:,.0f} images, more than {MOST:,}; give smaller weights."
        )
    images, indices = [], []
    for number, (weight, dataset) in enumerate(parts):
        order = np.random.default_rng((seed, number)).permutation(len(dataset))
        share = order[: round((weight - int(weight)) * len(dataset))]
        rows = np.sort(np.concatenate([np.tile(np.arange(len(dataset)), int(weight)), share]))
        written = dataset.written if effects else None
        drawn = np.zeros(len(rows), bool) if written is None else written.drawn[rows]
        pictures = np.empty((len(rows), *dataset.images.shape[1:]), np.uint8)
        pictures[~drawn] = dataset.images[rows[~drawn]]
        if written is not None:
            pieces = pieces_of(written, rows[drawn])
            with progress_bar(len(pieces), unit="drawing") as report:
                pictures[drawn] = draw_inputs(
                    pieces,
                    form_named(dataset.form),
                    effects=effects,
                    seed=seed * 1009 + number,
                    report=report,
                )
        images.append(pictures)
        indices.append(to_indices(dataset.classes, classes)[dataset.labels[rows]])
    return np.concatenate(images), np.concatenate(indices)

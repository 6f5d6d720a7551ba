"""Inside: what each layer of the network sees in the drawing, how the last one votes, and what a
unit likes in the data.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from core.errors import InklingError
from core.ink.encode import contact_sheet, data_uri
from core.ink.forms import Stages
from core.models.cards import find_card
from core.progress import Progress, part_of_progress
from core.settings import MAX_DIGITS, Settings
from pages.shared.cache import cached, cached_with_progress
from pages.shared.text import plain

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer
    from core.reading.inside import Inside, Layer, Votes
    from core.reading.liked import Examples

ALL, FEW, VOTERS = 32, 6, 4
"""Units shown of the first layer, of each later one beside the sum of all, and on each side of a
vote.
"""

_JS, _CSS = (Path(__file__).with_suffix(kind).read_text("utf-8") for kind in (".js", ".css"))
_HTML = '<div class="inside"></div>'
_component = st.components.v2.component("inkling_inside", html=_HTML, css=_CSS, js=_JS)

_PARAMETER = "unit"
_KEY = "inside"


def show_inside(model: "Recognizer", stages: Stages, settings: Settings) -> None:
    """The layers of a network of convolutions, from the ink to the answer; a sentence for models
    that are none.
    """
    from core.reading.inside import look_inside

    inside = look_inside(model, stages.model_input)
    if inside is None:
        st.info(
            f"{plain(model.card.name)} is no network of convolutions and has no layers to look "
            f"into. "
            "*Why* shows which ink speaks for its answer.",
            icon=":material/layers_clear:",
        )
        return
    st.caption("Dark where a unit is active. Tap one to see what it likes in the data.")
    chosen = _chosen(inside)
    data = {
        "layers": [_layer(number, layer) for number, layer in enumerate(inside.layers, 1)],
        "votes": [_votes(inside, votes) for votes in inside.votes],
        "chosen": chosen and "-".join(map(str, chosen)),
        "liked": _liked(model, inside, settings, *chosen) if chosen else None,
    }
    # as text: of a dictionary Streamlit asks pandas, which it then imports, whether it is a table
    _component(key=_KEY, data={"json": json.dumps(data)}, on_unit_change=_choose)


def _choose() -> None:
    """Put the unit that was tapped into the address; tapped again, it leaves it."""
    unit = st.session_state[_KEY].get("unit")
    if unit:
        st.query_params[_PARAMETER] = unit
    else:
        st.query_params.pop(_PARAMETER, None)


def _chosen(inside: "Inside") -> tuple[int, int] | None:
    """Layer, from 1, and unit, from 0, of the address; the layer after the last is the features
    that vote. None if the network has no such unit.
    """
    layer, _, unit = st.query_params.get(_PARAMETER, "").partition("-")
    if not (layer.isdecimal() and unit.isdecimal()) or len(layer + unit) > MAX_DIGITS:
        return None
    sizes = [*(len(layer.maps) for layer in inside.layers), len(inside.features)]
    at, number = int(layer), int(unit)
    return (at, number) if 1 <= at <= len(sizes) and number < sizes[at - 1] else None


def _layer(number: int, layer: "Layer") -> dict[str, Any]:
    """All units of the first layer; of a later one all together, and the most active ones."""
    count, height, width = layer.maps.shape
    if number == 1:
        units, total = np.sort(layer.strongest(ALL)), None
    else:
        units, total = layer.strongest(FEW), _picture(layer.total()[None])
    return {
        "number": number,
        "title": f"Layer {number}: {layer.title}, {count} units of {width} x {height}",
        "total": total,
        "units": units.tolist(),
        "sprite": _picture(layer.maps[units]),
    }


def _votes(inside: "Inside", votes: "Votes") -> dict[str, Any]:
    """The strongest for and against; where a unit that votes is one of the last layer, its map."""
    layer = len(inside.layers) + 1

    def side(units: Sequence[int] | np.ndarray) -> dict[str, Any]:
        maps = inside.layers[-1].maps[units] if inside.pooled and len(units) else None
        return {
            "units": [int(unit) for unit in units],
            "votes": [float(votes.votes[unit]) for unit in units],
            "sprite": None if maps is None else _picture(maps),
        }

    pro, contra = votes.strongest(VOTERS)
    return {
        "number": layer,
        "label": votes.label,
        "logit": votes.logit,
        "pro": side(pro),
        "contra": side(contra),
        "others": len(votes.votes) - len(pro) - len(contra),
    }


def _picture(maps: np.ndarray) -> str:
    """Maps [K, H, W] below one another as one picture, all in one scale."""
    from core.reading.inside import shades

    return data_uri(contact_sheet(shades(maps), columns=1))


def _liked(
    model: "Recognizer", inside: "Inside", settings: Settings, layer: int, unit: int
) -> dict[str, Any]:
    """What a unit likes, searched once for all units of a recognizer."""
    from core.evaluation.predictions import digest_of_weights
    from core.reading.liked import MOST, find_examples, find_liked, find_peaks

    card, weights = find_card(model.card.name, settings)
    key = digest_of_weights(weights, card), settings.data
    total = 2 * MOST

    def search(report: Progress) -> tuple["Examples", tuple[np.ndarray, ...]]:
        examples = find_examples(
            model, settings, report=part_of_progress(report, start=0, total=total)
        )
        later = part_of_progress(report, start=MOST, total=total)
        return examples, find_peaks(model, examples.images, later)

    try:
        examples, peaks = cached_with_progress(
            "peaks", key, search, total=total, doing="Searching what its units like"
        )
    except InklingError as error:
        return {"text": str(error), "items": []}
    liked = cached(
        "liked",
        (*key, layer, unit),
        lambda: find_liked(model, examples.images, peaks[layer - 1], layer=layer - 1, unit=unit),
    )
    of = f"layer {layer}" if layer <= len(inside.layers) else "those that vote"
    what = f"{len(examples.images):,} images were searched, of: {examples.source}."
    text = (
        f"Unit {unit} of {of} is most active in these; the frame is around what it looks at. {what}"
        if len(liked.rows)
        else f"Unit {unit} of {of} is active in none of them. {what}"
    )
    return {
        "text": text,
        "items": [
            [data_uri(picture), examples.labels[row]]
            for row, picture in zip(liked.rows, liked.pictures, strict=True)
        ],
    }

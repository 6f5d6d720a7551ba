"""The controls beside the result. All that is set is in the address, in the words of the command
line: the preset, and what differs from it.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from core.datasets.letter_sources import SOURCES
from core.errors import InklingError
from core.settings import Settings
from core.synthesis.compose.recipe import PRESETS
from core.synthesis.compose.request import KINDS, SHEET, ComposeRequest
from core.synthesis.compose.steps import STEPS
from pages.compose.steps import SEEN, show_steps, step_key
from pages.shared.address import read_choice, write_choice
from pages.shared.live import Values
from pages.shared.picture import close_picture

_KINDS = {"Roman numerals": "roman", "Whole numbers": "numbers"}
_FORMS = {SHEET: "Sheet", "number": "Canonical form of numbers", "emnist": "That of EMNIST"}
_SIZES = {0: "As framed", 28: "28 x 28", 32: "32 x 32"}
_CHANNELS = {1: "1, grey", 3: "3, alike"}

_OWN: Mapping[str, Callable[[str], Any]] = {
    "form": str,
    "capitals": float,
    "size": int,
    "channels": int,
}
"""What the address has where it is not the preset's, and how it is read."""


@dataclass(frozen=True)
class Choices:
    """What the controls say. values : of the sliders of steps that are seen, by key."""

    asked: ComposeRequest
    values: Values

    def request(self, values: Values) -> ComposeRequest:
        """What is asked for, with these values of the sliders."""
        names = [name for name in STEPS if step_key(name) in values]
        return self.asked.at({name: values[step_key(name)] for name in names})


def show_controls(settings: Settings) -> Choices:
    """All controls."""
    request = _characters(settings)
    values = show_steps(request)
    with st.expander("Picture", icon=":material/image:"):
        _framing(request)
    st.button(
        "Back to the preset",
        icon=":material/restart_alt:",
        disabled=not any(name in st.query_params for name in (*_OWN, "set")),
        on_click=_reset,
    )
    return Choices(request, values)


def _characters(settings: Settings) -> ComposeRequest:
    """What is written, with what and how often; the steps are as the address has them."""
    title = st.segmented_control(
        "Compose",
        list(_KINDS),
        default=next(iter(_KINDS)),
        required=True,
        key="kind",
        bind="query-params",
        on_change=close_picture,
        label_visibility="collapsed",
    )
    kind = _KINDS[title]
    known = {
        name: source.title + ("" if source.is_here(settings) else " (not here)")
        for name, source in SOURCES.items()
        if any(sign.isdecimal() == (kind == "numbers") for sign in source.signs)
    }
    presets = {name: recipe.title for name, recipe in PRESETS.items()}
    letters = _pick("letters", known, "natural", label="Characters of")
    preset = _pick("preset", presets, "canonical", label="Start from")
    texts = st.text_input(
        "Numerals" if kind == "roman" else "Numbers",
        key="texts",
        bind="query-params",
        placeholder=KINDS[kind],
        help="i-x, or 1-20,xl,mmmcmxcix" if kind == "roman" else "0-36, or 7,10-20",
        on_change=close_picture,
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width=130):
            seed = st.number_input("Seed", 0, 2**31 - 1, 0, key="seed", bind="query-params")
        st.button("Another", icon=":material/casino:", on_click=_another_seed)
    request = _with_address(
        ComposeRequest(
            kind=kind, letters=letters, texts=texts.strip(), preset=preset, seed=int(seed)
        )
    )
    if kind == "roman":
        _capitals(request)
    return request


def _with_address(request: ComposeRequest) -> ComposeRequest:
    """The request with what the address sets on top of its preset, as far as that can be."""
    query = st.query_params
    for name, read in _OWN.items():
        with suppress(ValueError):
            request = _tried(request, **({name: read(query[name])} if query.get(name) else {}))
    for text in query.get_all("set"):
        request = _tried(request, set=(*request.set, text))
    return request


def _tried(request: ComposeRequest, **changes: Any) -> ComposeRequest:
    """The request with these changes, without them if they cannot be."""
    changed = replace(request, **changes)
    try:
        return changed if changed.recipe else request
    except InklingError:
        return request


def _framing(request: ComposeRequest) -> None:
    """How pictures are framed."""
    recipe, preset = request.recipe, PRESETS[request.preset]
    sizes = _SIZES if recipe.size in _SIZES else {**_SIZES, recipe.size: f"{recipe.size}"}
    _own("form", recipe.form or SHEET, preset.form or SHEET, _FORMS, "Framed by")
    with st.container(horizontal=True, gap="small"):
        _own("size", recipe.size, preset.size, sizes, "Size")
        _own("channels", recipe.channels, preset.channels, _CHANNELS, "Channels")


def _capitals(request: ComposeRequest) -> None:
    """How many numerals are in capitals."""
    preset = PRESETS[request.preset].capitals
    st.session_state["capitals-slider"] = request.recipe.capitals
    st.slider(
        "Capitals, share of the numerals",
        0.0,
        1.0,
        step=0.05,
        key="capitals-slider",
        on_change=_take_own,
        args=("capitals", "capitals-slider", preset),
    )


def _own(
    name: str,
    value: Any,
    usual: Any,
    titles: Mapping[Any, str],
    label: str,
) -> None:
    """A picker of what the address has only if it is not the preset's."""
    key = f"{name}-picker"
    st.session_state[key] = value
    st.selectbox(
        label,
        list(titles),
        key=key,
        format_func=lambda option: titles[option],
        on_change=_take_own,
        args=(name, key, usual),
        width="stretch",
    )


def _take_own(name: str, key: str, usual: Any) -> None:
    value = st.session_state[key]
    if value == usual:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = f"{value}"


def _pick(key: str, titles: Mapping[str, str], usual: str, *, label: str) -> str:
    """A picker by titles of names that the address has."""
    read_choice(key, usual, titles)
    name = st.selectbox(
        label, list(titles), key=key, format_func=lambda name: titles[name], on_change=close_picture
    )
    write_choice(key, usual, name)
    return name


def _another_seed() -> None:
    st.session_state["seed"] = int(np.random.default_rng().integers(2**31))


def _reset() -> None:
    for name in (*_OWN, "set"):
        st.query_params.pop(name, None)
    st.session_state.pop(SEEN, None)

"""The controls beside the result: where to start from, characters, hand, pen, effects, variants."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from core.errors import InklingError
from core.settings import Settings
from core.synthesis.effects.table import format_effects
from core.synthesis.filmstrip import TRACKS, effect_key
from core.synthesis.glyph_file import find_glyphs, load_glyphs
from core.synthesis.glyphs import GlyphSet
from core.synthesis.presets import PRESETS
from core.synthesis.request import Request
from pages.shared.live import Values
from pages.shared.text import plain
from pages.synthesise.effects import show_effects
from pages.synthesise.own_set import show_upload
from pages.synthesise.sliders import (
    HAND,
    PEN,
    SLIDERS,
    hand_texts,
    is_changed,
    preset_of,
    put_odds_and_moves,
    slider,
    take,
    usual,
    written,
)
from pages.synthesise.variants import odd_key, show_variants, with_odd

_LAST = "last-choices"


@dataclass(frozen=True)
class Choices:
    """What the controls say.

    values : of the sliders, by key. effects : names, in their order. odds : those in the address.
    variants : usual values of those that have a slider, by name. own : the chosen set, whose hand
    the sliders start from. Moved points are in the address alone, as they are moved elsewhere.
    """

    glyphs: str
    digits: str
    seed: int
    values: Values
    effects: tuple[str, ...]
    odds: tuple[str, ...]
    variants: Mapping[str, float]
    own: GlyphSet

    def request(self, values: Values) -> Request:
        """What is asked for, with these values of the sliders."""
        hand = hand_texts({key: values[key] for key in SLIDERS}, self.own.hand)
        effects = format_effects([(name, values[effect_key(name)]) for name in self.effects])
        odds = self.odds
        for name, usually in self.variants.items():
            value = values[odd_key(name)]
            if value != self.values[odd_key(name)]:
                odds = with_odd(odds, name, value, usually)
        moves = tuple(st.query_params.get_all("moves"))
        return Request(self.glyphs, self.digits, self.seed, 28, hand, odds, moves, effects)


def show_controls(settings: Settings) -> Choices | None:
    """All controls; None, with a message, if the chosen set cannot be read."""
    sets = find_glyphs(settings)
    start = st.container()
    with st.expander("Characters", icon=":material/abc:", expanded=True):
        name, digits, seed = _characters(sets)
    try:
        own = load_glyphs(sets[name])
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")
        return None
    with st.expander("The hand", icon=":material/back_hand:", expanded=True):
        values = {key: slider(key, own.hand) for key in HAND}
    with st.expander("Pen", icon=":material/ink_pen:", expanded=True):
        values |= {key: slider(key, own.hand) for key in PEN}
    with st.expander("Effects", icon=":material/filter_vintage:", expanded=True):
        amounts = show_effects()
    odds = tuple(st.query_params.get_all("odds"))
    with st.expander("Optional parts and variants", icon=":material/alt_route:"):
        variants = show_variants(own)
    with st.expander("A set of your own", icon=":material/upload_file:"):
        show_upload(settings)
    choices = Choices(
        sets[name],
        digits,
        seed,
        values
        | {effect_key(effect): amount for effect, amount in amounts.items()}
        | {odd_key(name): st.session_state[odd_key(name)] for name in variants},
        tuple(amounts),
        odds,
        variants,
        own,
    )
    with start:
        _start(choices, sets)
    st.session_state[_LAST] = choices, _others()
    return choices


def sliders_moved() -> Choices | None:
    """What the controls said last, with the sliders where they stand now; None if anything else
    was changed since then.
    """
    state = st.session_state
    last, others = state.get(_LAST, (None, None))
    if last is None or others != _others() or any(key not in state for key in last.values):
        return None
    moved: Choices = replace(last, values={key: state[key] for key in last.values})
    return moved


def _others() -> tuple[object, ...]:
    """What the controls that are no sliders, and the address, say."""
    state, query = st.session_state, st.query_params
    names = "glyphs", "digits", "seed", "effects", "odds-of"
    return *(str(state.get(name)) for name in names), *query.get_all("odds")


def _characters(sets: Mapping[str, str]) -> tuple[str, str, int]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        name = st.selectbox(
            "Glyph set",
            list(sets),
            key="glyphs",
            bind="query-params",
            on_change=_take_hand,
            args=(sets,),
            width=130,
        )
        digits = st.text_input(
            "Characters",
            "0-9",
            key="digits",
            bind="query-params",
            help="0-9, or 3,7, or A-F,x",
            width="stretch",
        )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width=130):
            seed = st.number_input("Seed", 0, 2**31 - 1, 0, key="seed", bind="query-params")
        st.button("Another", icon=":material/casino:", on_click=_another_seed)
    return name, digits, int(seed)


def _start(choices: Choices, sets: Mapping[str, str]) -> None:
    """Presets, and the way back to the set's own hand, of one slider or of all."""
    request, own = choices.request(choices.values), choices.own.hand
    # one of its own for each preset: a slider moved twice in quick succession sends along the
    # preset that stood before, which would then be taken anew and put all sliders back
    preset = preset_of(request)
    st.session_state[f"preset-{preset}"] = preset
    st.pills(
        "Start from",
        list(PRESETS),
        key=f"preset-{preset}",
        on_change=_take_preset,
        args=(preset, request, sets),
    )
    changed = [key for key in SLIDERS if is_changed(choices.values[key], usual(key, own))]
    with st.container(horizontal=True):
        with st.popover(f"Changed: {len(changed)}", icon=":material/tune:", disabled=not changed):
            for key in changed:
                st.button(
                    f"{TRACKS[key].label}: back to {written(usual(key, own))}",
                    icon=":material/undo:",
                    key=f"usual-{key}",
                    type="tertiary",
                    on_click=st.session_state.update,
                    args=({key: usual(key, own)},),
                )
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            help="The set's own hand, without effects, changed odds and moved points",
            on_click=take,
            args=(replace(request, hand=(), effects="", odds=(), moves=()), sets),
        )


def _take_preset(preset: str | None, request: Request, sets: Mapping[str, str]) -> None:
    name = st.session_state.get(f"preset-{preset}")
    if name not in (None, preset):  # the same one again was not tapped but sent along
        take(PRESETS[name].of(request), sets)


def _another_seed() -> None:
    st.session_state["seed"] = int(np.random.default_rng().integers(2**31))


def _take_hand(sets: Mapping[str, str]) -> None:
    """A set brings its own hand; moves and weights of the last set do not apply to this one."""
    try:
        hand = load_glyphs(sets[st.session_state["glyphs"]]).hand
    except InklingError:
        return
    st.session_state.update({key: usual(key, hand) for key in SLIDERS})
    put_odds_and_moves((), ())

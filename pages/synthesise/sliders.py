"""The sliders of a hand: their titles and steps, their usual values, and all controls moved at
once.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

from core.synthesis.effects.table import EFFECTS, parse_effects
from core.synthesis.filmstrip import BRUSH, TRACKS, effect_key
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.glyphs import Hand
from core.synthesis.handwriting import override
from core.synthesis.presets import PRESETS
from core.synthesis.request import Request

HAND = ("jitter", "correlation", "turn", "slant", "slant_spread", "breadth", "pressure")
PEN = (BRUSH, "ramp", "zoom")
SLIDERS = (*HAND, *PEN)
"""Keys of TRACKS."""

_CHANGED = " •"


def usual(key: str, hand: Hand) -> Any:
    """What a hand says of the slider with that key."""
    return (hand.thinnest, hand.thickest) if key == BRUSH else getattr(hand, key)


def slider(key: str, hand: Hand) -> Any:
    """The slider with that key; a dot marks one that is not where the set's own hand has it."""
    own = usual(key, hand)
    setting = TRACKS[key]
    # before it is drawn for the first time it stands where the address says, if that says anything
    state = st.session_state
    moved = is_changed(state[key], own) if key in state else key in st.query_params
    return st.slider(
        setting.label + _CHANGED * moved,
        setting.low,
        setting.high,
        own,
        setting.step,
        key=key,
        bind="query-params",
        help=setting.about,
    )


def is_changed(value: Any, own: Any) -> bool:
    """Whether a slider's value differs from another; a range by one of its ends."""
    pairs = zip(value, own, strict=True) if isinstance(own, tuple) else [(value, own)]
    return any(abs(a - b) > 1e-9 for a, b in pairs)


def hand_texts(values: Mapping[str, Any], hand: Hand) -> tuple[str, ...]:
    """What differs from a hand, as `Request.hand` has it."""
    thinnest, thickest = values[BRUSH]
    fields = {**values, "thinnest": thinnest, "thickest": thickest}
    del fields[BRUSH]
    return tuple(
        f"{key}={value:g}" for key, value in fields.items() if is_changed(value, getattr(hand, key))
    )


def take(request: Request, sets: Mapping[str, str]) -> None:
    """Move all controls to a request; to be called before they are drawn. InklingError for one that
    cannot be written.

    sets : name -> argument of `load_glyphs`, as `find_glyphs` gives it.
    """
    hand = override(load_glyphs(request.glyphs).hand, request.hand)
    steps = dict(parse_effects(request.effects))
    state = st.session_state
    state.update({key: usual(key, hand) for key in SLIDERS})
    state["effects"] = list(steps)
    for name, amount in steps.items():
        state[effect_key(name)] = amount
        # a slider that is there owns its parameter; one to come takes it from the address
        with suppress(StreamlitAPIException):
            if amount != EFFECTS[name].amount.default:
                st.query_params[effect_key(name)] = f"{amount:g}"
    names = {path: name for name, path in sets.items()}
    state["glyphs"] = names.get(request.glyphs, state["glyphs"])
    state.update({"digits": request.digits, "seed": request.seed})
    put_odds_and_moves(request.odds, request.moves)


def put_odds_and_moves(odds: Sequence[str], moves: Sequence[str]) -> None:
    """Put them into the address, which alone has them; earlier moves are not undone after that."""
    st.query_params["odds"] = list(odds)
    st.query_params["moves"] = list(moves)
    st.session_state.pop("moves-before", None)


def redraw_controls() -> None:
    """Have the controls drawn again by a callback of the result, which is redrawn without them."""
    st.session_state["redraw"] = True


def preset_of(request: Request) -> str | None:
    """The preset whose hand and effects these are, if one."""
    own = load_glyphs(request.glyphs).hand
    hand, steps = override(own, request.hand), parse_effects(request.effects)
    for name, preset in PRESETS.items():
        there = preset.of(request)
        if override(own, there.hand) == hand and parse_effects(there.effects) == steps:
            return name
    return None


def described(request: Request) -> str:
    """What differs from the usual, in a line; a preset by its name."""
    usual_request = Request()
    preset, steps = preset_of(request), parse_effects(request.effects)
    parts = [preset] if preset else []
    if request.glyphs != usual_request.glyphs:
        parts.append(request.glyphs.rpartition("/")[2].removesuffix(".json"))
    if request.digits != usual_request.digits:
        parts.append(request.digits)
    if request.seed != usual_request.seed:
        parts.append(f"seed {request.seed}")
    if not preset:
        parts += _settings(request)
        parts += [f"{EFFECTS[name].title} {amount:.3g}" for name, amount in steps]
    parts += [f"{text.rpartition('=')[0]} {text.rpartition('=')[2]}" for text in request.odds]
    if request.moves:
        parts.append("points moved")
    return ", ".join(parts)


def _settings(request: Request) -> list[str]:
    own = load_glyphs(request.glyphs).hand
    hand = override(own, request.hand)
    changed = [key for key in SLIDERS if is_changed(usual(key, hand), usual(key, own))]
    return [f"{TRACKS[key].title} {written(usual(key, hand))}" for key in changed]


def written(value: float | tuple[float, float]) -> str:
    """The value of a slider in words."""
    return " to ".join(f"{v:.3g}" for v in value) if isinstance(value, tuple) else f"{value:.3g}"

"""The sliders of a hand: their titles and steps, their usual values, and all controls moved at
once.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

from core.synthesis.effects.table import EFFECTS, parse_effects
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.glyphs import HAND_LIMITS, Hand
from core.synthesis.handwriting import override
from core.synthesis.presets import PRESETS
from core.synthesis.request import Request

SLIDERS = {
    "jitter": (
        "Jitter radius, units",
        0.1,
        "How far a control point may fall from where it is on the 28-unit grid, times its factor.",
    ),
    "correlation": (
        "One hand",
        0.05,
        "0: every point is thrown by itself. 1: neighbouring points move together.",
    ),
    "turn": ("Rotation, degrees", 0.5, "Standard deviation."),
    "slant": ("Slant", 0.02, "Columns to the right for each row up, on average."),
    "slant_spread": ("Spread of the slant", 0.02, "Standard deviation."),
    "breadth": ("Spread of the width", 0.02, "Standard deviation of the logarithm."),
    "pressure": (
        "Pressure",
        0.02,
        "Standard deviation of the logarithm of the pen's width along a stroke.",
    ),
    "ramp": (
        "Ramp",
        0.05,
        "Share of the pen's half-width that is full ink; the rest fades to the edge.",
    ),
    "zoom": ("Zoom", 1, "The drawing is this many times larger before it is reduced."),
}
BRUSH = "brush"
"""Key of the slider of the pen's width, a range."""

PEN = ("ramp", "zoom")
HAND = tuple(key for key in SLIDERS if key not in PEN)
TITLES = {key: title for key, (title, *_) in SLIDERS.items()} | {BRUSH: "Brush, units"}
_CHANGED = " •"


def usual(key: str, hand: Hand) -> Any:
    """What a hand says of the slider with that key."""
    return (hand.thinnest, hand.thickest) if key == BRUSH else getattr(hand, key)


def slider(key: str, hand: Hand) -> Any:
    """The slider with that key; a dot marks one that is not where the set's own hand has it."""
    own = usual(key, hand)
    if key == BRUSH:
        step, text = 0.1, "The pen's width is drawn from this range."
        low, high = HAND_LIMITS["thickest"]
    else:
        _, step, text = SLIDERS[key]
        low, high = HAND_LIMITS[key]
    # before it is drawn for the first time it stands where the address says, if that says anything
    state = st.session_state
    moved = is_changed(state[key], own) if key in state else key in st.query_params
    return st.slider(
        TITLES[key] + _CHANGED * moved,
        low,
        high,
        own,
        step,
        key=key,
        bind="query-params",
        help=text,
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


def effect_key(name: str) -> str:
    """Key of an effect's slider; the hand has a slider called zoom too."""
    return f"effect-{name}"


def take(request: Request, sets: Mapping[str, str]) -> None:
    """Move all controls to a request; to be called before they are drawn. InklingError for one that
    cannot be written.

    sets : name -> argument of `load_glyphs`, as `find_glyphs` gives it.
    """
    hand = override(load_glyphs(request.glyphs).hand, request.hand)
    steps = dict(parse_effects(request.effects))
    state = st.session_state
    state.update({key: usual(key, hand) for key in (*SLIDERS, BRUSH)})
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
    changed = [key for key in TITLES if is_changed(usual(key, hand), usual(key, own))]
    return [f"{TITLES[key].partition(',')[0]} {written(usual(key, hand))}" for key in changed]


def written(value: float | tuple[float, float]) -> str:
    """The value of a slider in words."""
    return " to ".join(f"{v:.3g}" for v in value) if isinstance(value, tuple) else f"{value:.3g}"

"""The sliders of synthetic handwriting; all settings are in the page's address."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from core.errors import InklingError
from core.settings import Settings
from core.synthesis.effects.table import EFFECTS, format_effects
from core.synthesis.glyph_file import MAX_FILE_BYTES, find_glyphs, keep_glyphs, load_glyphs
from core.synthesis.glyphs import HAND_LIMITS, GlyphSet, Hand
from core.synthesis.request import Request
from pages.shared.address import correct_address, renamed

SLIDERS = {
    "jitter": (
        "Jitter radius, units",
        0.1,
        "How far a control point may fall from where it is on the 28-unit grid, times its factor.",
    ),
    "ramp": (
        "Ramp",
        0.05,
        "Share of the pen's half-width that is full ink; the rest fades to the edge.",
    ),
    "zoom": ("Zoom", 1, "The drawing is this many times larger before it is reduced."),
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
}
FIRST = ("jitter", "ramp", "zoom")


def request_of_controls(settings: Settings) -> Request | None:
    """All controls, and the resulting request; None, with a message, if that cannot be written."""
    _correct_address()
    sets = find_glyphs(settings)
    name = st.selectbox(
        "Glyph set",
        list(sets),
        key="glyphs",
        bind="query-params",
        on_change=_take_hand,
        args=(sets,),
    )
    try:
        own = load_glyphs(sets[name])
    except InklingError as error:
        st.error(str(error), icon=":material/error:")
        return None
    digits = st.text_input(
        "Characters", "0-9", key="digits", bind="query-params", help="0-9, or 3,7, or A-F,x"
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=120):
            seed = st.number_input("Seed", 0, 2**31 - 1, 0, key="seed", bind="query-params")
        st.button("Another", icon=":material/casino:", on_click=_another_seed)
    values = {key: _slider(key, own.hand) for key in FIRST[:1]}
    low, high = HAND_LIMITS["thickest"]
    usual = own.hand.thinnest, own.hand.thickest
    thinnest, thickest = st.slider(
        "Brush, units",
        low,
        high,
        usual,
        0.1,
        key="brush",
        bind="query-params",
        help="The pen's width is drawn from this range.",
    )
    values |= {"thinnest": thinnest, "thickest": thickest} | {
        key: _slider(key, own.hand) for key in FIRST[1:]
    }
    with st.expander("The hand", icon=":material/back_hand:"):
        values |= {key: _slider(key, own.hand) for key in SLIDERS if key not in FIRST}
    odds = tuple(st.query_params.get_all("odds"))
    with st.expander("Optional parts and variants", icon=":material/alt_route:"):
        _odds(own)
    with st.expander("Effects, in their order", icon=":material/filter_vintage:"):
        effects = _effects()
    with st.expander("A set of your own", icon=":material/upload_file:"):
        _upload(settings)
    hand = tuple(
        f"{key}={value:g}"
        for key, value in values.items()
        if abs(value - getattr(own.hand, key)) > 1e-9
    )
    moves = tuple(st.query_params.get_all("moves"))
    return Request(sets[name], digits, int(seed), 28, hand, odds, moves, effects)


def _effect_key(name: str) -> str:
    """Key of an effect's slider; the hand has a slider called zoom too."""
    return f"effect-{name}"


def _correct_address() -> None:
    """In older addresses an effect's amount had the effect's name alone. An effect may also be
    chosen by name, not only by title.
    """
    zoom = st.query_params.get("zoom", "")
    # the hand's is a whole number
    names = [name for name in EFFECTS if name != "zoom" or zoom.startswith("0.")]
    chosen = [
        EFFECTS[text].title if text in EFFECTS else text
        for text in st.query_params.get_all("effects")
    ]
    correct_address(renamed({name: _effect_key(name) for name in names}) | {"effects": chosen})


def _slider(key: str, hand: Hand) -> float:
    title, step, text = SLIDERS[key]
    low, high = HAND_LIMITS[key]
    return st.slider(
        title, low, high, getattr(hand, key), step, key=key, bind="query-params", help=text
    )


def _another_seed() -> None:
    st.session_state["seed"] = int(np.random.default_rng().integers(2**31))


def _take_hand(sets: Mapping[str, str]) -> None:
    """A set brings its own hand; moves and weights of the last set do not apply to this one."""
    try:
        hand = load_glyphs(sets[st.session_state["glyphs"]]).hand
    except InklingError:
        return
    for key in SLIDERS:
        st.session_state[key] = getattr(hand, key)
    st.session_state["brush"] = hand.thinnest, hand.thickest
    st.query_params["odds"] = []
    st.query_params["moves"] = []


def _odds(glyphs: GlyphSet) -> None:
    """Sliders for the variants and parts of one glyph; changes go into the address."""
    labels = [
        label for label, variants in glyphs.glyphs.items() if len(variants) > 1 or variants[0].parts
    ]
    if not labels:
        st.caption("No glyph of this set has variants or parts.")
        return
    label = st.selectbox("Glyph", labels, key="odds-of")
    given = dict(text.rpartition("=")[::2] for text in st.query_params.get_all("odds"))
    for variant in glyphs.glyphs[label]:
        rows = (
            [(f"{label}/{variant.name}", variant.name, variant.share, 10.0)]
            if len(glyphs.glyphs[label]) > 1
            else []
        )
        rows += [
            (f"{label}/{variant.name}/{part.name}", part.name, part.probability, 1.0)
            for part in variant.parts
        ]
        for key, title, usual, most in rows:
            kind = "share" if most > 1 else "probability"
            value = float(given.get(key, usual))
            st.slider(
                f"{title}, {kind}",
                0.0,
                most,
                value,
                0.05,
                key=f"odd-{key}",
                on_change=_set_odd,
                args=(key, usual),
            )


def _set_odd(key: str, usual: float) -> None:
    value = st.session_state[f"odd-{key}"]
    others = [text for text in st.query_params.get_all("odds") if text.rpartition("=")[0] != key]
    st.query_params["odds"] = others if value == usual else [*others, f"{key}={value:g}"]


def _effects() -> str:
    titles = {name: effect.title for name, effect in EFFECTS.items()}
    chosen: Sequence[str] = st.multiselect(
        "Effects",
        list(EFFECTS),
        key="effects",
        bind="query-params",
        format_func=lambda name: titles[name],
        label_visibility="collapsed",
        placeholder="None: choose in the order they happen",
    )
    steps = []
    for name in chosen:
        effect, usual = EFFECTS[name], EFFECTS[name].amount
        amount = st.slider(
            f"{effect.title}, {usual.unit}",
            0.0,
            float(usual.high),
            float(usual.default),
            float(usual.step),
            key=_effect_key(name),
            bind="query-params",
        )
        steps.append((name, amount))
    return format_effects(steps)


def _upload(settings: Settings) -> None:
    st.caption("A JSON file like those in `assets/glyphs`. It joins the list of sets above.")
    st.file_uploader(
        "Glyph set",
        ["json"],
        max_upload_size=10,
        key="own-set",
        label_visibility="collapsed",
        on_change=_keep_upload,
        args=(settings,),
    )
    if st.session_state["own-set"] is not None and (
        problem := st.session_state.get("own-set-problem")
    ):
        st.error(problem, icon=":material/error:")


def _keep_upload(settings: Settings) -> None:
    """Once per file, before the page is drawn, so that the list above has it."""
    file, st.session_state["own-set-problem"] = st.session_state["own-set"], ""
    if file is None:
        return
    try:
        if file.size > MAX_FILE_BYTES:
            raise InklingError(
                f"{file.name} is larger than 1 MB; a glyph set is a small JSON file."
            )
        keep_set(
            file.getvalue().decode("utf-8", "replace"), file.name.removesuffix(".json"), settings
        )
    except InklingError as error:
        st.session_state["own-set-problem"] = str(error)


def keep_set(text: str, name: str, settings: Settings) -> None:
    """Save a custom glyph set and say so; InklingError if it is invalid."""
    st.toast(
        f"{keep_glyphs(text, name, settings)} is kept. Choose it under Glyph set.",
        icon=":material/check:",
    )

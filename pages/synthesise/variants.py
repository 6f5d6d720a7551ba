"""How often the variants and optional parts of a glyph are written; changes are in the address."""

from collections.abc import Sequence

import streamlit as st

from core.errors import InklingError
from core.synthesis.glyphs import GlyphSet, parse_probabilities


def show_variants(glyphs: GlyphSet) -> dict[str, float]:
    """Sliders for the variants and parts of one glyph, with the keys `odd_key`: GLYPH/VARIANT or
    GLYPH/VARIANT/PART of each -> its usual value.
    """
    labels = [
        label for label, variants in glyphs.glyphs.items() if len(variants) > 1 or variants[0].parts
    ]
    if not labels:
        st.caption("No glyph of this set has variants or parts.")
        return {}
    label = st.selectbox("Glyph", labels, key="odds-of")
    try:
        given = parse_probabilities(st.query_params.get_all("odds"))
    except InklingError:  # the result says so
        given = {}
    usual = {}
    variants = glyphs.glyphs[label]
    for variant in variants:
        name = f"{label}/{variant.name}"
        if len(variants) > 1:
            usual[name] = variant.share
            _slider(name, f"{variant.name}, share", usual[name], 10.0, given.get(name))
        for part in variant.parts:
            key = f"{name}/{part.name}"
            usual[key] = part.probability
            _slider(key, f"{part.name}, probability", usual[key], 1.0, given.get(key))
    return usual


def odd_key(name: str) -> str:
    """Key of the slider of a variant or part."""
    return f"odd-{name}"


def with_odd(odds: Sequence[str], name: str, value: float, usual: float) -> tuple[str, ...]:
    """The texts of `odds` with another value of one; the usual one is not said."""
    others = tuple(text for text in odds if text.rpartition("=")[0] != name)
    return others if value == usual else (*others, f"{name}={value:g}")


def _slider(name: str, title: str, usual: float, most: float, given: float | None) -> None:
    key = odd_key(name)
    # the address is what counts: a reset or another set changes it
    st.session_state[key] = min(max(usual if given is None else given, 0.0), most)
    st.slider(title, 0.0, most, step=0.05, key=key, on_change=_set_odd, args=(name, usual))


def _set_odd(name: str, usual: float) -> None:
    value, odds = st.session_state[odd_key(name)], st.query_params.get_all("odds")
    st.query_params["odds"] = with_odd(odds, name, value, usual)

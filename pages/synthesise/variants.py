"""How often the variants and optional parts of a glyph are written; changes are in the address."""

import streamlit as st

from core.errors import InklingError
from core.synthesis.glyphs import GlyphSet, parse_probabilities


def show_variants(glyphs: GlyphSet) -> None:
    """Sliders for the variants and parts of one glyph."""
    labels = [
        label for label, variants in glyphs.glyphs.items() if len(variants) > 1 or variants[0].parts
    ]
    if not labels:
        st.caption("No glyph of this set has variants or parts.")
        return
    label = st.selectbox("Glyph", labels, key="odds-of")
    try:
        given = parse_probabilities(st.query_params.get_all("odds"))
    except InklingError:  # the result says so
        given = {}
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
            # the address is what counts: a reset or another set changes it
            st.session_state[f"odd-{key}"] = min(max(given.get(key, usual), 0.0), most)
            st.slider(
                f"{title}, {kind}",
                0.0,
                most,
                step=0.05,
                key=f"odd-{key}",
                on_change=_set_odd,
                args=(key, usual),
            )


def _set_odd(key: str, usual: float) -> None:
    value = st.session_state[f"odd-{key}"]
    others = [text for text in st.query_params.get_all("odds") if text.rpartition("=")[0] != key]
    st.query_params["odds"] = others if value == usual else [*others, f"{key}={value:g}"]

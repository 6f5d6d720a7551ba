"""Your hand: each character is drawn a few times, in turn; the drawings become a glyph set, which
writes hundreds of others and which a recognizer learns.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.datasets import drawings
from core.datasets.drawings import Drawing
from core.errors import InklingError
from core.ink.strokes import picture_of_strokes
from core.settings import Settings
from core.synthesis.glyph_file import SETS, dump_glyphs, find_glyphs, load_glyphs
from core.synthesis.glyphs import GlyphSet
from core.synthesis.labels import parse_labels
from core.synthesis.own_glyphs import OWN, own_glyphs, preview
from pages.my_drawings.teach import teach
from pages.my_drawings.undo import changed
from pages.shared.cache import cached
from pages.shared.canvas import Drawn, canvas, put_strokes
from pages.shared.fragment import fragment
from pages.shared.gallery import gallery
from pages.shared.own_set import offer_set
from pages.shared.text import plain
from pages.shared.visitor import check_drawings

TIMES = 3
"""Drawings of each character that are asked for."""

KINDS = {"Digits": "0-9", "Capitals": "A-Z", "Small letters": "a-z"}
SIDE, PEN = 280, 20
"""Pixels of the canvas, and of its pen."""

_ROWS, _LARGE = 6, 56
"""Variants of each character in the preview, and pixels of one."""

_CANVAS, _SKIPPED, _LAST = "hand", "hand-skipped", "hand-last"


def show_hand(settings: Settings) -> None:
    """What to draw now, what the hand writes, the set itself, and a recognizer that learns it;
    InklingError if the drawings cannot be read.
    """
    st.caption(
        "Draw each character once to three times, as you usually write. Every drawing becomes a "
        "way of writing it; together they are a hand that writes hundreds of others."
    )
    kind = st.segmented_control(
        "Characters",
        list(KINDS),
        default="Digits",
        required=True,
        key="kind",
        bind="query-params",
        label_visibility="collapsed",
    )
    wanted = parse_labels(KINDS[kind])
    pieces = {
        number: (label, strokes)
        for number, (label, strokes) in drawings.with_strokes(settings).items()
        if label in wanted
    }
    with st.container(horizontal=True, gap="medium", key="hand"):
        left, right = st.container(width=SIDE + 4), st.container(width="stretch")
    with left:
        fragment(_draw_next)(wanted, [label for label, _ in pieces.values()], settings)
    with right:
        if not pieces:
            st.info(
                "Nothing of your hand is here yet. Draw what is asked for and press Next.",
                icon=":material/draw:",
            )
            return
        of = tuple((number, label) for number, (label, _) in pieces.items())
        made = cached("own-hand", of, lambda: own_glyphs(pieces.values(), name=OWN))
        _preview(made, of)
        _keep(made, settings)
    teach(settings, pick_glyphs=lambda: _learnt_set(settings))


def _draw_next(wanted: Sequence[str], drawn: Sequence[str], settings: Settings) -> None:
    """The canvas, with the character that is drawn the least so far."""
    counts = Counter(drawn)
    skipped = st.session_state.get(_SKIPPED, ())
    label = min(wanted, key=lambda name: (name in skipped, counts[name]))
    done = sum(min(counts[name], TIMES) for name in wanted)
    asked = TIMES * len(wanted)
    more = "" if done < asked else " once more, if you like"
    st.progress(done / asked, text=f"Draw **{plain(label)}**{more} · {done} of {asked} drawn")
    on_canvas = canvas(_CANVAS, width=SIDE, height=SIDE, pen=PEN, pens=(PEN, PEN))
    # what was kept stays on the canvas until the browser has heard of it
    new = bool(on_canvas.strokes) and on_canvas.to_json() != st.session_state.get(_LAST)
    with st.container(horizontal=True):
        if (
            st.button("Next", icon=":material/arrow_forward:", type="primary", shortcut="Enter")
            and new
        ):
            _keep_drawing(on_canvas, label, settings)
        if st.button("Skip", icon=":material/skip_next:"):
            # when all were passed over, it begins again
            passed = {*skipped, label}
            st.session_state[_SKIPPED] = () if passed >= set(wanted) else tuple(passed)
            st.rerun()


def _keep_drawing(on_canvas: Drawn, label: str, settings: Settings) -> None:
    strokes = on_canvas.to_json()
    picture = picture_of_strokes(on_canvas.strokes, width=on_canvas.pen)
    try:
        drawing = Drawing(picture, strokes, label, "", 0.0, "")
        check_drawings(settings, [drawing])
        number = drawings.save(settings, drawing)
    except InklingError as error:
        st.error(plain(error), icon=":material/error:")
        return
    st.session_state[_LAST] = strokes
    put_strokes(_CANVAS, [])
    changed(f"{label} is kept.", [], [number])
    st.rerun()


def _preview(made: GlyphSet, of: tuple[tuple[int, str], ...]) -> None:
    """What the hand writes; `of` are the ids and labels of its drawings."""
    count = _ROWS * len(made.glyphs)
    images, names = cached("own-hand-preview", of, lambda: preview(made, count, side=_LARGE))
    ways = sum(map(len, made.glyphs.values()))
    st.caption(
        f"Your hand as it writes, from {ways} ways of writing {len(made.glyphs)} characters. No "
        "two are alike."
    )
    gallery(
        images,
        alts=[f"{name}, written" for name in names],
        layout="tight",
        columns=len(made.glyphs),
        name="own-hand",
    )


def _keep(made: GlyphSet, settings: Settings) -> None:
    """The set as a file, and as one of one's own."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=180):
            name = st.text_input("Name of the glyph set", "my-hand", max_chars=40)
        text = dump_glyphs(replace(made, name=name, title=name))
        offer_set(text, name, settings)
        if there := find_glyphs(settings).get(name):
            st.page_link(
                "synthesise/page.py",
                label="Open in Synthesise",
                icon=":material/edit:",
                query_params={"glyphs": name, "digits": ",".join(load_glyphs(there).glyphs)},
            )


def _learnt_set(settings: Settings) -> str:
    """Which set a recognizer learns: that of the drawings, or a kept one, which may be edited."""
    kept = {name: path for name, path in find_glyphs(settings).items() if name not in SETS}
    if not kept:
        return OWN
    sets = {"The drawings": OWN} | kept
    chosen = st.selectbox("Glyph set", list(sets), key="learn", bind="query-params")
    return sets[chosen]

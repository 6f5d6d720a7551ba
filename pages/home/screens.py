"""The screens as cards: each a small picture of what the screen shows, which leads to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from core.errors import InklingError
from core.settings import Settings
from pages.home import miniatures
from pages.home.miniatures import Miniature, Seen
from pages.shared.cache import cached
from pages.shared.gallery import img
from pages.shared.models import recognizer, warm_up
from pages.shared.style import theme
from pages.shared.text import plain


@dataclass(frozen=True)
class Screen:
    """page : the screen's file, and the parameters in its address. draw : its picture. lives : it
    changes with what the visitor does; the others are drawn once.
    """

    page: str
    title: str
    icon: str
    draw: Callable[[Seen], Miniature]
    query: Mapping[str, str] = field(default_factory=dict)
    lives: bool = False


SCREENS = (
    Screen("draw/page.py", "Read a line", "edit_note", miniatures.line, {"mode": "Line"}),
    Screen("draw/page.py", "Show a picture", "photo_camera", miniatures.photo, {"mode": "Picture"}),
    Screen("sheet/page.py", "Read a table", "table_view", miniatures.sheet, {"example": "true"}),
    Screen("synthesise/page.py", "Make handwriting", "gesture", miniatures.digits),
    Screen("compose/page.py", "Compose numerals", "join", miniatures.numerals),
    Screen("explore/page.py", "Explore the data", "travel_explore", miniatures.class_maps),
    Screen("curate/page.py", "Curate", "rule", miniatures.edit),
    Screen(
        "my_drawings/page.py",
        "My drawings",
        "collections_bookmark",
        miniatures.drawings,
        lives=True,
    ),
    Screen("train/page.py", "Train", "model_training", miniatures.curve, lives=True),
    Screen("evaluate/page.py", "Evaluate", "fact_check", miniatures.confusion),
    Screen("robustness/page.py", "Robustness", "vital_signs", miniatures.jitter),
)


def show_screens(settings: Settings, reader: str, waiting: bool) -> None:
    """A card each; while the model loads, it is looked after every second, and what it reads in
    them is added when it is there.
    """
    if waiting and not warm_up(reader, settings).is_alive():
        st.rerun()
    model = recognizer(reader, settings) if reader and not waiting else None
    seen = Seen(settings, model)
    with st.container(key="screens"):
        for number, screen in enumerate(SCREENS):
            with st.container(key=f"screen-{number}", border=True, gap="small"):
                _show(screen, seen)


def _show(screen: Screen, seen: Seen) -> None:
    draw, key = partial(screen.draw, seen), (screen.title, theme(), seen.reader)
    try:
        shown = draw() if screen.lives else cached("home", key, draw, shared=True)
    except InklingError as error:
        shown = Miniature([], str(error), 1)
    # without a text each: the caption says what they are
    pictures = "".join(img(picture, alt="", side=320) for picture in shown.pictures)
    st.html(f'<div class="miniature" style="--columns: {shown.columns}">{pictures}</div>')
    st.page_link(
        screen.page,
        label=f"**{screen.title}**",
        icon=f":material/{screen.icon}:",
        query_params=dict(screen.query),
    )
    st.caption(plain(shown.fact))

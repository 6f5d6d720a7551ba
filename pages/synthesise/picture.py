"""One image large: its answer, and what it was drawn from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from core.synthesis.request import Request
from pages.shared.gallery import gallery
from pages.shared.picture import on_picture, opened, picture_dialog, turn_over
from pages.shared.reading import show_bars
from pages.shared.text import plain
from pages.synthesise.sliders import described
from pages.synthesise.source import Source, answers


@dataclass(frozen=True)
class Large:
    """Image `number` of a request."""

    request: Request
    number: int


def show_large(source: Source, pictures: Sequence[Large], within: str) -> None:
    """Listen to presses on the pictures in the container with that key, which have their places in
    the list as numbers, and show the one that the address names.
    """
    on_picture(within)
    if 0 <= opened() < len(pictures):
        picture_dialog(_closely, source, pictures)


def _closely(source: Source, pictures: Sequence[Large]) -> None:
    place = opened()
    if not 0 <= place < len(pictures):
        return
    request, number = pictures[place].request, pictures[place].number
    writing = request.handwriting()
    images, labels = writing.draw(number, 1)
    sketch = writing.sketch(number)
    turn_over(f"Image {number:,}, labelled {labels[0]}", place, range(len(pictures)))
    looked, says = st.columns(2, gap="medium")
    with looked, st.container(width=420):
        gallery(images, alts=[f"Image {number}: {labels[0]}"], columns=1, name="large")
    with says:
        if source.card is not None:
            show_bars(answers(images, source.card, source.settings).top(5))
        facts = {
            "Settings": described(request),
            "Seed": str(request.seed),
            "Written as": f"{sketch.label}, {sketch.variant}" if sketch.variant else sketch.label,
            "Pen": f"{sketch.widths.mean():.2f} units on average",
        }
        st.markdown("\n".join(f"- {title}: **{plain(fact)}**" for title, fact in facts.items()))
        if writing.effects:
            without = replace(writing, effects=()).draw(number, 1)[0]
            st.caption("Without effects")
            with st.container(width=120):
                gallery(without, alts=["Without effects"], columns=1)
    st.code(
        f"{request.code(count=1).rpartition('.draw')[0]}.draw({number}, 1)",
        language="python",
        wrap_lines=True,
    )

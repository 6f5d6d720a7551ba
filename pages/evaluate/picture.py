"""One picture large: what the recognizer saw in it, its probabilities, similar training images, and
buttons to mark it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.datasets.digest import digest_of_picture, quick_digest
from core.datasets.marks import HARD, MISLABELLED, UNREADABLE, Mark, mark, unmark
from core.errors import InklingError
from core.evaluation.cells import nearest
from core.ink.forms import to_form
from core.visitors import check_room
from pages.evaluate.source import Source, name_of
from pages.shared.cache import cached
from pages.shared.gallery import gallery, img
from pages.shared.models import recognizer
from pages.shared.picture import opened, picture_dialog, turn_over
from pages.shared.reading import show_bars
from pages.shared.text import plain

if TYPE_CHECKING:
    from core.models.recognizer import Recognizer

_NEAREST = 8
"""Training images beside it."""


def mark_them(source: Source, new: Sequence[Mark], cleared: Sequence[int]) -> bool:
    """Save new marks and remove cleared ones; whether that was done. Errors are shown."""
    assert source.dataset is not None
    try:
        check_room(source.settings)
        mark(source.settings, source.dataset, new)
        unmark(source.settings, source.dataset, cleared)
    except InklingError as error:
        st.toast(plain(error), icon=":material/error:", duration="long")
        return False
    source.marks.update({item.row: item for item in new})
    for row in cleared:
        source.marks.pop(row, None)
    return True


def show_picture(source: Source, among: Sequence[int] | np.ndarray) -> None:
    """A dialog with the picture that the address names. among : rows of the pictures before and
    after it.
    """
    if source.dataset is not None and opened() < len(source.dataset):
        picture_dialog(_closely, source, among)


def _closely(source: Source, among: Sequence[int] | np.ndarray) -> None:
    assert source.dataset is not None
    row = opened()
    label = source.dataset.classes[source.dataset.labels[row]]
    turn_over(f"Number {row:,}, labelled {label}", row, [int(other) for other in among])
    model = recognizer(source.card.name, source.settings)
    image = np.asarray(source.dataset.images[row])
    looked, says = st.columns(2, gap="medium")
    with looked:
        _saliency(model, image)
    with says:
        _probabilities(model, image)
        _judge(source, row, label)
    _nearest(source, image, row)
    query = {
        "data": source.entry.name,
        "part": source.part,
        "show": "Map of images",
        "model": source.card.name,
        "find-by": "number",
        "find": str(row),
    }
    st.page_link(
        "explore/page.py",
        label="Its place on the map of images",
        icon=":material/scatter_plot:",
        query_params=query,
    )


def _saliency(model: "Recognizer", image: np.ndarray) -> None:
    from core.reading.saliency import METHODS, evidence_picture, methods_for

    inputs = to_form(image[None], model.form)[0]
    label, _ = model.predict(inputs[None]).top(1)[0]
    method = methods_for(model)[0]
    evidence = METHODS[method](model, inputs, model.card.classes.index(label))
    picture = evidence_picture(evidence, inputs)
    st.html(
        f'<div class="pair-large">{img(image, alt="The picture")}'
        f"{img(picture, alt=f'Evidence for {label} in each pixel')}</div>"
    )
    st.caption(f"{method}: orange speaks for {plain(label)}, blue against it.")


def _probabilities(model: "Recognizer", image: np.ndarray) -> None:
    show_bars(model.predict(image[None]).top(5))


def _judge(source: Source, row: int, label: str) -> None:
    """The same marks as by keyboard, for mouse or touch."""
    now = source.marks.get(row)
    others = [name for name in source.predictions.classes if name != label]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        becomes = st.selectbox("It is", others, index=None, width=110, key=f"becomes-{row}")
        kinds = [
            ("Mislabelled", MISLABELLED, ":material/label_off:"),
            ("Unreadable", UNREADABLE, ":material/visibility_off:"),
            ("Hard", HARD, ":material/fitness_center:"),
        ]
        for title, kind, icon in kinds:
            wanted = becomes or "" if kind == MISLABELLED else ""
            if st.button(
                title, icon=icon, disabled=kind == MISLABELLED and not becomes, key=f"mark-{kind}"
            ):
                mark_them(source, [Mark(row, label, kind, wanted)], [])
                st.rerun(scope="fragment")
        if now and st.button("Remove the mark", icon=":material/undo:"):
            mark_them(source, [], [row])
            st.rerun(scope="fragment")
    if now:
        st.caption(f"Marked {now.kind}{': it is ' + plain(now.becomes) if now.becomes else ''}.")


def _nearest(source: Source, image: np.ndarray, row: int) -> None:
    """The most similar images of the training split."""
    try:
        train = source.entry.open(source.settings, "train")
    except InklingError:
        train = None
    if train is None or train.images.shape[1:] != image.shape or not len(train):
        return
    own = train.name == name_of(source.entry, source.part)
    rows, distances = cached(
        "nearest",
        (quick_digest(train), digest_of_picture(image), own),
        lambda: nearest(image, train.images, _NEAREST + own),
    )
    st.caption(
        f"The most similar of the {len(train):,} training images, by pixels; below each its label "
        "and how far apart (0 to 1)"
    )
    others = [
        (int(at), float(far))
        for at, far in zip(rows, distances, strict=True)
        if not (own and at == row)
    ][:_NEAREST]
    gallery(
        [np.asarray(train.images[at]) for at, _ in others],
        [f"{train.classes[train.labels[at]]}, {far:.2f}" for at, far in others],
        columns=_NEAREST,
        name="nearest",
    )

"""Two recognizers on the same pictures: which reads more, where they differ, and the pictures that
only one of them reads.
"""

from html import escape
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.errors import InklingError
from core.evaluation.compare import Comparison, Discordance, compare, holm
from core.evaluation.predictions import DatasetPrediction, shipped_predictions, with_marks
from core.evaluation.scores import confusion_matrix
from core.intervals import percent, probability, span, wilson_interval
from core.models.cards import Card, find_cards
from pages.evaluate.source import Source, Unread, answers_of, read_them
from pages.shared.cache import cached
from pages.shared.charts import show_figure
from pages.shared.gallery import Line, gallery
from pages.shared.heat_map import (
    confusion_figure,
    confusion_table,
    row_shares,
    share_colors,
    shown_classes,
    signed_colors,
)
from pages.shared.missing import say_missing
from pages.shared.pager import pager
from pages.shared.text import code, plain

PAGE = 24
"""Pictures on a page of a gallery."""

_CONVINCING = 0.05


def show_compare(source: Source) -> None:
    other = _pick_other(source)
    if other is None:
        return
    card, _ = other
    try:
        second = _answers(source, card)
    except InklingError as error:
        st.warning(
            f"{code(card.name)}: {plain(error)} Choose another recognizer.", icon=":material/info:"
        )
        return
    if second is None and source.dataset is None:
        say_missing(
            source.entry,
            source.settings,
            f"The pictures of {source.entry.title} are not on this machine, and {card.name} came "
            "without answers to them: the two cannot be compared.",
        )
        return
    if second is None:
        read_them(Unread(source.entry, source.part, card), source.settings)
        return
    first, second, rows = _common(source, second)
    if not len(first):
        st.info(
            "No picture is left to compare on: all are marked as unreadable. Set Marks to ignored.",
            icon=":material/info:",
        )
        return
    names = source.card.name, card.name
    result = cached(
        "comparison", (source.state, second.about.weights), lambda: compare(first, second)
    )
    st.html(
        '<p class="figure-line" '
        f'data-testid="comparison">{verdict(result.overall(), result, names)}</p>'
    )
    _matrices(result, names)
    _by_class(result, names)
    _alone(source, result, (first, second), rows, names)
    merged = set(first.classes + second.classes) - set(result.classes)
    if merged:
        st.caption(
            f"Only one of them keeps {plain(' '.join(sorted(merged)))} apart from the capital: for "
            f"this "
            "comparison they are one class for both."
        )
    st.caption(plain(source.caveat))


def verdict(all_: Discordance, comparison: Comparison, names: tuple[str, str]) -> str:
    """Both accuracies and McNemar's test of the difference, as HTML."""
    parts = []
    for name, right in zip(names, (comparison.first_right, comparison.second_right), strict=True):
        hits = int(right.sum())
        interval = wilson_interval(hits, all_.n)
        parts.append(
            f"{escape(name)} reads <b>{percent(hits / all_.n)}</b> correctly "
            f"(95 % {span(interval)})"
        )
    better = names[all_.only_second > all_.only_first]
    if all_.only_first == all_.only_second:
        text = "neither is ahead"
    elif all_.p < _CONVINCING:
        text = f"{escape(better)} is ahead, by more than chance"
    else:
        text = f"{escape(better)} is ahead, which can be chance"
    return (
        f"{parts[0]}, {parts[1]}, of the same {all_.n:,} pictures. {all_.only_first:,} are read "
        f"correctly by {escape(names[0])} alone, "
        f"{all_.only_second:,} by {escape(names[1])} alone: {text} (McNemar's exact test, "
        f"{p_value(all_.p)})."
    )


def p_value(p: float) -> str:
    return "p &lt; 0.0001" if p < 0.0001 else f"p = {p:.2g}"


def _pick_other(source: Source) -> tuple[Card, Path] | None:
    cards = {
        name: result
        for name, result in find_cards(source.settings).items()
        if name != source.card.name
    }
    if not cards:
        st.info("There is no other recognizer to compare with; train one.", icon=":material/info:")
        st.page_link("train/page.py", label="Train", icon=":material/model_training:")
        return None
    names = sorted(
        cards, key=lambda name: (set(cards[name][0].classes) != set(source.card.classes), name)
    )
    if st.session_state.get("against") not in names:
        st.session_state.pop("against", None)  # it is the one on the screen
    about = "\n".join(f"- {plain(name)}: {plain(cards[name][0].title)}" for name in names)
    name = st.selectbox(
        f"Compare {plain(source.card.name)} with",
        names,
        key="against",
        bind="query-params",
        help=about,
        width=300,
    )
    return cards[name]


def _answers(source: Source, card: Card) -> DatasetPrediction | None:
    _, weights = find_cards(source.settings)[card.name]
    if source.dataset is not None:
        return answers_of(card, weights, source.dataset, source.settings)
    return shipped_predictions(weights, card, source.name)


def _common(
    source: Source, second: DatasetPrediction
) -> tuple[DatasetPrediction, DatasetPrediction, np.ndarray]:
    """The pictures that both are scored on, and their rows: a mark may exclude one that only the
    other has a class for.
    """
    if not source.applied:
        return source.predictions, second, source.rows
    marked, its_rows = with_marks(second, source.marks)
    rows, ours, its = np.intersect1d(source.rows, its_rows, assume_unique=True, return_indices=True)
    return source.predictions.take(ours), marked.take(its), rows


def _matrices(comparison: Comparison, names: tuple[str, str]) -> None:
    views = ["difference", *names]
    shown = st.segmented_control(
        "Matrix",
        views,
        default=views[0],
        required=True,
        format_func=plain,
        key="matrix-of",
        bind="query-params",
    )
    signed = shown == views[0]
    values = (
        comparison.difference()
        if signed
        else row_shares(
            _confusion(comparison, comparison.first if shown == names[0] else comparison.second)
        )
    )
    every = np.arange(len(comparison.classes))
    show_figure(
        difference_figure(comparison, values, names, signed=signed),
        "difference" if signed else "matrix-of-one",
        alt="Difference of the confusion matrices" if signed else f"Confusion matrix of {shown}",
        table=lambda: confusion_table(values, comparison.classes, every, every),
    )
    st.caption(
        f"Of each class of the truth, by how many percent points more {plain(names[1])} answers a "
        f"class "
        f"(orange) or {plain(names[0])} does (blue). "
        "On the diagonal orange is better; elsewhere it is a mistake made more often."
        if signed
        else "Of each class of the truth, the share that is read as each class."
    )


def difference_figure(
    comparison: Comparison, values: np.ndarray, names: tuple[str, str], *, signed: bool
) -> go.Figure:
    """Shares of the truth, or their difference, [C, C]; classes without images have no row."""
    first, second = (
        _confusion(comparison, comparison.first),
        _confusion(comparison, comparison.second),
    )
    rows, columns = shown_classes(first + second)
    texts = [escape(name) for name in comparison.classes]
    hover = [
        [
            f"true {texts[row]}, read {texts[column]}, of {first[row].sum():,}<br>"
            f"{escape(names[0])} {first[row, column]:,}, {escape(names[1])} {second[row, column]:,}"
            for column in columns
        ]
        for row in rows
    ]
    shown = values[np.ix_(rows, columns)]
    most = max(float(np.abs(values).max()), 1e-9)
    percents = np.char.mod("%+.1f" if signed else "%.1f", 100 * shown)
    return confusion_figure(
        shown,
        comparison.classes,
        rows,
        columns,
        colors=signed_colors(most, steep=True) if signed else share_colors(),
        hover=hover,
        numbers=np.where(np.abs(shown) >= 0.0005, percents, ""),
        bar="+.1~%" if signed else ".0%",
    )


def _confusion(comparison: Comparison, answers: np.ndarray) -> np.ndarray:
    return confusion_matrix(comparison.truth, answers, len(comparison.classes))


def _by_class(comparison: Comparison, names: tuple[str, str]) -> None:
    tests = comparison.by_class()
    corrected = holm(np.array([test.p for _, test in tests]))
    rows = []
    differences = np.array([abs(test.only_second - test.only_first) / test.n for _, test in tests])
    for position in np.lexsort(np.stack([-differences, corrected])):
        (name, test), p = tests[position], corrected[position]
        these = comparison.truth == comparison.classes.index(name)
        first, second = (
            float(right[these].mean())
            for right in (comparison.first_right, comparison.second_right)
        )
        rows.append(
            {
                "class": name,
                "n": test.n,
                names[0]: first,
                names[1]: second,
                "difference": 100 * (second - first),
                "only first": test.only_first,
                "only second": test.only_second,
                "p": float(p),
            }
        )
    st.subheader("By class", anchor=False)
    share = st.column_config.NumberColumn
    st.dataframe(
        rows,
        hide_index=True,
        alt="Both accuracies of each class",
        column_config={
            "class": st.column_config.TextColumn(pinned=True, width=60),
            **{name: share(format="percent") for name in names},
            "n": share(format="localized"),
            "difference": share(
                format="%+.2f", help=f"Percent points; above 0 {plain(names[1])} reads more"
            ),
            "only first": share(f"only {names[0]}", help="Pictures that it alone reads correctly"),
            "only second": share(f"only {names[1]}", help="Pictures that it alone reads correctly"),
            "p": share(
                "p, corrected",
                format="%.2g",
                help="McNemar's exact test; Holm's correction for so many classes",
            ),
        },
    )
    sure = [name for (name, _), p in zip(tests, corrected, strict=True) if p < _CONVINCING]
    st.caption(
        f"Beyond chance (p < {_CONVINCING} after Holm's correction for {len(rows)} classes) they "
        "differ in " + (plain(", ".join(sure)) + "." if sure else "no class.")
    )


def _alone(
    source: Source,
    comparison: Comparison,
    both: tuple[DatasetPrediction, DatasetPrediction],
    rows: np.ndarray,
    names: tuple[str, str],
) -> None:
    st.subheader("Read correctly by one model only", anchor=False)
    which = [
        comparison.first_right & ~comparison.second_right,
        comparison.second_right & ~comparison.first_right,
    ]
    if source.dataset is None:
        say_missing(
            source.entry,
            source.settings,
            f"{which[0].sum():,} by {names[0]} and {which[1].sum():,} by {names[1]}; their "
            "pictures "
            "are not on this machine.",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            "Read correctly only by",
            names,
            default=names[0],
            required=True,
            format_func=plain,
            key="alone",
            bind="query-params",
        )
        indices = np.flatnonzero(which[names.index(chosen)])
        # Most confident mistakes of the wrong one first.
        indices = indices[
            np.argsort(-both[1 - names.index(chosen)].confidence[indices], kind="stable")
        ]
        of = (source.name, names, chosen)
        shown = indices[pager(len(indices), PAGE, key="alone-page", of=of)]
    if not len(indices):
        st.caption(f"There is no picture that {plain(chosen)} alone reads correctly.")
        return
    _gallery(source, both, rows, shown, comparison)
    st.caption(
        f"A is {plain(names[0])}, B is {plain(names[1])}; in brackets how sure each is. "
        f"{len(shown)} of "
        f"{len(indices):,} pictures that "
        f"{plain(chosen)} alone reads correctly, the other's surest mistakes first."
    )


def _gallery(
    source: Source,
    both: tuple[DatasetPrediction, DatasetPrediction],
    rows: np.ndarray,
    indices: np.ndarray,
    comparison: Comparison,
) -> None:
    assert source.dataset is not None
    right = (comparison.first_right, comparison.second_right)
    captions = []
    for index in indices:
        answers = [
            Line(
                f"{letter}: {one.classes[one.answers[index]]} "
                f"({probability(one.confidence[index])})",
                wrong=not hits[index],
            )
            for letter, one, hits in zip("AB", both, right, strict=True)
        ]
        truth = source.predictions.classes[both[0].truth[index]]
        captions.append([*answers, Line(f"truth {truth}")])
    images = np.asarray(source.dataset.images[rows[indices]])
    gallery(images, captions, columns=8, name="alone")

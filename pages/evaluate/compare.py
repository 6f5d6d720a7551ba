"""Two recognizers on the same pictures: which reads more, where they differ, and the pictures that
only one of them reads.
"""

from html import escape
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from plotly.colors import sample_colorscale

from core.errors import InklingError
from core.evaluation.compare import Comparison, Discordance, compare, holm
from core.evaluation.predictions import Predictions, shipped_predictions, with_marks
from core.evaluation.scores import confusion_matrix
from core.intervals import percent, probability, span, wilson_interval
from core.models.cards import Card, find_cards
from pages.evaluate.source import Source, Unread, answers_of, read_them
from pages.shared.charts import show_figure
from pages.shared.data import kept
from pages.shared.gallery import Line, gallery
from pages.shared.missing import say_missing
from pages.shared.style import AGAINST_AND_FOR, on_phone, theme

PAGE = 24
"""Pictures on a page of a gallery."""

_FEW = 20
"""Classes up to which cells have room for their number."""

_CONVINCING = 0.05


def show_compare(source: Source) -> None:
    other = _pick_other(source)
    if other is None:
        return
    card, _ = other
    try:
        second = _answers(source, card)
    except InklingError as error:
        st.warning(f"`{card.name}`: {error} Choose another recognizer.", icon=":material/info:")
        return
    if second is None and source.dataset is None:
        say_missing(
            source.entry,
            source.settings,
            f"The pictures of {source.entry.title} are not on this machine, and `{card.name}` came "
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
    found: Comparison = kept(
        "comparison",
        (source.state, second.about.weights),
        lambda _: compare(first, second),
        total=1,
        doing="Comparing",
    )
    st.html(
        f'<p class="figure-line" data-testid="comparison">{verdict(found.overall(), found, names)}</p>'
    )
    _matrices(found, names)
    _by_class(found, names)
    _alone(source, found, (first, second), rows, names)
    merged = set(first.classes + second.classes) - set(found.classes)
    if merged:
        st.caption(
            f"Only one of them keeps {' '.join(sorted(merged))} apart from the capital: for this comparison they are one class for both."
        )
    st.caption(source.caveat)


def verdict(all_: Discordance, found: Comparison, names: tuple[str, str]) -> str:
    """Both accuracies and what McNemar's test makes of the difference, as HTML."""
    parts = []
    for name, right in zip(names, (found.first_right, found.second_right), strict=True):
        hits = int(right.sum())
        interval = wilson_interval(hits, all_.n)
        parts.append(
            f"{escape(name)} reads <b>{percent(hits / all_.n)}</b> rightly (95 % {span(interval)})"
        )
    better = names[all_.only_second > all_.only_first]
    if all_.only_first == all_.only_second:
        told = "neither is ahead"
    elif all_.p < _CONVINCING:
        told = f"{escape(better)} is ahead, by more than chance"
    else:
        told = f"{escape(better)} is ahead, which can be chance"
    return (
        f"{parts[0]}, {parts[1]}, of the same {all_.n:,} pictures. {all_.only_first:,} are read rightly by {escape(names[0])} alone, "
        f"{all_.only_second:,} by {escape(names[1])} alone: {told} (McNemar's exact test, {p_value(all_.p)})."
    )


def p_value(p: float) -> str:
    return "p &lt; 0.0001" if p < 0.0001 else f"p = {p:.2g}"


def _pick_other(source: Source) -> tuple[Card, Path] | None:
    cards = {
        name: found
        for name, found in find_cards(source.settings).items()
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
        st.session_state.pop("against", None)  # it is the one that is looked at now
    about = "\n".join(f"- {name}: {cards[name][0].title}" for name in names)
    name = st.selectbox(
        f"Compare {source.card.name} with",
        names,
        key="against",
        bind="query-params",
        help=about,
        width=300,
    )
    return cards[name]


def _answers(source: Source, card: Card) -> Predictions | None:
    _, weights = find_cards(source.settings)[card.name]
    if source.dataset is not None:
        return answers_of(card, weights, source.dataset, source.settings)
    return shipped_predictions(weights, card, source.name)


def _common(source: Source, second: Predictions) -> tuple[Predictions, Predictions, np.ndarray]:
    """The pictures that both are scored on, and their rows: a mark may take out one that only the
    other has a class for.
    """
    if not source.applied:
        return source.predictions, second, source.rows
    marked, its_rows = with_marks(second, source.marks)
    rows, ours, its = np.intersect1d(source.rows, its_rows, assume_unique=True, return_indices=True)
    return source.predictions.take(ours), marked.take(its), rows


def _matrices(found: Comparison, names: tuple[str, str]) -> None:
    views = ["difference", *names]
    shown = st.segmented_control(
        "Matrix", views, default=views[0], required=True, key="matrix-of", bind="query-params"
    )
    signed = shown == views[0]
    values = (
        found.difference()
        if signed
        else _shares(found, found.first if shown == names[0] else found.second)
    )
    show_figure(
        difference_figure(found, values, names, signed=signed),
        "difference" if signed else "matrix-of-one",
        alt="Difference of the confusion matrices" if signed else f"Confusion matrix of {shown}",
        table=lambda: [
            ["truth", *found.classes],
            *([name, *row] for name, row in zip(found.classes, values.tolist(), strict=True)),
        ],
    )
    st.caption(
        f"Of each class of the truth, by how many percent points more {names[1]} answers a class (orange) or {names[0]} does (blue). "
        "On the diagonal orange is better; elsewhere it is a mistake made more often."
        if signed
        else "Of each class of the truth, the share that is read as each class."
    )


def difference_figure(
    found: Comparison, values: np.ndarray, names: tuple[str, str], *, signed: bool
) -> go.Figure:
    """Shares of the truth, or their difference, [C, C]; classes that are in no truth have no
    row.
    """
    confusions = [
        confusion_matrix(found.truth, answers, len(found.classes))
        for answers in (found.first, found.second)
    ]
    rows = np.flatnonzero(confusions[0].sum(1))
    columns = np.flatnonzero((confusions[0] + confusions[1]).sum(0) + confusions[0].sum(1))
    cell = np.ix_(rows, columns)
    truth, answers = (
        [escape(found.classes[place]) for place in places] for places in (rows, columns)
    )
    told = [
        [
            f"true {truth[i]}, read {answers[j]}, of {confusions[0][row].sum():,}<br>"
            f"{escape(names[0])} {confusions[0][row, column]:,}, {escape(names[1])} {confusions[1][row, column]:,}"
            for j, column in enumerate(columns)
        ]
        for i, row in enumerate(rows)
    ]
    against, middle, in_favour = AGAINST_AND_FOR[theme()]
    most = max(float(np.abs(values).max()), 1e-9) if signed else 1.0
    figure = go.Figure(
        go.Heatmap(
            z=values[cell],
            x=answers,
            y=truth,
            customdata=told,
            zmin=-most if signed else 0,
            zmax=most,
            xgap=1,
            ygap=1,
            colorscale=_steep(against, middle, in_favour)
            if signed
            else [[0, middle], [1, in_favour]],
            colorbar={"tickformat": "+.1~%" if signed else ".0%", "thickness": 10, "len": 0.6},
            showscale=not on_phone(),
            hovertemplate="%{customdata}<extra></extra>",
            **_numbers(values[cell], signed),
        )
    )
    axis = {
        "type": "category",
        "showgrid": False,
        "constrain": "domain",
        "tickfont": {"size": 12 if len(columns) <= 30 else 9},
    }
    dense = on_phone() and len(columns) > _FEW
    height = 90 + len(rows) * (34 if len(rows) <= _FEW else 13)
    figure.update_layout(
        height=380 if on_phone() else height,
        margin={"t": 40, "pad": 0},
        plot_bgcolor="rgba(128, 120, 105, 0.12)",
    )
    axis |= {"tickangle": 0, "dtick": None if dense else 1}
    figure.update_xaxes(title="read as", side="top", range=[-0.5, len(columns) - 0.5], **axis)
    figure.update_yaxes(title="truth", range=[len(rows) - 0.5, -0.5], scaleanchor="x", **axis)
    return figure


def _steep(against: str, middle: str, in_favour: str) -> list[tuple[float, str]]:
    """A diverging scale as steep near 0 as a square root: a few large differences must not hide the
    others.
    """
    ends = [(-1, against), (1, in_favour)]
    return sorted(
        (0.5 + side * part**2 / 2, sample_colorscale([middle, end], part)[0])
        for side, end in ends
        for part in (0.0, 0.25, 0.5, 0.75, 1.0)
        if part or side > 0
    )


def _shares(found: Comparison, answers: np.ndarray) -> np.ndarray:
    counts = confusion_matrix(found.truth, answers, len(found.classes))
    shares: np.ndarray = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    return shares


def _numbers(values: np.ndarray, signed: bool) -> dict[str, object]:
    """Percent in each cell that is not 0, where there is room."""
    if max(values.shape) > _FEW or on_phone():
        return {}
    text = np.char.mod("%+.1f" if signed else "%.1f", 100 * values)
    return {"text": np.where(np.abs(values) >= 0.0005, text, ""), "texttemplate": "%{text}"}


def _by_class(found: Comparison, names: tuple[str, str]) -> None:
    tests = found.by_class()
    corrected = holm(np.array([test.p for _, test in tests]))
    rows = []
    differences = np.array([abs(test.only_second - test.only_first) / test.n for _, test in tests])
    for place in np.lexsort(np.stack([-differences, corrected])):
        (name, test), p = tests[place], corrected[place]
        these = found.truth == found.classes.index(name)
        first, second = (
            float(right[these].mean()) for right in (found.first_right, found.second_right)
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
                format="%+.2f", help=f"Percent points; above 0 {names[1]} reads more"
            ),
            "only first": share(f"only {names[0]}", help="Pictures that it alone reads rightly"),
            "only second": share(f"only {names[1]}", help="Pictures that it alone reads rightly"),
            "p": share(
                "p, corrected",
                format="%.2g",
                help="McNemar's exact test; Holm's correction for so many classes",
            ),
        },
    )
    sure = [name for (name, _), p in zip(tests, corrected, strict=True) if p < _CONVINCING]
    st.caption(
        f"Beyond chance (p < {_CONVINCING} after Holm's correction for {len(rows)} classes) they differ in "
        + (", ".join(sure) + "." if sure else "no class.")
    )


def _alone(
    source: Source,
    found: Comparison,
    both: tuple[Predictions, Predictions],
    rows: np.ndarray,
    names: tuple[str, str],
) -> None:
    st.subheader("Read by one alone", anchor=False)
    which = [found.first_right & ~found.second_right, found.second_right & ~found.first_right]
    if source.dataset is None:
        say_missing(
            source.entry,
            source.settings,
            f"{which[0].sum():,} by {names[0]} and {which[1].sum():,} by {names[1]}; their pictures "
            "are not on this machine.",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            "Read rightly only by",
            names,
            default=names[0],
            required=True,
            key="alone",
            bind="query-params",
        )
        places = np.flatnonzero(which[names.index(chosen)])
        # Surest mistakes of the one that is wrong first.
        places = places[
            np.argsort(-both[1 - names.index(chosen)].confidence[places], kind="stable")
        ]
        pages = max(1, -(-len(places) // PAGE))
        if st.session_state.get("alone-page", 1) > pages:
            st.session_state["alone-page"] = pages  # of others there were more
        page = (
            int(
                st.number_input(
                    f"Page, of {pages:,}",
                    1,
                    pages,
                    key="alone-page",
                    bind="query-params",
                    width=130,
                )
            )
            if pages > 1
            else 1
        )
    if not len(places):
        st.caption(f"There is no picture that {chosen} alone reads rightly.")
        return
    shown = places[(page - 1) * PAGE : page * PAGE]
    _gallery(source, both, rows, shown, found)
    st.caption(
        f"A is {names[0]}, B is {names[1]}; in brackets how sure each is. {len(shown)} of {len(places):,} pictures that "
        f"{chosen} alone reads rightly, the other's surest mistakes first."
    )


def _gallery(
    source: Source,
    both: tuple[Predictions, Predictions],
    rows: np.ndarray,
    places: np.ndarray,
    found: Comparison,
) -> None:
    assert source.dataset is not None
    right = (found.first_right, found.second_right)
    captions = []
    for place in places:
        answers = [
            Line(
                f"{letter}: {one.classes[one.answers[place]]} ({probability(one.confidence[place])})",
                wrong=not hits[place],
            )
            for letter, one, hits in zip("AB", both, right, strict=True)
        ]
        truth = source.predictions.classes[both[0].truth[place]]
        captions.append([*answers, Line(f"truth {truth}")])
    images = np.asarray(source.dataset.images[rows[places]])
    gallery(images, captions, columns=8, name="alone")

"""The views of the Evaluate screen without a browser, on scikit-learn's digits and answers made by
hand.
"""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from core.datasets.catalogue import CATALOGUE, open_dataset
from core.datasets.marks import MISLABELLED, UNREADABLE, Mark
from core.evaluation.by_property import errors_by_property
from core.evaluation.calibration import coverage, reliability
from core.evaluation.compare import compare
from core.evaluation.predictions import About, DatasetPrediction, with_marks
from core.evaluation.scores import class_scores, confusion_matrix
from core.intervals import wilson_interval
from core.settings import Settings
from core.statistics.properties import properties
from pages.evaluate import cell, classes, confidence
from pages.evaluate import compare as comparison
from pages.evaluate import properties as by_property
from pages.evaluate.source import Source
from pages.shared.cache import Cache
from tests.conftest import BALANCED, DIGITS, tiny_card

VIEWS = {
    "classes": classes.show_classes,
    "confidence": confidence.show_confidence,
    "by_property": by_property.show_by_property,
    "compare": comparison.show_compare,
}


def answered(
    truth: np.ndarray,
    names: tuple[str, ...],
    *,
    seed: int = 0,
    weights: str = "w",
    right: float = 0.8,
) -> DatasetPrediction:
    """Answers of which about `right` are right, the others wrong at random."""
    random = np.random.default_rng(seed)
    favoured = np.where(
        random.random(len(truth)) < right, truth, random.integers(0, len(names), len(truth))
    )
    parts = random.random((len(truth), len(names))) + 8 * np.eye(len(names))[
        favoured
    ] * random.random((len(truth), 1))
    shares = (parts / parts.sum(1, keepdims=True)).astype(np.float32)
    return DatasetPrediction(
        shares, names, truth, About("tiny", "uci-digits:test", "UCI digits", weights, "p")
    )


@pytest.fixture
def source(settings: Settings) -> Source:
    dataset = open_dataset("uci-digits:test", settings)
    predictions = answered(dataset.labels, DIGITS)
    rows = np.arange(len(dataset))
    return Source(
        settings,
        tiny_card(),
        Path("none"),
        CATALOGUE["uci-digits"],
        "test",
        predictions,
        rows,
        dataset,
        {},
        False,
    )


def shown(
    view: str,
    source: Source,
    monkeypatch: pytest.MonkeyPatch,
    second: DatasetPrediction | None = None,
    **query: str,
) -> AppTest:
    """Run one view; `second` is the answers of another recognizer, "other"."""

    def script() -> None:
        from tests.pages import test_evaluate_views as here

        here.VIEWS[here.wanted[0]](here.wanted[1])  # type: ignore[attr-defined]

    globals()["wanted"] = (view, source)
    cache = Cache(10**9)  # of this test alone
    monkeypatch.setattr("pages.shared.cache._cache", lambda: cache)
    # there are no other screens here
    monkeypatch.setattr("streamlit.page_link", lambda *_, **__: None)
    if second is not None:
        cards = {
            name: (tiny_card(name, second.classes), Path("none")) for name in ("tiny", "other")
        }
        monkeypatch.setattr(comparison, "find_cards", lambda _: cards)
        monkeypatch.setattr(comparison, "answers_of", lambda *_: second)
        monkeypatch.setattr(comparison, "shipped_predictions", lambda *_: second)
    app = AppTest.from_function(script, default_timeout=60)
    for key, value in query.items():
        app.query_params[key.replace("_", "-")] = value
    app.run()
    assert not app.exception, app.exception
    return app


def words(app: AppTest) -> str:
    return re.sub(r"<[^>]*>", "", " ".join(str(element.proto) for element in app.main))


def html(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def second_of(source: Source) -> DatasetPrediction:
    return answered(source.predictions.truth, DIGITS, seed=1, weights="v", right=0.9)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens(view: str, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    app = shown(view, source, monkeypatch, second_of(source))
    assert app.get("plotly_chart")
    assert "n = 360" in words(app)
    assert not app.error
    assert not app.warning


@pytest.mark.parametrize("view", VIEWS)
def test_without_pictures_it_says_so_and_shows_the_rest(
    view: str, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = replace(source, dataset=None, entry=CATALOGUE["mnist"])
    app = shown(view, source, monkeypatch, second_of(source))
    assert bool(app.get("plotly_chart")) == (view != "by_property")
    if view == "by_property":
        assert "not on this machine" in app.info[0].value
        assert app.button[0].label == "Download (12 MB)"
    if view == "compare":
        assert "Download (12 MB)" in [button.label for button in app.button]
        assert 'class="gallery"' not in html(app)


@pytest.mark.parametrize("view", VIEWS)
def test_of_nothing_it_says_so(view: str, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    second = second_of(source)
    marks = {
        row: Mark(row, DIGITS[label], UNREADABLE)
        for row, label in enumerate(source.predictions.truth)
    }
    predictions, rows = with_marks(source.predictions, marks)
    source = replace(source, predictions=predictions, rows=rows, marks=marks, applied=True)
    app = shown(view, source, monkeypatch, second)
    assert "all are marked as unreadable" in app.info[0].value


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("right", [0.0, 1.0])
def test_all_wrong_and_all_right(
    view: str, right: float, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = source.predictions.truth
    answers = truth if right else (truth + 1) % 10
    result = replace(
        source.predictions, truth=truth, probabilities=np.eye(10, dtype=np.float32)[answers]
    )
    app = shown(view, replace(source, predictions=result), monkeypatch, result)
    assert app.get("plotly_chart")
    if view == "classes":
        assert ("Nothing was misread." in words(app)) == bool(right)


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("score", classes.SCORES)
def test_the_points_and_bars_are_the_scores(
    score: str, down: bool, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classes, "on_phone", lambda: down)
    truth = np.arange(400) % 46  # of the last class there is none
    result = answered(truth, BALANCED, right=0.7)
    confusion, scores = confusion_matrix(truth, result.answers, 47), class_scores(result)
    indices = np.arange(47)[::-1]
    traces = classes.class_figure(score, BALANCED, scores, confusion, indices).data
    axis = "x" if down else "y"
    names, values = (
        [list(trace["xy".replace(axis, "")]) for trace in traces],
        [np.array(trace[axis]) for trace in traces],
    )
    assert names[0] == [BALANCED[index] for index in indices]
    right = np.diag(confusion)
    if score == "Errors":
        assert values[0].tolist() == (confusion.sum(1) - right)[indices].tolist()
        assert values[1].tolist() == (confusion.sum(0) - right)[indices].tolist()
        return
    expected = {"Recall": scores.recall, "Precision": scores.precision, "F1": scores.f1}[score][
        indices
    ]
    counts = {"Recall": scores.support, "Precision": scores.answered}.get(score, np.ones(47))[
        indices
    ]
    np.testing.assert_allclose(values[0], np.where(counts > 0, expected, np.nan))
    if score != "F1":
        bars = traces[0][f"error_{axis}"]
        low, high = wilson_interval(int(right[indices[5]]), int(counts[5]))
        assert values[0][5] + bars.array[5] == pytest.approx(high)
        assert values[0][5] - bars.arrayminus[5] == pytest.approx(low)
        assert f"{right[indices[5]]:,} of {counts[5]:,}" in traces[0].text[5]


def test_the_tables_are_counts(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    app = shown("classes", source, monkeypatch, sort_by="worst first")
    pairs, table = (frame.value for frame in app.dataframe)
    result = source.predictions
    for _, row in pairs.iterrows():
        own = result.truth == int(row["truth"])
        assert row["pictures"] == (result.answers[own] == int(row["read as"])).sum()
        assert row["share"] == pytest.approx(row["pictures"] / own.sum())
    assert pairs["pictures"].is_monotonic_decreasing
    assert table["recall"].is_monotonic_increasing
    assert table["n"].sum() == table["answered"].sum() == 360
    assert f"{360 - result.right.sum()} misread" in html(app)


def test_a_pair_leads_to_its_cell(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest cannot click a table: the click handler is called with the state that the browser
    would have left.
    """
    state: dict[str, object] = {classes._PAIRS_TABLE: {"selection": {"cells": [[1, "share"]]}}}
    query = {"model": "tiny", "data": "uci-digits"}
    for module in (classes, cell):
        monkeypatch.setattr(f"{module.__name__}.st.session_state", state)
        monkeypatch.setattr(f"{module.__name__}.st.query_params", query)
    classes._open_pair([("4", "9"), ("7", "1")])
    assert (state["show"], state["truth"], state["read"]) == ("Matrix", "7", "1")
    assert query == {"model": "tiny", "data": "uci-digits", "truth": "7", "read": "1"}


def test_the_threshold_is_in_the_address_and_the_sentence_counts(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = source.predictions
    for app, threshold in (
        (shown("confidence", source, monkeypatch), 0.6),
        (shown("confidence", source, monkeypatch, threshold="0.75"), 0.75),
    ):
        assert app.slider[0].value == threshold
        sure = result.confidence >= threshold
        assert f"({sure.sum()} of 360)" in html(app)
        low, _ = wilson_interval(int(result.right[sure].sum()), int(sure.sum()))
        assert f"95 % {100 * low:.1f} to" in html(app)
        assert f"{360 - sure.sum()} are left to a person" in html(app)
    app.slider[0].set_value(1.0).run()
    assert "it answers nothing" in html(app)


def test_the_figures_of_confidence_hold_every_answer(source: Source) -> None:
    result = source.predictions
    right, wrong = confidence._histogram(result)
    assert (right.sum(), wrong.sum()) == (result.right.sum(), (~result.right).sum())
    for log in (False, True):
        assert [
            trace.name for trace in confidence.histogram_figure(right, wrong, log=log).data
        ] == ["right", "wrong"]
    curve = coverage(result.confidence, result.right, confidence.THRESHOLDS)
    line = confidence.coverage_figure(curve, 0.5).data
    assert line[2].x[0] == 1.0
    assert line[2].y[0] == pytest.approx(result.right.mean())
    assert line[3].x[0] == pytest.approx((result.confidence >= 0.5).mean())
    diagram = reliability(result.confidence, result.right)
    assert len(confidence.reliability_figure(diagram).data[1].x) == len(diagram.count)


@pytest.mark.parametrize(
    ("temperature", "text"),
    [(1.0, "mean what they say"), (1.4, "surer than it should"), (0.7, "could be surer")],
)
def test_the_temperature_in_words(temperature: float, text: str) -> None:
    sentence = confidence.meaning(
        reliability(np.array([0.5, 0.9]), np.array([True, False])), temperature
    )
    assert text in sentence
    assert f"{temperature:.2f}" in sentence


def test_properties_are_measured_once_and_marks_only_choose(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = []
    monkeypatch.setattr(by_property, "MOST", 200)

    def counted(images, **options):
        measured.append(len(images))
        return properties(images, **options)

    monkeypatch.setattr(by_property, "properties", counted)
    app = shown("by_property", source, monkeypatch, property="Slant")
    assert "200 of 360 pictures, drawn at random (seed 0)" in words(app)
    assert app.dataframe[0].value["n"].tolist() == [200] * 4
    assert html(app).count("<figure>") == 10
    app.toggle(key="within-class").set_value(True).run()
    assert not app.exception
    assert measured == [200]


def test_a_figure_of_errors_by_property(random: np.random.Generator) -> None:
    errors = errors_by_property(random.normal(size=500), random.random(500) < 0.2)
    for within in (False, True):
        figure = by_property.property_figure("slant", errors, within=within)
        np.testing.assert_allclose(figure.data[0].y, errors.rate)
        np.testing.assert_allclose(figure.data[0].x, errors.middle * (100 if within else 1))


def test_two_are_compared_in_numbers_and_pictures(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = source.predictions, second_of(source)
    app = shown("compare", source, monkeypatch, second)
    only = [int((a.right & ~b.right).sum()) for a, b in ((first, second), (second, first))]
    assert f"{only[0]} are read correctly by tiny alone, {only[1]} by other alone" in re.sub(
        r"<[^>]*>", "", html(app)
    )
    table = app.dataframe[0].value
    assert table["only first"].sum() == only[0]
    assert table["only second"].sum() == only[1]
    assert (table["p"] <= 1).all()
    assert html(app).count("<figure>") == min(only[0], comparison.PAGE)
    app = shown(
        "compare", source, monkeypatch, second, alone="other", matrix_of="other", alone_page="2"
    )
    assert html(app).count("<figure>") == min(only[1] - comparison.PAGE, comparison.PAGE)
    gallery = html(app)
    for caption in re.findall(r"<figcaption>(.*?)</figcaption>", gallery, re.DOTALL):
        a, b, truth = (line.split(" ")[1] for line in re.sub(r"<[^>]*>", "", caption).split("\n"))
        assert b == truth != a


@pytest.mark.parametrize("page", ["99", "0", "x"])
def test_a_page_that_is_not_there(
    page: str, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = shown("compare", source, monkeypatch, second_of(source), alone="other", alone_page=page)
    assert '<div class="gallery"' in html(app)
    app.session_state["alone-page"] = 2  # and then the other has fewer pages
    monkeypatch.setattr(comparison, "PAGE", 1000)
    assert not app.run().exception
    monkeypatch.setattr(comparison, "PAGE", 40)
    app.session_state["alone-page"] = 50
    assert not app.run().exception


def test_marks_are_applied_to_both(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = {
        0: Mark(0, "0", UNREADABLE),
        3: Mark(3, DIGITS[source.predictions.truth[3]], MISLABELLED, "7"),
    }
    predictions, rows = with_marks(source.predictions, marks)
    other = second_of(source)
    source = replace(source, predictions=predictions, rows=rows, marks=marks, applied=True)
    first, second, common = comparison._common(source, other)
    assert common.tolist() == list(range(1, 360))
    np.testing.assert_array_equal(first.truth, second.truth)
    assert second.truth[2] == 7
    np.testing.assert_array_equal(second.probabilities, other.probabilities[1:])
    assert "359 pictures" in re.sub(
        r"<[^>]*>", "", html(shown("compare", source, monkeypatch, other))
    )


def test_a_recognizer_that_lacks_the_classes_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, make_model
) -> None:
    make_model("digits")
    make_model("letters", tuple("ABC"))
    dataset = open_dataset("uci-digits:test", settings)
    source = Source(
        settings,
        tiny_card("digits"),
        Path("none"),
        CATALOGUE["uci-digits"],
        "test",
        answered(dataset.labels, DIGITS),
        np.arange(len(dataset)),
        dataset,
        {},
        False,
    )
    app = shown("compare", source, monkeypatch, against="letters")
    assert "is not one of the 3 classes" in app.warning[0].value
    app = shown("compare", replace(source, dataset=None, entry=CATALOGUE["mnist"]), monkeypatch)
    assert "cannot be compared" in app.info[0].value


def test_alone_there_is_nothing_to_compare_with(
    source: Source, monkeypatch: pytest.MonkeyPatch, no_shipped_models: Path
) -> None:
    # the screen is not there in a test of one view
    monkeypatch.setattr("streamlit.page_link", lambda *_, **__: None)
    assert "no other recognizer" in shown("compare", source, monkeypatch).info[0].value


def test_the_difference_is_the_seconds_matrix_less_the_firsts(source: Source) -> None:
    result = compare(source.predictions, second_of(source))
    (trace,) = comparison.difference_figure(
        result, result.difference(), ("tiny", "other"), signed=True
    ).data
    assert isinstance(trace, go.Heatmap)
    np.testing.assert_allclose(trace.z, result.difference())
    assert trace.zmin == -trace.zmax
    row, column = np.unravel_index(np.abs(result.difference()).argmax(), (10, 10))
    own = result.truth == row
    assert f"true {row}, read {column}, of {own.sum()}" in trace.customdata[row][column]
    assert (
        f"tiny {(result.first[own] == column).sum()}, other {(result.second[own] == column).sum()}"
        in trace.customdata[row][column]
    )

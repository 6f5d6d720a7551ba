"""The shared heat map: which classes have a row or a column, the hover text, colours and data."""

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.intervals import rates
from pages.shared.charts import error_bars
from pages.shared.heat_map import (
    FEW,
    confusion_figure,
    confusion_table,
    confusion_texts,
    heat_map,
    ink_colors,
    ink_over,
    row_shares,
    share_colors,
    shown_classes,
    signed_colors,
)

CLASSES = ("a", "<b>", "c", "d")
CONFUSION = np.array([[3, 1, 0, 0], [0, 0, 0, 0], [0, 1, 2, 0], [0, 0, 0, 0]])


def figure(values: np.ndarray, classes: tuple[str, ...], **options: object) -> go.Figure:
    every = np.arange(len(classes))
    texts = confusion_texts(values.astype(int), classes, every, every)
    fixed = {"colors": share_colors(), "hover": texts, "numbers": values.astype(str), **options}
    return confusion_figure(values, classes, every, every, **fixed)  # type: ignore[arg-type]


def test_rows_are_of_the_truth_and_columns_of_all_that_occurs() -> None:
    rows, columns = shown_classes(CONFUSION)
    assert rows.tolist() == [0, 2]
    assert columns.tolist() == [0, 1, 2]
    assert [part.tolist() for part in shown_classes(np.zeros((3, 3), int))] == [[], []]


@given(some.lists(some.lists(some.integers(0, 9), min_size=5, max_size=5), min_size=5, max_size=5))
def test_nothing_that_was_counted_is_left_out(counts: list[list[int]]) -> None:
    confusion = np.array(counts)
    rows, columns = shown_classes(confusion)
    assert confusion[np.ix_(rows, columns)].sum() == confusion.sum()
    assert set(rows) <= set(columns)
    shares = row_shares(confusion)
    np.testing.assert_allclose(shares[rows].sum(1), 1)
    assert not np.delete(shares, rows, 0).any()


def test_a_cell_says_how_many_of_how_many_without_markup_of_its_names() -> None:
    texts = confusion_texts(CONFUSION, CLASSES, *shown_classes(CONFUSION))
    assert texts[0][1] == "true a, read &lt;b&gt;, 1 of 4 (25.0 %)"
    assert texts[1][0] == "true c, read a, 0 of 3 (0.0 %)"


def test_the_table_has_the_names_as_they_are() -> None:
    rows, columns = shown_classes(CONFUSION)
    assert confusion_table(CONFUSION, CLASSES, rows, columns) == [
        ["truth \\ read as", "a", "<b>", "c"],
        ["a", 3, 1, 0],
        ["c", 0, 1, 2],
    ]


def test_cells_stand_where_they_belong_and_are_square() -> None:
    rows, columns = shown_classes(CONFUSION)
    hover = confusion_texts(CONFUSION, CLASSES, rows, columns)
    values = row_shares(CONFUSION)[np.ix_(rows, columns)]
    shown = confusion_figure(
        values, CLASSES, rows, columns, colors=share_colors(), hover=hover, numbers=values
    )
    (trace,) = shown.data
    assert (list(trace.y), list(trace.x)) == (["a", "c"], ["a", "&lt;b&gt;", "c"])
    np.testing.assert_array_equal(trace.z, values)
    assert shown.layout.yaxis.scaleanchor == "x"
    assert shown.layout.yaxis.range == (1.5, -0.5)  # the first row on top
    assert shown.layout.xaxis.range == (-0.5, 2.5)


@pytest.mark.parametrize(("count", "numbers"), [(FEW, True), (FEW + 1, False)])
def test_numbers_are_written_where_there_is_room(count: int, numbers: bool) -> None:
    classes = tuple(str(index) for index in range(count))
    (trace,) = figure(np.eye(count), classes).data
    assert (trace.texttemplate is not None) == numbers


def test_a_phone_gets_one_height_and_no_colour_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    classes = tuple(str(index) for index in range(47))
    wide = figure(np.eye(47), classes, bar=".0%"), figure(np.eye(47), classes)
    assert [shown.data[0].showscale for shown in wide] == [True, False]
    assert [shown.layout.height for shown in wide] == [90 + 47 * 16] * 2
    monkeypatch.setattr("pages.shared.heat_map.on_phone", lambda: True)
    narrow = figure(np.eye(47), classes, bar=".0%"), figure(np.eye(47), classes)
    assert [shown.data[0].showscale for shown in narrow] == [False, False]
    assert narrow[0].layout.height == narrow[1].layout.height < 500
    few_rows = confusion_figure(
        np.zeros((10, 40)),
        classes,
        np.arange(10),
        np.arange(40),
        colors=share_colors(),
        hover=[[""] * 40] * 10,
        numbers=np.zeros((10, 40)),
    )
    assert few_rows.layout.height == 90 + 10 * 16
    assert narrow[0].layout.xaxis.tickfont.size < wide[0].layout.xaxis.tickfont.size


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_go_from_low_to_high(theme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.shared.heat_map.theme", lambda: theme)
    every = [ink_colors(), ink_over(), share_colors(), signed_colors(3)]
    every.append(signed_colors(0.2, steep=True))
    for colors in every:
        shares = [share for share, _ in colors.scale]
        assert shares == sorted(shares)
        assert (shares[0], shares[-1]) == (0, 1)
        trace = heat_map(np.zeros((2, 2)), colors)
        assert (trace.zmin, trace.zmax) == (colors.low, colors.high)
        assert not trace.showscale
    plain, steep = every[3:]
    assert (plain.low, plain.high, steep.low) == (-3, 3, -0.2)
    assert dict(plain.scale)[0.5] != dict(plain.scale)[0]
    # a 16th of the maximum has the colour that a fourth has without it
    assert min(share for share, _ in steep.scale if share > 0.5) == 0.5 + 1 / 32


def test_error_bars_reach_from_the_low_to_the_high_end() -> None:
    shares = np.array(rates([0, 3, 10], [10, 10, 10]))
    for columns in (shares.T, [list(column) for column in shares.T]):
        bars = error_bars(*columns)
        np.testing.assert_allclose(shares[:, 0] + bars["array"], shares[:, 2])
        np.testing.assert_allclose(shares[:, 0] - bars["arrayminus"], shares[:, 1])
        go.Scatter(x=[1, 2, 3], y=shares[:, 0], error_y=bars)  # Plotly takes it

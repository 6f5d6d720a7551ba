"""What a canvas sends, whichever it is, as strokes."""

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pages.shared.canvas.drawable import _object_of, _stroke_of
from tests.pages.conftest import SEVEN, screen, words


@pytest.mark.parametrize(
    "sent",
    [
        {"strokes": [[[1, 2, 3]]]},
        {"strokes": [["a"]]},
        {"strokes": [[[1e99, 0]]]},
        {"strokes": [[[0, 0]] * 300_000]},
        {"strokes": 7},
        {"strokes": [SEVEN], "pen": "wide"},
        {"strokes": [SEVEN], "pen": -3},
        {"strokes": [SEVEN], "size": [1]},
        {"strokes": [SEVEN], "serial": "first"},
    ],
)
def test_nonsense_from_a_browser_is_one_sentence(home, on_canvas, sent):
    on_canvas(**sent)
    app = screen("draw/page.py", model="digits")
    assert not app.exception
    assert len(app.error) == 1
    assert "the answer appears here" in words(app)


def test_a_stroke_under_way_is_answered_and_not_kept(home, on_canvas, monkeypatch):
    heard: list[int] = []
    monkeypatch.setattr(
        "pages.shared.canvas._echo", lambda *, data, **_: heard.append(data["serial"])
    )
    on_canvas(serial=6)
    app = screen("draw/page.py", model="digits")
    on_canvas(SEVEN, serial=7, under_way=True)
    app.run()
    assert 'data-testid=\\"answer\\">7<' in words(app)
    next(button for button in app.button if button.label == "Keep in My drawings").click().run()
    assert not app.exception
    assert "Lift the pen first" in app.toast[0].value
    on_canvas(SEVEN, serial=8)
    next(button for button in app.button if button.label == "Keep in My drawings").click().run()
    assert "Kept as 7" in app.toast[0].value
    # an empty canvas is answered too
    assert heard == [6, 7, 7, 8]


def test_the_pen_of_the_canvas_is_in_the_address(home, on_canvas):
    on_canvas(SEVEN, pen=33)
    app = screen("draw/page.py", model="digits")
    assert app.query_params["pen20"] == "33"
    on_canvas(SEVEN, pen=20)
    app.run()
    assert "pen20" not in app.query_params


def test_the_other_canvas_is_read_alike(home, monkeypatch):
    """streamlit-drawable-canvas, where it is asked for."""
    monkeypatch.setenv("INKLING_CANVAS", "drawable")
    path: list[list[Any]] = [["L", *point] for point in SEVEN]
    drawing = {"objects": [path_object(path)]}
    given: list[dict[str, Any]] = []

    def st_canvas(**arguments):
        given.append(arguments)
        return SimpleNamespace(json_data=drawing)

    # the real module can only be imported by a running server
    module = SimpleNamespace(st_canvas=st_canvas)
    monkeypatch.setitem(sys.modules, "streamlit_drawable_canvas", module)
    app = screen("draw/page.py", model="digits")
    assert not app.exception
    assert 'data-testid=\\"answer\\">7<' in words(app)
    next(slider for slider in app.slider if slider.label.startswith("Pen")).set_value(9).run()
    assert given[-1]["stroke_width"] == 9
    next(button for button in app.button if button.label == "Draw one for me").click().run()
    assert given[-1]["initial_drawing"]["objects"]


def path_object(path: list[list[Any]]) -> dict[str, Any]:
    xs, ys = [command[-2] for command in path], [command[-1] for command in path]
    return {
        "type": "Path",
        "path": path,
        "left": (min(xs) + max(xs)) / 2,
        "top": (min(ys) + max(ys)) / 2,
        "scaleX": 1,
        "scaleY": 1,
        "angle": 0,
    }


def test_lines_and_curves_become_points():
    stroke = _stroke_of(path_object([["M", 0, 0], ["L", 10, 0], ["Q", 20, 0, 20, 10]]))
    assert stroke[:2] == [[0, 0], [10, 0]]
    assert stroke[-1] == [20, 10]
    t = 0.5
    assert [(1 - t) ** 2 * 10 + 2 * t * (1 - t) * 20 + t * t * 20, t * t * 10] in stroke


def test_a_tap_is_a_stroke():
    assert len(_stroke_of(path_object([["M", 5, 5], ["L", 5.04, 5]]))) == 2


def test_what_is_no_path_is_no_stroke():
    assert _stroke_of({"type": "Rect", "left": 3, "top": 4}) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"left": 60.0}, [[10, 0], [110, 0], [110, 100]]),
        ({"scaleX": 0.5}, [[25, 0], [75, 0], [75, 100]]),
        ({"angle": 90}, [[100, 0], [100, 100], [0, 100]]),
    ],
)
def test_a_stroke_moved_scaled_or_turned_by_the_edit_tool(change, expected):
    path = path_object([["M", 0, 0], ["L", 100, 0], ["L", 100, 100]]) | change
    np.testing.assert_allclose(_stroke_of(path), expected, atol=0.02)


def test_strokes_put_on_the_canvas_come_back():
    stroke = np.array([[10.0, 20], [30, 80], [90, 70]])
    assert _stroke_of(_object_of(stroke, pen=9)) == stroke.tolist()

"""Every screen opens, says what to do when it is empty, and answers in sentences."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.datasets import drawings
from core.ink.encode import png
from core.settings import Settings
from tests.handwriting import canvas
from tests.pages.conftest import SEVEN, screen, words


@pytest.fixture(autouse=True)
def _home(home, on_canvas):
    pass


@pytest.mark.parametrize("page", ["home/page.py", "draw/page.py", "my_drawings/page.py"])
def test_a_screen_opens_without_an_error(page):
    app = screen(page)
    assert not app.exception
    assert app.title[0].value in ("Inkling", "Draw", "My drawings")


def test_an_empty_canvas_gets_no_prediction():
    app = screen("draw/page.py")
    assert "the answer appears here" in words(app)
    assert 'data-testid=\\"answer\\"' not in words(app)


def test_a_seven_is_read(on_canvas):
    on_canvas(SEVEN)
    app = screen("draw/page.py", model="digits")
    assert not app.exception
    assert 'data-testid=\\"answer\\">7<' in words(app)


def test_a_dot_is_read_and_breaks_nothing(on_canvas):
    on_canvas([[99.98, 100], [100.02, 100]])
    assert not screen("draw/page.py").exception


@pytest.mark.parametrize("view", ["What it saw", "Why", "Stroke by stroke", "Inside"])
def test_every_closer_look_opens(on_canvas, view):
    on_canvas(SEVEN, [[150, 150], [210, 150]])
    app = screen("draw/page.py", model="digits", view=view)
    assert not app.exception
    view_picker: Any = app.get("button_group")[-1]
    assert view_picker.value == view


def test_a_line_is_split_and_read(on_canvas):
    on_canvas([[50, 40], [50, 140]], [[100, 45], [160, 42], [125, 140]])
    app = screen("draw/page.py", model="digits", mode="Line")
    assert not app.exception
    assert 'data-testid=\\"line\\">17<' in words(app)


@pytest.mark.parametrize("way", ["Upload", "Paste", "Camera"])
def test_every_way_to_bring_a_picture_opens(way):
    app = screen("draw/page.py", mode="Picture", **{"from": way})
    assert not app.exception
    assert "Choose, paste or photograph" in words(app)


def test_a_picture_is_turned_and_cropped_before_it_is_read():
    """A seven that lies on its side, with a bar beside it."""
    picture = np.full((280, 400), 255, np.uint8)
    picture[:, :280] = canvas()
    picture[40:240, 340:360] = 0
    app = screen("draw/page.py", model="digits", mode="Picture", **{"from": "Paste"})
    app.session_state["pasted"] = png(np.rot90(picture))
    app.run()
    next(button for button in app.button if button.label == "Turn right").click().run()
    next(slider for slider in app.slider if slider.label == "Across, %").set_value((0, 75)).run()
    assert not app.exception
    assert 'data-testid=\\"answer\\">7<' in words(app)


def test_a_drawing_is_kept_with_its_true_label(on_canvas):
    on_canvas(SEVEN)
    app = screen("draw/page.py", model="digits")
    truth = next(box for box in app.selectbox if box.label == "Wrong? It was")
    truth.set_value("1").run()
    next(button for button in app.button if button.label == "Keep in My drawings").click().run()
    assert not app.exception
    (selected,) = drawings.load(Settings.from_environment())
    assert (selected.label, selected.predicted, selected.model) == ("1", "7", "digits")
    assert len(selected.strokes) == 1
    assert selected.picture.min() == 0


def test_a_drawing_is_kept_once(on_canvas):
    """Kept again it is there already; with another label it is the same drawing with that label."""
    on_canvas(SEVEN)
    app = screen("draw/page.py", model="digits")
    for label, said in (("7", "Kept as 7."), ("7", "already"), ("1", "instead of 7")):
        next(box for box in app.selectbox if box.label == "Wrong? It was").set_value(label).run()
        next(button for button in app.button if button.label == "Keep in My drawings").click().run()
        assert said in app.toast[0].value
        (kept,) = drawings.load(Settings.from_environment())
        assert kept.label == label


def test_a_store_that_cannot_be_written_is_one_sentence(on_canvas, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("INKLING_DATABASE", f"sqlite:///{tmp_path}/file/drawings.db")
    on_canvas(SEVEN)
    app = screen("draw/page.py", model="digits")
    next(button for button in app.button if button.label == "Keep in My drawings").click().run()
    assert not app.exception
    assert "still here" in app.error[0].value
    assert "cannot be read" in screen("my_drawings/page.py").error[0].value


def test_without_any_model_the_screen_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setattr("core.models.cards.SHIPPED_MODELS", tmp_path)
    app = screen("draw/page.py")
    assert not app.exception
    assert "train" in app.warning[0].value
    assert [link.proto.label for link in app.get("page_link")] == ["Demo", "Train"]


def test_what_fails_on_a_full_disk_is_a_sentence():
    def page() -> None:
        import errno

        from core.errors import InklingError
        from pages.shared.failure import explain

        assert explain(OSError(errno.ENOSPC, "No space left on device", "a_file"))
        assert explain(InklingError("Choose [another](x)."))
        assert not explain(ValueError("a mistake of ours"))

    app = AppTest.from_function(page).run()
    assert not app.exception
    assert [error.value for error in app.error] == [
        "a_file cannot be written (No space left on device); make room there, or let Inkling "
        "write.",
        r"Choose \[another\](x).",
    ]

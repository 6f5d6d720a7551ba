"""Home, the demo, the tour and shared drawings without a browser."""

import numpy as np
import pytest

from core.datasets import drawings
from core.datasets.drawings import Drawing
from core.ink.drawing_link import LinkedDrawing, to_text
from core.settings import Settings
from core.training.metrics import EpochMetrics
from pages.shared.tour import STEPS
from tests.pages.conftest import SEVEN, screen, words


@pytest.fixture(autouse=True)
def _home(home, on_canvas):
    pass


def test_home_reads_what_is_drawn(on_canvas):
    assert "mouse, a finger or a pen" in words(screen("home/page.py"))
    on_canvas(SEVEN)
    app = screen("home/page.py")
    assert not app.exception
    assert 'data-testid=\\"answer\\">7<' in words(app)


def test_home_shows_what_is_on_this_machine():
    settings = Settings.from_environment()
    paper = np.full((50, 50), 255, np.uint8)
    drawings.save(settings, Drawing(paper, [], "7", "7", 0.9, "digits"))
    folder = settings.runs / "20260101-run"
    folder.mkdir(parents=True)
    (folder / "settings.json").write_text("{}")
    rows = [EpochMetrics(epoch=n, validation_loss=1, validation_accuracy=n / 4) for n in (1, 2, 3)]
    (folder / "metrics.jsonl").write_text("".join(row.to_line() + "\n" for row in rows))
    said = words(screen("home/page.py"))
    assert "1 kept" in said
    assert "20260101-run: 75.0 % after 3 epochs" in said


def test_home_without_any_model_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setattr("core.models.cards.SHIPPED_MODELS", tmp_path)
    app = screen("home/page.py")
    assert not app.exception
    assert "train one" in app.warning[0].value


def test_a_store_that_cannot_be_read_is_one_sentence_on_its_card(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("INKLING_DATABASE", f"sqlite:///{tmp_path}/file/drawings.db")
    app = screen("home/page.py")
    assert not app.exception
    assert "cannot be read" in words(app)


def test_the_demo_reads_and_says_why(on_canvas):
    on_canvas(SEVEN)
    app = screen("demo/page.py", model="digits", rest="0")
    assert not app.exception
    assert 'data-testid=\\"answer\\">7<' in words(app)
    assert "Evidence for 7" in words(app)
    next(toggle for toggle in app.toggle if toggle.label == "Why").set_value(False).run()
    assert "Evidence for 7" not in words(app)


@pytest.mark.parametrize(
    ("asked", "says"),
    [("7", "clears itself 7 s"), ("", "itself 20 s"), ("soon", "itself 20 s"), ("99999", "3600 s")],
)
def test_the_demo_says_when_it_clears_itself(asked, says):
    assert says in words(screen("demo/page.py", rest=asked))
    assert "after the last stroke" not in words(screen("demo/page.py", rest="0"))


@pytest.mark.parametrize("number", range(1, len(STEPS) + 1))
def test_every_step_of_the_tour_opens_as_it_says(number):
    step = STEPS[number - 1]
    app = screen(step.page, tour=str(number))
    assert not app.exception
    assert f"Step {number} of 6" in app.markdown[0].value
    for key, value in step.settings.items():
        assert app.session_state[key] == value, key
        assert any(
            control.key == key
            for kind in ("selectbox", "button_group", "slider")
            for control in app.get(kind)
        ), f"{step.page} has no control {key}"


@pytest.mark.parametrize("asked", ["", "0", "7", "one", "1e3"])
def test_another_step_is_none(asked):
    app = screen("draw/page.py", tour=asked)
    assert not app.exception
    assert not any(button.label == "End the tour" for button in app.button)


def test_a_link_puts_its_drawing_on_the_canvas_and_leaves_the_address():
    text = to_text(LinkedDrawing([np.array(SEVEN)], 30, (320, 320)))
    app = screen("draw/page.py", model="digits", strokes=text)
    assert not app.exception
    put = app.session_state["put-character"]
    np.testing.assert_allclose(put["strokes"], [SEVEN], atol=0.5)
    assert (put["pen"], put["size"]) == (30, (320, 320))
    assert "strokes" not in app.query_params


@pytest.mark.parametrize("mode", ["Character", "Line"])
def test_a_damaged_link_is_one_sentence(mode):
    app = screen("draw/page.py", strokes="1abc", mode=mode)
    assert not app.exception
    assert "damaged or cut short" in app.error[0].value

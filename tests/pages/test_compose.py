"""The Compose screen without a browser: its address, its steps, its messages."""

import base64
import re

import cv2
import numpy as np
import pytest

from core.datasets import competition_layout
from core.datasets.export import Export, export
from core.datasets.letter_sources import SOURCES, open_compositions
from core.datasets.requested_compositions import PREFIX
from core.jobs.job import Job
from core.settings import Settings
from core.synthesis.compose.recipe import PRESETS
from core.synthesis.compose.request import ComposeRequest
from core.synthesis.compose.steps import STEPS
from tests.pages.conftest import screen, words
from tests.sentences import is_sentence

VIEWS = ["Grid", "Step by step", "Export and code"]


@pytest.fixture(autouse=True)
def _home(home):
    pass


def compose(**query):
    app = screen("compose/page.py", **query)
    assert not app.exception
    return app


def pictures(app):
    """Ink of every picture, uint8 [h, w]."""
    return [
        255 - cv2.imdecode(np.frombuffer(base64.b64decode(text), np.uint8), cv2.IMREAD_GRAYSCALE)
        for text in re.findall(r"base64,([\w+/=]+)", words(app))
    ]


def command(app):
    return app.code[0].value


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("kind", ["Roman numerals", "Whole numbers"])
@pytest.mark.parametrize("preset", ["canonical", "competition-black"])
def test_every_view_opens_without_data(view, kind, preset):
    app = compose(show=view, kind=kind, preset=preset)
    assert not app.error
    assert not app.info
    assert pictures(app) or app.code


def test_the_grid_is_what_the_request_makes():
    app = compose(seed="5", preset="emnist-article", set="gap=0.2", texts="iv,xl", rows="3")
    request = ComposeRequest(texts="iv,xl", preset="emnist-article", set=("gap=0.2",), seed=5)
    made = open_compositions(request, Settings.from_environment())
    shown = pictures(app)
    assert len(shown) == 6
    for number, picture in enumerate(shown):
        np.testing.assert_array_equal(picture, made.picture(number))


def test_a_slider_goes_into_the_address_in_the_words_of_the_command_line():
    app = compose()
    before = pictures(app)
    app.slider(key="step-gap").set_value(0.5).run()
    assert app.query_params["set"] == "gap=0.5"
    after = pictures(app)
    assert not all(map(np.array_equal, before, after))
    again = compose(**app.query_params)
    assert all(map(np.array_equal, after, pictures(again)))
    assert again.slider(key="step-gap").value == 0.5
    assert "--set gap=0.5" in command(compose(show="Export and code", set="gap=0.5"))


def test_a_tap_adds_a_step_and_takes_it_away():
    app = compose()
    pills = next(group for group in app.get("button_group") if group.key == "on-letters")
    usual = list(pills.value)
    pills.set_value([*usual, "box"]).run()
    assert app.query_params["set"] == f"box={STEPS['box'].usual}"
    assert app.slider(key="step-box").value == STEPS["box"].usual
    app.slider(key="step-box").set_value(0.0).run()
    assert not app.query_params.get("set")
    assert app.slider(key="step-box").value == 0  # it stays in sight
    pills = next(group for group in app.get("button_group") if group.key == "on-letters")
    pills.set_value([name for name in usual if name != "gap"]).run()
    assert app.query_params["set"] == "gap=0"
    assert "step-gap" not in [slider.key for slider in app.slider]


def test_a_preset_moves_everything_and_reset_leads_back_to_it():
    app = compose()
    app.selectbox(key="preset").set_value("competition-grey").run()
    assert app.query_params["preset"] == "competition-grey"
    assert app.slider(key="step-grey").value == 64
    app.slider(key="step-grey").set_value(30.0).run()
    app.selectbox(key="size-picker").set_value(32).run()
    app.slider(key="capitals-slider").set_value(1.0).run()
    query = app.query_params
    assert (query["set"], query["size"], query["capitals"]) == ("grey=30", "32", "1.0")
    assert {picture.shape for picture in pictures(app)} == {(32, 32)}
    next(button for button in app.button if button.label == "Back to the preset").click().run()
    assert {"set", "size", "capitals"}.isdisjoint(app.query_params)
    assert app.slider(key="step-grey").value == 64


def test_every_stage_is_shown():
    app = compose(show="Step by step", preset="competition-black", of="iv")
    made = open_compositions(
        ComposeRequest(preset="competition-black"), Settings.from_environment()
    )
    stages = made.stages(3)
    shown = pictures(app)
    assert len(shown) == len(stages) == 2 + len(PRESETS["competition-black"].steps)
    app.selectbox(key="making-of").set_value("viii").run()
    assert app.query_params["of"] == "viii"
    assert not app.exception


@pytest.mark.parametrize("source", list(SOURCES)[3:])
def test_a_source_that_is_not_here_says_how_to_get_it(source):
    kind = "Whole numbers" if SOURCES[source].signs.isdecimal() else "Roman numerals"
    app = compose(letters=source, kind=kind)
    assert not app.error
    assert is_sentence(app.info[0].value)
    assert not pictures(app)


@pytest.mark.parametrize(
    "query",
    [
        {"texts": "iiii"},
        {"texts": "4000"},
        {"texts": "9-1", "kind": "Whole numbers"},
        {"name": "../x", "show": "Export and code"},
    ],
)
def test_a_spoilt_address_is_answered_with_a_sentence(query):
    app = compose(**query)
    (error,) = app.error
    assert is_sentence(error.value)


@pytest.mark.parametrize(
    "query",
    [
        {"set": ["gap=99", "nothing=1", "gap"]},
        {"form": "round", "capitals": "many", "size": "-3", "channels": "2"},
        {"preset": "best", "letters": "mine", "kind": "Greek"},
        {"picture": "5000", "of": "lxx"},
    ],
)
def test_what_an_address_cannot_mean_is_passed_over(query):
    app = compose(**query)
    assert not app.error
    assert len(pictures(app)) == 20


def test_the_way_to_train_and_to_the_command_line():
    app = compose(show="Export and code", preset="competition-black", set="box=1", count="60")
    assert "--preset competition-black --set box=1 --count 60" in command(app)
    (link,) = app.get("page_link")
    assert link.proto.label == "Train with exactly these"
    assert PREFIX.rstrip("?") in link.proto.query_string


@pytest.mark.parametrize("kind", ["competition", "npz"])
def test_an_export_is_downloaded(home, monkeypatch, kind):
    path = home / "few"
    request = ComposeRequest()
    made = open_compositions(request, Settings.from_environment())
    if kind == "npz":
        path = export(Export(made, 5), path, kind)
    else:
        competition_layout.write_competition(made, 5, path)
    monkeypatch.setattr(Job, "state", lambda _: "done")
    monkeypatch.setattr(Job, "output", lambda _: f"{path}\n")
    app = compose(show="Export and code", format=kind)
    assert len(app.get("download_button")) == 1
    assert str(path) in app.success[0].value

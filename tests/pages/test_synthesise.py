"""The Synthesise screen without a browser: its address, its extremes, its messages."""

import base64
import re
from typing import Any

import cv2
import numpy as np
import pytest

from core.datasets.export import FORMATS, Export, export
from core.errors import InklingError
from core.jobs.job import Job
from core.settings import Settings
from core.synthesis.effects.table import EFFECTS
from core.synthesis.glyph_file import dump_glyphs, keep_glyphs, load_glyphs
from core.synthesis.glyphs import Hand
from core.synthesis.presets import PRESETS
from core.synthesis.request import Request
from pages.shared.live import applied
from pages.shared.own_set import keep_set
from pages.synthesise.glyph_editor import checked_moves
from pages.synthesise.sliders import described
from tests.pages.conftest import screen, words

VIEWS = ["Grid", "Filmstrip", "One glyph", "Compare", "How real?", "Export and code"]


@pytest.fixture(autouse=True)
def _home(home):
    pass


def pictures(app):
    """Every picture of the grid, as its bytes in base64."""
    return re.findall(r"base64,([\w+/=]+)", words(app))


def decoded(texts):
    """The ink of pictures, as bytes."""
    return [
        (
            255
            - cv2.imdecode(np.frombuffer(base64.b64decode(text), np.uint8), cv2.IMREAD_GRAYSCALE)
        ).tobytes()
        for text in texts
    ]


def problems(app):
    return [error.value for error in app.error]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("glyphs", ["natural", "classic"])
def test_every_view_opens(view, glyphs):
    app = screen("synthesise/page.py", show=view, glyphs=glyphs)
    assert not app.exception
    assert not app.error


def test_the_jitter_slider_changes_the_grid_as_the_address_would():
    app = screen("synthesise/page.py", glyphs="classic", seed="3")
    before = pictures(app)
    assert len(before) == 40
    app.slider(key="jitter").set_value(2.5).run()
    after = pictures(app)
    assert before != after
    assert pictures(screen("synthesise/page.py", glyphs="classic", seed="3", jitter="2.5")) == after


def test_the_grid_is_what_the_command_line_makes():
    app = screen(
        "synthesise/page.py", glyphs="classic", jitter="2", rows="1", seed="5", model="digits"
    )
    images, _ = Request("classic", seed=5, hand=("jitter=2",)).handwriting().draw(0, 10)
    shown = [
        cv2.imdecode(np.frombuffer(base64.b64decode(text), np.uint8), cv2.IMREAD_GRAYSCALE)
        for text in pictures(app)
    ]
    np.testing.assert_array_equal(255 - np.stack(shown), images)


@pytest.mark.parametrize("end", [0, 1])
def test_sliders_at_their_ends(end):
    app = screen("synthesise/page.py", glyphs="classic")
    for key in (
        "jitter",
        "ramp",
        "zoom",
        "correlation",
        "turn",
        "slant",
        "slant_spread",
        "breadth",
        "pressure",
    ):
        slider = app.slider(key=key)
        slider.set_value(slider.max if end else slider.min)
    app.slider(key="brush").set_value((0.5, 0.5) if not end else (10.0, 10.0)).run()
    assert not app.exception
    assert not app.error
    assert len(pictures(app)) == 40


@pytest.mark.parametrize(
    "query",
    [
        {"digits": "9-0"},
        {"digits": "ß"},
        {"odds": "4/ajar=1"},
        {"moves": "x"},
        {"moves": "0/oval/A=99,0"},
        {"name": "../x", "show": "Export and code"},
    ],
)
def test_a_spoilt_address_is_answered_with_a_sentence(query):
    app = screen("synthesise/page.py", glyphs="classic", **query)
    assert not app.exception
    assert len(problems(app)) == 1
    assert problems(app)[0].endswith(".")


@pytest.mark.parametrize("pin", ["--wobble 1", "--seed x", "'", "--moves z/z/z=1,1", "--help"])
def test_a_spoilt_pin_is_answered_with_a_sentence(pin):
    app = screen("synthesise/page.py", show="Compare", pin=pin)
    assert not app.exception
    assert len(problems(app)) == 1


def test_pinned_and_now_stand_side_by_side():
    app = screen("synthesise/page.py", show="Compare", glyphs="classic")
    for number, jitter in enumerate([4.0, 5.0, 6.0, 7.0, 8.0]):
        pin = next(button for button in app.button if button.label == "Pin these settings")
        assert pin.disabled == (number == 4)
        if number < 4:
            pin.click().run()
        app.slider(key="jitter").set_value(jitter).run()
    shown = pictures(app)
    assert len(shown) == 5 * 50
    assert len({tuple(shown[first : first + 50]) for first in range(0, 250, 50)}) == 5
    assert [line.rpartition(" ")[2] for line in app.code[0].value.splitlines()] == [
        "jitter=8",
        "classic",
        *(f"jitter={jitter}" for jitter in (4, 5, 6)),
    ]
    unpin = next(button for button in app.button if button.label.startswith("Unpin"))
    unpin.click().run()
    assert pictures(app) == shown[:50] + shown[100:]
    again = screen("synthesise/page.py", **app.query_params | {"jitter": "8"})
    assert pictures(again) == shown[:50] + shown[100:]


def test_pinned_settings_are_taken_back_to_the_controls():
    pin = "--glyphs classic --digits 3,7 --seed 4 --hand jitter=3 --effects noise=9"
    app = screen("synthesise/page.py", show="Compare", pin=pin)
    next(button for button in app.button if button.label.startswith("Use these")).click().run()
    assert not app.exception
    assert app.selectbox(key="glyphs").value == "classic"
    assert app.text_input(key="digits").value == "3,7"
    assert app.slider(key="jitter").value == 3
    assert app.slider(key="effect-noise").value == 9
    shown = pictures(app)
    assert shown[: len(shown) // 2] == shown[len(shown) // 2 :]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (Request(), "Usual"),
        (Request("classic", hand=("jitter=3",)), "classic, Jitter radius 3"),
        (Request(effects="noise=9,blur=1", seed=2), "seed 2, Gaussian noise 9, Blur 1"),
        (PRESETS["Hasty"].of(Request(digits="A-F")), "Hasty, A-F"),
    ],
    ids=str,
)
def test_settings_are_named_by_what_is_not_usual(request_, words):
    assert described(request_) == words


def start(app: Any) -> Any:
    """The presets."""
    return next(group for group in app.get("button_group") if group.label == "Start from")


@pytest.mark.parametrize("glyphs", ["natural", "classic"])
def test_a_preset_is_what_it_says_and_reset_returns(glyphs):
    app = screen("synthesise/page.py", glyphs=glyphs, digits="0-3", rows="1", model="digits")
    usual = pictures(app)
    for name in [*PRESETS][1:]:
        start(app).set_value(name).run()
        assert not app.exception
        wanted = PRESETS[name].of(Request(glyphs, "0-3")).handwriting()
        images, _ = wanted.draw(0, 4)
        assert decoded(pictures(app))[1 if wanted.effects else 0 :: 2 if wanted.effects else 1] == [
            image.tobytes() for image in images
        ]
        assert start(app).value == name
    next(button for button in app.button if button.label == "Reset").click().run()
    assert pictures(app) == usual
    assert start(app).value == "Usual"


def test_a_changed_slider_is_marked_and_returns_alone():
    app = screen("synthesise/page.py", glyphs="classic", jitter="3", ramp="0.6")
    assert app.slider(key="jitter").label.endswith("•")
    assert not app.slider(key="turn").label.endswith("•")
    next(button for button in app.button if button.label.startswith("Jitter")).click().run()
    assert app.slider(key="jitter").value == Hand().jitter
    assert not app.slider(key="jitter").label.endswith("•")
    assert app.slider(key="ramp").value == 0.6


def test_effects_are_moved_and_removed():
    app = screen("synthesise/page.py", effects=["Rotation", "Blur", "Gaussian noise"], digits="3")
    press = {button.key: button for button in app.button}
    assert press["icon-Earlier-rotation"].disabled
    assert press["icon-Later-noise"].disabled
    press["icon-Earlier-noise"].click().run()
    assert app.session_state["effects"] == ["rotation", "noise", "blur"]
    next(button for button in app.button if button.key == "icon-remove-rotation").click().run()
    assert app.session_state["effects"] == ["noise", "blur"]
    assert app.query_params["effects"] == ["Gaussian noise", "Blur"]


@pytest.mark.parametrize("view", ["Grid", "Filmstrip", "Compare"])
def test_a_picture_of_the_address_is_shown_large(view):
    app = screen("synthesise/page.py", show=view, glyphs="classic", picture="7", effects="Blur")
    assert not app.exception
    said = words(app)
    assert "of " in said
    assert ".draw(" in app.code[-1].value
    assert not screen("synthesise/page.py", show=view, picture="7000").exception


@pytest.mark.parametrize(
    ("sent", "moves"),
    [
        ({"A": [1.234, -2], "B": [0, 0], "D": [1, 1]}, {"A": (1.23, -2.0)}),
        ({"A": [1], "B": "xy", "C": [None, 2]}, {}),
        ({"A": [0, 0.5], "C": 3}, {"A": (0.0, 0.5)}),
        ([1], {}),
        (None, {}),
    ],
    ids=str,
)
def test_moves_from_a_browser_are_checked(sent, moves):
    assert checked_moves(sent, ("A", "B", "C")) == moves


@pytest.mark.parametrize(
    ("moved", "after"),
    [
        ({"key": "jitter", "was": [1.0], "now": [2.5]}, {"jitter": 2.5, "brush": (2.0, 4.0)}),
        ({"key": "brush", "was": [2, 4.0], "now": [3, 4]}, {"jitter": 1.0, "brush": (3.0, 4.0)}),
        ({"key": "jitter", "was": [1.5], "now": [2.5]}, None),  # let go since then
        ({"key": "brush", "was": [2.0], "now": [3.0]}, None),
        ({"key": "ramp", "was": [1.0], "now": [2.0]}, None),
        ({"key": "jitter", "was": [1.0], "now": ["a"]}, None),
        ({"key": "jitter", "was": "x", "now": None}, None),
        ({}, None),
    ],
    ids=str,
)
def test_a_thumb_that_is_held_counts_unless_it_was_let_go(moved, after):
    values = {"jitter": 1.0, "brush": (2.0, 4.0)}
    assert applied(values, moved) == (after or values)


def test_a_set_brings_its_own_hand():
    app = screen("synthesise/page.py")
    app.selectbox(key="glyphs").set_value("classic").run()
    assert app.slider(key="jitter").value == load_glyphs("classic").hand.jitter
    assert app.slider(key="turn").value == 0


def test_effects_stand_beside_the_original():
    app = screen("synthesise/page.py", glyphs="classic", rows="1", effects="Rotation")
    assert len(pictures(app)) == 20
    assert (
        "rotation="
        in screen("synthesise/page.py", effects="Rotation", show="Export and code").code[0].value
    )


@pytest.mark.parametrize("effects", [[name] for name in EFFECTS] + [list(EFFECTS)], ids=str)
def test_every_effect_has_its_slider_and_all_have_at_once(effects):
    titles = [EFFECTS[name].title for name in effects]
    app = screen("synthesise/page.py", glyphs="classic", effects=titles)
    assert not app.exception
    assert not app.error
    for name in effects:
        assert app.slider(key=f"effect-{name}").value == EFFECTS[name].amount.default
    assert len(pictures(app)) == 80


@pytest.mark.parametrize(
    ("query", "effects"),
    [
        ({"effects": "Rotation", "rotation": "20"}, "rotation=20"),
        ({"effects": ["Blur", "Rotation"], "rotation": "20"}, "blur=0.7,rotation=20"),
        ({"effects": "zoom", "zoom": "0.3"}, "zoom=0.3"),
        ({"effects": "Zoom", "zoom": "3", "effect-zoom": "0.2"}, "zoom=0.2"),
        ({"effects": ["noise", "Flip left to right"], "flip-left-right": "0.25"}, None),
    ],
    ids=str,
)
def test_amounts_of_effects_in_an_address_of_an_earlier_version(query, effects):
    app = screen("synthesise/page.py", glyphs="classic", show="Export and code", **query)
    assert not app.exception
    assert f"--effects {effects or 'noise=20,flip-left-right=0.25'} " in app.code[0].value
    assert not set(query) & (set(EFFECTS) - {"zoom"}) & set(app.query_params)
    assert ("--hand zoom=3" in app.code[0].value) == (query.get("zoom") == "3")
    again = screen("synthesise/page.py", **app.query_params)
    assert again.code[0].value == app.code[0].value


@pytest.mark.parametrize("kind", FORMATS)
def test_an_export_is_downloaded_or_its_path_is_said(home, monkeypatch, kind):
    made = export(Export(Request().handwriting(), 5), home / "few", kind)
    monkeypatch.setattr(Job, "state", lambda _: "done")
    monkeypatch.setattr(Job, "output", lambda _: f"{made}\n")
    app = screen("synthesise/page.py", show="Export and code", format=kind)
    assert len(app.get("download_button")) == 1
    assert str(made) in app.success[0].value
    monkeypatch.setattr("pages.shared.exported.DOWNLOAD_BYTES", 5 * 28 * 28 - 1)
    app.run()
    assert not app.get("download_button")
    assert str(made) in app.success[0].value
    assert any("copy them from there" in caption.value for caption in app.caption)
    (home / "few.json").unlink()
    app.run()
    assert [warning.value for warning in app.warning] == [
        f"They were in `{made}` and are gone; make them again."
    ]


def test_odds_go_into_the_address():
    app = screen("synthesise/page.py", glyphs="classic")
    app.selectbox(key="odds-of").set_value("4").run()
    app.slider(key="odd-4/open").set_value(0.0).run()
    assert app.query_params["odds"] == "4/open=0"
    assert not app.exception


def test_a_damaged_set_of_your_own_is_a_sentence(home):
    folder = home / "data" / "glyphs"
    folder.mkdir(parents=True)
    (folder / "mine.json").write_text(dump_glyphs(load_glyphs("classic")))
    assert not screen("synthesise/page.py", glyphs="mine").error
    (folder / "mine.json").write_text("{")
    app = screen("synthesise/page.py", glyphs="mine")
    assert not app.exception
    assert len(problems(app)) == 1


def test_no_model_is_no_obstacle(home, no_shipped_models):
    app = screen("synthesise/page.py")
    assert not app.exception
    assert len(pictures(app)) == 40


def test_a_glyph_set_of_the_same_name_is_not_replaced_unasked(home):
    settings = Settings.from_environment()
    text = dump_glyphs(load_glyphs("classic"))
    assert keep_glyphs(text, "my hand", settings) == "my-hand"
    kept = home / "data" / "glyphs" / "my-hand.json"
    kept.write_text(f"{text} ")
    with pytest.raises(InklingError, match="already"):
        keep_set(text, "my hand", settings)
    assert kept.read_text() == f"{text} "

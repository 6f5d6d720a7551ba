"""One vocabulary: what a slider of Synthesise calls something, a recipe, a data set, a sweep and
the command line call it too, and mean the same pixels by it.
"""

from dataclasses import fields
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.cli.main import main
from core.datasets.arrays import open_idx
from core.datasets.catalogue import open_dataset
from core.datasets.requested import Requested
from core.evaluation.robustness.sweep import sweep
from core.settings import Settings
from core.synthesis.effects.table import EFFECTS
from core.synthesis.filmstrip import BRUSH, TRACKS, short_name, track_name
from core.synthesis.glyphs import HAND_SETTINGS, Hand
from core.synthesis.request import Request
from core.training.data import open_for_training, prepare, split_rows, training_images
from core.training.recipe import Recipe
from core.training.runs import Run
from tests.pages.conftest import home as home
from tests.pages.conftest import screen
from tests.readers import mean_reader

SLIDERS = {"jitter": 2.5, "turn": 8.0, "slant": 0.3, "effect-blur": 1.2, "effect-noise": 30.0}


def _linked(app: AppTest, label: str) -> dict[str, str]:
    """The query of a page link."""
    (link,) = (item.proto for item in app.get("page_link") if item.proto.label == label)
    return {key: values[0] for key, values in parse_qs(link.query_string).items()}


def test_from_a_slider_to_a_recipe_to_the_same_pixels(
    home: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("core.training.queue.keep_going", lambda _: None)
    submitted: list[Run] = []
    monkeypatch.setattr("core.training.queue.submit", lambda run, _: submitted.append(run))
    settings = Settings.from_environment()

    # the sliders, and what they draw
    app = screen(
        "synthesise/page.py",
        show="Export and code",
        glyphs="classic",
        seed="5",
        effects=["Blur", "Gaussian noise"],
        count="60",
    )
    for key, value in SLIDERS.items():
        app.slider(key=key).set_value(value)
    app.run()
    assert not app.exception
    hand = ("jitter=2.5", "turn=8", "slant=0.3")
    request = Request("classic", seed=5, hand=hand, effects="blur=1.2,noise=30")
    drawn, labels = request.handwriting().draw(0, 60)

    # the command line
    words = app.code[0].value.split()
    assert words[:4] == ["python", "-m", "core", "synth"]
    assert main(words[3:]) == 0
    path = Path(capsys.readouterr().out.strip())
    made = open_idx(path, path.with_name(path.name.replace("images-idx3", "labels-idx1")))
    np.testing.assert_array_equal(made.images, drawn)

    # the link to Train, and the run that its button makes
    query = _linked(app, "Train with exactly these")
    Requested.parse(query["data"]).make(settings.data)
    train = screen("train/page.py", model="lenet5", **query)
    assert not train.exception
    next(item for item in train.button if item.label == "Train").click().run()
    (run,) = submitted
    assert run.settings().data == query["data"]

    # what the network is given
    dataset = open_for_training(run, settings)
    split = split_rows(dataset.labels, run.settings().recipe)
    images, indices = training_images(dataset, split, prepare(run, dataset, settings))
    for variant in (0, 1):
        np.testing.assert_array_equal(images[:, variant], drawn[split.train])
    assert [dataset.classes[index] for index in indices] == [labels[row] for row in split.train]
    np.testing.assert_array_equal(dataset.images[split.validation], drawn[split.validation])


@pytest.mark.parametrize("along", TRACKS)
def test_every_name_is_known_to_all(along: str, settings: Settings) -> None:
    """`synth`, a data set and a sweep; of an effect a recipe too."""
    track, usual = TRACKS[along], Request("classic")
    name, effect = along.removeprefix("effect-"), along.startswith("effect-")
    keys = ("thinnest", "thickest") if along == BRUSH else (name,)
    words = [f"{key}={track.high:g}" for key in keys]
    request = Request.parse(["--glyphs", "classic", "--effects" if effect else "--hand", *words])
    images, _ = request.handwriting().draw(0, 10)
    assert not np.array_equal(images, usual.handwriting().draw(0, 10)[0])
    asked = Requested(request, 10)
    asked.make(settings.data)
    np.testing.assert_array_equal(open_dataset(asked.name, settings).images, images)
    assert track.at(usual, track.high).handwriting() == request.handwriting()
    if effect:
        assert Recipe(effects=words[0]).effects == request.effects
    assert track_name(short_name(along)) == along
    swept = sweep(mean_reader(), usual, along=along, values=(track.high,), count=1)
    assert [(row.along, row.value) for row in swept.rates.totals] == [(along, track.high)]


def test_no_setting_is_left_out() -> None:
    hand = set(HAND_SETTINGS) - {"thinnest", "thickest"} | {BRUSH}
    assert set(TRACKS) == hand | {f"effect-{name}" for name in EFFECTS}
    assert set(HAND_SETTINGS) == {field.name for field in fields(Hand)}


def test_titles_and_units_are_of_one_table(home: object) -> None:
    """The pickers of Filmstrip and of Robustness, the sliders, and the fields of Train."""
    labels = [track.label for track in TRACKS.values()]
    assert screen("synthesise/page.py", show="Filmstrip").selectbox(key="along").options == labels
    assert screen("robustness/page.py").selectbox(key="along").options == labels
    app = screen("synthesise/page.py", effects=[effect.title for effect in EFFECTS.values()])
    sliders = {slider.key: slider.label for slider in app.slider}
    for name, track in TRACKS.items():
        label = track.label.removeprefix("Effect: ")
        assert sliders[name] == label
        assert (app.slider(key=name).min, app.slider(key=name).max) == (track.low, track.high)
    fields = {field.key: field.label for field in screen("train/page.py").number_input}
    varied = {name: effect.title for name, effect in EFFECTS.items() if effect.training}
    assert {name: fields[name] for name in varied} == varied

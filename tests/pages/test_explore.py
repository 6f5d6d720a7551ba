"""The Explore screen without a browser: every view, its address, its empty states."""

import io
import json
import zipfile
from typing import Any

import cv2
import numpy as np
import pytest

from core.datasets.idx import write_pair
from core.datasets.uploads import keep_upload
from core.ink.forms import canonical_strokes
from core.settings import Settings
from pages.explore import overlay
from tests.pages.conftest import screen, words

VIEWS = ["Class maps", "Images", "Draw over it", "Map of images", "Properties", "Scaling"]


@pytest.fixture(autouse=True)
def _home(home, on_canvas):
    on_canvas()


def figures(app):
    return app.get("plotly_chart")


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_with_data_at_hand(view):
    app = screen("explore/page.py", data="uci-digits", show=view, images="200")
    assert not app.exception
    assert not app.error
    assert figures(app)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("data", ["mnist", "emnist-letters", "my-drawings", "synthetic-natural"])
def test_every_view_says_what_to_do_without_data(view, data):
    app = screen("explore/page.py", data=data, show=view)
    assert not app.exception
    assert not app.error
    assert figures(app) or app.info


@pytest.mark.parametrize(
    ("data", "verbs"),
    [
        ("mnist", ["Download (12 MB)"]),
        ("emnist-letters", ["Download (562 MB)"]),
        ("synthetic-natural", ["Make them"]),
        ("numbers", ["Make them"]),
        ("roman", []),
        ("my-drawings", []),
    ],
)
def test_data_that_can_be_had_can_be_had_with_a_button(data, verbs):
    app = screen("explore/page.py", data=data, show="Images")
    buttons = [button.label for button in app.main.button]
    assert [label for label in buttons if label.startswith(("Download", "Make them"))] == verbs
    assert len(app.info) == 1
    assert len(app.get("page_link")) == (data == "my-drawings")


def test_the_maps_of_mnist_are_there_without_mnist():
    app = screen("explore/page.py", data="mnist")
    assert not app.exception
    assert len(figures(app)) == 3
    assert "60,000 images" in words(app)
    assert "ranks pixels and proves nothing" in words(app)


@pytest.mark.parametrize("kind", ["z-score", "Mean"])
def test_all_maps_are_one_figure_with_every_pixel_in_the_hover(kind):
    from core.statistics.maps_file import shipped_maps
    from pages.explore.maps import map_figure

    maps = shipped_maps("emnist-byclass:train")
    values = maps.z if kind == "z-score" else maps.mean
    figure = map_figure(
        values, maps.classes, maps.mean, maps.z, columns=10, signed=kind == "z-score", shared=True
    )
    (trace,) = figure.data
    assert len(maps.classes) == 62
    assert not trace.zsmooth
    known = np.isfinite(np.asarray(trace.z, float))
    assert known.sum() == values.size
    details, names = np.asarray(trace.customdata)[known], np.asarray(trace.text)[known]
    position = np.array([maps.classes.index(name) for name in names])
    rows, columns = details[:, 0].astype(int), details[:, 1].astype(int)
    np.testing.assert_allclose(details[:, 2], maps.mean[position, rows, columns], atol=1e-6)
    np.testing.assert_allclose(details[:, 3], maps.z[position, rows, columns], rtol=1e-5, atol=1e-5)
    peak = np.abs(values).max()
    np.testing.assert_allclose(
        np.asarray(trace.z, float)[known], values[position, rows, columns] / peak, atol=1e-6
    )


def test_a_difference_of_two_is_in_the_address():
    app = screen("explore/page.py", map="Difference of two", of="4", against="9")
    assert not app.exception
    assert "What tells 4 from 9" in words(app)


@pytest.mark.parametrize(
    "query",
    [
        {"data": "nothing"},
        {"part": "best"},
        {"class": "ß"},
        {"map": "x"},
        {"picked": "a,-1,99999999,5"},
        {"picked": "uci-digits:train|1|" + "9" * 5000},
        {"picture": "9" * 5000},
    ],
    ids=lambda query: str(query)[:60],
)
def test_a_spoilt_address_is_no_obstacle(query):
    app = screen(
        "explore/page.py",
        **{
            "data": "uci-digits",
            "show": "Map of images" if "picked" in query else "Class maps",
            **query,
        },
    )
    assert not app.exception
    assert figures(app)


def test_images_are_paged_with_their_numbers():
    app = screen(
        "explore/page.py",
        data="uci-digits",
        show="Images",
        **{"all-of": "3", "page-size": "20", "page-number": "2"},
    )
    from core.datasets.catalogue import open_dataset

    dataset = open_dataset("uci-digits:train", Settings.from_environment())
    for row in np.flatnonzero(dataset.labels == 3)[20:40]:
        assert f"<figcaption>{row:,}</figcaption>" in words(app)


def test_a_umap_that_is_ready_opens_first(monkeypatch):
    from core.datasets.catalogue import open_dataset
    from core.jobs.job import Job
    from core.statistics.projection import project

    dataset = open_dataset("uci-digits:train", Settings.from_environment())
    ready = project(dataset, count=100)
    monkeypatch.setattr(Job, "state", lambda _: "done")
    monkeypatch.setattr(Job, "output", lambda _: "map.npz")
    monkeypatch.setattr("pages.explore.projection.load_projection", lambda _: ready)
    app = screen("explore/page.py", data="uci-digits", show="Map of images")
    assert not app.exception
    groups: list[Any] = list(app.get("button_group"))
    assert next(group.value for group in groups if group.key == "by") == "umap"
    assert "100 images drawn at random" in words(app)


def test_a_drawing_is_laid_over_the_maps(on_canvas):
    on_canvas([[70, 60], [170, 58], [110, 200]])
    app = screen("explore/page.py", show="Draw over it")
    assert not app.exception
    assert len(figures(app)) == 2
    titles = [
        note["text"] for note in json.loads(figures(app)[1].proto.spec)["layout"]["annotations"]
    ]
    assert next(title for title in titles if "<b>" in title).startswith("<b>7 0.")


@pytest.mark.parametrize(("data", "form"), [("numbers", "number"), ("mnist", "mnist")])
def test_a_drawing_is_brought_to_the_form_of_the_data(on_canvas, monkeypatch, data, form):
    settings = Settings.from_environment()
    images = np.zeros((74, 28, 28), np.uint8)
    images[:, 6:22, 12:16] = 255
    stem, labels = settings.data / "composed" / "numbers-train", np.arange(74, dtype=np.uint8) % 37
    write_pair(stem, images, labels, {"origin": "made"})
    used: list[str] = []

    def seen(strokes, form, *, width):
        used.append(form.name)
        return canonical_strokes(strokes, form, width=width)

    monkeypatch.setattr(overlay, "canonical_strokes", seen)
    on_canvas([[70, 60], [170, 58], [110, 200]])
    app = screen("explore/page.py", data=data, show="Draw over it")
    assert not app.exception
    assert set(used) == {form}


def test_a_picture_finds_its_place_on_the_map():
    app = screen(
        "explore/page.py",
        data="uci-digits",
        show="Map of images",
        images="100",
        find="3",
        **{"find-by": "number"},
    )
    assert not app.exception
    assert "The images nearest to it" in words(app)
    assert "may have been trained on them" in words(app)


def test_picked_images_are_in_the_address():
    app = screen(
        "explore/page.py",
        data="uci-digits",
        show="Map of images",
        images="1437",
        picked="uci-digits:train|3|5,7,12",
    )
    assert "3 of the 3 that were picked" in words(app)
    assert "that were picked" not in words(
        screen(
            "explore/page.py",
            data="uci-digits",
            part="test",
            show="Map of images",
            images="360",
            picked="uci-digits:train|3|5,7,12",
        )
    )


def test_data_of_ones_own_stand_among_the_others(random):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for label in ("cat", "<b>dog"):
            for number in range(12):
                image = np.zeros((28, 28), np.uint8)
                image[random.integers(4, 10) : 20, 8 : random.integers(12, 20)] = 255
                archive.writestr(f"{label}/{number}.png", cv2.imencode(".png", image)[1].tobytes())
    packed.seek(0)
    selected = keep_upload([("pets.zip", packed)], "", Settings.from_environment())
    for view in VIEWS:
        app = screen("explore/page.py", data=selected.name, show=view, images="20")
        assert not app.exception
        assert not app.error


def test_a_recognizer_of_other_classes_is_not_said_to_read_them(random):
    images = np.zeros((30, 12, 20), np.uint8)
    images[:, 3:9, 5:15] = random.integers(100, 255, (30, 6, 10))
    packed = io.BytesIO()
    np.savez(packed, images=images, labels=np.array(["tall", "dot", "wide"] * 10))
    packed.seek(0)
    selected = keep_upload([("shapes.npz", packed)], "", Settings.from_environment())
    app = screen("explore/page.py", data=selected.name, show="Map of images", images="30")
    assert not app.exception
    assert "None of these classes is one that `digits` knows" in words(app)


def test_a_damaged_set_says_so(home, random):
    packed = io.BytesIO()
    np.savez(
        packed, images=random.integers(0, 255, (20, 9, 9), dtype=np.uint8), labels=np.arange(20) % 2
    )
    packed.seek(0)
    selected = keep_upload([("noise.npz", packed)], "", Settings.from_environment())
    (home / "data" / "uploads" / "noise" / "set.json").write_text("{")
    app = screen("explore/page.py", data=selected.name)
    assert not app.exception
    assert "damaged" in app.info[0].value


def test_the_usual_data_can_be_picked_again():
    app = screen("explore/page.py")
    picker = app.selectbox(key="data")
    usual, other = picker.value, "mnist"
    assert usual != other
    app.selectbox(key="data").set_value(other).run()
    assert app.selectbox(key="data").value == other
    app.selectbox(key="data").set_value(usual).run()
    assert app.selectbox(key="data").value == usual
    assert not app.query_params.get("data")

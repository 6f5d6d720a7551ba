"""The Evaluate screen without a browser: every view, with the data, with shipped answers only, and
with neither.
"""

import json

import numpy as np
import pytest

from core.datasets.catalogue import open_dataset
from core.datasets.marks import HARD, MISLABELLED, UNREADABLE, Mark, mark
from core.evaluation.predictions import predict_all
from core.models.recognizer import load_recognizer
from core.settings import SHIPPED_MODELS, Settings
from tests.pages.conftest import screen, words

VIEWS = [
    "Matrix",
    "Classes",
    "Confidence",
    "Properties",
    "Label issues",
    "Compare",
    "Report",
    "Unlabelled",
]
UCI = {"model": "digits", "data": "uci-digits", "part": "test"}


@pytest.fixture(autouse=True)
def _home(home):
    return home


def errors(app):
    return [element.value for element in app.exception] + [element.value for element in app.error]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_with_data_at_hand(view):
    app = screen("evaluate/page.py", show=view, **UCI)
    assert not errors(app)
    taken = [button.label for button in app.download_button].count("Take it away")
    assert taken == (view == "Report")


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("data", ["emnist-balanced", "mnist", "roman", "my-drawings"])
def test_every_view_opens_without_data(view, data):
    model = "digits" if data == "mnist" else "characters"
    app = screen("evaluate/page.py", show=view, data=data, model=model)
    assert not errors(app)
    assert app.info or app.get("plotly_chart") or view in ("Report", "Unlabelled")


def test_the_shipped_answers_are_there_at_once_and_say_their_caveat():
    app = screen("evaluate/page.py", data="emnist-balanced")
    card = json.loads((SHIPPED_MODELS / "characters.json").read_text())
    assert f"<b>{100 * card['test']['accuracy']:.1f} %</b> of 4,712 read correctly" in words(app)
    assert "a pool of EMNIST images, not the official split" in words(app)
    assert "Download (562 MB)" in [button.label for button in app.button]


def test_the_usual_data_follow_the_model_and_are_on_this_machine(monkeypatch):
    """Also where nothing was downloaded: there are pictures in every view."""
    app = screen("evaluate/page.py", model="digits")
    assert "of 360 read correctly" in words(app)
    assert not app.info
    monkeypatch.setattr("core.datasets.catalogue.is_here", lambda *_: True)
    app = screen("evaluate/page.py", model="digits")
    assert "of 10,000 read correctly" in words(app)
    app.sidebar.selectbox(key="model").select("characters").run()
    assert "of 4,712 read correctly" in words(app)
    assert not errors(app)


@pytest.mark.parametrize("share", ["counts", "of the truth", "of the answers", "of all"])
@pytest.mark.parametrize("order", ["name", "error", "similarity"])
def test_the_matrix_shows_every_cell_and_says_what_it_is(share, order):
    from core.evaluation.scores import confusion_matrix, similarity_order
    from pages.evaluate.matrix import _shown_classes, matrix_figure

    random = np.random.default_rng(0)
    truth, answers = random.integers(0, 47, 3000), random.integers(0, 47, 3000)
    classes = [chr(ord("A") + index) for index in range(47)]
    confusion = confusion_matrix(truth, answers, 47)
    indices = _shown_classes(confusion, classes, order, [])
    assert sorted(indices) == list(range(47))
    if order == "similarity":
        np.testing.assert_array_equal(indices, similarity_order(confusion))
    (trace,) = matrix_figure(
        confusion, classes, indices, share=share, log=True, diagonal=True, chosen=(3, 4)
    ).data
    z, text = np.asarray(trace.z), np.asarray(trace.customdata)
    assert z.shape == text.shape == (47, 47)
    np.testing.assert_array_equal(z > 0, confusion[np.ix_(indices, indices)] > 0)
    assert z.max() == 1
    row, column = indices[5], indices[9]
    of = confusion[row].sum()
    sentence = (
        f"true {classes[row]}, read {classes[column]}, {confusion[row, column]} of {of} "
        f"({100 * confusion[row, column] / of:.1f} %)"
    )
    assert text[5, 9].replace("\N{NO-BREAK SPACE}", " ") == sentence.replace("&", "&amp;").replace(
        "<", "&lt;"
    )


def test_a_hidden_diagonal_and_chosen_classes():
    from pages.evaluate.matrix import _shown_classes, matrix_figure

    confusion = np.array([[5, 1, 0], [0, 7, 2], [0, 0, 0]])
    (trace,) = matrix_figure(
        confusion, "abc", np.arange(3), share="of the truth", log=False, diagonal=False
    ).data
    np.testing.assert_array_equal(
        np.asarray(trace.z) > 0, [[False, True, False], [False, False, True], [False, False, False]]
    )
    np.testing.assert_array_equal(
        _shown_classes(confusion, "abc", "name", ["c", "a", "nothing"]), [0, 2]
    )
    for share in ("counts", "of all"):
        matrix_figure(
            np.zeros((3, 3), int), "abc", np.arange(3), share=share, log=True, diagonal=True
        )


def test_marks_are_told_and_applied():
    settings = Settings.from_environment()
    model = load_recognizer("digits", settings)
    data = open_dataset("uci-digits:test", settings, classes=model.card.classes, form=model.form)
    predictions = predict_all(model, data, settings)
    wrong = np.flatnonzero(~predictions.right)[:3]
    label = [data.classes[data.labels[row]] for row in wrong]
    answer = predictions.classes[predictions.answers[wrong[0]]]
    kinds = [(MISLABELLED, answer), (UNREADABLE, ""), (HARD, "")]
    mark(
        settings,
        data,
        [Mark(int(row), name, *kind) for row, name, kind in zip(wrong, label, kinds, strict=True)],
    )
    hits = int(predictions.right.sum())
    app = screen("evaluate/page.py", **UCI)
    assert "of 360 read correctly" in words(app)
    assert "3 marked (1 relabelled, 1 unreadable left out)" in words(app)
    app = screen("evaluate/page.py", marks="applied", **UCI)
    assert f"<b>{100 * (hits + 1) / 359:.1f} %</b> of 359 read correctly" in words(app)
    assert "1 relabelled, 1 unreadable left out by hand" in words(app)
    for view in VIEWS:
        assert not errors(screen("evaluate/page.py", show=view, marks="applied", **UCI))


@pytest.mark.parametrize(
    "query",
    [
        {"truth": "nothing", "read": "<b>"},
        {"truth": "1", "read": "any", "cell-page": "99999"},
        {"picture": "99999"},
        {"picture": "-1"},
        {"classes": "zz"},
        {"share": "no such"},
        {"part": "neither"},
        {"data": "absent"},
        {"model": "absent"},
        {"show": "absent"},
    ],
)
def test_an_address_that_is_not_right_shows_something(query):
    assert not errors(screen("evaluate/page.py", **{**UCI, **query}))


def test_data_that_the_model_does_not_know_are_one_sentence():
    app = screen("evaluate/page.py", model="characters", data="roman", part="test")
    assert not errors(app)
    assert app.info


def test_many_pictures_are_read_by_a_process_of_their_own(home):
    from core.datasets.idx import write_idx

    raw = home / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    random = np.random.default_rng(0)
    write_idx(
        raw / "t10k-images-idx3-ubyte", (random.random((3200, 28, 28)) > 0.9).astype(np.uint8) * 255
    )
    write_idx(raw / "t10k-labels-idx1-ubyte", np.arange(3200, dtype=np.uint8) % 10)
    app = screen("evaluate/page.py", model="digits", data="mnist", part="test")
    assert "`digits` has not read mnist:test yet." in [element.value for element in app.info]
    assert [button.label for button in app.main.button] == ["Read them all"]


@pytest.mark.parametrize(
    ("classes", "keys"),
    [
        ("0a", {"0": "0", "a": "a", "A": "a"}),
        ("aA", {"a": "a", "A": "A"}),
        (
            ["i", "ii", "v"],
            {"1": "i", "2": "ii", "5": "v", "i": "i", "I": "i", "v": "v", "V": "v"},
        ),
        (["ii", "b"], {"b": "b", "B": "b", "1": "ii"}),
        (["10", "1", "36"], {"1": "1", "10": "10", "36": "36"}),
    ],
)
def test_a_key_for_each_class(classes, keys):
    from pages.shared.board.keys import keys_of

    assert keys_of(list(classes)) == keys

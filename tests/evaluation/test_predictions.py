"""Answers to a whole data set: the same as one by one, saved, found again, shipped; and the
pictures behind a cell.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.dataset import Dataset
from core.datasets.marks import HARD, MISLABELLED, UNREADABLE, Mark
from core.errors import InklingError
from core.evaluation import predictions as room
from core.evaluation.cells import ANY, OTHER, find_cell, nearest, typical
from core.evaluation.predictions import (
    About,
    DatasetPrediction,
    cached_predictions,
    predict_all,
    ship,
    shipped_predictions,
    with_marks,
)
from core.models.cards import find_card
from core.models.recognizer import load_recognizer
from core.settings import Settings
from tests.conftest import DIGITS
from tests.reports import Reports
from tests.sentences import is_sentence


@pytest.fixture
def dataset(random: np.random.Generator) -> Dataset:
    images = (random.random((60, 28, 28)) > 0.8).astype(np.uint8) * 255
    return Dataset(
        "some:test", "Some", images, np.arange(60) % 10, DIGITS, "mnist", "made up, 60 images"
    )


def random_predictions(random: np.random.Generator, count: int, classes: int) -> DatasetPrediction:
    probabilities = random.dirichlet(np.ones(classes), count).astype(np.float32)
    names, truth = tuple(map(str, range(classes))), random.integers(0, classes, count)
    return DatasetPrediction(probabilities, names, truth, About("m", "d", "made up", "w", "p"))


def test_answers_are_those_of_the_recognizer_and_are_found_again(
    settings: Settings, make_model, dataset: Dataset, monkeypatch
) -> None:
    make_model()
    recognizer, text = load_recognizer("tiny", settings), Reports()
    made = predict_all(recognizer, dataset, settings, text)
    np.testing.assert_array_equal(
        made.probabilities, recognizer.predict(dataset.images).probabilities
    )
    np.testing.assert_array_equal(made.truth, dataset.labels)
    assert text == [60]
    again = cached_predictions(*find_card("tiny", settings), dataset, settings)
    assert again is not None
    assert isinstance(again.probabilities, np.memmap)
    np.testing.assert_array_equal(again.probabilities, made.probabilities)
    monkeypatch.setattr(type(recognizer), "predict", None)  # the model is not run again
    assert predict_all(recognizer, dataset, settings).about == made.about


def test_other_pictures_labels_or_weights_are_other_answers(
    settings: Settings, make_model, dataset: Dataset
) -> None:
    make_model()
    predict_all(load_recognizer("tiny", settings), dataset, settings)
    flipped = dataset.images.copy()
    flipped[3, 4, 5] ^= 1
    for other in (
        replace(dataset, images=flipped),
        replace(dataset, labels=dataset.labels[::-1].copy()),
    ):
        assert cached_predictions(*find_card("tiny", settings), other, settings) is None
    make_model(temperature=3.0)
    assert cached_predictions(*find_card("tiny", settings), dataset, settings) is None


def test_only_the_newest_are_kept_and_a_full_disk_costs_only_time(
    settings: Settings, make_model, dataset: Dataset, monkeypatch
) -> None:
    make_model()
    recognizer = load_recognizer("tiny", settings)
    monkeypatch.setattr(room, "KEPT", 2)
    for count in (10, 20, 30):
        predict_all(
            recognizer,
            replace(dataset, images=dataset.images[:count], labels=dataset.labels[:count]),
            settings,
        )
    assert len(list((settings.runs / "predictions").iterdir())) == 2

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    assert len(predict_all(recognizer, dataset, settings)) == 60
    assert cached_predictions(*find_card("tiny", settings), dataset, settings) is None


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"no array at all"])
def test_damaged_answers_are_made_again(
    settings: Settings, make_model, dataset: Dataset, damage: bytes
) -> None:
    make_model()
    recognizer = load_recognizer("tiny", settings)
    predict_all(recognizer, dataset, settings)
    (path,) = (settings.runs / "predictions").glob("*/probabilities.npy")
    path.write_bytes(damage)
    assert cached_predictions(*find_card("tiny", settings), dataset, settings) is None
    assert len(predict_all(recognizer, dataset, settings)) == 60


def test_shipped_answers_open_without_pictures_and_only_for_their_weights(
    settings: Settings, make_model, dataset: Dataset, tmp_path: Path, monkeypatch
) -> None:
    make_model()
    made = predict_all(load_recognizer("tiny", settings), dataset, settings)
    monkeypatch.setattr(room, "SHIPPED", tmp_path / "shipped-answers")
    card, weights = find_card("tiny", settings)
    assert shipped_predictions(weights, card, "some:test") is None
    path = ship(made, room.SHIPPED)
    result = shipped_predictions(weights, card, "some:test")
    assert result is not None
    np.testing.assert_array_equal(result.truth, made.truth)
    np.testing.assert_allclose(result.probabilities, made.probabilities, atol=5e-4)
    assert shipped_predictions(weights, card, "../../some:test") is None
    assert shipped_predictions(weights, replace(card, temperature=9.0), "some:test") is None
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(InklingError) as error:
        shipped_predictions(weights, card, "some:test")
    assert is_sentence(str(error.value))


def test_the_answers_that_ship_are_of_the_recognizers_that_ship(settings: Settings) -> None:
    for model, data in (("digits", "mnist:test"), ("characters", "emnist-balanced:test")):
        card, weights = find_card(model, settings)
        result = shipped_predictions(weights, card, data)
        assert result is not None
        assert len(result) == card.test.n
        assert result.right.mean() == pytest.approx(card.test.accuracy)
        np.testing.assert_allclose(result.probabilities.astype(np.float32).sum(1), 1, atol=5e-3)


@given(
    st.integers(0, 60),
    st.integers(1, 8),
    st.integers(0, 2**32 - 1),
    st.sampled_from([ANY, 0]),
    st.sampled_from([ANY, OTHER, 0]),
)
def test_a_cell_holds_its_pictures_worst_first(
    count: int, classes: int, seed: int, truth: int, answer: int
) -> None:
    predictions = random_predictions(np.random.default_rng(seed), count, classes)
    result = find_cell(predictions, truth, answer)
    wanted = {
        row
        for row in range(count)
        if truth in (ANY, predictions.truth[row])
        and (
            answer == ANY
            or (
                predictions.answers[row] != predictions.truth[row]
                if answer == OTHER
                else predictions.answers[row] == answer
            )
        )
    }
    assert set(result.tolist()) == wanted
    assert (np.diff(predictions.truth_probability[result]) >= 0).all()


def test_marks_change_what_is_scored(random: np.random.Generator) -> None:
    predictions = random_predictions(random, 6, 3)
    marks = [
        Mark(0, "0", MISLABELLED, "2"),
        Mark(1, "1", UNREADABLE),
        Mark(2, "1", HARD),
        Mark(4, "0", MISLABELLED, "no class of it"),
    ]
    result, rows = with_marks(predictions, {mark.row: mark for mark in marks})
    assert rows.tolist() == [0, 2, 3, 5]
    assert result.truth.tolist() == [2, *predictions.truth[[2, 3, 5]]]
    np.testing.assert_array_equal(result.probabilities, predictions.probabilities[rows])
    assert with_marks(predictions, {})[0].truth.tolist() == predictions.truth.tolist()


def test_typical_members_are_read_rightly_and_near_the_mean(random: np.random.Generator) -> None:
    predictions = random_predictions(random, 200, 3)
    images = random.integers(0, 256, (200, 4, 4), np.uint8)
    result = typical(predictions, images, 1, 5)
    members = images[(predictions.truth == 1) & predictions.right].astype(float)
    distances = np.sort(((members - members.mean(0)) ** 2).sum((1, 2)))
    np.testing.assert_allclose(
        ((images[result] - members.mean(0)) ** 2).sum((1, 2)), distances[:5], rtol=1e-4
    )
    assert predictions.right[result].all()
    assert len(typical(random_predictions(random, 0, 3), images[:0], 1, 5)) == 0


@given(st.integers(1, 200), st.integers(1, 50), st.integers(0, 2**32 - 1))
def test_the_nearest_images_are_scikit_learns(count: int, most: int, seed: int) -> None:
    from sklearn.neighbors import NearestNeighbors

    random = np.random.default_rng(seed)
    images, image = (
        random.integers(0, 256, (count, 3, 3), np.uint8),
        random.integers(0, 256, (3, 3), np.uint8),
    )
    step = -(-count // most)
    looked = images[::step].reshape(-1, 9) / 255
    wanted, _ = (
        NearestNeighbors(n_neighbors=min(5, len(looked)))
        .fit(looked)
        .kneighbors(image.reshape(1, 9) / 255)
    )
    rows, distances = nearest(image, images, 5, most=most)
    np.testing.assert_allclose(distances, wanted[0] / 3, atol=1e-3)
    assert (rows % step == 0).all()

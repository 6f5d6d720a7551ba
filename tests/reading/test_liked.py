"""What units like: the most active pictures, and the part of them that was looked at."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import InklingError
from core.models.recognizer import load_recognizer
from core.reading.liked import find_examples, find_liked, find_peaks
from core.settings import Settings
from tests.idx_files import write_pair
from tests.reading.test_inside import by_hand


@pytest.fixture(scope="module")
def digits():
    return load_recognizer("digits", Settings.from_environment())


@pytest.fixture
def settings(tmp_path, monkeypatch):
    for name in ("HOME", "DATA"):
        monkeypatch.setenv(f"INKLING_{name}", str(tmp_path))
    return Settings.from_environment()


def spots(*values):
    """Pictures with one pixel of ink each, of these values."""
    images = np.zeros((len(values), 28, 28), np.uint8)
    for number, value in enumerate(values):
        images[number, 4 + number, 20 - number] = value
    return images


def test_the_most_active_pictures_with_a_frame_around_what_was_seen(digits):
    recognizer = replace(digits, network=by_hand(), card=replace(digits.card, classes=("a", "b")))
    images, done = spots(50, 250, 0, 200, 100), []
    layer, features = find_peaks(recognizer, images, lambda at, of=0, note="": done.append(at))
    np.testing.assert_allclose(layer[:, 0], np.array([50, 250, 0, 200, 100]) / 255, rtol=1e-6)
    np.testing.assert_allclose(features, layer)
    assert done == [5]
    for number in (0, 1):
        peaks = (layer, features)[number]
        liked = find_liked(recognizer, images, peaks, layer=number, unit=0, count=3)
        assert liked.rows.tolist() == [1, 3, 4]
        # the unit sees its own pixel alone: the frame is around that of the first picture
        orange = (liked.pictures[0] == (31, 96, 224)).all(2)
        rows, columns = np.flatnonzero(orange.any(1)), np.flatnonzero(orange.any(0))
        assert abs((rows[0] + rows[-1]) / 2 / 4 - 5.5) < 1
        assert abs((columns[0] + columns[-1]) / 2 / 4 - 19.5) < 1
        assert np.ptp(rows) < 12
    assert len(find_liked(recognizer, images, layer, layer=0, unit=1).rows) == 0  # never active


def test_a_unit_of_the_shipped_network_likes_what_moves_it_most(digits, settings):
    examples = find_examples(digits, settings, most=200)
    assert "UCI" in examples.source
    assert examples.images.shape == (200, 28, 28)
    assert len(examples.labels) == 200
    peaks = find_peaks(digits, examples.images)
    assert [layer.shape[1] for layer in peaks] == [32, 64, 64, 192, 192, 192]
    liked = find_liked(digits, examples.images, peaks[-1], layer=5, unit=17)
    features = digits.features(examples.images)[:, 17]
    np.testing.assert_allclose(features[liked.rows], np.sort(features)[::-1][:8], rtol=1e-4)
    assert liked.pictures.shape == (8, 112, 112, 3)


def test_the_data_of_the_models_own_classes_are_searched(digits, settings):
    characters = load_recognizer("characters", settings)
    examples = find_examples(characters, settings, most=200)
    assert "nobody wrote" in examples.source
    assert set(examples.labels) == set(characters.card.classes)
    for stem in ("train", "t10k"):
        folder = settings.data / "MNIST" / "raw"
        write_pair(folder, stem, np.tile(spots(*range(100, 110)), (3, 1, 1)), np.arange(30) % 10)
    examples = find_examples(digits, settings, most=12)
    assert "MNIST" in examples.source
    assert len(examples.images) == 12


def test_classes_that_nothing_here_shows_are_one_sentence(digits, settings):
    strange = replace(digits, card=replace(digits.card, classes=("square", "circle")))
    with pytest.raises(InklingError, match="no pictures of these classes"):
        find_examples(strange, settings)

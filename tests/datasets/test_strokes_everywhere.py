"""Handwriting works wherever a data set does: its pictures are no array, but are used like one."""

import gzip
import json
from dataclasses import replace

import numpy as np
import pytest

from core.curation.label_issues import cross_validated
from core.datasets.catalogue import open_dataset
from core.datasets.dataset import Dataset
from core.datasets.digest import digest_of_dataset, quick_digest
from core.datasets.strokes import DrawnImages
from core.evaluation.predictions import predict_all
from core.models.recognizer import load_recognizer
from core.settings import Settings
from core.statistics.class_maps import class_maps
from core.statistics.filters import filter_accuracy
from core.statistics.projection import project
from core.statistics.properties import properties
from core.statistics.scaling import scalings
from core.training.data import split_rows
from core.training.recipe import Recipe


@pytest.fixture
def written(settings: Settings) -> Dataset:
    generator = np.random.default_rng(0)
    shapes: dict[str, list[list[float]]] = {
        "1": [[0.2, 0], [0.2, 1]],
        "7": [[0, 0], [0.6, 0], [0.2, 1]],
    }
    rows = [
        {
            "label": label,
            "writer": f"w/{number % 15}",
            "strokes": [(np.array(shape) + generator.normal(0, 0.04, (len(shape), 2))).tolist()],
        }
        for number in range(60)
        for label, shape in shapes.items()
    ]
    path = settings.data / "strokes" / "unipen.json.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(json.dumps(rows).encode()))
    data = open_dataset("unipen-digits", settings)
    assert isinstance(data.images, DrawnImages)
    return data


@pytest.fixture
def array(written: Dataset) -> Dataset:
    return replace(written, images=np.asarray(written.images))


def test_digests(written: Dataset, array: Dataset) -> None:
    assert digest_of_dataset(written) == digest_of_dataset(array)
    assert quick_digest(written) == quick_digest(array)


def test_maps_and_filters(written: Dataset, array: Dataset) -> None:
    one, other = class_maps(written), class_maps(array)
    np.testing.assert_array_equal(one.mean, other.mean)
    results = [filter_accuracy(one.z, one.classes, data) for data in (written, array)]
    assert results[0] == results[1]


def test_properties_and_maps_of_images(written: Dataset, array: Dataset) -> None:
    one, other = properties(written.images), properties(array.images)
    for name in vars(one):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    points = [project(data, count=40) for data in (written, array)]
    np.testing.assert_array_equal(points[0].points, points[1].points)


def test_scaling(written: Dataset, array: Dataset) -> None:
    one, other = (scalings(data, data, count=60, neighbours=3, seed=0) for data in (written, array))
    assert [row.accuracy for row in one] == [row.accuracy for row in other]


def test_predictions_and_labels_that_are_wrong(
    settings: Settings, written: Dataset, array: Dataset
) -> None:
    digits = load_recognizer("digits", settings)
    predictions = predict_all(digits, written, settings)
    expected = digits.predict(array.images).probabilities
    np.testing.assert_allclose(predictions.probabilities, expected, atol=1e-6)
    one, other = (cross_validated(data, folds=2, epochs=1) for data in (written, array))
    np.testing.assert_array_equal(one, other)


def test_writers_are_held_out_whole(written: Dataset) -> None:
    assert written.writers is not None
    for seed in range(5):
        recipe = replace(Recipe(), validation_per_class=8, seed=seed)
        split = split_rows(written.labels, recipe, written.writers)
        held = set(written.writers[split.validation])
        assert held
        assert not held & set(written.writers[split.train])
        assert np.bincount(written.labels[split.validation]).max() <= 8
        assert len(split.train) >= 0.8 * len(written)
    # one writer of everything cannot be held out
    alone = split_rows(written.labels, Recipe(), np.full(len(written), "w"))
    assert len(alone.validation)

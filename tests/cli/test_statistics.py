"""`python -m core stats` from end to end."""

from pathlib import Path

import numpy as np
import pytest

from core.cli.main import main
from core.datasets.catalogue import open_dataset
from core.statistics.class_maps import class_maps
from core.statistics.maps_file import load_maps, load_properties
from core.statistics.properties import PROPERTIES, properties
from tests.conftest import DIGITS
from tests.sentences import is_sentence


@pytest.fixture
def index(tmp_path):
    """A file in a folder that does not exist yet."""
    return tmp_path / "of" / "mine" / "stats.npz"


@pytest.fixture
def data(settings):
    return open_dataset("uci-digits:train", settings)


def stats(place, *others):
    return main(["stats", "--data", "uci-digits:train", "--out", str(place), *others])


def test_the_arrays_that_others_build_on(index, data, capsys):
    assert stats(index) == 0
    shown = capsys.readouterr()
    assert shown.out == f"{index}\n"
    maps = class_maps(data)
    with np.load(index, allow_pickle=False) as file:
        assert file["count"].tolist() == [(data.labels == number).sum() for number in range(10)]
        for name, shape in (
            ("mean", (10, 8, 8)),
            ("std", (10, 8, 8)),
            ("z", (10, 8, 8)),
            ("overall_mean", (8, 8)),
        ):
            assert (file[name].shape, file[name].dtype) == (shape, np.float64)
            np.testing.assert_array_equal(file[name], getattr(maps, name))
        assert file["classes"].tolist() == list(DIGITS)
        np.testing.assert_array_equal(file["labels"], data.labels)
        assert file["histogram"].shape == (10, 256)
        measured = properties(data.images)
        for name in PROPERTIES:
            np.testing.assert_array_equal(file[name], getattr(measured, name))
    np.testing.assert_array_equal(load_maps(index).sums, maps.sums)


def test_without_properties(index):
    assert stats(index, "--no-properties") == 0
    assert load_properties(index) is None
    with np.load(index) as file:
        assert "labels" not in file
        assert file["z"].shape == (10, 8, 8)


def test_a_compact_sample(index, data):
    assert stats(index, "--sample", "300", "--compact") == 0
    rows, labels, result = load_properties(index)
    assert len(set(rows.tolist())) == 300
    np.testing.assert_array_equal(labels, data.labels[rows])
    measured = properties(data.images[rows])
    for name in PROPERTIES:
        np.testing.assert_allclose(getattr(result, name), getattr(measured, name), atol=0.0051)
    assert load_maps(index).count.sum() == len(data)
    first = index.read_bytes()
    assert stats(index, "--sample", "300", "--compact") == 0
    assert index.read_bytes() == first
    with np.load(index) as file:
        assert "mean" not in file


def test_a_sample_of_more_than_there_are_is_all(index, data):
    assert stats(index, "--sample", "5000") == 0
    rows, labels, _ = load_properties(index)
    assert rows.tolist() == list(range(len(data)))
    np.testing.assert_array_equal(labels, data.labels)


@pytest.mark.parametrize(
    "options",
    [
        ["--sample", "0"],
        ["--data", "nothing"],
        ["--data", "uci-digits:validation"],
        ["--out", "/proc/no/stats.npz"],
        ["--out", "/"],
    ],
)
def test_what_cannot_be_done_is_a_sentence(options, index, capsys):
    assert stats(index, *options) == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert is_sentence(error), error
    assert not index.exists()


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--data", "uci-digits"],
        ["--out", "a.npz"],
        ["--data", "x", "--out", "y", "--sample", "few"],
    ],
)
def test_wrong_usage_is_2(options, capsys):
    with pytest.raises(SystemExit) as leaving:
        main(["stats", *options])
    assert leaving.value.code == 2
    assert "usage:" in capsys.readouterr().err
    assert not Path("y").exists()

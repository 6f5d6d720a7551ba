"""Class maps against the notebook's formula in plain NumPy, and sums that do not depend on
chunking.
"""

import pickle
import subprocess
import sys
import warnings
from dataclasses import fields, replace
from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis.extra.numpy import arrays

from core.datasets.dataset import Dataset
from core.datasets.idx import read_idx, write_idx
from core.datasets.published import open_emnist, open_mnist
from core.errors import InklingError
from core.statistics.class_maps import ClassMaps, class_maps, mean_histogram
from core.statistics.maps_file import (
    SHIPPED_STATISTICS,
    load_maps,
    load_properties,
    save_maps,
    shipped,
    shipped_maps,
)
from core.statistics.properties import PROPERTIES, properties
from tests.reports import Reports
from tests.sentences import is_sentence

LETTERS = tuple("abcde")


def dataset(images, labels, classes=LETTERS):
    return Dataset(
        "x:train", "X train", images, np.asarray(labels, np.int64), classes, "", "a caveat"
    )


def random_set(random, *, count=300, size=(8, 6), classes=LETTERS):
    images = random.integers(0, 256, (count, *size), dtype=np.uint8) * random.integers(
        0, 2, (count, *size), dtype=np.uint8
    )
    images[:, 0] = 0  # never inked
    return dataset(images, random.integers(0, len(classes), count), classes)


def z_score(own, others):
    with np.errstate(invalid="ignore"):
        z = (own.mean(0) - others.mean(0)) / np.sqrt(
            own.var(0, ddof=1) / len(own) + others.var(0, ddof=1) / len(others)
        )
    return np.nan_to_num(z, nan=0)


def same(one, other):
    for field in fields(ClassMaps):
        a, b = getattr(one, field.name), getattr(other, field.name)
        np.testing.assert_array_equal(a, b, err_msg=field.name)
        assert getattr(a, "dtype", None) == getattr(b, "dtype", None)


def agrees(maps, data, rows):
    for row in rows:  # a row of pixels at a time: all of MNIST in float64 would fill memory
        ink = data.images[:, row] / 255
        np.testing.assert_allclose(maps.overall_mean[row], ink.mean(0), atol=1e-6)
        np.testing.assert_allclose(maps.overall_std[row], ink.std(0, ddof=1), atol=1e-6)
        for number in range(len(data.classes)):
            own, others = ink[data.labels == number], ink[data.labels != number]
            np.testing.assert_allclose(maps.mean[number, row], own.mean(0), atol=1e-6)
            np.testing.assert_allclose(maps.std[number, row], own.std(0, ddof=1), atol=1e-6)
            np.testing.assert_allclose(maps.z[number, row], z_score(own, others), atol=1e-6)


def test_the_formula_on_random_images(random):
    data = random_set(random)
    maps = class_maps(data)
    agrees(maps, data, range(8))
    ink = data.images / 255
    np.testing.assert_allclose(
        maps.contrast("d", "b"), z_score(ink[data.labels == 3], ink[data.labels == 1]), atol=1e-6
    )
    assert maps.count.tolist() == [(data.labels == number).sum() for number in range(5)]
    np.testing.assert_array_equal(maps.low, data.images.min(0))
    np.testing.assert_array_equal(maps.high, data.images.max(0))
    for number in range(5):
        values, times = np.unique(data.images[data.labels == number], return_counts=True)
        assert {
            value: times for value, times in enumerate(maps.histogram[number]) if times
        } == dict(zip(values, times, strict=True))
    assert (maps.name, maps.title, maps.source, maps.form, maps.classes) == (
        "x:train",
        "X train",
        "a caveat",
        data.form,
        LETTERS,
    )


@pytest.mark.parametrize(
    "rows",
    [range(13, 17), pytest.param(range(28), marks=pytest.mark.slow)],
    ids=["some pixels", "all pixels"],
)
def test_the_formula_on_mnist(real_data, rows):
    data = open_mnist(real_data, "train")
    agrees(class_maps(data), data, rows)


@given(
    images=arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 4), st.integers(1, 4))),
    chunk=st.integers(1, 13),
    order=st.randoms(use_true_random=False),
)
@example(np.full((5, 2, 2), 255, np.uint8), 2, None)
def test_no_chunks_and_no_order_change_a_figure(images, chunk, order):
    labels = np.arange(len(images)) * 7 % 3
    rows = list(range(len(images)))
    if order:
        order.shuffle(rows)
    whole = class_maps(dataset(images, labels))
    same(whole, class_maps(dataset(images[rows], labels[rows]), chunk=chunk))
    inks = images.astype(object)
    assert whole.sums.tolist() == [
        inks[labels == number].sum(0, initial=0).tolist() for number in range(5)
    ]
    assert whole.squares.tolist() == [
        (inks[labels == number] ** 2).sum(0, initial=0).tolist() for number in range(5)
    ]


def test_a_file_and_a_turned_view_give_what_memory_gives(random, tmp_path):
    data = random_set(random)
    write_idx(tmp_path / "turned", data.images.transpose(0, 2, 1))
    same(
        class_maps(data),
        class_maps(
            replace(data, images=read_idx(tmp_path / "turned").transpose(0, 2, 1)), chunk=100
        ),
    )
    open_for_writing = np.memmap(tmp_path / "copy", np.uint8, "w+", shape=data.images.shape)
    open_for_writing[:] = data.images
    cow = np.memmap(tmp_path / "copy", np.uint8, "c", shape=data.images.shape)
    cow[5] = 255 - cow[5]  # not in the file, so it must not be dropped
    changed = data.images.copy()
    changed[5] = 255 - changed[5]
    for _ in range(2):
        same(
            class_maps(replace(data, images=cow), chunk=100),
            class_maps(replace(data, images=changed)),
        )


def test_nothing_cancels_and_nothing_overflows():
    """The largest allowed number of images, all but one pixel the same; by fractions."""
    count = 11_000_000
    sums, squares = 255 * count - 1, 255**2 * (count - 1) + 254**2
    maps = ClassMaps(
        "x",
        "X",
        "",
        "",
        ("a",),
        np.array([count]),
        np.array([[[sums]]]),
        np.array([[[squares]]]),
        np.zeros((1, 256), np.int64),
        np.zeros((1, 1), np.uint8),
        np.zeros((1, 1), np.uint8),
    )
    variance = (squares - Fraction(sums * sums, count)) / (count - 1) / 255**2
    assert maps.std.item() == pytest.approx(float(variance) ** 0.5, rel=1e-12)


@pytest.mark.parametrize(
    "labels",
    [[0, 0, 1, 1, 3], [0, 0, 0, 0, 0], [0, 1, 2, 3, 4]],
    ids=["empty class", "one class", "one image each"],
)
def test_what_is_missing_is_0(labels, random):
    data = random_set(random, count=5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        maps = class_maps(replace(data, labels=np.array(labels)))
        shown = [
            maps.mean,
            maps.std,
            maps.z,
            maps.overall_mean,
            maps.overall_std,
            maps.contrast("a", "e"),
        ]
    assert all(np.isfinite(array).all() and array.dtype == np.float64 for array in shown)
    few = maps.count < 2
    assert not maps.std[few].any()
    assert not maps.mean[maps.count == 0].any()
    assert not maps.z[few | (maps.count == 5)].any()
    assert maps.z[~few].any() == (labels[-1] == 3)
    np.testing.assert_allclose(maps.mean[0], data.images[np.array(labels) == 0].mean(0) / 255)


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (np.zeros((0, 8, 8)), []),
        (np.zeros((2, 0, 8)), [0, 1]),
        (np.zeros((2, 8, 8)), [0, 5]),
        (np.zeros((2, 8, 8)), [-1, 0]),
    ],
)
def test_what_cannot_be_counted_is_a_sentence(images, labels):
    with pytest.raises(InklingError) as caught:
        class_maps(dataset(images.astype(np.uint8), labels))
    assert is_sentence(str(caught.value))


def test_too_many_images_are_a_sentence():
    images, labels = (
        np.broadcast_to(np.uint8(1), (11_000_001, 1, 1)),
        np.broadcast_to(0, 11_000_001),
    )
    with pytest.raises(InklingError) as caught:
        class_maps(Dataset("x", "X", images, labels, LETTERS, "", ""))
    assert is_sentence(str(caught.value))


def test_progress_is_told_and_can_stop(random):
    seen, until_half = Reports(), Reports(stop_after=150)
    class_maps(random_set(random), chunk=70, report=seen)
    assert seen == [70, 140, 210, 280, 300]
    with pytest.raises(KeyboardInterrupt):
        class_maps(random_set(random), chunk=70, report=until_half)
    assert until_half == [70, 140, 210]


def test_a_contrast_with_no_class_is_a_sentence(random):
    with pytest.raises(InklingError) as caught:
        class_maps(random_set(random)).contrast("a", "7")
    assert is_sentence(str(caught.value))


def test_the_histogram_counts_means(random):
    maps = class_maps(random_set(random))
    counts, edges = mean_histogram(maps)
    # the first peak: one row is never inked
    assert (counts.sum(), len(edges), counts[0]) == (48, 31, 6)
    counts, edges = mean_histogram(maps, bins=4, span=(0.01, 0.6))
    assert (counts.sum(), edges[0], edges[-1]) == (42, 0.01, 0.6)


@pytest.mark.parametrize("compact", [False, True])
def test_what_is_saved_is_loaded(compact, random, tmp_path):
    maps = class_maps(random_set(random))
    save_maps(maps, tmp_path / "maps.npz", compact=compact)
    same(load_maps(tmp_path / "maps.npz"), maps)
    assert load_properties(tmp_path / "maps.npz") is None
    with np.load(tmp_path / "maps.npz") as file:
        assert ("z" in file) != compact
        if not compact:
            for name in ("mean", "std", "z", "overall_mean"):
                np.testing.assert_array_equal(file[name], getattr(maps, name))


def test_a_file_from_before_forms_were_kept_is_in_none(random, tmp_path):
    maps, path = class_maps(replace(random_set(random), form="number")), tmp_path / "maps.npz"
    save_maps(maps, path)
    assert load_maps(path).form == "number"
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files if name != "form"}
    np.savez(path, **arrays)
    same(load_maps(path), replace(maps, form=""))


def damages(good):
    yield from (good[:length] for length in range(0, len(good), 499))
    for index in range(0, len(good), 97):
        yield good[:index] + bytes([good[index] ^ 0xFF]) + good[index + 1 :]
    yield pickle.dumps({"sums": 1})
    yield (
        b"\x93NUMPY\x01\x00v\x00{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }".ljust(
            128
        )
        + b"\n\0"
    )


def test_a_damaged_file_is_a_sentence(random, tmp_path):
    path, maps, said = tmp_path / "maps.npz", class_maps(random_set(random)), []
    save_maps(maps, path)
    for damaged in damages(path.read_bytes()):
        path.write_bytes(damaged)
        try:
            same(load_maps(path), maps)  # a byte that does not affect the data
        except InklingError as error:
            said.append(str(error))
    assert len(said) > 50
    assert all(is_sentence(text) for text in said)


@pytest.mark.parametrize(
    "changes",
    [{"sums": np.zeros((5, 8))}, {"low": np.zeros(3)}, {"count": ["a"] * 5}, {"classes": ["a"]}],
)
def test_arrays_that_do_not_fit_together_are_a_sentence(changes, random, tmp_path):
    save_maps(class_maps(random_set(random)), tmp_path / "maps.npz")
    with np.load(tmp_path / "maps.npz") as file:
        np.savez(tmp_path / "maps.npz", **{**file, **changes})
    for path in (tmp_path / "maps.npz", tmp_path / "none.npz"):
        with pytest.raises(InklingError) as caught:
            load_maps(path)
        assert is_sentence(str(caught.value))


def test_maps_that_are_only_shown_do_without_numba():
    code = (
        "import sys; from core.statistics.maps_file import shipped_maps; "
        "shipped_maps('mnist:train').z; assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=SHIPPED_STATISTICS.parents[1], check=True)


def test_nothing_else_is_shipped():
    for name in ("nothing", "", "../statistics/mnist:train", "\0", "x" * 5000):
        assert shipped_maps(name) is None


@pytest.mark.parametrize("kind", ["mnist", "emnist-balanced", "emnist-byclass", "emnist-bymerge"])
@pytest.mark.parametrize("split", ["train", "test"])
def test_shipped_maps_are_those_of_the_data(kind, split, real_data):
    maps, family = shipped_maps(f"{kind}:{split}"), kind.removeprefix("emnist-")
    data = open_mnist(real_data, split) if kind == family else open_emnist(real_data, family, split)
    same(maps, class_maps(data))
    rows, labels, result = load_properties(shipped(maps.name))
    assert (
        len(set(rows.tolist()))
        == len(rows)
        == len(labels)
        == len(result.ink)
        == min(10_000, len(data))
    )
    np.testing.assert_array_equal(labels, data.labels[rows])
    np.testing.assert_allclose(result.ink, data.images[rows].sum((1, 2)) / 255, atol=0.006)
    few = properties(data.images[rows[:100]])
    for name in PROPERTIES:  # measured by today's definition
        np.testing.assert_allclose(getattr(result, name)[:100], getattr(few, name), atol=0.0051)


def test_the_pool_is_called_a_pool():
    files = sorted(SHIPPED_STATISTICS.glob("*.npz"))
    assert len(files) == 8
    assert sum(path.stat().st_size for path in files) < 3e6
    for path in files:
        maps = load_maps(path)
        assert maps.form == ("emnist" if "EMNIST" in maps.title else "mnist")
        assert ("a pool of EMNIST images, not the official split" in maps.source) == (
            "EMNIST" in maps.title
        )
        assert f"{maps.count.sum():,} images" in maps.source

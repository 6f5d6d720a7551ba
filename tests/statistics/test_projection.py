"""The map of images against scikit-learn and plain NumPy."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.models.recognizer import load_recognizer
from core.statistics.projection import STEPS, inputs, load_projection, project, save_projection
from tests.sentences import is_sentence


def digits(count: int = 300) -> Dataset:
    result = load_digits()
    images = (result.images[:count] * (255 / 16)).round().astype(np.uint8)
    return Dataset(
        "digits",
        "Digits",
        images,
        result.target[:count].astype(np.int64),
        tuple("0123456789"),
        "",
        "scikit-learn",
    )


def test_the_points_are_the_first_two_principal_components():
    dataset = digits()
    result = project(dataset, count=300)
    theirs = PCA(2).fit_transform(dataset.images.reshape(300, -1) / 255)
    for own, other in zip(result.points.T, theirs.T, strict=True):
        assert abs(np.corrcoef(own, other)[0, 1]) > 0.9999
    np.testing.assert_array_equal(result.rows, np.arange(300))
    assert result.explained[1] == pytest.approx(
        PCA(2).fit(dataset.images.reshape(300, -1) / 255).explained_variance_ratio_.sum(), abs=1e-4
    )


def test_the_nearest_image_is_the_nearest():
    dataset = digits(80)
    result = project(dataset, count=80)
    pixels = dataset.images.reshape(80, -1) / 255
    apart = np.sqrt(((pixels[:, None] - pixels) ** 2).mean(2))
    np.fill_diagonal(apart, np.inf)
    np.testing.assert_allclose(result.distance, apart.min(1), atol=1e-5)
    np.testing.assert_allclose(apart[np.arange(80), result.nearest], apart.min(1), atol=1e-5)
    np.testing.assert_allclose(result.oddity, np.sort(apart, 1)[:, 4], atol=1e-5)


def test_copies_of_one_image_are_each_others_nearest():
    dataset = digits(40)
    images = np.concatenate([dataset.images, dataset.images[:1].repeat(8, 0)])
    doubled = Dataset(
        "d",
        "D",
        images,
        np.concatenate([dataset.labels, dataset.labels[:1].repeat(8)]),
        dataset.classes,
        "",
        "",
    )
    result = project(doubled, count=48)
    copies = [0, *range(40, 48)]
    np.testing.assert_allclose(result.distance[copies], 0, atol=1e-6)
    assert not (result.nearest == np.arange(48)).any()
    assert set(result.nearest[copies]) <= set(copies)
    alike = result.most_alike(4)
    assert {*alike.reshape(-1)} <= set(copies)
    assert len({tuple(pair) for pair in alike}) == len(alike) == 4


def test_the_same_seed_gives_the_same_map_and_another_does_not():
    one, same, other = (project(digits(), count=100, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.points, same.points)
    assert not np.array_equal(one.rows, other.rows)
    assert (np.diff(one.rows) > 0).all()


@pytest.mark.slow  # the browser makes one on each run
def test_umap_keeps_neighbours_together_and_tells_of_progress():
    dataset, texts = digits(), []
    result = project(dataset, method="umap", count=300, report=lambda done, *_: texts.append(done))
    assert result.points.shape == (300, 2)
    assert np.isfinite(result.points).all()
    assert trustworthiness(dataset.images.reshape(300, -1), result.points, n_neighbors=10) > 0.93
    assert texts == sorted(texts)
    assert texts[-1] == STEPS
    assert len([step for step in texts if step >= 200]) > 1


@pytest.mark.parametrize("method", ["pca", "umap"])
def test_a_picture_finds_its_own_place(method):
    dataset = digits(120)
    result = project(dataset, method="pca", count=120)
    for row in (0, 17, 119):
        index, near = result.locate(
            inputs(dataset.images[row][None], "pixels", None)[0], method=method
        )
        assert near[0] == row
        if method == "pca":
            np.testing.assert_allclose(index, result.points[row], atol=1e-4)
        else:
            np.testing.assert_allclose(index, result.points[near].mean(0), atol=1e-6)


def test_features_and_answers_come_from_the_recognizer(make_model, settings):
    make_model("one", tuple("9876543210"))
    recognizer, dataset = load_recognizer("one", settings), digits(30)
    large = Dataset(
        "d",
        "D",
        dataset.images.repeat(4, 1).repeat(4, 2)[:, 2:30, 2:30],
        dataset.labels,
        dataset.classes,
        "",
        "",
    )
    result = project(large, space="features", count=30, recognizer=recognizer)
    features = recognizer.features(large.images)
    assert features.shape == (30, 64)
    np.testing.assert_allclose(result.centre, features.mean(0), atol=1e-4)
    assert [large.classes[answer] for answer in result.answers] == recognizer.predict(
        large.images
    ).labels()


def test_no_recognizer_no_answers():
    assert (project(digits(20), count=20).answers == -1).all()


def test_it_is_kept_whole(tmp_path):
    result = project(digits(30), count=30)
    save_projection(result, tmp_path / "new" / "map.npz")
    again = load_projection(tmp_path / "new" / "map.npz")
    np.testing.assert_array_equal(again.points, result.points)
    np.testing.assert_array_equal(again.basis, result.basis)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"nothing"])
def test_a_damaged_map_is_a_sentence(tmp_path, content):
    (tmp_path / "map.npz").write_bytes(content)
    with pytest.raises(InklingError) as error:
        load_projection(tmp_path / "map.npz")
    assert is_sentence(str(error.value))


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "tsne"},
        {"space": "dreams"},
        {"count": 5},
        {"count": 10**6},
        {"space": "features"},
    ],
    ids=str,
)
def test_what_cannot_be_is_a_sentence(wrong):
    with pytest.raises(InklingError) as error:
        project(digits(50), **wrong)
    assert is_sentence(str(error.value))


def test_blank_images_all_alike_have_a_place():
    same = Dataset("d", "D", np.zeros((12, 8, 8), np.uint8), np.zeros(12, np.int64), ("0",), "", "")
    result = project(same, count=12)
    assert np.isfinite(result.points).all()
    assert (result.distance == 0).all()

"""Common to all classifiers fitted by scikit-learn: a network's interface, one file format, and no
trust in files.
"""

import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InklingError
from core.models.fitted import Fitted, in_bytes
from core.models.forest import build_forest, fit_extra_trees, fit_random_forest
from core.models.knn import build_knn, fit_knn
from core.models.linear import build_logistic, fit_logistic
from core.models.svm import build_svm, fit_svm
from core.models.tensors import load_tensors, save_tensors
from tests.models.fitted_data import digits, speckle
from tests.sentences import is_sentence


@dataclass(frozen=True)
class Kind:
    fit: Any
    build: Any
    settings: dict[str, Any]
    wrong: tuple[dict[str, Any], ...]


KINDS = {
    "knn": Kind(fit_knn, build_knn, {"k": 5}, ({"k": 0}, {"k": 701})),
    "random forest": Kind(
        fit_random_forest,
        build_forest,
        {"trees": 20},
        (
            {"trees": 0},
            {"max_depth": -1},
            {"max_samples": 0.0},
            {"max_samples": 1.1},
            {"max_samples": float("nan")},
        ),
    ),
    "extra trees": Kind(
        fit_extra_trees,
        build_forest,
        {"trees": 20, "max_depth": 6},
        ({"trees": 0}, {"max_depth": -1}),
    ),
    "logistic": Kind(
        fit_logistic,
        build_logistic,
        {"max_iter": 8},
        ({"C": 0.0}, {"C": float("nan")}, {"max_iter": 0}),
    ),
    "svm": Kind(
        fit_svm,
        build_svm,
        {"at_most": 400},
        ({"C": -1.0}, {"gamma": -0.1}, {"gamma": float("nan")}, {"at_most": 1}),
    ),
}
NEED_TWO_CLASSES = ("logistic", "svm")
FITTED: dict[str, Fitted] = {}

every_kind = pytest.mark.parametrize("name", KINDS)


def fitted(name: str) -> Fitted:
    if name not in FITTED:
        FITTED[name] = KINDS[name].fit(*digits(), 10, seed=1, **KINDS[name].settings).eval()
    return FITTED[name]


def inputs(images: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(images.copy()).unsqueeze(1).float() / 255


@every_kind
def test_it_learns_and_answers_like_a_network(name):
    images, labels = digits(1700)
    network = fitted(name).requires_grad_(False)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    with torch.inference_mode():
        answer = network(inputs(images[700:]).contiguous(memory_format=torch.channels_last))
    assert answer.shape == (1000, 10)
    assert answer.dtype == torch.float32
    assert torch.isfinite(answer).all()
    assert (answer.argmax(1).numpy() == labels[700:]).mean() > 0.8
    features = network.features(inputs(images[:3]))
    assert features.shape == (3, 784)
    assert network.classifier(features).shape == (3, 10)


@every_kind
@pytest.mark.parametrize("size", [1, 33])
def test_an_image_is_read_the_same_in_any_batch(name, size):
    x = inputs(digits(40)[0])
    whole = fitted(name)(x)
    torch.testing.assert_close(
        torch.cat([fitted(name)(batch) for batch in x.split(size)]), whole, atol=1e-5, rtol=1e-5
    )
    assert fitted(name)(x[:0]).shape == (0, 10)


@every_kind
def test_a_file_gives_the_same_answers(name, tmp_path: Path):
    x = inputs(digits(60)[0])
    save_tensors(tmp_path / "x.safetensors", fitted(name).state_dict())
    again = KINDS[name].build(10)
    with pytest.raises(RuntimeError, match="neither"):
        again(x)
    tensors, _ = load_tensors(tmp_path / "x.safetensors")
    again.load_state_dict(tensors)
    again.eval().requires_grad_(False)
    assert torch.equal(again(x), fitted(name)(x))
    assert again.state_dict().keys() == fitted(name).state_dict().keys()
    with pytest.raises(RuntimeError):
        again(x[:, :, 1:])


@every_kind
def test_the_same_seed_gives_the_same_bytes_and_progress_is_told(name):
    text: list[tuple[int, int]] = []
    again = KINDS[name].fit(
        *digits(), 10, seed=1, report=lambda *where: text.append(where), **KINDS[name].settings
    )
    for key, tensor in fitted(name).state_dict().items():
        assert torch.equal(tensor, again.state_dict()[key]), key
    assert text == sorted(text)
    assert text[-1][0] == text[-1][1] > 0
    if name not in ("knn", "logistic"):
        other = KINDS[name].fit(*digits(), 10, seed=2, **KINDS[name].settings)
        assert any(
            not torch.equal(tensor, other.state_dict()[key])
            for key, tensor in fitted(name).state_dict().items()
        )


@every_kind
def test_progress_can_stop_it(name):
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        KINDS[name].fit(*digits(50), 10, seed=1, report=stop, **KINDS[name].settings)


@every_kind
def test_a_class_without_images_is_never_the_answer(name):
    images, labels = speckle(90, 3)
    labels = np.array([1, 4, 6])[labels]
    answer = KINDS[name].fit(images, labels, 8, seed=0, **KINDS[name].settings)(inputs(images))
    assert answer.shape == (90, 8)
    assert torch.isfinite(answer).all()
    assert set(answer.argmax(1).tolist()) <= {1, 4, 6}
    assert torch.softmax(answer, 1)[:, [0, 2, 3, 5, 7]].max() < 2e-6


@every_kind
def test_two_classes_one_class_and_none(name):
    images, labels = speckle(40, 2, gap=60)
    fit, chosen = KINDS[name].fit, KINDS[name].settings
    answer = fit(images, labels, 2, seed=0, **chosen)(inputs(images))
    assert (answer.argmax(1).numpy() == labels).mean() > 0.9
    if name in NEED_TWO_CLASSES:
        with pytest.raises(InklingError) as error:
            fit(images, np.zeros_like(labels), 2, seed=0, **chosen)
        assert is_sentence(str(error.value))
    else:
        assert (
            fit(images, np.ones_like(labels), 2, seed=0, **chosen)(inputs(images)).argmax(1) == 1
        ).all()
    with pytest.raises(InklingError) as error:
        fit(images[:0], labels[:0], 2, seed=0, **chosen)
    assert is_sentence(str(error.value))


@every_kind
def test_other_sizes_and_arrays_that_are_views(name):
    images, labels = speckle(60, 3, size=9)
    network = KINDS[name].fit(images.transpose(0, 2, 1), labels, 3, seed=0, **KINDS[name].settings)
    same = KINDS[name].fit(
        np.ascontiguousarray(images.transpose(0, 2, 1)), labels, 3, seed=0, **KINDS[name].settings
    )
    x = inputs(images.transpose(0, 2, 1))
    assert torch.equal(network(x), same(x))
    with pytest.raises(RuntimeError):
        KINDS[name].build(3).load_state_dict(network.state_dict())


@pytest.mark.parametrize(
    ("name", "wrong"),
    [(name, wrong) for name, kind in KINDS.items() for wrong in kind.wrong],
    ids=str,
)
def test_a_setting_that_makes_no_sense_is_a_sentence(name, wrong):
    with pytest.raises(InklingError) as error:
        KINDS[name].fit(*digits(), 10, seed=0, **wrong)
    assert is_sentence(str(error.value))


@every_kind
def test_images_and_labels_that_do_not_fit_are_refused(name):
    images, labels = digits(30)
    for wrong in (
        (images / 255, labels),
        (images, labels[1:]),
        (images.reshape(30, -1), labels),
        (images, labels - 1),
    ):
        with pytest.raises((ValueError, IndexError)):
            KINDS[name].fit(*wrong, 10, seed=0)


@every_kind
def test_names_types_and_shapes_that_are_wrong_are_refused(name):
    good = fitted(name).state_dict()
    network = KINDS[name].build(10)
    wrong = [
        {},
        {**good, "more": torch.zeros(1)},
        {f"x.{key}": tensor for key, tensor in good.items()},
    ]
    for key, tensor in good.items():
        wrong.append({other: value for other, value in good.items() if other != key})
        wrong.append({**good, key: tensor[None]})
        wrong.append({**good, key: tensor.to(torch.float16)})
        wrong.append({**good, key: None})
        if tensor.ndim:
            wrong += [
                {**good, key: tensor[:0]},
                {**good, key: tensor[:-1]},
                {**good, key: torch.cat([tensor, tensor[:1]])},
            ]
        if tensor.is_floating_point():
            wrong += [
                {**good, key: torch.full_like(tensor, value)} for value in (torch.nan, torch.inf)
            ]
    for tensors in wrong:
        with pytest.raises(RuntimeError):
            network.load_state_dict(tensors)
    with pytest.raises(RuntimeError, match="neither"):
        network(torch.zeros(1, 1, 28, 28))


@every_kind
def test_a_refused_file_leaves_what_was_there(name):
    x = inputs(digits(20)[0])
    network = KINDS[name].build(10)
    network.load_state_dict(fitted(name).state_dict())
    with pytest.raises(RuntimeError):
        network.load_state_dict({})
    assert torch.equal(network(x), fitted(name)(x))


@every_kind
@settings(max_examples=40)
@given(data=st.data())
def test_damage_is_refused_or_answers_all_the_same(name, data):
    """One number of a file changed at random: never a hang, a crash or a non-finite answer."""
    tensors = {key: tensor.clone() for key, tensor in fitted(name).state_dict().items()}
    key = data.draw(st.sampled_from(sorted(tensors)))
    index = data.draw(st.integers(0, tensors[key].numel() - 1))
    dtype = tensors[key].dtype
    if dtype.is_floating_point:
        value = data.draw(st.floats(width=32))
    else:
        limits = torch.iinfo(dtype)
        near = st.integers(max(limits.min, -3), min(limits.max, 2000))
        value = data.draw(near | st.integers(limits.min, limits.max))
    tensors[key].view(-1)[index] = value
    network = KINDS[name].build(10)
    try:
        network.load_state_dict(tensors)
    except RuntimeError:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answer = network(inputs(digits(10)[0]))
    assert answer.shape == (10, 10)
    assert not answer.isnan().any()


@given(st.integers(0, 255))
def test_a_byte_comes_back_from_its_float(byte):
    assert in_bytes(torch.tensor([byte], dtype=torch.uint8).float() / 255).item() == byte


def test_importing_them_is_light():
    code = "import sys, core.models.forest, core.models.knn, core.models.linear, core.models.svm; "
    code += "print([name for name in ('sklearn', 'scipy', 'numba') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

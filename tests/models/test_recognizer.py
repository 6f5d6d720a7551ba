import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.datasets.labels import folder_of_label
from core.errors import InklingError
from core.ink.decode import read_picture
from core.ink.forms import FORMS, canonical
from core.models.cards import Card, find_cards, save_card
from core.models.prediction import Prediction
from core.models.recognizer import load_recognizer
from core.models.registry import ARCHITECTURES, architecture
from core.models.tensors import load_tensors, save_tensors
from core.settings import SHIPPED_MODELS, Settings
from tests.conftest import BALANCED, DIGITS
from tests.handwriting import FIVE, canvas
from tests.sentences import is_sentence

Make = Callable[..., Card]


def inputs(random: np.random.Generator, count: int = 6) -> np.ndarray:
    images = random.integers(0, 256, (count, 28, 28)).astype(np.uint8)
    return images * (random.random(images.shape) < 0.2).astype(np.uint8)


def test_probabilities_are_the_networks_own(
    settings: Settings, make_model: Make, random: np.random.Generator
) -> None:
    """softmax(logits / T) of a network built and loaded by hand."""
    make_model("tiny", temperature=2.5)
    images = inputs(random, 300)
    network = architecture("resnet8-tiny").build(10)
    network.load_state_dict(load_tensors(settings.models / "tiny.safetensors")[0])
    network.eval()
    with torch.no_grad():
        logits = (
            network(torch.from_numpy(images).float()[:, None] / 255).numpy().astype(float) / 2.5
        )
    expected = np.exp(logits - logits.max(1, keepdims=True))
    expected /= expected.sum(1, keepdims=True)
    prediction = load_recognizer("tiny", settings).predict(images)
    np.testing.assert_allclose(prediction.probabilities, expected, atol=1e-5)
    assert prediction.probabilities.dtype == np.float32
    assert prediction.labels() == [DIGITS[index] for index in expected.argmax(1)]


def test_features_and_prediction_in_one_pass_are_those_of_two(
    settings: Settings, make_model: Make, random: np.random.Generator
) -> None:
    make_model("tiny", temperature=2.5)
    recognizer = load_recognizer("tiny", settings)
    images = inputs(random, 20)
    images[3] = 0
    features, prediction = recognizer.features_and_prediction(images)
    np.testing.assert_allclose(features, recognizer.features(images), rtol=1e-5)
    np.testing.assert_allclose(
        prediction.probabilities, recognizer.predict(images).probabilities, atol=1e-6
    )


def test_no_ink_has_no_opinion_and_no_images_no_rows(
    settings: Settings, make_model: Make, random: np.random.Generator
) -> None:
    make_model("tiny", BALANCED)
    recognizer = load_recognizer("tiny", settings)
    images = inputs(random, 3)
    images[1] = 0
    probabilities = recognizer.predict(images).probabilities
    np.testing.assert_allclose(probabilities[1], 1 / 47, rtol=1e-6)
    assert np.ptp(probabilities[0]) > 0.001
    for shape in ((0, 28, 28), (0, 100, 90)):
        assert recognizer.predict(np.zeros(shape, np.uint8)).probabilities.shape == (0, 47)


def test_of_a_blurred_picture_the_same_answer_is_less_sure(
    settings: Settings, make_model: Make, random: np.random.Generator
) -> None:
    """softmax(logits / T) again, with a higher T; nothing changes under a twentieth."""
    make_model("tiny")
    recognizer, images = load_recognizer("tiny", settings), inputs(random, 40)
    plain = recognizer.predict(images)
    blurred = recognizer.predict(images, blur=[0.25] * 40)
    logits = np.log(plain.probabilities.astype(float))
    expected = np.exp(logits / 2) / np.exp(logits / 2).sum(1, keepdims=True)
    np.testing.assert_allclose(blurred.probabilities, expected, atol=1e-5)
    assert blurred.labels() == plain.labels()
    assert (blurred.confidence < plain.confidence).all()
    sharp = recognizer.predict(images, blur=[0.05] * 40)
    np.testing.assert_allclose(sharp.probabilities, plain.probabilities, atol=1e-6)


@pytest.mark.parametrize("form", FORMS)
def test_other_sizes_go_through_the_canonical_form(
    settings: Settings, make_model: Make, form: str
) -> None:
    make_model("tiny", form=form)
    recognizer = load_recognizer("tiny", settings)
    stages = canonical(canvas(FIVE), FORMS[form])
    assert stages is not None
    blank = np.full((280, 280), 255, np.uint8)
    np.testing.assert_array_equal(
        recognizer.predict(np.stack([canvas(FIVE), 255 - canvas(FIVE), blank])).probabilities,
        recognizer.predict(
            np.stack([stages.model_input, stages.model_input, np.zeros((28, 28), np.uint8)])
        ).probabilities,
    )
    assert canonical(blank, FORMS[form]) is None


def test_predicting_changes_neither_images_nor_network(
    settings: Settings, make_model: Make, random: np.random.Generator
) -> None:
    make_model()
    recognizer = load_recognizer("tiny", settings)
    images = inputs(random)
    images.flags.writeable = False
    before = {name: tensor.clone() for name, tensor in recognizer.network.state_dict().items()}
    first = recognizer.predict(images).probabilities
    np.testing.assert_array_equal(
        recognizer.predict(images.transpose(0, 2, 1).copy().transpose(0, 2, 1)).probabilities, first
    )
    assert all(
        torch.equal(before[name], tensor)
        for name, tensor in recognizer.network.state_dict().items()
    )
    assert not any(parameter.requires_grad for parameter in recognizer.network.parameters())
    assert not recognizer.network.training


def test_gradients_reach_the_picture(
    settings: Settings, make_model: Make, random: np.random.Generator
) -> None:
    make_model()
    pixels = (torch.from_numpy(inputs(random, 1)).float()[:, None] / 255).requires_grad_()
    load_recognizer("tiny", settings).probabilities(pixels)[0, 3].backward()
    assert pixels.grad is not None
    assert pixels.grad.abs().max() > 0


def test_top_is_in_order() -> None:
    prediction = Prediction(
        np.array([[0.1, 0.6, 0.3], [0.2, 0.2, 0.6]], np.float32), ("a", "b", "c")
    )
    assert [label for label, _ in prediction.top()] == ["b", "c", "a"]
    assert prediction.top(1, row=1) == [("c", pytest.approx(0.6))]
    assert [label for label, _ in prediction.top(3, row=1)] == ["c", "a", "b"]


def test_answers_are_among_the_classes_asked_for(
    settings: Settings, make_model: Make, random: np.random.Generator
) -> None:
    make_model("tiny", BALANCED)
    images = inputs(random, 8)
    free = load_recognizer("tiny", settings).predict(images)
    letters = load_recognizer("tiny", settings, only="letters").predict(images)
    assert letters.classes == BALANCED[10:]
    np.testing.assert_allclose(
        letters.probabilities,
        free.probabilities[:, 10:] / free.probabilities[:, 10:].sum(1, keepdims=True),
        rtol=1e-5,
    )
    assert load_recognizer("tiny", settings).predict(images).classes == BALANCED
    blank = load_recognizer("tiny", settings, only="3,7").predict(np.zeros((1, 28, 28), np.uint8))
    assert blank.probabilities.tolist() == [[0.5, 0.5]]
    with pytest.raises(InklingError, match="none of the classes"):
        load_recognizer("tiny", settings, only="nonsense")


def test_a_model_is_loaded_once_and_again_when_its_file_changes(
    settings: Settings, make_model: Make
) -> None:
    make_model()
    first = load_recognizer("tiny", settings)
    assert load_recognizer("tiny", settings) is first
    weights = settings.models / "tiny.safetensors"
    tensors, _ = load_tensors(weights)
    save_tensors(
        weights,
        {
            name: tensor * 2 if tensor.is_floating_point() else tensor
            for name, tensor in tensors.items()
        },
    )
    os.utime(weights, ns=(1, 2))
    assert load_recognizer("tiny", settings) is not first


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"architecture": "nothing"}, "architecture"),
        ({"form": "cursive"}, "canonical form"),
        ({"architecture": "resnet8"}, "weights"),
        ({"classes": BALANCED}, "weights"),
    ],
)
def test_a_card_that_does_not_fit_its_weights(
    settings: Settings, make_model: Make, changes: dict[str, object], says: str
) -> None:
    card = make_model()
    save_card(settings.models, replace(card, **changes))  # type: ignore[arg-type]
    with pytest.raises(InklingError, match=says) as error:
        load_recognizer("tiny", settings)
    assert is_sentence(str(error.value))


def test_weights_that_are_not_numbers(settings: Settings, make_model: Make) -> None:
    make_model()
    path = settings.models / "tiny.safetensors"
    tensors, _ = load_tensors(path)
    tensors["classifier.1.bias"][3] = float("nan")
    save_tensors(path, tensors)
    with pytest.raises(InklingError, match="not finite"):
        load_recognizer("tiny", settings)


def test_few_images_are_read_by_one_thread(
    settings: Settings, make_model: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And many by as many as before; afterwards there are as many as before."""
    make_model()
    recognizer, used = load_recognizer("tiny", settings), []
    forward = type(recognizer.network).forward

    def watched(network: torch.nn.Module, inputs: torch.Tensor) -> torch.Tensor:
        used.append(torch.get_num_threads())
        return forward(network, inputs)

    monkeypatch.setattr(type(recognizer.network), "forward", watched)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        for count in (1, 100):
            recognizer.predict(np.eye(28, dtype=np.uint8)[None].repeat(count, 0))
        assert (used, torch.get_num_threads()) == ([1, 2], 2)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("part", "spoil"), [("", lambda tensor: tensor * 1e30), ("var", lambda tensor: -1 - tensor)]
)
def test_answers_that_are_not_numbers(
    settings: Settings, make_model: Make, part: str, spoil: Callable[..., torch.Tensor]
) -> None:
    """Of weights that are finite: too large, or with a negative variance."""
    make_model()
    path = settings.models / "tiny.safetensors"
    tensors, _ = load_tensors(path)
    spoilt = {
        name: spoil(tensor) if part in name and tensor.is_floating_point() else tensor
        for name, tensor in tensors.items()
    }
    save_tensors(path, spoilt)
    recognizer = load_recognizer("tiny", settings)
    with pytest.raises(InklingError, match="tiny answers") as error:
        recognizer.predict(np.eye(28, dtype=np.uint8)[None] * 255)
    assert is_sentence(str(error.value))


def test_cut_weights(settings: Settings, make_model: Make) -> None:
    make_model()
    path = settings.models / "tiny.safetensors"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(InklingError, match="safetensors") as error:
        load_recognizer("tiny", settings)
    assert is_sentence(str(error.value))


def test_unknown_names() -> None:
    with pytest.raises(InklingError, match="choose one of"):
        architecture("vgg")
    assert all(row.name == name for name, row in ARCHITECTURES.items())


def test_what_is_shipped_can_be_loaded(settings: Settings) -> None:
    """Every recognizer in assets/models: its card fits its weights, and names its test data."""
    if not list(SHIPPED_MODELS.glob("*.safetensors")):
        pytest.skip("no models are shipped yet (assets/models)")
    cards = find_cards(settings)
    assert set(cards) == {path.stem for path in SHIPPED_MODELS.glob("*.safetensors")}
    for name, (card, _) in cards.items():
        recognizer = load_recognizer(name, settings)
        assert (
            sum(parameter.numel() for parameter in recognizer.network.parameters())
            == card.parameters
        )
        assert card.accuracy is not None
        assert card.data


@pytest.mark.parametrize("across", [0.35, 0.5, 0.65])
def test_a_drawn_i_with_its_dot_is_no_j(settings: Settings, across: float) -> None:
    """Scans of i in EMNIST hardly have a dot, those of j do: drawn ones must teach it."""
    dotted = ([(0.5, 0.4), (0.48, 1.0)], [(across, 0.02), (across + 0.03, 0.06)])
    assert load_recognizer("characters", settings).predict(
        canvas(dotted, pen=14)[None]
    ).labels() == ["I"]


@pytest.mark.slow
def test_letters_that_people_drew(settings: Settings, real_data: Path) -> None:
    """Chars74K: six letters of 55 writers. A capital I without serifs is a bar, which may be 1 or
    L.
    """
    if not (real_data / "chars74k").exists():
        pytest.skip("the letters of Chars74K are not in the data root")
    reader = load_recognizer("characters", settings)
    right = {}
    for letter in "ivxVX":
        pictures = [
            read_picture(path)
            for path in sorted((real_data / "chars74k" / folder_of_label(letter)).glob("*.png"))
        ]
        right[letter] = np.mean(
            [label == letter.upper() for label in reader.predict(np.stack(pictures)).labels()]
        )
    assert min(right.values()) > 0.85, right

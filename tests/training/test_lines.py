"""Training of the network for lines: its batches, its shape, that it learns and resumes."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.ink.handwritten import Handwritten
from core.models.cards import read_card
from core.models.line_network import COLUMN, LineNetwork
from core.models.tensors import load_tensors
from core.synthesis.compose.texts import CHARACTERS
from core.training import workers
from core.training.lines import RECIPE, LineBatches, Sources, train_lines

SHAPES = {
    "0": [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]],
    "1": [[0, 0], [0, 1]],
    "7": [[0, 0], [1, 0], [0, 1]],
}


@pytest.fixture(scope="module")
def sources() -> Sources:
    everything = [
        (label, "w", [np.array(SHAPES.get(label, SHAPES["7"]), float)]) for label in CHARACTERS[:62]
    ]
    characters = Handwritten.of(everything)
    seven = np.array(SHAPES["7"]) + np.array([1, 0])
    line = Handwritten.of([("17", "w", [np.array(SHAPES["1"]), seven])])
    return Sources(characters, characters.take(np.arange(10)), line, ("the", "of"))


@pytest.fixture
def recipe():
    return replace(RECIPE, epochs=2, batch_size=4)


def test_batches_hold_lines_and_their_texts(sources: Sources, recipe) -> None:
    batches = LineBatches(sources, recipe, steps=9)
    seen = list(batches.epoch(0))
    assert len(seen) == 9
    for images, texts, lengths in seen:
        assert images.shape[:3] == (4, 1, 32)
        assert images.shape[3] % 16 == 0
        assert 0 <= images.min() <= images.max() <= 1
        assert int(lengths.sum()) == len(texts)
        assert 1 <= texts.min() <= texts.max() <= len(CHARACTERS)
    again = list(batches.epoch(0))
    assert all(torch.equal(a[0], b[0]) for a, b in zip(seen, again, strict=True))
    assert not torch.equal(seen[0][0], next(batches.epoch(1))[0])


def test_several_processes_compose_what_one_does(sources: Sources, recipe, monkeypatch) -> None:
    alone = list(LineBatches(sources, recipe, steps=12).epoch(1))
    monkeypatch.setattr(workers, "composers", lambda: 2)
    together = list(LineBatches(sources, recipe, steps=12).epoch(1))
    assert all(torch.equal(a[0], b[0]) for a, b in zip(alone, together, strict=True))


def test_the_network_answers_for_each_column() -> None:
    network = LineNetwork(5).eval()
    for width in (16, 48, 160):
        assert network(torch.rand(2, 1, 32, width)).shape == (2, width // COLUMN, 6)


def test_its_front_is_that_of_a_recognizer() -> None:
    from core.models.registry import architecture

    other = architecture("resnet8").build(47).state_dict()
    own = LineNetwork(5).state_dict()
    front = {name: value for name, value in other.items() if name.startswith("features.")}
    assert front
    assert all(own[name].shape == value.shape for name, value in front.items())


def test_training_starts_stops_and_goes_on(tmp_path, settings, sources: Sources, recipe) -> None:
    recipe = replace(recipe, start="characters", at_most=12)  # three batches
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    losses = [epoch.loss for epoch in train_lines(whole, sources, recipe, settings)]
    first = next(train_lines(parts, sources, recipe, settings))
    assert first.loss == losses[0]
    (second,) = train_lines(parts, sources, recipe, settings)
    assert second.loss == losses[1]
    one, other = (load_tensors(folder / "lines.safetensors")[0] for folder in (whole, parts))
    assert all(torch.equal(one[name], other[name]) for name in one)
    card = read_card(whole / "lines.json")
    assert card.classes == CHARACTERS
    assert "UniPen" in card.data
    onward = replace(recipe, start=str(whole / "lines.json"), epochs=1)
    (further,) = train_lines(tmp_path / "further", sources, onward, settings)
    assert further.loss < losses[0]


def test_it_learns_two_shapes(sources: Sources) -> None:
    """A small network on lines of ones and zeros, until the loss has halved."""
    torch.manual_seed(0)
    network = LineNetwork(len(CHARACTERS), widths=(8, 8, 16), dropout=0.0)
    optimizer = torch.optim.Adam(network.parameters(), lr=5e-3)
    batches = LineBatches(sources, replace(RECIPE, batch_size=16), steps=1)
    batches._texts.draw = lambda generator: "".join(generator.choice(["0", "1"], 2))  # type: ignore[method-assign]
    losses = []
    for number in range(40):
        (batch,) = batches.epoch(number)
        loss, _ = batches.loss(network(batch[0]), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss))
    assert np.mean(losses[-5:]) < 0.5 * losses[0]

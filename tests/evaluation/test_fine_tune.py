"""Fine-tuning on drawings, measured before and after, published and removed."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.cli.main import main
from core.datasets import drawings
from core.datasets.catalogue import open_dataset
from core.datasets.dataset import Dataset
from core.datasets.drawings import Drawing
from core.errors import InklingError
from core.evaluation.fine_tune import FineTuned, fine_tune_on
from core.evaluation.publish import remove_recognizer
from core.ink.strokes import picture_of_strokes
from core.models.cards import Card, find_cards
from core.models.recognizer import Recognizer, load_recognizer
from core.settings import Settings
from core.synthesis.glyph_file import dump_glyphs, keep_glyphs
from core.synthesis.glyphs import GlyphSet
from core.synthesis.handwriting import Handwriting
from core.synthesis.own_glyphs import OWN
from core.training.fine_tune import FineTuning, fine_tune
from tests.sentences import is_sentence

QUICK = FineTuning(copies=40, replay=60)


@pytest.fixture(autouse=True)
def kept(settings: Settings, make_model: Callable[..., Card]) -> None:
    """Six drawings of each of three digits, and one labelled as a class that no recognizer has."""
    make_model("tiny")
    writing = Handwriting(seed=3)
    for number in [0, 1, 2] * 6 + [5]:
        index = number + 10 * drawings.count(settings)
        strokes = [stroke.tolist() for stroke in writing.sketch(index).strokes(size=280)]
        label = "initials" if number == 5 else str(number)
        drawings.save(
            settings, Drawing(picture_of_strokes(strokes, width=20), strokes, label, "1", 0.5, "m")
        )


def test_before_and_after_are_counted_on_the_same_images(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt: list[Dataset] = []

    def remember(recognizer: Recognizer, drawings: Dataset, *others: Any, **named: Any) -> Any:
        learnt.append(drawings)
        return fine_tune(recognizer, drawings, *others, **named)

    monkeypatch.setattr("core.evaluation.fine_tune.fine_tune", remember)
    result = fine_tune_on("tiny", settings, data="my-drawings", save_as="mine", plan=QUICK)
    assert FineTuned.from_json(json.loads(json.dumps(result.to_json()))) == result
    assert result.new_classes == ("initials",)
    assert (result.replay, result.test) == ("", None)  # there are no data sets here

    # a fifth of six is one; of a single drawing nothing is held out, and it is learnt
    everything = open_dataset("my-drawings", settings)
    assert result.held_out is not None
    assert (result.drawings, result.held_out.n) == (len(everything) - 3, 3)
    seen = {image.tobytes() for image in learnt[0].images}
    rest = [row for row, image in enumerate(everything.images) if image.tobytes() not in seen]
    assert len(rest) == 3
    for recognizer, right in (
        (load_recognizer("tiny", settings), result.held_out.right_before),
        (load_recognizer("mine", settings), result.held_out.right_after),
    ):
        data = open_dataset("my-drawings", settings, form=recognizer.form)
        answers = recognizer.predict(data.images[rest]).labels()
        assert right == sum(
            answer == data.classes[data.labels[row]]
            for answer, row in zip(answers, rest, strict=True)
        )

    card = find_cards(settings)["mine"][0]
    assert card.classes == (*"0123456789", "initials")
    assert "My drawings" in card.data
    assert card.measured is None


def test_the_hand_is_made_of_what_is_learnt_alone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands: list[GlyphSet] = []

    def remember(*given: Any, glyphs: GlyphSet, **named: Any) -> Any:
        hands.append(glyphs)
        return fine_tune(*given, glyphs=glyphs, **named)

    monkeypatch.setattr("core.evaluation.fine_tune.fine_tune", remember)
    fine_tune_on("tiny", settings, data="my-drawings", save_as="mine", glyphs=OWN, plan=QUICK)
    drawn = [way.name for way in hands[0].glyphs["0"] if way.name.startswith("drawing")]
    assert len(drawn) == 5  # of six, one is held out
    name = keep_glyphs(dump_glyphs(hands[0]), "hers", settings)
    fine_tune_on("tiny", settings, data="my-drawings", save_as="mine", glyphs=name, plan=QUICK)
    assert hands[1].glyphs == hands[0].glyphs


def test_the_command_prints_the_same_and_replaces_ones_own(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("data", "runs", "models", "database"):
        monkeypatch.setenv(f"INKLING_{name.upper()}", str(getattr(settings, name)))
    options = ["fine-tune", "tiny", "--save-as", "mine", "--copies", "40", "--beside", "60"]
    assert main([*options, "--json"]) == 0
    result = FineTuned.from_json(json.loads(capsys.readouterr().out))
    assert (result.model, result.save_as) == ("tiny", "mine")
    assert main(options) == 0
    assert "held out" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["tiny", "../mine", ""])
def test_no_other_recognizer_is_replaced(settings: Settings, name: str) -> None:
    with pytest.raises(InklingError) as error:
        fine_tune_on("tiny", settings, data="my-drawings", save_as=name, plan=QUICK)
    assert is_sentence(str(error.value))


def test_what_is_dropped_is_gone_with_its_weights(
    settings: Settings, make_model: Callable[..., Card]
) -> None:
    make_model("mine")
    make_model("mine.too")
    remove_recognizer("mine", settings)
    assert set(find_cards(settings)) == {"tiny", "mine.too"}
    names = {path.name for path in settings.models.glob("*.safetensors")}
    assert names == {"tiny.safetensors", "mine.too.safetensors"}
    with pytest.raises(InklingError):
        remove_recognizer("../tiny", settings)


def test_an_array_that_the_model_cannot_read_is_a_sentence(
    settings: Settings, tmp_path: Any
) -> None:
    path = tmp_path / "wide.npz"
    np.savez(path, images=np.zeros((2, 40, 40), np.uint8), labels=np.array(["1", "2"]))
    with pytest.raises(InklingError) as error:
        fine_tune_on("tiny", settings, data=str(path), save_as="mine", plan=QUICK)
    assert is_sentence(str(error.value))

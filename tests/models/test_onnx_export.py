import json
import subprocess
import sys
import zipfile
from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.cli.main import main
from core.errors import InklingError
from core.ink.forms import FORMS, canonical
from core.ink.strokes import picture_of_strokes
from core.models.cards import read_card
from core.models.onnx_export import to_onnx
from core.models.onnx_reader import Reader
from core.models.onnx_reader import canonical as short_canonical
from core.models.recognizer import Recognizer, load_recognizer
from core.models.registry import architecture
from core.settings import Settings
from core.synthesis.handwriting import Handwriting
from tests.conftest import tiny_card
from tests.sentences import is_sentence

LABELS = tuple("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def drawings(count: int) -> list[np.ndarray]:
    """Black on white and white on black."""
    writing = Handwriting(labels=LABELS, seed=5)
    strokes = [writing.sketch(number).strokes(size=280) for number in range(count)]
    pictures = [picture_of_strokes(drawn, width=14) for drawn in strokes]
    return [255 - picture if number % 3 else picture for number, picture in enumerate(pictures)]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip that the command line writes."""
    folder = tmp_path_factory.mktemp("taken away")
    assert main(["export", "digits", "--out", str(folder / "digits.zip")]) == 0
    with zipfile.ZipFile(folder / "digits.zip") as file:
        file.extractall(folder)
    return folder


def test_a_model_that_was_taken_away_answers_as_the_recognizer(unpacked: Path, random) -> None:
    """Through ONNX Runtime; temperature, and blank pictures, included."""
    recognizer = load_recognizer("digits", Settings.from_environment())
    reader = Reader(unpacked / "model.onnx")
    images = (random.random((100, 28, 28)) ** 4 * 255).astype(np.uint8)
    images[50:] = [canonical(one, recognizer.form).model_input for one in drawings(50)]
    images[7] = 0
    expected = recognizer.predict(images).probabilities
    np.testing.assert_allclose(reader.predict(images), expected, atol=1e-5)
    np.testing.assert_allclose(reader.predict(images[50:51]), expected[50:51], atol=1e-5)
    assert reader.classes == list(recognizer.classes)
    assert reader.form == asdict(recognizer.form)


@pytest.mark.parametrize("name", ["numbers-cnn", "logistic"])
def test_other_networks(name: str, random, tmp_path: Path) -> None:
    row = architecture(name)
    images = (random.random((60, 28, 28)) * 255).astype(np.uint8)
    network = row.fit(images, np.arange(60) % 10, 10) if row.fit else row.build(10)
    card = tiny_card(architecture=name, temperature=0.3)
    recognizer = Recognizer(network.eval().requires_grad_(False), FORMS["number"], card)
    (tmp_path / "model.onnx").write_bytes(to_onnx(recognizer))
    answers = Reader(tmp_path / "model.onnx").predict(images)
    np.testing.assert_allclose(answers, recognizer.predict(images).probabilities, atol=1e-5)


def test_a_file_of_another_ending_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "digits", "--out", "digits.pt"]) == 1
    assert ".onnx or .zip" in capsys.readouterr().err


def test_a_forest_is_told_to_be_none() -> None:
    recognizer = load_recognizer("digits", Settings.from_environment())
    card = replace(recognizer.card, architecture="random-forest")
    with pytest.raises(InklingError) as error:
        to_onnx(replace(recognizer, card=card))
    assert is_sentence(str(error.value))


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_short_canonical_form_is_inklings_for_drawings(form) -> None:
    for picture in drawings(12):
        stages = canonical(picture, form)
        image, blur = short_canonical(picture, asdict(form))
        np.testing.assert_array_equal(image, stages.model_input)
        assert blur == pytest.approx(stages.blur)
    for value in (0, 240):
        assert short_canonical(np.full((90, 120), value, np.uint8), asdict(form)) is None


def test_what_was_taken_away_reads_without_inkling(unpacked: Path) -> None:
    """The program as it is in the zip, in a folder of its own."""
    assert read_card(unpacked / "card.json").name == "digits"
    writing = Handwriting(labels=("3",), seed=1)
    picture = picture_of_strokes(writing.sketch(0).strokes(size=200), width=10)
    cv2.imwrite(str(unpacked / "three.png"), picture)
    cv2.imwrite(str(unpacked / "blank.png"), np.full_like(picture, 255))
    run = subprocess.run(
        [sys.executable, "-I", "read.py", "three.png", "blank.png", "card.json"],
        cwd=unpacked,
        capture_output=True,
        text=True,
        check=True,
    )
    three, blank, none = run.stdout.splitlines()
    assert three.startswith("three.png\t3\t")
    assert blank == "blank.png\tblank"
    assert none == "card.json\tis no picture"
    imports = (unpacked / "read.py").read_text(encoding="utf-8")
    assert "core" not in imports
    assert json.loads((unpacked / "card.json").read_text())["classes"] == list("0123456789")

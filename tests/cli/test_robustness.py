"""`sweep`, `mine`, `harden` and `realism`."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.cli.main import main
from core.datasets.catalogue import open_dataset
from core.models.cards import Card
from core.models.recognizer import load_recognizer
from core.settings import Settings
from core.synthesis.filmstrip import TRACKS, short_name
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.glyphs import Hand
from core.synthesis.handwriting import Handwriting
from core.synthesis.request import Request
from tests.cli.conftest import Capture, failed
from tests.conftest import DIGITS
from tests.idx_files import write_pair

ROOT = Path(__file__).resolve().parents[2]


def test_sweep_prints_one_json_object(settings: Settings, capsys: Capture) -> None:
    """A plain loop over what `synth` draws with the reported seed."""
    assert (
        main(
            [
                "sweep",
                "--model",
                "tiny",
                "--jitter",
                "0.5,3",
                "--count",
                "4",
                "--seed",
                "6",
                "--json",
            ]
        )
        == 0
    )
    (line,) = capsys.readouterr().out.splitlines()
    result = json.loads(line)
    assert [(row["jitter"], row["digit"], row["n"]) for row in result["rows"]] == [
        (r, d, 4) for r in (0.5, 3) for d in DIGITS
    ]
    recognizer = load_recognizer("tiny", settings)
    for index, jitter in enumerate((0.5, 3)):
        images, labels = Handwriting(
            load_glyphs("classic"), Hand(jitter=jitter), seed=result["handwriting_seed"]
        ).draw(0, 40)
        confusion = np.zeros((10, 10), int)
        for truth, answer in zip(labels, recognizer.predict(images).labels(), strict=True):
            confusion[int(truth), int(answer)] += 1
        assert result["confusion"][index] == confusion.tolist()
        assert [
            row["correct"] for row in result["rows"] if row["jitter"] == jitter
        ] == confusion.diagonal().tolist()
        assert result["totals"][index]["accuracy"] == confusion.trace() / 40
    assert (
        main(["sweep", "--model", "tiny", "--jitter", "0.5,3", "--count", "4", "--seed", "6"]) == 0
    )
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    for line, total in zip(lines[1:], result["totals"], strict=True):
        assert line.split()[:2] == [f"{total['jitter']:g}", f"{100 * total['accuracy']:.2f}"]


def test_sweep_along_any_setting(settings: Settings, capsys: Capture) -> None:
    """A plain loop over what `synth` draws with the reported seed and the same words."""
    words = ["--glyphs", "natural", "--digits", "3,7", "--hand", "slant=0.3"]
    options = ["sweep", "--model", "tiny", *words, "--count", "6", "--seed", "6"]
    assert main([*options, "--along", "noise", "--values", "0,60", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    rows = [{key: row[key] for key in ("along", "value", "digit", "n")} for row in result["rows"]]
    assert rows == [
        {"along": "noise", "value": value, "digit": digit, "n": 6}
        for value in (0, 60)
        for digit in "37"
    ]
    recognizer = load_recognizer("tiny", settings)
    for amount in (0, 60):
        drawn = ["--effects", f"noise={amount}", "--seed", str(result["handwriting_seed"])]
        images, labels = Request.parse([*words, *drawn]).handwriting().draw(0, 12)
        answers = recognizer.predict(images).labels()
        for row in (row for row in result["rows"] if row["value"] == amount):
            right = [a == b == row["digit"] for a, b in zip(labels, answers, strict=True)]
            assert row["correct"] == sum(right)
    assert main([*options, "--along", "noise", "--values", "0,60"]) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split() == ["noise", "accuracy", "95", "%", "3", "7"]
    for line, total in zip(lines, result["totals"], strict=True):
        assert line.split()[:2] == [f"{total['value']:g}", f"{100 * total['accuracy']:.2f}"]


def test_jitter_is_a_setting_like_any_other(capsys: Capture) -> None:
    options = ["sweep", "--model", "tiny", "--count", "2", "--json"]
    assert main([*options, "--jitter", "0,3"]) == 0
    jitters = json.loads(capsys.readouterr().out)
    assert main([*options, "--along", "jitter", "--values", "0,3"]) == 0
    along = json.loads(capsys.readouterr().out)
    assert along["confusion"] == jitters["confusion"]
    assert [row["jitter"] for row in jitters["rows"]] == [row["value"] for row in along["rows"]]
    assert {row["along"] for row in along["rows"]} == {"jitter"}
    assert main(options) == 0
    usual = json.loads(capsys.readouterr().out)
    assert [row["jitter"] for row in usual["totals"]] == [0, 0.5, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "arguments", [["--values", "1"], ["--jitter", "1", "--along", "turn"], ["--size", "20"]]
)
def test_sweep_has_one_axis(arguments: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["sweep", "--model", "tiny", *arguments])
    assert caught.value.code == 2


def test_help_says_what_can_be_varied_in_which_unit(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["sweep", "--help"])
    said = " ".join(capsys.readouterr().out.split()).replace("- ", "-")
    for name, track in TRACKS.items():
        ends = f"{short_name(name)} ({track.low:g} to {track.high:g}"
        # words are broken at hyphens
        text = f"{ends}, {track.unit})" if track.unit else f"{ends})"
        assert text.replace("- ", "-") in said


def test_sweep_of_other_glyphs_and_through_the_form(capsys: Capture) -> None:
    natural = str(ROOT / "assets" / "glyphs" / "natural.json")
    assert (
        main(
            [
                "sweep",
                "--model",
                "tiny",
                "--jitter",
                "1",
                "--count",
                "1",
                "--glyphs",
                natural,
                "--canonical",
                "--json",
            ]
        )
        == 0
    )
    result = json.loads(capsys.readouterr().out)
    assert (result["glyphs"], result["canonical"], result["count"]) == ("natural", True, 1)


def test_mine_writes_what_is_misread(tmp_path: Path, settings: Settings, capsys: Capture) -> None:
    options = [
        "--model",
        "tiny",
        "--count",
        "150",
        "--jitter",
        "2",
        "--seed",
        "3",
        "--glyphs",
        "classic",
    ]
    assert main(["mine", *options, "--out", str(tmp_path / "hard.npz")]) == 0
    out, err = capsys.readouterr()
    assert out == f"{tmp_path / 'hard.npz'}\n"
    data = open_dataset(out.strip(), settings, classes=DIGITS)
    assert 0 < len(data) < 150
    assert f"{len(data)} of 150" in err
    answers = load_recognizer("tiny", settings).predict(data.images).probabilities.argmax(1)
    assert (answers != data.labels).all()
    first = (tmp_path / "hard.npz").read_bytes()
    assert main(["mine", *options, "--out", str(tmp_path / "hard.npz")]) == 0
    assert (tmp_path / "hard.npz").read_bytes() == first


@pytest.mark.parametrize(
    "arguments",
    [
        ["sweep", "--count", "0"],
        ["sweep", "--count", "100001"],
        ["sweep", "--jitter", "1;2"],
        ["sweep", "--jitter", "1,99"],
        ["sweep", "--along", "wobble"],
        ["sweep", "--along", "blur", "--values", "9"],
        ["sweep", "--along", "blur", "--values", ""],
        ["sweep", "--effects", "wobble=1"],
        ["sweep", "--digits", "A"],
        ["sweep", "--jitter", ",".join(f"{n / 10}" for n in range(51))],
        ["sweep", "--glyphs", "curly"],
        ["sweep", "--seed", "-1"],
        ["sweep", "--model", "letters"],
        ["sweep", "--model", "absent"],
        ["mine", "--count", "0"],
        ["mine", "--jitter", "6"],
        ["mine", "--seed", "4294967296"],
        ["mine", "--model", "letters"],
        ["mine", "--out", "/proc/no/hard.npz"],
        ["harden", "--model", "absent"],
        ["harden", "--data", "nothing"],
        ["harden", "--data", "uci-digits"],
        ["harden", "--save-as", "tiny"],
        ["harden", "--save-as", "../tiny"],
        ["harden", "--set", "epoch=1"],
        ["harden", "--model", "letters"],
        ["harden", "--glyphs", "curly"],
        ["harden", "--per-digit", "0"],
        ["harden", "--count", "0"],
    ],
)
def test_robustness_refuses_with_a_sentence(
    arguments: list[str],
    tmp_path: Path,
    settings: Settings,
    make_model: Callable[..., Card],
    capsys: Capture,
) -> None:
    make_model("letters", tuple("ABCDEFGHIJ"))
    pixels = np.ones((10, 28, 28), np.uint8)
    for part in ("train", "t10k"):
        write_pair(settings.data / "MNIST" / "raw", part, pixels, np.arange(10))
    usual = {
        "sweep": [],
        "mine": ["--out", str(tmp_path / "hard.npz")],
        "harden": ["--data", "mnist", "--save-as", "new"],
    }
    command, *options = arguments
    error = failed(capsys, command, "--model", "tiny", *usual[command], *options)
    assert len(error.splitlines()) == 1
    assert not list(settings.models.glob("new*"))
    assert not settings.runs.exists()

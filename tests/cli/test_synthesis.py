"""`synth`."""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from core.cli.main import main
from core.datasets.catalogue import open_dataset
from core.settings import Settings
from core.synthesis.glyph_file import load_glyphs
from core.synthesis.glyphs import Hand, with_probabilities
from core.synthesis.handwriting import Handwriting
from tests.cli.conftest import Capture
from tests.sentences import is_sentence

ROOT = Path(__file__).resolve().parents[2]


def synth(folder: Path, *others: str) -> list[str]:
    return ["synth", "--count", "3000", "--seed", "4", "--out", str(folder / "set"), *others]


def test_synth_writes_what_the_settings_say(tmp_path: Path, capsys: Capture) -> None:
    options = [
        "--glyphs",
        "classic",
        "--digits",
        "1,4",
        "--jitter",
        "2",
        "--hand",
        "thickest=4",
        "--odds",
        "4/open=0",
    ]
    assert main(synth(tmp_path, *options, "--effects", "rotation=5")) == 0
    path = Path(capsys.readouterr().out.strip())
    writing = Handwriting(
        with_probabilities(load_glyphs("classic"), {"4/open": 0}),
        Hand(jitter=2, thickest=4),
        ("1", "4"),
        4,
        effects=(("rotation", 5.0),),
    )
    images, labels = writing.draw(0, 3000)
    data = open_dataset(str(path), Settings.from_environment())
    np.testing.assert_array_equal(data.images, images)
    assert [data.classes[number] for number in data.labels] == labels
    facts = json.loads((tmp_path / "set.json").read_text())
    assert facts["hand"]["jitter"] == 2
    assert facts["seed"] == 4


def test_a_set_of_drawings_is_kept_and_written_with(tmp_path: Path, capsys: Capture) -> None:
    drawings = [
        {"label": "7", "writer": "me", "strokes": [[[0, 0], [60, 0], [20, 100 + n]]]}
        for n in range(3)
    ]
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(drawings))
    assert main(["glyphs", "--of", str(path), "--save-as", "mine"]) == 0
    kept = Path(capsys.readouterr().out.strip())
    assert len(load_glyphs(str(kept)).glyphs["7"]) == 6
    assert main(["glyphs"]) == 0
    assert capsys.readouterr().out.split() == ["natural", "classic", "mine"]
    options = ["--glyphs", "mine", "--digits", "7", "--count", "8", "--out", str(tmp_path / "set")]
    assert main(["synth", *options]) == 0
    with pytest.raises(SystemExit):
        main(["glyphs", "--of", str(path)])


def test_a_killed_synth_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "core",
        "synth",
        "--count",
        "60000",
        "--seed",
        "9",
        "--workers",
        "1",
        "--out",
    ]
    assert (
        subprocess.run(
            [*command, str(tmp_path / "whole")], cwd=ROOT, capture_output=True
        ).returncode
        == 0
    )
    part = tmp_path / "killed-images-idx3-ubyte.part"
    for _ in range(5):  # a process that is late sees it done
        process = subprocess.Popen(
            [*command, str(tmp_path / "killed")], cwd=ROOT, stderr=subprocess.DEVNULL
        )
        while process.poll() is None and not (part.exists() and part.stat().st_size > 10_000 * 784):
            time.sleep(0.002)
        process.kill()
        process.wait()
        if part.exists():
            break
    assert part.exists()
    command[command.index("--workers") + 1] = "2"
    assert (
        subprocess.run(
            [*command, str(tmp_path / "killed")], cwd=ROOT, capture_output=True
        ).returncode
        == 0
    )
    for name in ("images-idx3-ubyte", "labels-idx1-ubyte"):
        assert (tmp_path / f"killed-{name}").read_bytes() == (
            tmp_path / f"whole-{name}"
        ).read_bytes()


@pytest.mark.parametrize(
    "options",
    [
        ["--count", "0"],
        ["--count", "1000000000", "--size", "512"],
        ["--glyphs", "curly"],
        ["--digits", "9-0"],
        ["--jitter", "-1"],
        ["--jitter", "nan"],
        ["--hand", "wobble=1"],
        ["--odds", "4/ajar=1"],
        ["--effects", "glitter=1"],
        ["--seed", "-1"],
        ["--size", "4"],
        ["--workers", "-2"],
    ],
)
def test_synth_refuses_with_a_sentence(tmp_path: Path, capsys: Capture, options: list[str]) -> None:
    assert main(synth(tmp_path, *options)) == 1
    shown = capsys.readouterr()
    assert is_sentence(shown.err.strip().splitlines()[-1])
    assert not list(tmp_path.glob("set*"))

"""The set for the challenge: balanced, within its budget, the same for the same seed, and without
any picture of the test set.
"""

import csv
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.cli.main import main
from core.curation import roman
from core.curation.decisions import LABEL, REMOVE, Decision, log_decisions
from core.curation.roman import build_roman
from core.datasets.digest import digest_of_picture
from core.errors import InklingError
from core.settings import Settings
from core.synthesis.compose.roman import NUMERALS

OTHERS = ("unipen", "chars74k", "emnist")
"""Sources that are not bundled."""


def numeral(label: str, seed: int) -> np.ndarray:
    """A photograph uint8 [H, W] of a numeral in capitals, in straight strokes."""
    generator = np.random.default_rng(seed)
    grey, x = np.full((120, 240), 255, np.uint8), 20.0 + generator.uniform(0, 20)
    pen, low = int(generator.integers(3, 7)), int(generator.integers(30, 45))
    for letter in label:
        ends = {"i": [(0, 0)], "v": [(0, 12), (24, 12)], "x": [(0, 24), (24, 0)]}[letter]
        for top, bottom in ends:
            lean = generator.uniform(-6, 6)  # straight strokes would all be copies of each other
            bend = np.array(
                [
                    (x + top, low),
                    (x + (top + bottom) / 2 + lean, (low + 100) / 2),
                    (x + bottom, 100),
                ]
            )
            cv2.polylines(grey, [np.round(bend).astype(np.int32)], False, 0, pen)
        x += 20 if letter == "i" else 44
    return grey


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A data root with ten photographs of each numeral in train, two in val, one in both."""
    root = tmp_path / "data" / "roman"
    for index, label in enumerate(NUMERALS):
        for part, seeds in (("train", range(10)), ("val", (9, 20))):
            folder = root / part / label
            folder.mkdir(parents=True)
            for seed in seeds:
                picture = numeral(label, 100 * index + seed)
                cv2.imwrite(str(folder / f"{label}-{seed}.png"), picture)
    log = tmp_path / "decisions.jsonl"
    log_decisions(
        log,
        [
            Decision("train/i/i-0.png", digest_of_picture(numeral("i", 0)), REMOVE, why="a heart"),
            Decision("train/v/v-1.png", digest_of_picture(numeral("v", 401)), LABEL, "x"),
            Decision("train/x/x-1.png", "of other pixels", REMOVE),
        ],
    )
    monkeypatch.setattr(roman, "DECISIONS", log)
    return replace(Settings.from_environment(), data=tmp_path / "data")


def manifest(folder: Path) -> list[dict[str, str]]:
    with open(folder / "manifest.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_balanced_and_without_the_test_pictures(settings: Settings, tmp_path: Path) -> None:
    ways = build_roman(settings, tmp_path / "out", count=300, without=OTHERS)
    rows = manifest(tmp_path / "out")
    assert Counter(row["label"] for row in rows) == dict.fromkeys(NUMERALS, 30)
    assert sum(ways.values()) == 300
    assert {"photograph", "photograph, varied", "one i added", "one i removed"} <= set(ways)
    assert any(way.startswith("mirrored") for way in ways)
    files = {
        path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.png")
    }
    assert files == {row["file"] for row in rows}
    origins = {row["picture"] for row in rows}
    assert not {f"train/{label}/{label}-9.png" for label in NUMERALS} & origins  # stands in val too
    assert "train/i/i-0.png" not in origins
    assert "train/x/x-1.png" in origins  # what was decided on is there no more
    assert {row["label"] for row in rows if row["picture"] == "train/v/v-1.png"} == {"x"}


def test_nothing_made_from_a_validation_picture_is_trained_on(
    settings: Settings, tmp_path: Path
) -> None:
    build_roman(settings, tmp_path / "out", count=300, without=OTHERS)
    parts: dict[str, set[str]] = {"train": set(), "val": set()}
    for row in manifest(tmp_path / "out"):
        parts[row["file"].split("/")[0]].add(row["picture"])
    assert parts["val"]
    assert not parts["train"] & parts["val"]


def test_same_seed_same_bytes(settings: Settings, tmp_path: Path) -> None:
    def digest(name: str, seed: int) -> str:
        build_roman(settings, tmp_path / name, seed=seed, count=200, without=OTHERS)
        seen = sha256()
        for path in sorted((tmp_path / name).rglob("*.*")):
            seen.update(path.read_bytes())
        return seen.hexdigest()

    first = digest("a", 1)
    assert digest("b", 1) == first
    assert digest("c", 2) != first


def test_command_and_refusals(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("INKLING_DATA", str(settings.data))
    out = str(tmp_path / "out")
    left_out = [*OTHERS, "varied", "flips", "strokes", "cleaning"]
    assert main(["build-roman", "--out", out, "--count", "150", "--without", *left_out]) == 0
    said = capsys.readouterr().out
    assert "photograph" in said
    assert "mirrored" not in said
    assert main(["build-roman", "--out", out, "--count", "10001"]) == 1
    with pytest.raises(InklingError, match="no part"):
        build_roman(settings, tmp_path / "out", without=["hearts"])
    with pytest.raises(InklingError, match="UniPen"):
        build_roman(settings, tmp_path / "out", count=200)
    empty = replace(settings, data=tmp_path / "none")
    with pytest.raises(InklingError, match="competition's pictures"):
        build_roman(empty, tmp_path / "out")

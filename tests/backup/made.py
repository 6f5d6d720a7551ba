"""A home with something of everything that a person makes, drawn from a seed."""

from datetime import datetime
from pathlib import Path

import numpy as np

from core.datasets import drawings
from core.datasets.dataset import Dataset
from core.datasets.drawings import Drawing
from core.datasets.marks import HARD, MISLABELLED, Mark, mark
from core.settings import Settings

DATASET = Dataset(
    "some:test", "Some", np.zeros((9, 8, 8), np.uint8), np.arange(9) % 2, ("a", "é"), "", "made up"
)


def home(folder: Path, database: str = "") -> Settings:
    """Settings of a home that is empty."""
    url = database or f"sqlite:///{folder / 'drawings.db'}"
    return Settings(folder / "data", folder / "runs", folder / "models", url)


def fill(settings: Settings, random: np.random.Generator, *, count: int = 4) -> None:
    """Drawings, marks, and files of every kind, some of which no backup has."""
    drawings.save_all(
        settings,
        [
            Drawing(
                random.integers(0, 256, (9, 7), np.uint8),
                random.random((2, 3, 2)).tolist(),
                "7é"[number % 2],
                "1",
                random.random(),
                "tiny",
                created=datetime(2024, 2, 29, 12, 0, number % 60, int(random.integers(10**6))),
            )
            for number in range(count)
        ],
    )
    mark(settings, DATASET, [Mark(0, "a", HARD), Mark(1, "é", MISLABELLED, "a")])
    data, runs = settings.data, settings.runs
    for path, size in {
        data / "uploads" / "mine" / "images-idx3-ubyte": 300_000,
        data / "uploads" / "mine" / "set.json": 50,
        data / "uploads" / ".other.1234.part" / "set.json": 50,
        data / "glyphs" / "my hand-é.json": 400,
        data / "cells" / "sheet-1" / "a r01 c02.png": 80,
        data / "mined" / "hard.npz": 1_000,
        data / "MNIST" / "raw" / "t10k-images-idx3-ubyte": 1_000,
        data / "synthetic" / "digits.npz": 1_000,
        settings.models / "own.json": 60,
        settings.models / "own.safetensors": 100_000,
        settings.curation / "mnist-1.jsonl": 70,
        settings.curation / "mnist-1.jsonl.lock": 0,
        runs / "20240229-120000-cnn-1a2b" / "settings.json": 90,
        runs / "20240229-120000-cnn-1a2b" / "job" / "stdout": 0,
        runs / "20240229-120000-cnn-1a2b" / "lock": 0,
        runs / "searches" / "20240229-120000-cnn-3c4d" / "settings.json": 90,
        runs / "jobs" / "0123456789" / "stdout": 5,
        runs / "predictions" / "0123" / "about.json": 5,
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(random.bytes(size))


def files(settings: Settings) -> dict[str, bytes]:
    """What a backup has to bring back of what `fill` wrote."""
    roots = {"data": settings.data, "models": settings.models, "runs": settings.runs}
    found = {
        f"{name}/{path.relative_to(root).as_posix()}": path.read_bytes()
        for name, root in roots.items()
        for path in root.rglob("*")
        if path.is_file()
    }
    left_out = (".part", "lock", "MNIST", "synthetic", "/jobs/", "/predictions/")
    return {name: data for name, data in found.items() if not any(one in name for one in left_out)}


def rows(settings: Settings) -> list[tuple[object, ...]]:
    """Every drawing."""
    return [
        (one.id, one.created, one.label, one.confidence, one.strokes, one.picture.tobytes())
        for one in drawings.load(settings)
    ]

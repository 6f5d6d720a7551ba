"""Saves measurements as tables in assets/results."""

import csv
from collections.abc import Sequence

from core.settings import ASSETS


def write_results(name: str, columns: str, rows: Sequence[Sequence[object]]) -> None:
    """Write assets/results/NAME and print it; `columns` are separated by commas."""
    path = ASSETS / "results" / name
    path.parent.mkdir(exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns.split(","), *rows])
    print(path.read_text(encoding="utf-8"))

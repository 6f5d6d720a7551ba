"""Results that are shipped: what the table says is what is shown."""

import csv

from core.evaluation.robustness.shipped import measured_hardening
from core.settings import ASSETS


def test_the_measured_hardening_is_the_tables():
    version, rates = measured_hardening("digits", glyphs="classic")
    with open(ASSETS / "results" / "hardening.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["data"] == "classic digits"]
    assert {row["version"] for row in rows} == {version}
    assert list(rates) == ["before", "without them", "after"]
    for title, name in (("before", "digits"), ("after", "digits-hard")):
        table = [
            (float(row["jitter"]), int(row["n"]), float(row["accuracy"]))
            for row in rows
            if row["model"] == name
        ]
        assert [(row.value, row.n, row.accuracy) for row in rates[title].totals] == table


def test_a_recognizer_that_was_not_measured_has_none():
    assert measured_hardening("another") == ("", {})

"""`suspects` and `curate` on the command line."""

import json

import numpy as np

from core.cli.main import main
from core.curation.decisions import LABEL, REMOVE, Decision, log_decisions, log_of
from core.datasets.digest import digest_of_picture
from tests.cli.conftest import failed
from tests.curation.collections import numerals, picture, write


def test_suspects(tmp_path, capsys):
    folder = numerals(tmp_path / "set")
    write(folder / "val" / "x" / "a\tb\n.png", picture(0))
    write(folder / "val" / "x" / "white.png", np.full((9, 9), 255, np.uint8))
    assert main(["suspects", str(folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["n"] == 20
    copies = [one["picture"] for one in found["lists"]["exact"]]
    assert copies == ["train/i/0.png", "val/x/a\tb\n.png"]
    assert main(["suspects", str(folder), "--kinds", "exact,blank"]) == 0
    told = capsys.readouterr()
    rows = [line.split("\t") for line in told.out.splitlines()]
    assert [(row[0], json.loads(row[2])) for row in rows] == [
        ("exact", "train/i/0.png"),
        ("exact", "val/x/a\tb\n.png"),
        ("blank", "val/x/white.png"),
    ]
    assert "2 exact, 1 blank, of n = 20" in told.err


def test_curate_writes_what_a_log_says(tmp_path, settings, capsys):
    folder, out = numerals(tmp_path / "set"), tmp_path / "out"
    decisions = [
        Decision("train/i/0.png", digest_of_picture(picture(0)), REMOVE, why="a heart"),
        Decision("val/x/2.png", digest_of_picture(picture(17)), LABEL, "iv"),
    ]
    log_decisions(tmp_path / "log.jsonl", decisions)
    log = f"--log={tmp_path / 'log.jsonl'}"
    assert main(["curate", str(folder), log, f"--out={out}", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["written"] == 17
    assert (out / "val" / "iv" / "2-2.png").exists()
    assert ",a heart," in (out / "manifest.csv").read_text()
    # without --log: what the screen logged
    log_decisions(log_of(settings, str(folder)), decisions[:1])
    assert main(["curate", str(folder), "--keep", "Mine", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"upload-mine": 8, "upload-mine-val": 9}


def test_refusals(tmp_path, capsys):
    folder = str(numerals(tmp_path / "set"))
    failed(capsys, "suspects", str(tmp_path / "none"))
    failed(capsys, "suspects", folder, "--kinds", "hearts")
    failed(capsys, "curate", folder)
    failed(capsys, "curate", folder, "--out", folder)
    failed(capsys, "curate", folder, "--out", f"{folder}/new")
    failed(capsys, "curate", folder, "--log", str(tmp_path / "none"), "--out", str(tmp_path / "o"))

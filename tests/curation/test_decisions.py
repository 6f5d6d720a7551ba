"""Decisions are appended, read and taken back; nothing acknowledged is lost."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.curation.decisions import (
    KEEP,
    LABEL,
    REMOVE,
    UNDECIDED,
    Decision,
    decided,
    log_decisions,
    read_log,
)
from core.errors import InklingError


def test_the_last_decision_holds(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log_decisions(
        log, [Decision("a.png", "1", REMOVE, why="a heart"), Decision("b.png", "2", KEEP)]
    )
    log_decisions(log, [Decision("a.png", "1", LABEL, "ii")])
    assert {name: one.action for name, one in decided(read_log(log)).items()} == {
        "a.png": LABEL,
        "b.png": KEEP,
    }
    log_decisions(log, [Decision("a.png", "1", UNDECIDED)])
    assert set(decided(read_log(log))) == {"b.png"}
    assert len(read_log(log)) == 4
    assert all(one.at for one in read_log(log))


def test_names_with_quotes_and_newlines(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    names = ['a"b.png', "a\nb.png", "a\u2028b.png", "é.png", "\udcff.png"]
    log_decisions(log, [Decision(name, "", REMOVE) for name in names])
    assert [one.picture for one in read_log(log)] == names


def test_a_line_cut_short_costs_only_itself(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log_decisions(log, [Decision("a.png", "", REMOVE)])
    with open(log, "ab") as file:
        file.write(b'{"picture": "b.p')
    log_decisions(log, [Decision("c.png", "", REMOVE)])
    assert [one.picture for one in read_log(log)] == ["a.png", "c.png"]


def test_many_processes_write_to_one_log(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    code = (
        "import sys; from pathlib import Path;"
        "from core.curation.decisions import *;"
        "[log_decisions(Path(sys.argv[1]), [Decision(f'{sys.argv[2]}-{n}', '', KEEP)])"
        " for n in range(50)]"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(log), str(number)]) for number in range(3)
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert {one.picture for one in read_log(log)} == {
        f"{number}-{n}" for number in range(3) for n in range(50)
    }


def test_refusals(tmp_path: Path) -> None:
    assert read_log(tmp_path / "none.jsonl") == []
    with pytest.raises(InklingError):
        Decision("a", "", "shred")
    with pytest.raises(InklingError):
        Decision("a", "", LABEL)
    with pytest.raises(InklingError):
        Decision("a", "", REMOVE, "ii")

"""Decisions are appended, read and taken back; nothing acknowledged is lost."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.curation.decisions import (
    KEEP,
    LABEL,
    REMOVE,
    UNDECIDED,
    UNDONE,
    Decision,
    decided,
    log_decisions,
    log_of,
    read_log,
    steps_back,
)
from core.errors import InklingError
from core.settings import Settings


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


def test_a_writer_that_is_killed_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    code = (
        "import itertools, sys; from pathlib import Path;"
        "from core.curation.decisions import *;"
        "[print(log_decisions(Path(sys.argv[1]), [Decision(str(n), '', KEEP)])[0].picture,"
        " flush=True) for n in itertools.count()]"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(log)], stdout=subprocess.PIPE)
    told = [writer.stdout.readline() for _ in range(40)]
    writer.kill()
    told += writer.stdout.read().splitlines(keepends=True)
    writer.wait(60)
    acknowledged = [int(line) for line in told if line.endswith(b"\n")]
    assert len(acknowledged) >= 40
    logged = [int(one.picture) for one in read_log(log)]
    assert logged[: len(acknowledged)] == acknowledged
    # and the next writer goes on, lock or no lock
    log_decisions(log, [Decision("next", "", KEEP)])
    assert read_log(log)[-1].picture == "next"


NAMES = st.sampled_from(["a", "b", "c"])
STEPS = st.lists(st.tuples(NAMES, st.sampled_from([KEEP, REMOVE, "undo"])), max_size=12)


@given(STEPS)
def test_what_is_undone_is_as_if_it_had_never_been(steps: list[tuple[str, str]]) -> None:
    """Against a plain stack of states."""
    log: list[Decision] = []
    states: list[dict[str, str]] = [{}]
    for name, action in steps:
        if action != "undo":
            log.append(Decision(name, "", action))
            states.append(states[-1] | {name: action})
        elif len(states) > 1:
            last, before = steps_back(log, 1)[0]
            log.append(
                replace(before, why=UNDONE)
                if before
                else Decision(last.picture, "", UNDECIDED, why=UNDONE)
            )
            states.pop()
    assert {name: one.action for name, one in decided(log).items()} == states[-1]
    assert len(steps_back(log, 100)) == len(states) - 1
    assert steps_back(log, 0) == []


def test_each_data_set_has_a_log_of_its_own(settings: Settings) -> None:
    names = ["/data/roman", "/other/roman", "roman", "roman:train", 'a"\n/b', "\udcff"]
    logs = [log_of(settings, name) for name in names]
    assert len({*logs}) == len(names)
    assert {log.parent for log in logs} == {settings.curation}
    assert all(log.name.isascii() and log.name.isprintable() for log in logs)

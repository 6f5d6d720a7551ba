"""What visitors of a demo start: what the table says, one at a time, and within their limits."""

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from core.cli.main import build_parser
from core.errors import InklingError
from core.jobs.job import Job, running_jobs
from core.jobs.public import MAY_START, MOST_PICTURES, NO_DATA, NO_TRAINING, refusal
from core.settings import Limits, Settings
from core.visitors import visitor_of
from tests.sentences import is_sentence


@pytest.fixture
def visit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Settings]:
    """Settings of a visitor, as screens and jobs have them."""
    for name in ("DATA", "RUNS", "MODELS", "DATABASE"):
        monkeypatch.delenv(f"INKLING_{name}", raising=False)
    monkeypatch.setenv("INKLING_HOME", str(tmp_path))
    monkeypatch.setenv("INKLING_PUBLIC", "1")
    return lambda name: Settings.from_environment().for_visitor(visitor_of(name))


def _synth(settings: Settings, count: int = 20) -> list[str]:
    out = settings.own_data / "synthetic" / "digits"
    return ["synth", "--count", str(count), "--out", str(out), "--workers", "1"]


def _commands() -> set[str]:
    (groups,) = (
        action
        for action in build_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return set(groups.choices)


def test_every_command_is_in_the_table_or_refused(visit: Callable[[str], Settings]) -> None:
    assert set(MAY_START) < _commands()
    for command in _commands() - set(MAY_START):
        sentence = refusal([command], visit("a"))
        assert sentence == (NO_DATA if command == "data" else NO_TRAINING)
        assert is_sentence(sentence)
        with pytest.raises(InklingError, match=r"This demo"):
            Job.of([command], visit("a")).start([command])
        assert not refusal([command], Settings.from_environment())  # the server's own
    assert {"train", "search", "fine-tune", "harden", "label-issues"} & set(MAY_START) == set()


def test_neither_large_nor_elsewhere(visit: Callable[[str], Settings], tmp_path: Path) -> None:
    one, other = visit("a"), visit("b")
    assert not refusal(_synth(one), one)
    assert refusal(_synth(one), other)
    assert refusal(_synth(one, MOST_PICTURES + 1), one)
    assert refusal(["suspects", "mnist", "--json", "--kinds", "labels"], one) == NO_TRAINING
    for path in ("/etc/passwd", "~/x", "../x", f"{one.own}/../../x"):
        for arguments in (["sheet", path], ["synth", f"--out={path}"], ["synth", "--out", path]):
            assert is_sentence(refusal(arguments, one)), arguments


def _under_way(settings: Settings, name: str) -> Job:
    """A job that runs, as its files say."""
    job = Job.of([name], settings)
    job.folder.mkdir(parents=True)
    state = {"state": "running", "pid": os.getpid(), "born": psutil.Process().create_time()}
    (job.folder / "state.json").write_text(json.dumps(state))
    return job


def test_one_each_and_so_many_of_all(visit: Callable[[str], Settings]) -> None:
    one, two, three = visit("a"), visit("b"), visit("c")
    _under_way(one, "evaluate")
    with pytest.raises(InklingError, match="yours") as busy:
        Job.of(_synth(one), one).start(_synth(one))
    assert is_sentence(str(busy.value))
    _under_way(two, "evaluate")
    assert len(running_jobs(one)) == 1
    assert len(running_jobs(Settings.from_environment())) == 2  # of all, for logs and metrics
    with pytest.raises(InklingError, match="Others") as busy:
        Job.of(_synth(three), three).start(_synth(three))
    assert is_sentence(str(busy.value))


def _ended(job: Job) -> str:
    deadline = time.monotonic() + 60
    while job.state() == "running":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return job.state()


def test_a_job_works_in_its_visitor_s_folder(visit: Callable[[str], Settings]) -> None:
    one, other = visit("a"), visit("b")
    job = Job.of(_synth(one), one)
    assert Job.of(_synth(one), other) != job
    job.start(_synth(one))
    assert _ended(job) == "done", job.problem()
    assert one.own
    assert one.own in Path(job.output().strip()).parents


def test_a_job_that_takes_too_much_room_ends(
    visit: Callable[[str], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INKLING_VISITOR_MEGABYTES", "2")
    one = visit("a")
    assert one.limits == Limits(megabytes=2)
    count = [*_synth(one, 20_000), "--size", "256"]
    job = Job.of(count, replace(one))
    job.start(count)
    assert _ended(job) == "failed"
    assert "2 MB" in job.problem()

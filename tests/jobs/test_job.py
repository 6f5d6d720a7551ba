"""Long commands as processes: found again, cancelled, failed, killed."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from core.errors import InklingError
from core.files import read_json
from core.jobs.job import MAX_FINISHED, NICE, ROOT, Job, JobProgress
from core.settings import Settings
from tests.sentences import is_sentence


@pytest.fixture(autouse=True)
def here(settings, monkeypatch):
    for name in ("data", "runs", "models", "database"):
        monkeypatch.setenv(f"INKLING_{name.upper()}", str(getattr(settings, name)))


def wait(job, condition, seconds=180):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert condition(), (job.state(), (job.folder / "stderr").read_text())


def arguments(folder, count):
    return ["synth", "--count", str(count), "--out", str(folder / "set"), "--workers", "1"]


def test_a_job_is_found_by_what_it_does(settings, tmp_path):
    wanted = arguments(tmp_path, 2000)
    job = Job.of(wanted, settings)
    assert job.state() == ""
    job.start(wanted)
    job.start(wanted)  # a second click starts nothing
    wait(job, lambda: job.state() != "running")
    assert job.state() == "done"
    assert Job.of(list(wanted), settings).output().strip() == str(
        tmp_path / "set-images-idx3-ubyte"
    )
    assert job.progress().done == job.progress().total == 2000
    assert Job.of([*wanted, "--seed", "1"], settings).state() == ""


STARTER = """
import subprocess, sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from pathlib import Path
from core.jobs.job import Job

print("ready", flush=True)
for line in sys.stdin:
    folder, sys.executable = line.split()
    with ThreadPoolExecutor(2) as pool:
        starts = [pool.submit(Job(Path(folder)).start, []) for _ in range(2)]
    print([start.exception() for start in starts], flush=True)
"""


def test_threads_and_processes_that_start_one_job_start_one_process(tmp_path, monkeypatch):
    command = tmp_path / "command"  # instead of `python -m core`
    command.write_text("#!/bin/sh\nexec sleep 600\n")
    command.chmod(0o755)
    this = psutil.Process()
    starters = [
        psutil.Popen(
            [sys.executable, "-c", STARTER],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    others, started = set(this.children()), set()
    try:
        assert [starter.stdout.readline() for starter in starters] == ["ready\n"] * 3
        monkeypatch.setattr(sys, "executable", str(command))
        for number in range(12):
            job = Job(tmp_path / "jobs" / str(number))
            for starter in starters:
                starter.stdin.write(f"{job.folder} {command}\n")
                starter.stdin.flush()
            with ThreadPoolExecutor(3) as pool:
                list(pool.map(job.start, [[]] * 3))
            assert [starter.stdout.readline() for starter in starters] == ["[None, None]\n"] * 3
            children = {child for parent in (this, *starters) for child in parent.children()}
            (process,) = children - others - started
            started.add(process)
            assert job.process() == process
            assert job.state() == "running"
    finally:
        for process in (*started, *starters):
            process.kill()
        for starter in starters:
            starter.communicate()


def test_a_job_gives_way_to_the_server(tmp_path, monkeypatch):
    command = tmp_path / "command"  # instead of `python -m core`
    command.write_text("#!/bin/sh\nexec sleep 600\n")
    command.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(command))
    job = Job(tmp_path / "jobs" / "one")
    job.start([])
    process = job.process()
    try:
        assert process.nice() == NICE
        assert process.ionice().ioclass == psutil.IOPRIO_CLASS_IDLE
    finally:
        process.kill()
        process.wait()


def test_a_job_goes_stale_with_what_it_follows_from(settings, tmp_path):
    weights = tmp_path / "weights"
    missing = Job.of(["models"], settings, inputs=[weights])
    weights.write_text("1")
    first = Job.of(["models"], settings, inputs=[weights])
    assert first == Job.of(["models"], settings, inputs=[weights])
    os.utime(weights, (1, 1))
    assert len({missing, first, Job.of(["models"], settings, inputs=[weights])}) == 3


def test_a_job_whose_starter_was_killed_is_known(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its process was started, before that was recorded."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    wanted = arguments(tmp_path, 200_000)
    job = Job.of(wanted, settings)
    with monkeypatch.context() as starter:
        starter.setattr(Job, "_record", killed)
        with pytest.raises(KeyboardInterrupt):
            job.start(wanted)
    wait(job, lambda: job.state() == "running")
    process = job.process()
    job.start(wanted)
    assert job.process() == process
    assert read_json(job.folder / "state.json")["command"] == "synth"
    job.cancel()
    wait(job, lambda: job.state() == "cancelled")


def test_cancel_and_go_on(settings, tmp_path):
    wanted = arguments(tmp_path, 3_000_000)
    job = Job.of(wanted, settings)
    job.start(wanted)
    wait(job, lambda: job.progress().done > 0)
    assert job.state() == "running"
    job.cancel()
    wait(job, lambda: job.state() != "running")
    assert job.state() == "cancelled"
    reached = (tmp_path / "set-images-idx3-ubyte.part").stat().st_size
    job.start(wanted)
    wait(job, lambda: job.progress().done > 0)
    assert job.progress().done * 784 > reached - 784_000
    job.cancel()
    wait(job, lambda: job.state() != "running")


@pytest.mark.parametrize(
    "disposition", [signal.SIG_IGN, signal.default_int_handler], ids=["ignored", "heard"]
)
@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.3])
def test_cancelled_before_its_first_line(settings, tmp_path, seconds, disposition):
    wanted = arguments(tmp_path, 3_000_000)
    job = Job.of(wanted, settings)
    # a server in the background ignores it, and so do its children at first
    before = signal.signal(signal.SIGINT, disposition)
    try:
        job.start(wanted)
    finally:
        signal.signal(signal.SIGINT, before)
    time.sleep(seconds)
    job.cancel()
    wait(job, lambda: job.state() != "running")
    assert job.state() == "cancelled"


def test_a_failure_tells_its_sentence(settings, tmp_path):
    wanted = arguments(tmp_path, 0)
    job = Job.of(wanted, settings)
    job.start(wanted)
    wait(job, lambda: job.state() != "running")
    assert job.state() == "failed"
    assert "number of images" in job.problem()
    assert is_sentence(job.problem())


def test_a_killed_job_is_not_running(settings, tmp_path):
    wanted = arguments(tmp_path, 3_000_000)
    job = Job.of(wanted, settings)
    job.start(wanted)
    wait(job, lambda: job.progress().done > 0)
    os.kill(read_json(job.folder / "state.json")["pid"], signal.SIGKILL)
    wait(job, lambda: job.state() != "running")
    assert job.state() == "failed"
    assert is_sentence(job.problem())


def test_old_jobs_go(settings, tmp_path):
    for number in range(MAX_FINISHED + 5):
        folder = settings.runs / "jobs" / f"{number:03d}"
        folder.mkdir(parents=True)
        os.utime(folder, (number, number))
    job = Job.of(["models"], settings)
    job.start(["models"])
    wait(job, lambda: job.state() != "running")
    left = sorted(path.name for path in (settings.runs / "jobs").iterdir())
    assert "000" not in left
    assert f"{MAX_FINISHED + 4:03d}" in left


def test_seconds_left():
    assert JobProgress().seconds_left() is None
    assert JobProgress(done=25, total=100, seconds=10.0).seconds_left() == 30
    assert JobProgress(done=1, total=100, seconds=0.5).seconds_left() is None


def test_a_folder_that_cannot_be_written_is_a_sentence(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    job = Job.of(["models"], replace(settings, runs=tmp_path / "file"))
    with pytest.raises(InklingError, match="cannot be written") as error:
        job.start(["models"])
    assert is_sentence(str(error.value))

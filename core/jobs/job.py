"""Long commands as separate processes: started, monitored, cancelled, and found by their arguments.

A job is a folder named after its arguments: `state.json`, `progress.json`, `stdout`, `stderr` and,
once it has ended, `exit`. The same command requested twice is the same job, so a reopened page
finds its result unless an input file has changed since. The command line writes the exit code
itself (`core.cli.main`); an environment variable identifies its job.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from core.errors import InklingError
from core.files import HeldError, cannot_write, hold, modified_ns, read_json, write_whole
from core.jobs.public import refusal
from core.progress import JOB_FOLDER
from core.settings import VISITOR, Settings
from core.visitors import check_room

ROOT = Path(__file__).resolve().parents[2]
MAX_FINISHED = 50
"""Number of finished jobs kept on disk; the oldest are removed first."""

_FOLDER = "jobs"
"""The folder under `runs` reserved for jobs."""

_BUSY = "Others are at it in this demo; try again in a minute."

NICE = 10 if psutil.POSIX else psutil.BELOW_NORMAL_PRIORITY_CLASS
"""Of a job beside a server of 0: where both want a core, it has a tenth of it."""

_START_SECONDS = 30.0
"""How long a second start waits for the first to record its process."""


@dataclass(frozen=True)
class JobProgress:
    """Progress of a job: `done` of `total`, in `unit`s, after `seconds`."""

    done: int = 0
    total: int = 0
    unit: str = ""
    seconds: float = 0.0

    @property
    def share(self) -> float:
        """0 to 1; 0 before the first step."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    def seconds_left(self) -> float | None:
        """Estimated from the pace so far; None in the first second."""
        if not self.done or self.seconds <= 1:
            return None
        return self.seconds / self.done * (self.total - self.done)


@dataclass(frozen=True)
class Job:
    """One run of `python -m core ARGUMENTS`. visitor : whose it is, in a demo on a network."""

    folder: Path
    visitor: Settings | None = None

    @staticmethod
    def of(
        arguments: Sequence[str], settings: Settings, *, inputs: Sequence[Path | str] = ()
    ) -> "Job":
        """The job of these arguments and `inputs`: files (by modification time) or texts.

        `{job}` in an argument stands for the job's folder; files there are removed with the job.
        """
        states = [modified_ns(item) if isinstance(item, Path) else item for item in inputs]
        name = hashlib.sha256(json.dumps([*arguments, *states]).encode()).hexdigest()[:20]
        return Job(settings.runs / _FOLDER / name, settings if settings.own else None)

    def start(self, arguments: Sequence[str]) -> None:
        """Start or restart the job; no effect if it is running or being started elsewhere.
        InklingError if its folder cannot be written, or for a visitor who may not start it, or not
        now.
        """
        starting = "The job is being started by another page; wait a moment."
        if sentence := refusal(arguments, self.visitor):
            raise InklingError(sentence)
        try:
            with self._turn(), hold(self._lock, starting, wait=_START_SECONDS):
                if self.state() != "running":
                    self._start(arguments)
        except OSError as error:
            raise InklingError(cannot_write(self.folder, error)) from error

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """While a visitor's job is started, no other visitor's is; InklingError if one of the same
        visitor is running, or too many are.
        """
        visitor = self.visitor
        if visitor is None or visitor.visitors is None:
            yield
            return
        check_room(visitor)
        with hold(visitor.visitors / "jobs.lock", _BUSY, wait=_START_SECONDS):
            running = [job.folder for job in running_jobs(replace(visitor, visitor=""))]
            if any(path.parent == self.folder.parent != path for path in running):
                raise InklingError("Something of yours is still under way; wait, or cancel it.")
            if self.folder not in running and len(running) >= visitor.limits.jobs:
                raise InklingError(_BUSY)
            yield

    def _start(self, arguments: Sequence[str]) -> None:
        # the job of a run or of the queue is stored elsewhere
        if self.folder.parent.name == _FOLDER:
            _remove_oldest(self.folder.parent)
        self.forget()
        self.folder.mkdir(parents=True)
        command = [argument.replace("{job}", str(self.folder)) for argument in arguments]
        with (
            open(self.folder / "stdout", "wb") as output,
            open(self.folder / "stderr", "wb") as errors,
        ):
            process = subprocess.Popen(
                [sys.executable, "-m", "core", *command],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=True,
                env={**os.environ, **self._environment()},
            )
        started = psutil.Process(process.pid)
        give_way(started)
        self._record(started, arguments)

    def _record(self, process: psutil.Process, arguments: Sequence[str]) -> None:
        about = {"command": arguments[0] if arguments else "", "started": time.time()}
        state = {"state": "running", "pid": process.pid, "born": process.create_time(), **about}
        write_whole(self.folder / "state.json", json.dumps(state))

    def _environment(self) -> dict[str, str]:
        whose = {VISITOR: self.visitor.visitor} if self.visitor else {}
        return {JOB_FOLDER: str(self.folder), **whose}

    def state(self) -> str:
        """ "" (never started), running, done, failed or cancelled."""
        values = read_json(self.folder / "state.json")
        state: str = values.get("state", "")
        # A process takes a second to exit after its command has ended.
        ended = (self.folder / "exit").exists() or living_process(values) is None
        return self._outcome() if state == "running" and ended else state

    def process(self) -> psutil.Process | None:
        """Its process while it is alive."""
        return living_process(read_json(self.folder / "state.json"))

    def cancel(self) -> None:
        """Ask it to stop, like Ctrl-C; what it has written so far stays."""
        process = self.process()
        if process is not None:
            # The signal may end it before its first line; this file then records why.
            (self.folder / "cancel").touch()
            process.send_signal(signal.SIGINT)

    def progress(self) -> JobProgress:
        """All zero before the first step."""
        values = read_json(self.folder / "progress.json")
        try:
            return JobProgress(**values)
        except TypeError:
            return JobProgress()

    def log(self) -> list[str]:
        """The lines it wrote to stderr, without its progress bar."""
        try:
            text = (self.folder / "stderr").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        lines = (line.rsplit("\r", 1)[-1].strip() for line in text.splitlines())
        return [line for line in lines if line and "it/s]" not in line]

    def forget(self) -> None:
        """Remove the files of an earlier run, unless it is running."""
        if self.state() != "running":
            shutil.rmtree(self.folder, ignore_errors=True)

    def output(self) -> str:
        """What it wrote to stdout."""
        return (self.folder / "stdout").read_text(encoding="utf-8", errors="replace")

    def problem(self) -> str:
        """The error message it ended with."""
        text = (self.folder / "stderr").read_text(encoding="utf-8", errors="replace")
        prefix = "python -m core: "
        lines = text.replace("\r", "\n").splitlines()
        sentences = [line.removeprefix(prefix) for line in lines if line.startswith(prefix)]
        return sentences[-1] if sentences else "It was stopped from outside; start it again."

    @property
    def _lock(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.lock")

    def _outcome(self) -> str:
        path = self.folder / "exit"
        if path.exists() and path.read_text() == "0":
            return "done"
        return "cancelled" if (self.folder / "cancel").exists() else "failed"


def find_jobs(settings: Settings) -> Iterator[Job]:
    """Every job on disk: of a screen, of a run, and the queue; in a demo of one visitor, or of all
    if the settings are nobody's.
    """
    every = [settings.runs]
    if settings.visitors and not settings.visitor:
        every = list(settings.visitors.glob("*/runs"))
    for runs in every:
        for pattern in (f"{_FOLDER}/*", "*/job", "queue"):
            for state in runs.glob(f"{pattern}/state.json"):
                yield Job(state.parent)


def running_jobs(settings: Settings) -> list[Job]:
    """Those whose process is alive."""
    return [job for job in find_jobs(settings) if job.state() == "running"]


def job_of_this_process() -> Job | None:
    """The job this process runs as; None for a command in a terminal."""
    folder = os.environ.get(JOB_FOLDER)
    return Job(Path(folder)) if folder else None


def record_this_process(job: Job, arguments: Sequence[str]) -> None:
    """Record the process of the job as who has started it does, who may have been killed before."""
    if not (job.folder / "state.json").exists():
        with suppress(FileNotFoundError):  # the job was removed meanwhile
            job._record(psutil.Process(), arguments)


def is_cancelled(job: Job) -> bool:
    """Whether it was asked to stop, even before it could receive the signal."""
    return (job.folder / "cancel").exists()


def leave_exit(job: Job, code: int) -> None:
    """Write the exit code of the command, which marks it as ended."""
    with suppress(FileNotFoundError):  # the job was removed meanwhile
        write_whole(job.folder / "exit", str(code))


def living_process(values: dict[str, Any]) -> psutil.Process | None:
    """The process of "pid" and "born" while alive; never a newer one that reuses the pid."""
    try:
        process = psutil.Process(values["pid"])
        if process.status() == psutil.STATUS_ZOMBIE:
            process.wait(0)
            return None
        return process if process.create_time() == values["born"] else None
    except (KeyError, TypeError, psutil.Error):
        return None


def give_way(process: psutil.Process) -> None:
    """Let everything else go first, what answers a visitor above all: the processor, also where
    Linux shares it between sessions rather than processes (sched(7), autogroup), and the disk.
    """
    with suppress(psutil.Error, OSError):
        process.nice(NICE)
        if psutil.LINUX:
            process.ionice(psutil.IOPRIO_CLASS_IDLE)
            Path(f"/proc/{process.pid}/autogroup").write_text(str(NICE))


def _remove_oldest(folder: Path) -> None:
    """Keep at most MAX_FINISHED jobs; never remove one that is running or being started."""
    jobs = [Job(path) for path in folder.glob("*") if path.is_dir()]
    jobs.sort(key=lambda job: modified_ns(job.folder))
    for job in jobs[: max(0, len(jobs) - MAX_FINISHED)]:
        with suppress(HeldError), hold(job._lock, "being started"):
            if job.state() != "running":
                shutil.rmtree(job.folder, ignore_errors=True)

"""Long commands as processes of their own: started, watched and cancelled from a screen, and found again by what they do.

A job is a folder named after its arguments: `state.json`, `progress.json`, `stdout` and `stderr`. The same command asked for
twice is the same job, so a page that is opened again finds its result, unless a file that it follows from has changed since.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from core.files import read_json, write_whole
from core.progress import VARIABLE
from core.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
KEPT = 50
"""Finished jobs that are kept; the oldest go first."""

_OWN = "jobs"
"""The folder among the runs that holds jobs alone."""


@dataclass(frozen=True)
class Job:
    """One run of `python -m core ARGUMENTS`."""

    folder: Path

    @staticmethod
    def of(arguments: Sequence[str], settings: Settings, *, inputs: Sequence[Path | str] = ()) -> "Job":
        """The job of these arguments and of `inputs`: files as they are now, or texts that say how other things are.

        `{job}` in an argument stands for the job's folder: what is written there goes when the job goes.
        """
        states = [_changed(each) if isinstance(each, Path) else each for each in inputs]
        name = hashlib.sha256(json.dumps([*arguments, *states]).encode()).hexdigest()[:20]
        return Job(settings.runs / _OWN / name)

    def start(self, arguments: Sequence[str]) -> None:
        """Start it (again), unless it is running."""
        if self.state() == "running":
            return
        if self.folder.parent.name == _OWN:  # a job that belongs to a run, or the queue's, stands among what is not ours to remove
            _make_room(self.folder.parent)
        self.forget()
        self.folder.mkdir(parents=True)
        with open(self.folder / "stdout", "wb") as out, open(self.folder / "stderr", "wb") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "core.jobs", str(self.folder), *(each.replace("{job}", str(self.folder)) for each in arguments)],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, start_new_session=True,
                env={**os.environ, VARIABLE: str(self.folder / "progress.json")},
            )  # fmt: skip
        born = psutil.Process(process.pid).create_time()
        write_whole(self.folder / "state.json", json.dumps({"state": "running", "pid": process.pid, "born": born}))

    def state(self) -> str:
        """ "" (never started), running, done, failed or cancelled."""
        values = read_json(self.folder / "state.json")
        state: str = values.get("state", "")
        ended = (self.folder / "exit").exists() or living(values) is None  # it takes a second to leave after it has ended
        return self._outcome() if state == "running" and ended else state

    def _outcome(self) -> str:
        path = self.folder / "exit"
        if path.exists() and path.read_text() == "0":
            return "done"
        return "cancelled" if (self.folder / "cancel").exists() else "failed"

    def process(self) -> psutil.Process | None:
        """It, while it runs."""
        return living(read_json(self.folder / "state.json"))

    def cancel(self) -> None:
        """Ask it to stop, as Ctrl-C does; what it keeps on disk stays."""
        process = self.process()
        if process is not None:
            (self.folder / "cancel").touch()  # the signal may end it before its own first line: only this tells why then
            process.send_signal(signal.SIGINT)

    def progress(self) -> dict[str, Any]:
        """{"done", "total", "unit", "seconds"}; {} before the first step."""
        return read_json(self.folder / "progress.json")

    def log(self) -> list[str]:
        """The lines it wrote to stderr, without those of its progress bar."""
        try:
            text = (self.folder / "stderr").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return [line for line in (line.rsplit("\r", 1)[-1].strip() for line in text.splitlines()) if line and "it/s]" not in line]

    def forget(self) -> None:
        """Remove what an earlier start has left, unless it is running."""
        if self.state() != "running":
            shutil.rmtree(self.folder, ignore_errors=True)

    def output(self) -> str:
        """What it wrote to stdout."""
        return (self.folder / "stdout").read_text(encoding="utf-8", errors="replace")

    def problem(self) -> str:
        """The sentence it ended with."""
        lines = (self.folder / "stderr").read_text(encoding="utf-8", errors="replace").replace("\r", "\n").strip().splitlines()
        told = [line.removeprefix("python -m core: ") for line in lines if line.startswith("python -m core: ")]
        return told[-1] if told else "It was stopped from outside; start it again."


def living(values: dict[str, Any]) -> psutil.Process | None:
    """The process of these "pid" and "born" while it runs; never another one that was given its number since."""
    try:
        process = psutil.Process(values["pid"])
        if process.status() == psutil.STATUS_ZOMBIE:
            process.wait(0)
            return None
        return process if process.create_time() == values["born"] else None
    except (KeyError, psutil.Error):
        return None


def _changed(path: Path) -> int:
    """When a file was last written; 0 if it is not there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _make_room(folder: Path) -> None:
    jobs = sorted((Job(path) for path in folder.glob("*")), key=lambda job: job.folder.stat().st_mtime)
    for job in jobs[: max(0, len(jobs) - KEPT)]:
        if job.state() != "running":
            shutil.rmtree(job.folder, ignore_errors=True)


def main() -> int:
    """Run a command for the job in the folder named first, and leave its outcome there."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a server that ignores it hands that on to its children
    from core.__main__ import main as command

    folder, *arguments = sys.argv[1:]
    code = 1
    try:
        if (Path(folder) / "cancel").exists():  # the signal came before the line above, and was lost
            return code
        code = command(arguments)
    finally:
        write_whole(Path(folder) / "exit", str(code))
    return code


def time_left(progress: dict[str, Any]) -> float | None:
    """Seconds until the end at the pace so far; None while that is anybody's guess."""
    done, seconds = progress.get("done", 0), progress.get("seconds", 0.0)
    return seconds / done * (progress["total"] - done) if done and seconds > 1 else None


if __name__ == "__main__":
    sys.exit(main())

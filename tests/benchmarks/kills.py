"""kill -9 of a server, and of its jobs, at random moments of five kinds of work.

python -m tests.benchmarks.kills [KILLS]      writes assets/results/kills.csv

After each kill the server starts again, and all that was ever acknowledged is looked for. Half of
the kills of a server with jobs kill these too, their queue among them; what was stopped is then
started again, and has to end as if nothing had happened. The server is `kills_server.py`: Inkling's
start, and behind one route each the functions that its screens call.
"""

import hashlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import astuple, dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import psutil

from core.curation.decisions import decided, log_of, read_log
from core.datasets.drawings import load
from core.evaluation.publish import hardware
from core.jobs.job import Job, find_jobs
from core.settings import Settings
from core.training.metrics import EpochMetrics
from core.training.runs import Run
from tests.benchmarks.kills_server import DATA, exported, label, picture
from tests.benchmarks.results import write_results

ROOT = Path(__file__).resolve().parents[2]
COMMAND = "python -m tests.benchmarks.kills"
KILLS, CLIENTS, PATIENCE = 100, 3, 240
_PART = re.compile(r"\..+-(\d+)-[0-9a-f]{8}\.part")


@dataclass(frozen=True)
class Outcome:
    """Of one kill. acknowledged : answers before it. lost : of all acknowledged so far, not there.
    damaged : things that are there and not whole. left : part files after the kill, and after the
    next start, of processes that are no more.
    """

    acknowledged: int
    lost: int
    damaged: int
    left_by_kill: int
    left_after_start: int


@dataclass
class House:
    """A home folder, its server, and what was acknowledged: (number, answer) of each kind."""

    home: Path
    random: np.random.Generator
    acknowledged: dict[str, list[tuple[int, dict[str, str]]]] = field(default_factory=dict)
    seen: dict[str, list[EpochMetrics]] = field(default_factory=dict)
    number: int = 0
    port: int = 0
    server: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> Settings:
        home = self.home
        return Settings(
            home / "data", home / "runs", home / "models", f"sqlite:///{home / 'drawings.db'}"
        )

    def environment(self) -> dict[str, str]:
        inherited = {key: value for key, value in os.environ.items() if "INKLING_" not in key}
        own = {"INKLING_HOME": str(self.home), "OMP_NUM_THREADS": "1", "INKLING_LOGS": "text"}
        return {**inherited, **own}

    def start(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "tests.benchmarks.kills_server", str(self.port)]
        with open(self.home / "server.log", "ab") as log:
            self.server = subprocess.Popen(command, cwd=ROOT, env=self.environment(), stderr=log)
        wait_for(self.answers)

    def answers(self) -> bool:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        return False

    def kill(self) -> None:
        if self.server is not None:
            self.server.kill()
            self.server.wait()

    def post(self, kind: str, number: int) -> bool:
        """Whether it was acknowledged."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("POST", f"/{kind}/{number}")
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise RuntimeError((self.home / "server.log").read_text()[-2000:])
            told = json.loads(body)
        except (OSError, http.client.HTTPException, ValueError):
            return False  # killed before it answered, or in the middle of it
        finally:
            connection.close()
        self.acknowledged.setdefault(kind, []).append((number, told))
        return True

    def numbers(self) -> Iterator[int]:
        while True:
            self.number += 1
            yield self.number


def wait_for(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(condition)
        time.sleep(0.02)


def kill_once(house: House, kind: str) -> Outcome:
    """Work on it, kill at a random moment, start again, look."""
    kept, span = KINDS[kind]
    before = len(house.acknowledged.get(kind, ()))
    jobs_too = bool(house.random.random() < 0.5)
    once = kind in ("training", "exporting")  # the rest of the time is the jobs' own
    with ThreadPoolExecutor(CLIENTS) as pool:

        def work() -> None:
            for number in house.numbers():
                if not house.post(kind, number) or once:
                    return

        working = [pool.submit(work) for _ in range(1 if once else CLIENTS)]
        wait_for(lambda: len(house.acknowledged.get(kind, ())) > before)
        until = time.monotonic() + house.random.uniform(0, span)
        while time.monotonic() < until:
            note_epochs(house)
            time.sleep(0.005)
        house.kill()
        for future in working:
            future.result()
    if jobs_too:
        for job in find_jobs(house.settings):
            process = job.process()
            if process is not None:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
                process.wait(PATIENCE)
    left = len(left_overs(house.home))
    house.start()
    with suppress(TimeoutError):
        wait_for(lambda: not left_overs(house.home), 5)
    remain = len(left_overs(house.home))
    lost, damaged = kept(house)
    count = len(house.acknowledged[kind]) - before
    return Outcome(count, lost, damaged, left, remain)


def note_epochs(house: House) -> None:
    """What a screen shows of each run counts as acknowledged."""
    for _, told in house.acknowledged.get("training", ()):
        rows = Run(house.settings.runs / told["run"]).metrics()
        if len(rows) > len(house.seen.get(told["run"], ())):
            house.seen[told["run"]] = rows


def left_overs(home: Path) -> list[Path]:
    """Part files whose writer is no more, and weights that no card names."""
    found = [(path, _PART.fullmatch(path.name)) for path in home.rglob(".*.part")]
    parts = [path for path, writer in found if writer and not psutil.pid_exists(int(writer[1]))]
    cards = home.glob("models/*.json")
    named = {json.loads(card.read_text())["weights"] for card in cards}
    return parts + [path for path in home.glob("models/*.safetensors") if path.name not in named]


def saved(house: House) -> tuple[int, int]:
    there = {drawing.id: drawing for drawing in load(house.settings)}
    asked = house.acknowledged["saving"]
    lost = sum(told["id"] not in there for _, told in asked)
    whole = [(number, there[int(told["id"])]) for number, told in asked if int(told["id"]) in there]
    damaged = sum(
        drawing.label != label(number) or not np.array_equal(drawing.picture, picture(number))
        for number, drawing in whole
    )
    return lost, damaged + sum(drawing.picture is None for drawing in there.values())


def labelled(house: House) -> tuple[int, int]:
    held = decided(read_log(log_of(house.settings, DATA)))
    lost = sum(str(number) not in held for number, _ in house.acknowledged["labelling"])
    return lost, sum(one.label != label(int(name)) for name, one in held.items())


def published(house: House) -> tuple[int, int]:
    from core.models.cards import damaged_cards, find_cards
    from core.models.recognizer import load_recognizer

    settings, cards = house.settings, find_cards(house.settings)
    newest: dict[str, int] = {}
    for number, _ in house.acknowledged["publishing"]:
        newest[f"own-{number % 3}"] = number
    lost = sum(name not in cards for name in newest)
    damaged = len(damaged_cards(settings))
    for name in newest.keys() & cards.keys():
        answer = load_recognizer(name, settings).predict(np.full((1, 28, 28), 255, np.uint8))
        damaged += not np.isfinite(answer.probabilities).all()
    return lost, damaged


def trained(house: House) -> tuple[int, int]:
    """Every epoch that was seen is there; each run ends with the weights of the one that ran
    undisturbed.
    """
    runs = [Run(house.settings.runs / told["run"]) for _, told in house.acknowledged["training"]]
    lost = sum(not (run.folder / "settings.json").exists() for run in runs)
    for run in runs:
        rows = house.seen.get(run.name, [])
        lost += run.metrics()[: len(rows)] != rows
    house.post("resuming", 0)

    wait_for(lambda: all(run.state() not in ("running", "queued") for run in runs))
    reference = (house.settings.runs / "reference" / "best.safetensors").read_bytes()
    damaged = sum(run.state() != "done" or run.best.read_bytes() != reference for run in runs)
    return lost, damaged


def made(house: House) -> tuple[int, int]:
    """Each export that was killed ends, when it is started again, with the bytes of one that was
    not; before that, nothing looks whole that is not.
    """
    lost = damaged = 0
    for number, told in house.acknowledged["exporting"][-1:]:
        job, kind = Job(Path(told["job"])), ("idx", "npz", "png")[number % 3]
        place, whole = house.settings.data / "exports" / str(number), house.home / "whole"
        lost += job.state() == ""
        wait_for(partial(ended, job))
        if job.state() != "done":
            damaged += place.with_name(f"{number}.json").exists()
            house.post("exporting", number)
            wait_for(partial(ended, job))
        command = [*exported(number, kind)[:-1], str(whole / str(number))]
        subprocess.run(
            [sys.executable, "-m", "core", *command],
            cwd=ROOT,
            env=house.environment(),
            check=True,
            capture_output=True,
        )
        damaged += digests(place.parent, str(number)) != digests(whole, str(number))
    return lost, damaged


def ended(job: Job) -> bool:
    return job.state() != "running"


def digests(folder: Path, stem: str) -> dict[str, str]:
    """Of each file of an export, hidden locks apart."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if re.match(rf"{stem}\b", str(path.relative_to(folder)))
    }


KINDS: dict[str, tuple[Callable[[House], tuple[int, int]], float]] = {
    "saving": (saved, 1.0),
    "labelling": (labelled, 1.0),
    "publishing": (published, 2.0),
    "training": (trained, 8.0),
    "exporting": (made, 4.0),
}
"""What is looked for, and the seconds in which a kill falls."""


def prepare(house: House) -> None:
    """A run that nothing disturbs, to publish and to compare with."""
    house.post("training", 0)
    ((_, told),) = house.acknowledged.pop("training")
    run = Run(house.settings.runs / told["run"])
    wait_for(lambda: run.state() == "done")
    wait_for(lambda: not any(job.process() for job in find_jobs(house.settings)))
    run.folder.rename(run.folder.with_name("reference"))


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), np.random.default_rng(20261127))
        house.start()
        try:
            prepare(house)
            for number, kind in enumerate(KINDS):
                count = len(range(number, kills, len(KINDS)))
                started, outcomes = time.monotonic(), []
                for _ in range(count):
                    outcomes.append(kill_once(house, kind))
                    print(kind, outcomes[-1], file=sys.stderr)
                totals = [sum(values) for values in zip(*map(astuple, outcomes), strict=True)]
                seconds = round(time.monotonic() - started)
                rows.append([kind, count, *totals, seconds, hardware(), COMMAND])
        finally:
            house.kill()
    write_results(
        "kills.csv",
        "work,kills,acknowledged,lost,damaged,left_by_kills,left_after_start,seconds,hardware,command",
        rows,
    )


if __name__ == "__main__":
    main()

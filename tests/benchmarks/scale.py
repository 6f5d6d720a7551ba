"""How work in pieces scales: here, on a Dask cluster of 1 and 2 workers on this machine, and on one
of 4 workers, one of which is killed: `python -m tests.benchmarks.scale`, 10 minutes.

Needs core/jobs/requirements-dask.txt and no data; writes assets/results/scale.csv. The scheduler
and the process that takes the results share the cores with the workers.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Literal

import numpy as np

from core.datasets.letter_sources import open_letters
from core.evaluation.publish import hardware
from core.jobs.engine import Engine
from core.models.recognizer import Recognizer, load_recognizer
from core.settings import Settings
from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.recipe import PRESETS
from core.synthesis.handwriting import Handwriting
from core.synthesis.writer import Writer
from tests.benchmarks.results import write_results
from tests.jobs.clusters import Cluster, cluster

ROUNDS, PIECE = 2, 1000
COMMAND = "python -m tests.benchmarks.scale"
COLUMNS = (
    "work,engine,workers,killed,images,a_second,lowest,highest,speed_up,same_bytes,rounds,cores,"
    "hardware,command"
)


@dataclass(frozen=True)
class Work:
    """`pieces` thousands of images; function : of the number of a piece. here : as of
    `Engine.map`, None if one worker here is no less than all of them.
    """

    name: str
    function: Callable[[int], np.ndarray]
    pieces: int
    here: Literal["threads", "processes"] | None = None


def draw(writer: Writer, number: int) -> np.ndarray:
    return writer.draw(PIECE * number, PIECE)[0]


def read(recognizer: Recognizer, images: np.ndarray, _: int) -> np.ndarray:
    return recognizer.predict(images).probabilities


def send(number: int) -> np.ndarray:
    return np.full((PIECE, 28, 28), number % 256, np.uint8)


def works(settings: Settings) -> list[Work]:
    composed = Compositions(
        letters=open_letters("natural", settings), recipe=PRESETS["canonical"], seed=1
    )
    recognizer, images = load_recognizer("digits", settings), Handwriting().draw(0, PIECE)[0]
    return [
        Work("digits drawn", partial(draw, Handwriting(seed=1)), 600, "threads"),
        Work("numerals composed", partial(draw, composed), 24, "processes"),
        Work("digits read", partial(read, recognizer, images), 12),
        Work("blank images sent", send, 2000),
    ]


def timed(work: Work, engine: Engine, running: Cluster | None = None) -> tuple[float, str]:
    """Images a second, connecting included, and the digest of the results. running : one of its
    workers is killed after a quarter.
    """
    started, digest = time.perf_counter(), sha256()
    every = engine.map(work.function, range(work.pieces), here=work.here or "serial")
    for number, result in enumerate(every):
        digest.update(result.tobytes())
        if running is not None and number == work.pieces // 4:
            running.workers[0].kill()
    return PIECE * work.pieces / (time.perf_counter() - started), digest.hexdigest()


def main() -> None:
    rows: list[list[object]] = []
    digests: dict[str, str] = {}
    alone: dict[tuple[str, str], float] = {}

    def measure(work: Work, engine: Engine, workers: int, *, dying: Cluster | None = None) -> None:
        name = "dask" if engine.scheduler else "local"
        list(engine.map(work.function, range(2 * workers)))  # compiled and loaded
        timings = [timed(work, engine, dying) for _ in range(1 if dying else ROUNDS)]
        speeds = [speed for speed, _ in timings]
        median = float(np.median(speeds))
        same = {digest for _, digest in timings} == {digests.setdefault(work.name, timings[0][1])}
        # two workers against one; with one of four killed there is nothing to compare
        gain = round(median / alone.setdefault((work.name, name), median), 2)
        counted = [PIECE * work.pieces, *map(round, (median, min(speeds), max(speeds)))]
        about = [len(timings), os.cpu_count(), hardware(), COMMAND]
        killed, gained = (1, "") if dying else (0, gain)
        rows.append([work.name, name, workers, killed, *counted, gained, same, *about])
        print(*rows[-1], flush=True)

    todo = works(Settings.from_environment())
    for work in todo:
        for workers in (1, 2):
            if work.here:
                measure(work, Engine(workers), workers)
    for workers in (1, 2):
        with cluster(workers) as running:
            for work in todo:
                measure(work, Engine(scheduler=running.address), workers)
    for work in todo[:2]:
        with cluster(4) as running:
            measure(work, Engine(scheduler=running.address), 4, dying=running)
    write_results("scale.csv", COLUMNS, rows)


if __name__ == "__main__":
    main()

"""Malformed pictures through every entry that takes one: `python -m tests.benchmarks.malformed`
writes assets/results/malformed.csv; a quarter of an hour on two cores.

Each of 2,000 (`tests.malformed`) is sent to the three routes of REST, read by `predict` in its
three ways, and put into folders and zips of 100 that are opened as data sets, uploaded and curated.
The screens hand their files to the same functions. A process of its own reads each hundred, so that
a crash is seen, or one that never ends; its memory is its largest resident set.
"""

import argparse
import faulthandler
import io
import resource
import tempfile
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from fastapi.testclient import TestClient

from core.api.app import build_api
from core.curation.collection import open_collection
from core.datasets.pictures import open_folder
from core.datasets.uploads import keep_upload
from core.errors import InklingError
from core.evaluation.publish import hardware
from core.ink.decode import PICTURE_SUFFIXES
from core.ink.forms import FORMS
from core.models.recognizer import load_recognizer
from core.reading.pictures import predict_lines, predict_numerals, predict_pictures
from core.settings import Settings
from tests.benchmarks.results import write_results
from tests.malformed import pictures

COMMAND = "python -m tests.benchmarks.malformed"
COUNT, BATCH, SEED = 2000, 100, 0
NEVER = 60.0
"""Seconds after which a picture is said to take for ever: the process tells where, and dies."""

Took = tuple[str, str, float, float, str]
"""Entry, picture, seconds, those of the processor, and what went wrong ("" if nothing did)."""


def one_by_one(folder: Path, files: dict[str, tuple[str, bytes]]) -> Iterator[Took]:
    """Each through REST and through the functions behind `predict`."""
    settings = replace(Settings.from_environment(), runs=folder / "runs", data=folder / "data")
    client = TestClient(build_api(settings), raise_server_exceptions=False)
    digits, roman = (load_recognizer(name, settings) for name in ("digits", "roman"))
    readers: dict[str, Callable[[Path], object]] = {
        "predict": lambda path: list(predict_pictures([path], digits)),
        "predict --line": lambda path: list(predict_lines([path], digits)),
        "predict --numeral": lambda path: list(predict_numerals([path], roman)),
    }
    for file, (name, data) in files.items():
        (folder / file).write_bytes(data)
        for route in ("predict", "read-line", "sheet"):
            yield f"POST /api/{route}", name, *timed(partial(post, client, route, file, data))
        for entry, read in readers.items():
            yield entry, name, *timed(partial(read, folder / file))


def post(client: TestClient, route: str, file: str, data: bytes) -> None:
    """It is answered, or refused with a sentence."""
    answer = client.post(f"/{route}", files={"file": (file, data)}, data={"model": "digits"})
    if answer.status_code not in (200, 400, 413):
        raise RuntimeError(answer.status_code)


def together(folder: Path, files: dict[str, tuple[str, bytes]]) -> Iterator[Took]:
    """All of them, as a folder and as a zip."""
    settings = replace(Settings.from_environment(), data=folder / "data", runs=folder / "runs")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, (file, (_, data)) in enumerate(files.items()):
            inside = folder / "set" / str(number % 10) / file
            inside.parent.mkdir(parents=True, exist_ok=True)
            inside.write_bytes(data)
            archive.writestr(f"{number % 10}/{file}", data)
    packed.seek(0)

    def curate() -> None:
        collection = open_collection(str(folder / "set"), settings)
        for index in range(len(collection)):
            with suppress(InklingError):
                collection.read(index)

    entries: dict[str, Callable[[], object]] = {
        "a folder as a data set": lambda: open_folder(folder / "set", FORMS["mnist"]),
        "a zip uploaded": lambda: keep_upload([("set.zip", packed)], "set", settings),
        "a folder curated": curate,
    }
    for entry, run in entries.items():
        seconds, used, wrong = timed(run)
        yield entry, f"one of {len(files)}", seconds / len(files), used / len(files), wrong


def timed(run: Callable[[], object]) -> tuple[float, float, str]:
    faulthandler.dump_traceback_later(NEVER, exit=True)
    start, before, wrong = time.perf_counter(), time.process_time(), ""
    try:
        run()
    except InklingError:
        pass
    except Exception as error:
        wrong = f"{type(error).__name__}: {error}"
    finally:
        faulthandler.cancel_dump_traceback_later()
    return time.perf_counter() - start, time.process_time() - before, wrong


def batch(first: int, count: int) -> tuple[list[Took], float]:
    """What came of some pictures, and the memory of the process in MB."""
    some = pictures(range(first, first + count), seed=SEED)
    files = {
        f"{number}{PICTURE_SUFFIXES[number % len(PICTURE_SUFFIXES)]}": picture
        for number, picture in enumerate(some, first)
    }
    with tempfile.TemporaryDirectory() as folder:
        took = [*one_by_one(Path(folder), files), *together(Path(folder), files)]
    return took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT)
    options = parser.parse_args()
    took, memory, crashes = list[Took](), 0.0, 0
    for first in range(0, options.count, BATCH):
        try:
            # a new process each: its memory is what these pictures took
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                some, used = pool.submit(batch, first, BATCH).result()
        except BrokenProcessPool:
            crashes += 1
            print("a process died at", first)
            continue
        took, memory = took + some, max(memory, used)
        print(first, round(max(each[2] for each in some), 2), round(used), flush=True)
    entries = defaultdict[str, list[Took]](list)
    for each in took:
        entries[each[0]].append(each)
        if each[4] or each[2] > 5:
            print(each)
    rows = []
    for entry, own in entries.items():
        longest = max(own, key=lambda each: each[2])
        used = max(each[3] for each in own)
        wrong = sum(bool(each[4]) for each in own)
        figures = [crashes, round(longest[2], 2), longest[1], round(used, 2)]
        rows.append([entry, options.count, wrong, *figures])
    write_results(
        "malformed.csv",
        "entry,pictures,errors,crashes,longest_s,longest_picture,most_processor_s,peak_mb,seed,hardware,command",
        [[*row, round(memory), SEED, hardware(), COMMAND] for row in rows],
    )


if __name__ == "__main__":
    main()

"""Class maps of MNIST against the notebook's pandas way, and of as many images as EMNIST has:
`python -m tests.benchmarks.class_maps`.

Two minutes and 0.7 GB of disk; needs MNIST and the EMNIST pool in INKLING_DATA; writes
assets/results/class_maps.csv. Each round is a process of its own, the two ways in turns. Seconds
are those of mean, std and z of every class: without pandas' building of its table, and without
loading compiled code. Memory is the most that the process held above what it held before, in any
round: VmHWM of Linux, with the mapped pages of the images, and with pandas' table.
"""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.datasets.catalogue import open_dataset
from core.datasets.dataset import Dataset
from core.datasets.idx import idx_header, read_idx
from core.settings import Settings
from core.statistics.class_maps import class_maps
from tests.benchmarks.results import write_results

ROUNDS = 3
EMNIST_IMAGES = 814_255
COMMAND = "python -m tests.benchmarks.class_maps"


def by_pandas(dataset: Dataset) -> tuple[float, np.ndarray]:
    """Seconds, and z [C, P], as in the notebook: a table with a column per pixel, grouped by
    label.
    """
    import pandas as pd

    table = pd.DataFrame(dataset.images.reshape(len(dataset), -1) / 255)
    table["label"] = dataset.labels
    started, results = time.perf_counter(), []
    for number in range(len(dataset.classes)):
        own, others = (
            table[table.label == number].drop(columns="label"),
            table[table.label != number].drop(columns="label"),
        )
        spread = (own.std() ** 2 / len(own) + others.std() ** 2 / len(others)) ** 0.5
        results.append(((own.mean() - others.mean()) / spread).fillna(0))
    return time.perf_counter() - started, np.array(results)


def by_class_maps(dataset: Dataset) -> tuple[float, np.ndarray]:
    """The same, in one pass."""
    started = time.perf_counter()
    maps = class_maps(dataset)
    result = maps.mean, maps.std, maps.z
    return time.perf_counter() - started, result[2].reshape(len(dataset.classes), -1)


def memory(field: str) -> float:
    """A line of this process's status, MB."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines[field].split()[0]) * 1024 / 1e6


def one_round(way: str, count: int, path: str) -> None:
    """Print seconds, peak memory (MB) and, of pandas, the largest difference in z from
    class_maps.
    """
    settings = Settings.from_environment()
    if path:
        pool = open_dataset("emnist-bymerge:train", settings)
        dataset = replace(
            pool,
            images=read_idx(Path(path))[:count].transpose(0, 2, 1),
            labels=np.resize(pool.labels, count),
        )
    else:
        dataset = open_dataset("mnist:train", settings)
    measure = {"pandas": by_pandas, "class_maps": by_class_maps}[way]
    # loaded and compiled
    measure(replace(dataset, images=dataset.images[:1000], labels=dataset.labels[:1000]))
    Path("/proc/self/clear_refs").write_text("5")  # VmHWM is reset
    before = memory("VmRSS")
    seconds, z = measure(dataset)
    peak = memory("VmHWM") - before
    difference = f"{np.abs(z - by_class_maps(dataset)[1]).max():.1e}" if way == "pandas" else ""
    print(json.dumps({"seconds": seconds, "peak": peak, "difference": difference}))


def run(way: str, count: int, path: str = "") -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.class_maps", way, str(count), path]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)


def tile(path: Path) -> None:
    """As many images as all of EMNIST, the pool repeated, in its on-disk layout."""
    images = open_dataset("emnist-bymerge:train", Settings.from_environment()).images.transpose(
        0, 2, 1
    )
    with open(path, "wb") as file:
        file.write(idx_header((EMNIST_IMAGES, *images.shape[1:])))
        for start in range(0, EMNIST_IMAGES, len(images)):
            images[: EMNIST_IMAGES - start].tofile(file)


def main() -> None:
    from core.evaluation.publish import hardware

    rounds = [(run("pandas", 60_000), run("class_maps", 60_000)) for _ in range(ROUNDS)]
    table = [
        ("pandas", 60_000, [one for one, _ in rounds]),
        ("class_maps", 60_000, [other for _, other in rounds]),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "images-idx3-ubyte"
        tile(path)
        table += [
            ("class_maps", count, [run("class_maps", count, str(path)) for _ in range(ROUNDS)])
            for count in (EMNIST_IMAGES // 4, EMNIST_IMAGES // 2, EMNIST_IMAGES)
        ]
    slow, rows = np.median([one["seconds"] for one, _ in rounds]), []
    for way, count, measured in table:
        seconds = [row["seconds"] for row in measured]
        factor = round(slow / np.median(seconds)) if count == 60_000 else ""
        figures = [
            round(float(figure), 3) for figure in (np.median(seconds), min(seconds), max(seconds))
        ]
        peak = round(max(row["peak"] for row in measured))
        rows.append(
            [
                way,
                count,
                *figures,
                factor,
                peak,
                measured[0]["difference"],
                ROUNDS,
                hardware(),
                COMMAND,
            ]
        )
    columns = (
        "way,images,seconds,lowest,highest,times_as_fast,peak_extra_memory_mb,"
        "difference_in_z,rounds,hardware,command"
    )
    write_results("class_maps.csv", columns, rows)


if __name__ == "__main__":
    if len(sys.argv) == 4:
        one_round(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    else:
        main()

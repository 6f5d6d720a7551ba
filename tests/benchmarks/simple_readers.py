"""What reads handwriting without a network: the z maps as matched filters, and k-NN under three
scalings.

INKLING_DATA=DATA_ROOT python -m tests.benchmarks.simple_readers      writes
assets/results/simple_readers.csv

The kind of filter was chosen on training images (core/statistics/filters.py); the test sets chose
nothing.
"""

from core.datasets.catalogue import open_dataset
from core.settings import Settings
from core.statistics.class_maps import class_maps
from core.statistics.filters import filter_accuracy
from core.statistics.scaling import SCALINGS, scalings
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.simple_readers"
LEARNED, TESTED, NEIGHBOURS, SEED = 5000, 1000, 20, 0


def main() -> None:
    settings, rows = Settings.from_environment(), []
    for name in ("mnist", "emnist-balanced"):
        train, test = (open_dataset(f"{name}:{part}", settings) for part in ("train", "test"))
        maps = class_maps(train)
        result = filter_accuracy(maps.z, maps.classes, test, maps.overall_mean)
        measured: list[tuple[str, int, int, float, tuple[float, float], object]] = [
            (
                "z maps as matched filters",
                len(train),
                result.n,
                result.accuracy,
                result.interval,
                "",
            )
        ]
        for scaling in scalings(
            train, test, count=LEARNED, tested=TESTED, neighbours=NEIGHBOURS, seed=SEED
        ):
            title = f"k-NN, k = {NEIGHBOURS}, {SCALINGS[scaling.name]}"
            measured.append(
                (title, scaling.learned, scaling.n, scaling.accuracy, scaling.interval, SEED)
            )
        rows += [
            [
                reader,
                learned,
                n,
                round(accuracy, 5),
                round(low, 5),
                round(high, 5),
                test.source,
                seed,
                COMMAND,
            ]
            for reader, learned, n, accuracy, (low, high), seed in measured
        ]
    write_results(
        "simple_readers.csv", "reader,learned,n,accuracy,low_95,high_95,data,seed,command", rows
    )


if __name__ == "__main__":
    main()

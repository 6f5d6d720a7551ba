"""`python -m core stats` and `project`: their options, and what they write."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from core.datasets.dataset import Dataset
from core.errors import InklingError
from core.progress import Progress, part_of_progress
from core.settings import Settings

# Commands import what they need themselves: `--help` must not wait for torch or scikit-image.


def add_commands(commands: Any) -> None:
    """Add them to the subparsers of the command line."""
    stats = commands.add_parser(
        "stats",
        help=(
            "mean, spread and z-score of every pixel of each class, and properties of each image, "
            "in one .npz"
        ),
    )
    stats.add_argument(
        "--data",
        required=True,
        metavar="D",
        help="NAME:train, NAME:test, an .npz or a folder of class folders",
    )
    stats.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="F.npz",
        help="arrays count, mean, std, z, … with pixels in ink 0-1",
    )
    stats.add_argument(
        "--no-properties",
        dest="properties",
        action="store_false",
        help=(
            "leave out labels, ink, stroke_width, slant and aspect of each image, which take "
            "longest"
        ),
    )
    stats.add_argument(
        "--sample",
        type=int,
        metavar="N",
        help="properties of only N images drawn at random; `rows` says which",
    )
    stats.add_argument(
        "--compact",
        action="store_true",
        help="leave out what follows from the sums (mean, std, z), and round properties",
    )
    stats.set_defaults(run=_stats)

    project = commands.add_parser(
        "project",
        help="a map of images: each a point in two dimensions, beside others that look like it",
    )
    project.add_argument("--data", required=True, metavar="D", help="as for stats")
    project.add_argument("--method", default="pca", help="pca (default) or umap")
    project.add_argument(
        "--space",
        default="pixels",
        help="pixels (default) or features: what the recognizer makes of them before it decides",
    )
    project.add_argument(
        "--model",
        metavar="NAME",
        help="recognizer whose features are taken, and whose answers are noted",
    )
    project.add_argument(
        "--count", type=int, default=2000, help="images, drawn at random; default 2000"
    )
    project.add_argument("--seed", type=int, default=0)
    project.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="F.npz",
        help="arrays rows [K], points [K, 2], answers [K], nearest [K] …",
    )
    project.set_defaults(run=_project)


def _stats(options: argparse.Namespace, settings: Settings) -> None:
    from core.datasets.catalogue import open_dataset
    from core.progress import progress_bar
    from core.statistics.class_maps import class_maps
    from core.statistics.maps_file import save_maps

    if options.sample is not None and options.sample < 1:
        raise InklingError(f"--sample is at least 1, not {options.sample}.")
    if options.out.is_dir():
        raise InklingError(f"{options.out} is a folder; give --out the name of a file.")
    dataset = open_dataset(options.data, settings)
    options.out.parent.mkdir(parents=True, exist_ok=True)  # fail now, not after an hour
    rows = _rows(len(dataset), options.sample) if options.properties else np.arange(0)
    with progress_bar(len(dataset) + len(rows), unit="image") as report:
        maps = class_maps(dataset, report=report)
        measured = (
            _measure(
                dataset,
                rows,
                part_of_progress(report, start=len(dataset), total=len(dataset) + len(rows)),
            )
            if len(rows)
            else {}
        )
    if options.compact:
        measured = {
            name: array.round(2) if array.dtype.kind == "f" else array.astype(np.int32)
            for name, array in measured.items()
        }
    save_maps(maps, options.out, compact=options.compact, others=measured)
    print(options.out)


def _rows(count: int, sample: int | None) -> np.ndarray:
    """Rows of the images to measure, ascending and deterministic."""
    if sample is None or sample >= count:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, sample, replace=False))


def _measure(dataset: Dataset, rows: np.ndarray, report: Progress) -> dict[str, np.ndarray]:
    """Rows of the images, their labels, and every property of each."""
    from core.statistics.properties import properties

    images = dataset.images if len(rows) == len(dataset) else dataset.images[rows]
    return {
        "rows": rows,
        "labels": dataset.labels[rows],
        **vars(properties(images, report=report)),
    }


def _project(options: argparse.Namespace, settings: Settings) -> None:
    from core.datasets.catalogue import open_dataset
    from core.progress import progress_bar
    from core.statistics.projection import STEPS, project, save_projection

    recognizer = None
    if options.model:
        from core.models.recognizer import load_recognizer

        recognizer = load_recognizer(options.model, settings)
    dataset = open_dataset(options.data, settings)
    options.out.parent.mkdir(parents=True, exist_ok=True)  # fail now, not after an hour
    with progress_bar(STEPS, unit="step") as report:
        result = project(
            dataset,
            method=options.method,
            space=options.space,
            count=options.count,
            seed=options.seed,
            recognizer=recognizer,
            report=report,
        )
    save_projection(result, options.out)
    print(options.out)

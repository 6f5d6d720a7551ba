"""Pen strokes as model input: drawn as ink at once, beside the way over a picture whose paper is
looked for.

INKLING_DATA=DATA_ROOT python -m tests.benchmarks.stroke_path      writes
assets/results/stroke_path.csv

The drawings are UCI pendigits, 45 to 80 % of a canvas of 280 pixels. Both paths read each of them;
p is McNemar's, of what only one of them reads correctly. Times are of the way to the model's input
on one thread, of TIMED drawings with the two paths in turns; of each drawing the shortest of TURNS
counts, for the machine may be doing something else.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

from core.datasets.stroke_files import read_strokes
from core.datasets.strokes import COLLECTIONS
from core.evaluation.compare import mcnemar
from core.evaluation.publish import hardware
from core.ink.forms import Form, Stages, canonical, canonical_strokes
from core.ink.handwritten import in_unit_box
from core.ink.strokes import picture_of_strokes
from core.intervals import wilson_interval
from core.models.recognizer import Recognizer, load_recognizer
from core.settings import Settings
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.stroke_path"
CANVAS, PENS, TIMED, TURNS, SEED = 280, (8, 20, 32), 500, 5, 0
Drawing = list[np.ndarray]


def over_a_picture(strokes: Drawing, form: Form, *, width: float) -> Stages | None:
    """Drawn on paper, and the ink detected again."""
    return canonical(picture_of_strokes(strokes, width=width), form)


PATHS: dict[str, Callable[..., Stages | None]] = {
    "over a picture": over_a_picture,
    "direct": canonical_strokes,
}


def on_canvas(drawings: Sequence[Drawing]) -> list[Drawing]:
    """Strokes in pixels; their position on the canvas changes nothing for either path."""
    sizes = np.random.default_rng(SEED).uniform(0.45, 0.8, len(drawings)) * CANVAS
    return [[stroke * size for stroke in d] for d, size in zip(drawings, sizes, strict=True)]


def read(
    path: Callable[..., Stages | None], drawings: Sequence[Drawing], pen: int, model: Recognizer
) -> list[str]:
    def one(strokes: Drawing) -> np.ndarray:
        stages = path(strokes, model.form, width=pen)
        assert stages is not None
        return stages.model_input

    with ThreadPoolExecutor() as pool:
        return model.predict(np.stack(list(pool.map(one, drawings)))).labels()


def milliseconds(drawings: Sequence[Drawing], pen: int, form: Form) -> dict[str, np.ndarray]:
    """Of each drawing by each path."""
    taken = {name: np.empty((len(drawings), TURNS)) for name in PATHS}
    for index, strokes in enumerate(drawings):
        for turn in range(TURNS):
            for name, path in PATHS.items():
                started = time.perf_counter()
                path(strokes, form, width=pen)
                taken[name][index, turn] = time.perf_counter() - started
    return {name: times.min(1) * 1e3 for name, times in taken.items()}


def main() -> None:
    settings = Settings.from_environment()
    model = load_recognizer("digits", settings)
    written = read_strokes(settings.data / "strokes" / COLLECTIONS["pendigits"].file)
    truth = written.labels
    boxed = [in_unit_box(written.piece(number)) for number in range(len(written))]
    drawings, rows = on_canvas(boxed), []
    for pen in PENS:
        right = {
            name: np.array(read(path, drawings, pen, model)) == truth
            for name, path in PATHS.items()
        }
        p = mcnemar(*right.values()).p
        threads = cv2.getNumThreads()
        cv2.setNumThreads(1)
        taken = milliseconds(drawings[:TIMED], pen, model.form)
        cv2.setNumThreads(threads)
        for name, hits in right.items():
            low, high = wilson_interval(int(hits.sum()), len(hits))
            figures = [round(float(figure), 5) for figure in (hits.mean(), low, high, p)]
            times = np.percentile(taken[name], [50, 10, 90]).round(2).tolist()
            rows.append([name, pen, len(hits), *figures, TIMED, *times, SEED, hardware(), COMMAND])
    columns = (
        "path,pen_px,n,accuracy,low_95,high_95,p_of_difference,"
        "timed,median_ms,p10_ms,p90_ms,seed,hardware,command"
    )
    write_results("stroke_path.csv", columns, rows)


if __name__ == "__main__":
    main()

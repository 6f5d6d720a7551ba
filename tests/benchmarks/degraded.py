"""Whether confidence falls with the quality of a picture: `python -m tests.benchmarks.degraded`;
half an hour on one core; writes assets/results/degraded.csv

Characters of UniPen and pendigits by people held out for validation, black on white as on the
canvas of 280 pixels, each spoilt in one way more and more. A picture in which no ink is found is
not read and counts as blank. What a recognizer makes of the blur that it sees was fitted to other
characters of the same people.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from core.evaluation.calibration import reliability
from core.ink.forms import canonical
from core.models.recognizer import Recognizer, load_recognizer
from core.settings import Settings
from tests.benchmarks.canvas import on_canvas
from tests.benchmarks.photographs import Written, validation_characters
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.degraded"
COUNT = 250
SURE = 0.9

Spoil = Callable[[np.ndarray, float, np.random.Generator], np.ndarray]
"""A grey picture uint8 [H, W] made worse by an amount."""


def _jpeg(picture: np.ndarray, quality: float, _: np.random.Generator) -> np.ndarray:
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])[1]
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)


def _noise(picture: np.ndarray, sigma: float, generator: np.random.Generator) -> np.ndarray:
    return np.clip(picture + generator.normal(0, sigma, picture.shape), 0, 255).astype(np.uint8)


def _pale(picture: np.ndarray, share: float, generator: np.random.Generator) -> np.ndarray:
    return _noise(255 - (255 - picture) * share, 4, generator)


def _small(picture: np.ndarray, side: float, _: np.random.Generator) -> np.ndarray:
    return cv2.resize(picture, (int(side), int(side)), interpolation=cv2.INTER_AREA)


WAYS: dict[str, tuple[str, Spoil, tuple[float, ...]]] = {
    "nothing": ("", lambda picture, *_: picture, (0,)),
    "blur": (
        "sigma, pixels",
        lambda picture, sigma, _: cv2.GaussianBlur(picture, (0, 0), sigma),
        (4, 8, 14),
    ),
    "motion": (
        "pixels to the side",
        lambda picture, length, _: cv2.blur(picture, (int(length), 1)),
        (15, 31, 51),
    ),
    "noise": ("sigma of 255", _noise, (15, 35, 70)),
    "pale ink": ("of its darkness", _pale, (0.4, 0.25, 0.18)),
    "few pixels": ("side, pixels", _small, (40, 24, 16)),
    "JPEG": ("quality", _jpeg, (20, 8, 3)),
}
"""What is done, the unit of its amount, and the amounts."""


def measure(
    model: Recognizer, written: Sequence[Written], spoil: Spoil, amount: float
) -> list[object]:
    """n, blank, accuracy; then mean confidence, calibration error, and the share that is wrong and
    sure, each as answered and as it would be if the blur were not looked at.
    """
    generator = np.random.default_rng(7)
    images, blur, truth = [], [], []
    for label, strokes in written:
        picture = on_canvas(strokes, generator, pen=generator.uniform(8, 24))
        stages = canonical(spoil(picture, amount, generator), model.form)
        if stages is not None:
            images.append(stages.model_input)
            blur.append(stages.blur)
            truth.append(model.classes.index(label))
    blank = len(written) - len(images)
    if not images:
        return [len(written), blank, *[""] * 7]
    answered = model.predict(np.stack(images), blur=blur)
    right = answered.answers == np.array(truth)
    figures = [right.mean()]
    for sure in (answered.confidence, model.predict(np.stack(images)).confidence):
        error = reliability(sure, right).error
        figures += [sure.mean(), error, np.mean(~right & (sure > SURE))]
    return [len(written), blank, *(round(float(figure), 4) for figure in figures)]


def main() -> None:
    settings = Settings.from_environment()
    rows = []
    for name in ("digits", "characters"):
        model = load_recognizer(name, settings)
        known = validation_characters(settings.data / "strokes", model.classes)
        chosen = np.random.default_rng(3).integers(len(known), size=COUNT)
        written = [known[row] for row in chosen]
        rows += [
            [name, way, unit, amount, *measure(model, written, spoil, amount), COMMAND]
            for way, (unit, spoil, amounts) in WAYS.items()
            for amount in amounts
        ]
    figures = "mean_confidence,calibration_error,wrong_above_90"
    plain = ",".join(f"{figure}_without_blur" for figure in figures.split(","))
    write_results(
        "degraded.csv", f"model,way,unit,amount,n,blank,accuracy,{figures},{plain},command", rows
    )


if __name__ == "__main__":
    main()

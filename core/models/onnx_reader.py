"""Read a picture of one character with a recognizer of Inkling: `python read.py PICTURE ...`

It stands alone, beside `model.onnx`, and needs numpy, opencv-python and onnxruntime. The canonical
form is Inkling's where all of the picture is paper: of drawings the model's input is the same, of
photographs in uneven light 299 of 300 are read alike. A desk, a sharp shadow, printed lines and
perspective are taken off by Inkling alone: with those 63 of 300 (assets/results/taken_away.csv).
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

OVERSAMPLING = 8
"""The pen's width is set at this many times the size of the model's input."""


class Reader:
    """The model; `predict` takes its input itself, `read` a picture."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        about = self.session.get_modelmeta().custom_metadata_map
        self.classes: list[str] = json.loads(about["classes"])
        self.form: dict[str, Any] = json.loads(about["form"])

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Probabilities float32 [N, classes] of uint8 [N, size, size], ink 255 on 0."""
        answer: np.ndarray = self.session.run(None, {"images": images})[0]
        return answer

    def read(self, grey: np.ndarray) -> tuple[str, float] | None:
        """The class and its probability, of a grey picture uint8 [H, W]; None if it is blank."""
        made = canonical(grey, self.form)
        if made is None:
            return None
        image, blur = made
        # of a blurred picture the answer is less sure
        shares = self.predict(image[None])[0] ** (1 / (1 + 5 * max(blur - 0.05, 0)))
        best = int(shares.argmax())
        return self.classes[best], float(shares[best] / shares.sum())


def canonical(grey: np.ndarray, form: dict[str, Any]) -> tuple[np.ndarray, float] | None:
    """Model input uint8 [size, size], and the width of the ink's edges, of its longer side."""
    ink = find_ink(resized(grey))
    if ink is None:
        return None
    crop = cropped(ink)
    drawn, pen = with_pen(crop, form)
    blur = 2 * pen * float(np.minimum(crop, 255 - crop).sum() / crop.sum())
    return framed(cropped(drawn), form), blur


def resized(grey: np.ndarray) -> np.ndarray:
    """Its longer side 128 to 1024 pixels."""
    longer = max(grey.shape)
    if longer > 1024:
        size = [max(3, round(side * 1024 / longer)) for side in grey.shape[::-1]]
        return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    scale = -(-128 // longer)
    return cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)


def find_ink(grey: np.ndarray) -> np.ndarray | None:
    """Ink 255 on paper 0, soft edges."""
    border = float(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))
    if grey.max() - border > 1.25 * (border - grey.min()):
        grey = 255 - grey
    # the light is what is left when narrow dark things are closed
    side = max(3, round(0.22 * max(grey.shape)))
    wide = cv2.copyMakeBorder(grey, side, side, side, side, cv2.BORDER_REPLICATE)
    light = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    light = np.maximum(light[side:-side, side:-side], 8)
    darkness = np.clip(255 * (1 - grey / light), 0, 255).astype(np.uint8)
    threshold, _ = cv2.threshold(darkness, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    dark = darkness > threshold
    if dark.all() or not dark.any():
        return None
    low, high = np.median(darkness[~dark]), np.median(darkness[dark])
    if high - low < 40:
        return None
    ink = np.clip((darkness - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    # specks are far smaller than a dot of the pen
    _, parts, stats, _ = cv2.connectedComponentsWithStats((ink > 127).astype(np.uint8))
    areas = stats[:, cv2.CC_STAT_AREA]
    largest = parts == 1 + int(areas[1:].argmax())
    keep = areas >= 0.15 * pen_width(largest) ** 2
    return np.where(keep[parts], ink, 0).astype(np.uint8)


def cropped(ink: np.ndarray) -> np.ndarray:
    x, y, width, height = cv2.boundingRect((ink > 127).astype(np.uint8))
    return ink[y : y + height, x : x + width]


def distance_inside(mask: np.ndarray) -> np.ndarray:
    return cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)


def pen_width(mask: np.ndarray) -> float:
    """Twice the median of the distance transform's ridge."""
    distance = distance_inside(np.pad(mask, 1))
    ridge = (distance > 0) & (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8)))
    return float(2 * np.median(distance[ridge]) - 0.5)


def with_pen(crop: np.ndarray, form: dict[str, Any]) -> tuple[np.ndarray, float]:
    """The ink as large as the form has it, its outline moved so that the pen is as wide as the
    form's; and the width that it had, of the longer side.
    """
    longer = form["box"] * OVERSAMPLING
    scale = longer / max(crop.shape)
    size = [max(1, round(side * scale)) for side in crop.shape[::-1]]
    work = cv2.resize(crop, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    mask = work > 127
    width, ratio = pen_width(mask), form["pen"] / form["box"]
    move = (ratio * longer - width) / (2 * (1 - ratio))
    mask = np.pad(mask, int(max(move, 0)) + 2)
    distance = distance_inside(mask) - distance_inside(~mask)
    move = max(move, 1.5 - distance.max())
    drawn = np.clip(distance + move + 0.5 - np.sign(distance) / 2, 0, 1) * 255
    return drawn.astype(np.uint8), width / longer


def framed(ink: np.ndarray, form: dict[str, Any]) -> np.ndarray:
    """Scaled to the form's box, and centred as the form has it."""
    scale = form["box"] / max(ink.shape)
    if form["blur"]:
        sigma = form["blur"] * OVERSAMPLING
        ink = cv2.GaussianBlur(np.pad(ink, int(3 * sigma)), (0, 0), sigma)
    size = [max(1, round(side * scale)) for side in ink.shape[::-1]]
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    x, y = small.shape[1] / 2, small.shape[0] / 2
    if form["centre"] == "mass":
        moments = cv2.moments(small)
        x, y = moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]
    middle = form["size"] / 2
    shift = np.array([[1, 0, round(middle - x)], [0, 1, round(middle - y)]], np.float32)
    image = cv2.warpAffine(small, shift, (form["size"],) * 2, flags=cv2.INTER_NEAREST)
    return cv2.convertScaleAbs(image, alpha=255 / max(int(image.max()), 1))


def read_all(paths: list[str], reader: Reader) -> Iterator[str]:
    """A line for each picture: path, class, probability."""
    for path in paths:
        grey = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
        answer = None if grey is None else reader.read(grey)
        if answer is None:
            yield f"{path}\t{'blank' if grey is not None else 'is no picture'}"
        else:
            yield f"{path}\t{answer[0]}\t{answer[1]:.3f}"


if __name__ == "__main__":
    for line in read_all(sys.argv[1:], Reader(Path(__file__).with_name("model.onnx"))):
        print(line)

"""Canonical forms: ink normalised to the size, position, pen width and softness of the pictures a
model was trained on.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import cv2
import numpy as np

from core.errors import InklingError
from core.ink.paper import Found, distance_inside, look, pen_width
from core.ink.strokes import ink_of_strokes
from core.progress import Progress, ignore_progress

OVERSAMPLING = 8
"""Pen width and softness are set at this many times the final resolution."""

_BATCH = 256


@dataclass(frozen=True)
class Form:
    """How a data set's makers framed their pictures.

    size : side of the square picture, pixels. box : the longer side of the ink is scaled to this.
    centre : what is centred, "mass" (centre of mass) or "box" (bounding box).
    pen : width of the strokes, pixels; the median of the data set's training pictures as
    `pen_width` measures it.
    blur : sigma of a Gaussian, pixels of the final picture.
    """

    name: str
    size: int
    box: int
    centre: str
    pen: float
    blur: float

    @property
    def fits_glyphs(self) -> bool:
        """Whether glyphs as drawn already have this size and position: the 28-unit grid is framed
        like MNIST.
        """
        return (self.box / self.size, self.centre) == (20 / 28, "mass")


DEFAULT_FORM = "mnist"
"""The form to which pictures in no canonical form are converted."""

FORMS = {
    form.name: form
    for form in [
        # LeCun et al.: aspect kept in a 20x20 box, centre of mass at pixel 14 of 28
        # (yann.lecun.com/exdb/mnist).
        Form("mnist", size=28, box=20, centre="mass", pen=2.4, blur=0.0),
        # Cohen et al., arXiv:1702.05373: blur, square frame with a 2-pixel border, bicubic to
        # 28x28.
        Form("emnist", size=28, box=24, centre="box", pen=3.0, blur=0.4),
        # Several characters side by side (whole numbers, Roman numerals): EMNIST's frame, and a pen
        # that keeps the strokes of viii apart.
        Form("number", size=28, box=24, centre="box", pen=2.0, blur=0.4),
    ]
}


@dataclass(frozen=True)
class Stages:
    """A picture's preprocessing stages; every field uint8, ink 255.

    ink : [h, w] the whole picture. crop : the ink's bounding box. normalised : the crop at working
    resolution with the pen width of the form. model_input : [size, size]. blur : width of the ink's
    edges, of the longer side of the crop. found : how the ink was found; None where it was known.
    """

    ink: np.ndarray
    crop: np.ndarray
    normalised: np.ndarray
    model_input: np.ndarray
    blur: float
    found: Found | None = None


def canonical(grey: np.ndarray, form: Form) -> Stages | None:
    """Grey uint8 picture [H, W] of one character to model input, with all stages; None if blank."""
    found = look(grey)
    return None if found.ink is None else replace(canonical_ink(found.ink, form), found=found)


def canonical_ink(ink: np.ndarray, form: Form) -> Stages:
    """The same for an ink map (uint8, ink 255 on 0, not blank)."""
    crop = _crop(ink)
    drawn, pen = _set_pen(crop, form)
    normalised = _crop(drawn)
    return Stages(ink, crop, normalised, _frame(normalised, form), _blur(crop, pen))


def canonical_strokes(strokes: Sequence[np.ndarray], form: Form, *, width: float) -> Stages | None:
    """The same for pen strokes, each float [P, 2] with P > 0, x right, y down; None without
    strokes.

    width : pen width, in the unit of the strokes. They are drawn directly at working resolution, as
    no paper has to be separated from ink.
    """
    if not strokes:
        return None
    return canonical_ink(ink_of_strokes(strokes, width=width, side=form.box * OVERSAMPLING), form)


def to_form(
    images: np.ndarray,
    form: Form,
    *,
    ink_maps: bool = False,
    report: Progress = ignore_progress,
) -> np.ndarray:
    """Model input uint8 [N, size, size] of images uint8 [N, H, W]: unchanged if they have the
    form's size, else converted to the canonical form, on all cores; blank where there is no ink.

    ink_maps : the images are ink 255 on 0, so paper detection is skipped. report : images done, of
    N; may raise to stop.
    """
    if images.shape[1:] == (form.size, form.size):
        return images

    def one(image: np.ndarray) -> np.ndarray | None:
        image = np.ascontiguousarray(image)
        if not ink_maps:
            return picture_to_form(image, form)
        return canonical_ink(image, form).model_input if (image > 127).any() else None

    inputs = np.zeros((len(images), form.size, form.size), np.uint8)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # in batches: stopping waits for the tasks already started
        for start in range(0, len(images), _BATCH):
            made = pool.map(one, images[start : start + _BATCH])
            for index, image in enumerate(made, start):
                if image is not None:
                    inputs[index] = image
                report(index + 1, len(images))
    return inputs


def picture_to_form(grey: np.ndarray, form: Form) -> np.ndarray | None:
    """Model input uint8 [size, size] of a user's grey picture [H, W]; None if blank.

    The size of a picture says nothing of how it was framed: only arrays are taken as they are, see
    `to_form`.
    """
    stages = canonical(grey, form)
    return None if stages is None else stages.model_input


def form_named(name: str) -> Form:
    """The form called `name`; InklingError if it does not exist."""
    if name not in FORMS:
        raise InklingError(
            f"There is no canonical form {name!r}; choose one of: {', '.join(FORMS)}."
        )
    return FORMS[name]


def _crop(ink: np.ndarray) -> np.ndarray:
    x, y, width, height = cv2.boundingRect((ink > 127).astype(np.uint8))
    return ink[y : y + height, x : x + width] if width else ink


def _blur(crop: np.ndarray, pen: float) -> float:
    """Width of the ink's edges from the pen's, both of the longer side: across a stroke of width w
    whose two edges rise over e, the grey value I sums to w and min(I, 1 - I), an index of fuzziness
    (Kaufmann 1975), to e / 2.
    """
    return 2 * pen * float(np.minimum(crop, 255 - crop).sum() / crop.sum())


def _set_pen(crop: np.ndarray, form: Form) -> tuple[np.ndarray, float]:
    """Scale the crop to working resolution and shift its outline in or out so that the pen has the
    form's width; and the width that it had, of the longer side.

    The outline is a level set of the signed distance to it. For pen w and longer side L, moving it
    by d gives a pen of w + 2d on a side of L + 2d; their ratio becomes the form's r = pen / box at
    d = (rL - w) / (2 (1 - r)).
    """
    longer = form.box * OVERSAMPLING
    scale = longer / max(crop.shape)
    size = max(1, round(crop.shape[1] * scale)), max(1, round(crop.shape[0] * scale))
    work = cv2.resize(crop, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    mask = work > 127
    width, ratio = pen_width(mask), form.pen / form.box
    move = (ratio * longer - width) / (2 * (1 - ratio))
    margin = int(max(move, 0)) + 2
    padded = np.pad(mask, margin)
    distance = distance_inside(padded) - distance_inside(~padded)
    move = max(move, 1.5 - distance.max())  # never erode all ink
    drawn = np.clip(distance + move + 0.5 - np.sign(distance) / 2, 0, 1) * 255
    return drawn.astype(np.uint8), width / longer


def _frame(normalised: np.ndarray, form: Form) -> np.ndarray:
    if form.blur:
        margin = int(3 * form.blur * OVERSAMPLING)
        soft = cv2.GaussianBlur(np.pad(normalised, margin), (0, 0), form.blur * OVERSAMPLING)
    else:
        margin, soft = 0, normalised
    scale = form.box / max(normalised.shape)
    size = max(1, round(soft.shape[1] * scale)), max(1, round(soft.shape[0] * scale))
    small = cv2.resize(soft, size, interpolation=cv2.INTER_AREA)
    if form.centre == "mass":
        moments = cv2.moments(small)
        # MNIST's centre is the middle of pixel 14, not its edge
        x, y = moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]
    else:
        x, y = small.shape[1] / 2, small.shape[0] / 2
    left, top = round(form.size / 2 - x), round(form.size / 2 - y)
    shift = np.array([[1, 0, left], [0, 1, top]], np.float32)
    framed = cv2.warpAffine(small, shift, (form.size, form.size), flags=cv2.INTER_NEAREST)
    peak = int(framed.max())
    return cv2.convertScaleAbs(framed, alpha=255 / peak) if peak else framed

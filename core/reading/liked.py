"""What the units of a network like: the pictures of a data set in which each is most active."""

from dataclasses import dataclass

import cv2
import numpy as np
import torch

from core.datasets.catalogue import first_for, is_here, open_dataset
from core.datasets.labels import class_index
from core.datasets.synthetic import characters_of
from core.errors import InklingError
from core.ink.encode import negative
from core.ink.forms import to_form
from core.models.recognizer import Recognizer
from core.progress import Progress, ignore_progress
from core.reading.inside import activations, as_input
from core.settings import Settings
from core.synthesis.characters import synthetic_characters

MOST = 2000
"""Pictures that are searched, evenly spaced among all: two seconds for the shipped networks."""

_BATCH = 100
_FRAME = (31, 96, 224)
"""Orange, BGR."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Pictures to search: images uint8 [N, size, size], model input; labels, N names. source : what
    they are, with its caveat.
    """

    images: np.ndarray
    labels: tuple[str, ...]
    source: str


@dataclass(frozen=True, eq=False)
class Liked:
    """The pictures that one unit likes, most first: rows int64 [K] of the examples, and the
    `pictures` BGR uint8 [K, S, S, 3] with a frame around what it looked at.
    """

    rows: np.ndarray
    pictures: np.ndarray


def find_examples(
    recognizer: Recognizer,
    settings: Settings,
    *,
    most: int = MOST,
    report: Progress = ignore_progress,
) -> Examples:
    """At most `most` of the test split of the first data set of its classes on this machine, or
    synthetic characters if none has them all; InklingError if there are none either.

    report : pictures made ready; may raise to stop.
    """
    classes, form = recognizer.card.classes, recognizer.form
    entry = first_for(classes, settings)
    if set(entry.classes) == set(classes) and is_here(entry, settings):
        data = open_dataset(f"{entry.name}:{entry.splits[-1]}", settings, form=form)
        rows = np.unique(np.linspace(0, len(data) - 1, min(most, len(data))).astype(int))
        labels = tuple(data.classes[label] for label in data.labels[rows])
        return Examples(to_form(data.images[rows], form, report=report), labels, data.source)
    written = characters_of(classes)
    if not written:
        raise InklingError("There are no pictures of these classes here; fetch some on Explore.")
    images, shown = synthetic_characters(
        form,
        per_class=max(1, most // 2 // len(written)),
        seed=0,
        classes=written,
        pens=0.3,
        report=report,
    )
    named = (class_index(character, classes) for character in shown)
    labels = tuple(classes[index] for index in named if index is not None)
    return Examples(images, labels, "synthetic characters, which nobody wrote")


def find_peaks(
    recognizer: Recognizer, images: np.ndarray, report: Progress = ignore_progress
) -> tuple[np.ndarray, ...]:
    """Of each layer that convolves float32 [N, U]: the highest activation of each of its units in
    each picture; last, the features [N, F].

    images : model input uint8 [N, size, size]. report : pictures done, of N; may raise to stop.
    """
    batches = []
    for start in range(0, len(images), _BATCH):
        with torch.inference_mode():
            maps, features = activations(recognizer, as_input(images[start : start + _BATCH]))
            highest = [layer.amax((2, 3)) for layer in maps]
            batches.append([each.float().numpy() for each in (*highest, features)])
        report(min(start + _BATCH, len(images)), len(images))
    return tuple(np.concatenate(layer) for layer in zip(*batches, strict=True))


def find_liked(
    recognizer: Recognizer,
    images: np.ndarray,
    peaks: np.ndarray,
    *,
    layer: int,
    unit: int,
    count: int = 8,
) -> Liked:
    """The `count` pictures in which a unit is most active, of those in which it is active at all.

    images, peaks : as of `find_peaks`; peaks [N, U] of this layer. layer : index in its result.
    """
    active = peaks[:, unit]
    rows = np.argsort(-active, kind="stable")[:count]
    rows = rows[active[rows] > 0]
    if not len(rows):
        return Liked(rows, np.zeros((0, 1, 1, 3), np.uint8))
    boxes = _looked_at(recognizer, images[rows], layer, unit)
    pictures = [_framed(image, box) for image, box in zip(images[rows], boxes, strict=True)]
    return Liked(rows, np.stack(pictures))


def _looked_at(recognizer: Recognizer, images: np.ndarray, layer: int, unit: int) -> np.ndarray:
    """Top, left, bottom, right of the pixels on which a unit's highest activation depends, int64
    [N, 4]: those where its gradient is not 0.
    """
    inputs = as_input(images).requires_grad_()
    maps, features = activations(recognizer, inputs)
    if layer < len(maps):
        highest = maps[layer][:, unit].flatten(1).max(1).values  # of equal ones the first alone
    else:
        highest = features[:, unit]
    (gradients,) = torch.autograd.grad(highest.sum(), inputs)
    return np.array([_box(gradient) for gradient in (gradients[:, 0] != 0).numpy()])


def _box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Top, left, bottom, right of what is set in a mask [H, W]; all of it where nothing is."""
    if not mask.any():
        return 0, 0, *mask.shape
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def _framed(image: np.ndarray, box: np.ndarray, *, scale: int = 4) -> np.ndarray:
    """Dark ink on white, BGR uint8, `scale` times as large, with a frame around the box."""
    large = cv2.resize(negative(image), None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
    picture = cv2.cvtColor(large, cv2.COLOR_GRAY2BGR)
    top, left, bottom, right = (int(side) * scale for side in box)
    cv2.rectangle(picture, (left, top), (right - 1, bottom - 1), _FRAME, 2)
    return picture

"""Files as visitors upload them, made here."""

import csv
import gzip
import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from core.datasets.dataset import Dataset
from core.datasets.uploads import keep_upload
from core.ink.forms import FORMS, picture_to_form
from core.settings import Settings
from tests.idx_files import idx

Upload = list[tuple[str, bytes]]

LABELS = np.array([2, 0, 1, 1, 2, 0, 10])


def handwriting(count: int = len(LABELS), side: int = 28, seed: int = 3) -> np.ndarray:
    """Noise of every value on empty paper, uint8 [count, side, side]: dark border, some ink."""
    images = np.zeros((count, side, side), np.uint8)
    images[:, 2:-2, 2:-2] = np.random.default_rng(seed).integers(
        0, 256, (count, side - 4, side - 4)
    )
    return images


IMAGES = handwriting()
FRAMED = np.array([picture_to_form(image, FORMS["mnist"]) for image in IMAGES])
"""What a zip of pictures becomes: files are framed, whatever their size."""


def keep(files: Upload, settings: Settings, name: str = "x", **options: Any) -> Dataset:
    return keep_upload(
        [(title, io.BytesIO(data)) for title, data in files], name, settings, **options
    )


def zipped(
    members: Mapping[str, bytes] | Sequence[tuple[str | zipfile.ZipInfo, bytes]],
    kind: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name, data in members.items() if isinstance(members, Mapping) else members:
            archive.writestr(name, data)
    return buffer.getvalue()


def png(image: np.ndarray) -> bytes:
    return cv2.imencode(".png", image)[1].tobytes()


def table(
    images: np.ndarray = IMAGES,
    labels: Sequence[object] = LABELS.tolist(),
    header: bool = True,
    **style: object,
) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, **style)  # type: ignore[arg-type]
    if header:
        writer.writerow(["label", *(f"pixel{number}" for number in range(images[0].size))])
    writer.writerows(
        [label, *image.ravel().tolist()] for label, image in zip(labels, images, strict=True)
    )
    return text.getvalue().encode()


def npz(**arrays: object) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def folders(
    images: np.ndarray = IMAGES, labels: Sequence[object] = LABELS.tolist(), top: str = ""
) -> dict[str, bytes]:
    return {
        f"{top}{label}/{number}.png": png(image)
        for number, (label, image) in enumerate(zip(labels, images, strict=True))
    }


PAIR = [("train-images-idx3-ubyte", idx(IMAGES)), ("train-labels-idx1-ubyte", idx(LABELS))]
PACKED = [(f"{name}.gz", gzip.compress(data)) for name, data in PAIR]
WHOLE = zipped(folders())

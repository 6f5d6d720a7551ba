"""Single characters for composition, and the selection of similar ones, as if by one writer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import InklingError
from core.synthesis.compose.pieces import crop_ink

_BATCH = 4096


@dataclass(frozen=True)
class Parts:
    """Characters uint8 [N, H, W], ink 255, by label.

    rows : image indices by label. pens : float32 [N], pen widths, pixels. traits : float32 [N, 3]:
    pen, slant (units right per unit up) and horizontal spread of the ink, in standard deviations.
    """

    images: np.ndarray
    rows: dict[str, np.ndarray]
    pens: np.ndarray
    traits: np.ndarray

    @staticmethod
    def of(
        images: np.ndarray,
        labels: np.ndarray,
        classes: Sequence[str],
        wanted: Sequence[str],
        *,
        called: str,
        darker: float = 1.0,
    ) -> "Parts":
        """The images [N, H, W] with labels [N] (indices into `classes`) that show `wanted`; blank
        ones are dropped.

        darker : factor on the ink, so that blurred thin strokes do not break. called : name of the
        images in the InklingError for a label without images.
        """
        numbers = [classes.index(label) for label in wanted if label in classes]
        keep = np.flatnonzero(np.isin(labels, numbers))
        pictures = np.ascontiguousarray(images[keep])
        if darker != 1:
            pictures = np.minimum(pictures * np.float32(darker), 255).astype(np.uint8)
        inked = pictures.max((1, 2), initial=0) > 127
        pictures, names = pictures[inked], labels[keep][inked]
        rows = {classes[number]: np.flatnonzero(names == number) for number in numbers}
        missing = [label for label in wanted if not len(rows.get(label, ()))]
        if missing:
            raise InklingError(
                f"{called} shows no {missing[0]!r}; composing needs every one of: "
                f"{' '.join(wanted)}."
            )
        measured = np.concatenate(
            [_traits(pictures[first : first + _BATCH]) for first in range(0, len(pictures), _BATCH)]
        )
        return Parts(pictures, rows, measured[:, 0], measured / np.maximum(measured.std(0), 1e-6))

    @property
    def side(self) -> int:
        """Height of the images, pixels."""
        return int(self.images.shape[1])

    def choose(self, text: str, generator: np.random.Generator, *, among: int = 8) -> list[int]:
        """An image (its row) for each character of `text`: of `among` random ones, the most similar
        to the first.

        Similarity is in pen and slant, and for a repeated character also in width: a writer who
        gives one I serifs does so again.
        """
        drawn = generator.random((len(text), among))
        chosen = [int(self._at(text[0], drawn[0, :1])[0])]
        for index, label in enumerate(text[1:], start=1):
            candidates = self._at(label, drawn[index])
            model, counts = (
                chosen[max(0, text.find(label, 0, index))],
                (1, 1, label in text[:index]),
            )
            unlike = ((self.traits[candidates] - self.traits[model]) ** 2) @ np.array(
                counts, np.float32
            )
            chosen.append(int(candidates[unlike.argmin()]))
        return chosen

    def ink(self, row: int) -> np.ndarray:
        """The ink [h, w] of an image."""
        return crop_ink(self.images[row])

    def _at(self, label: str, indices: np.ndarray) -> np.ndarray:
        rows = self.rows[label]
        return rows[(indices * len(rows)).astype(int)]


def pen_widths(images: np.ndarray) -> np.ndarray:
    """Pen width in images uint8 [N, H, W], pixels, float32 [N], from sums only: thousands per
    second.

    A stroke of length l and width w has the area A = lw, and an outline P = 2 (l + w), which is the
    total variation of the picture.
    """
    ink = images.astype(np.float32) / 255
    down, right = np.diff(ink, axis=1, append=0), np.diff(ink, axis=2, append=0)
    area, half = ink.sum((1, 2)), np.sqrt(down**2 + right**2).sum((1, 2)) / 2
    widths: np.ndarray = (half - np.sqrt(np.maximum(half**2 - 4 * area, 0))) / 2
    return widths


def _traits(images: np.ndarray) -> np.ndarray:
    """Pen, slant and horizontal spread of images uint8 [N, H, W], float32 [N, 3]; the last two from
    second moments.
    """
    ink = images.astype(np.float32) / 255
    rows, columns = (
        np.arange(ink.shape[1], dtype=np.float32),
        np.arange(ink.shape[2], dtype=np.float32),
    )
    by_row, by_column = ink.sum(2), ink.sum(1)
    mass = by_row.sum(1)
    y, x = by_row @ rows / mass, by_column @ columns / mass
    cross = np.einsum("nyx,y,x->n", ink, rows, columns, optimize=True) / mass - x * y
    tall, wide = by_row @ rows**2 / mass - y**2, by_column @ columns**2 / mass - x**2
    slant = -cross / np.maximum(tall, 0.5)  # a flat stroke has no meaningful slant
    return np.stack([pen_widths(images), slant, np.sqrt(np.maximum(wide, 0))], axis=1).astype(
        np.float32
    )

"""Hard examples: drawn digits that a recognizer misreads, collected for training."""

from dataclasses import asdict, dataclass, replace
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from core.datasets.export import Export, export
from core.errors import InklingError
from core.evaluation.robustness.probe import MINING_SEEDS, Probe, seed_of
from core.jobs.engine import HERE, Engine
from core.models.recognizer import Recognizer
from core.progress import Progress, ignore_progress
from core.synthesis.glyphs import GlyphSet
from core.synthesis.handwriting import DIGITS, Handwriting
from core.synthesis.writer import Writer

READABLE = 3.0
"""Radius, in units of the 28-unit grid, of the discs of jitter up to which a person reads most of
what a recognizer misreads.

Of 80,000 natural images with seed 1, those that `digits` misread were read correctly by another
reader (`characters`, restricted to digits): 68 % of 426 up to a jitter of 3, 48 % of 330 from there
to 4, 37 % of 599 from there to 5.
"""

MOST_JITTER = 5.0
"""Where the original's robustness sweep ends; a person can read little beyond that."""

MOST_LOOKED_AT, MOST_KEPT = 10_000_000, 100_000
"""Limits on images: mining ends at MOST_KEPT, `besides` included, which an untrained recognizer
soon reaches.
"""

UNSURE = 0.5
"""Images read correctly with less than this probability may be kept too."""

BLOCK, _BLOCKS = 100, 10
"""Images drawn at one jitter, ten of each digit, and blocks read at a time."""


@dataclass(frozen=True)
class Mining:
    """The settings that determine hard examples, and how many of the images examined were misread.
    jitter : the largest. handwriting_seed : reproduces the drawings. canonical : whether images
    went through the recognizer's canonical form.
    """

    mined_from: str
    glyphs: str
    jitter: float
    seed: int
    handwriting_seed: int
    canonical: bool
    unsure: bool
    besides: int
    looked_at: int
    misread: int


@dataclass(frozen=True, eq=False)
class Hard(Writer):
    """The images kept by mining.

    images : uint8 [N, size, size], as given to the recognizer. labels : N digits. answers : N class
    names they were read as. numbers : int64 [N], ascending. jitters : float64 [N].
    """

    images: np.ndarray
    labels: tuple[str, ...]
    answers: tuple[str, ...]
    numbers: np.ndarray
    jitters: np.ndarray
    mining: Mining

    @property
    def size(self) -> int:
        """Side of an image, pixels."""
        return self.images.shape[1]

    @property
    def classes(self) -> tuple[str, ...]:
        """All digits, whether or not they occur."""
        return DIGITS

    def facts(self) -> dict[str, Any]:
        """How they were mined, and the count of each digit."""
        by_digit = {digit: self.labels.count(digit) for digit in DIGITS if digit in self.labels}
        return {**asdict(self.mining), "by_digit": by_digit}

    def draw(self, start: int, count: int) -> tuple[np.ndarray, list[str]]:
        """Images and labels from `start`, at most `count`."""
        return self.images[start : start + count], list(self.labels[start : start + count])


def readable_jitter(glyphs: GlyphSet) -> float:
    """The jitter at which the discs of a set's most jittered digit have READABLE as their mean
    radius: 3 for natural, 1.5 for classic, whose 0, 2 and 3 are jittered twice as much as the
    rest."""
    factors = [
        float(
            np.mean([point.factor for point in variant.points.values() if not point.spread] or [0])
        )
        for digit in DIGITS
        for variant in glyphs.glyphs.get(digit, ())
    ]
    return min(MOST_JITTER, READABLE / max(0.1, *factors))


def mine(
    recognizer: Recognizer,
    glyphs: GlyphSet,
    *,
    count: int,
    jitter: float | None = None,
    seed: int = 0,
    unsure: bool = False,
    besides: int = 0,
    canonical: bool | None = None,
    engine: Engine = HERE,
    report: Progress = ignore_progress,
) -> Hard:
    """Draw `count` digits, each block of 100 at a jitter drawn from 0 to `jitter`, and keep the
    misread ones.

    jitter : units of the 28-unit grid, up to MOST_JITTER; None is `readable_jitter`. seed : 0 to
    2^32 - 1, never that of a sweep
    (see `core.evaluation.robustness.probe`). unsure : also keep images read correctly with a
    probability below UNSURE. besides : for each image kept, add up to so many others of its block
    at random: among failures alone, whatever looks like a 7 is a 1. report(images done) may raise
    to stop. Images without dark ink are not kept. InklingError for a setting that is out of range.
    """
    jitter = readable_jitter(glyphs) if jitter is None else jitter
    if not 0 <= jitter <= MOST_JITTER:
        raise InklingError(
            f"Hard examples are mined with a jitter from 0 to {MOST_JITTER:g}, so that a person "
            f"can read them, not {jitter}."
        )
    if not 1 <= count <= MOST_LOOKED_AT:
        raise InklingError(
            f"The number of images to look at is 1 to {MOST_LOOKED_AT:,}, not {count:,}."
        )
    if not 0 <= besides < BLOCK:
        raise InklingError(f"0 to {BLOCK - 1} others are kept with each image, not {besides}.")
    probe = Probe(recognizer, seed_of(seed, MINING_SEEDS), canonical)
    writing = probe.writing(Handwriting(glyphs))
    radii = np.random.default_rng(probe.seed).uniform(0, jitter, ceil(count / BLOCK))
    search = partial(_search, probe, writing, radii, count, unsure, besides)
    selected: list[_Example] = []
    done = 0
    for looked_at, found in engine.map(search, range(0, len(radii), _BLOCKS), here="serial"):
        selected += found
        done += looked_at
        report(done)
        if len(selected) >= MOST_KEPT:
            break
    selected = selected[:MOST_KEPT]
    size = recognizer.form.size
    return Hard(
        images=np.stack([image for image, *_ in selected])
        if selected
        else np.zeros((0, size, size), np.uint8),
        labels=tuple(label for _, label, *_ in selected),
        answers=tuple(answer for _, _, answer, *_ in selected),
        numbers=np.array([number for *_, number, _ in selected], np.int64),
        jitters=np.array([radius for *_, radius in selected]),
        mining=Mining(
            mined_from=recognizer.card.name,
            glyphs=glyphs.name,
            jitter=jitter,
            seed=seed,
            handwriting_seed=probe.seed,
            canonical=probe.through_form,
            unsure=unsure,
            besides=besides,
            looked_at=done,
            misread=sum(answer != label for _, label, answer, *_ in selected),
        ),
    )


_Example = tuple[np.ndarray, str, str, int, float]
"""Image, label, answer, number and jitter."""


def _search(
    probe: Probe,
    writing: Handwriting,
    radii: np.ndarray,
    count: int,
    unsure: bool,
    besides: int,
    start: int,
) -> tuple[int, list[_Example]]:
    """How many images the blocks from number `start` have, and those that are kept."""
    looked_at, selected = 0, list[_Example]()
    for block in range(start, min(start + _BLOCKS, len(radii))):
        hand = replace(writing.glyphs.hand, jitter=radii[block])
        number = block * BLOCK
        drawn = probe.read(replace(writing, hand=hand), number, min(BLOCK, count - number))
        wanted = ~drawn.prediction.right
        if unsure:
            wanted |= drawn.prediction.confidence < UNSURE
        inked = drawn.images.max((1, 2)) > 127
        wanted &= inked
        others = np.random.default_rng((probe.seed, block)).permutation(
            np.flatnonzero(inked & ~wanted)
        )
        wanted[others[: besides * np.count_nonzero(wanted)]] = True
        answers = drawn.prediction.labels()
        selected += [
            (
                drawn.images[row].copy(),
                drawn.labels[row],
                answers[row],
                number + int(row),
                float(radii[block]),
            )
            for row in np.flatnonzero(wanted)
        ]
        looked_at += len(drawn.labels)
    return looked_at, selected


def save_hard(hard: Hard, path: Path) -> Path:
    """Write `images` and `labels` (class names) as PATH.npz and the facts as PATH.json; returns the
    path of the images.

    The same examples give the same bytes. InklingError if there are none, or no disk space.
    """
    if not hard.labels:
        raise InklingError(
            f"All of the {hard.mining.looked_at:,} images were read correctly; raise the jitter or "
            "the number of images."
        )
    return export(Export(hard, len(hard.labels)), path, "npz")

"""A data set of Roman numerals for the challenge, built from all that there is: photographs that
were looked through, flipped and edited, and numerals composed of letters.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path

import numpy as np

from core.curation.collection import open_collection
from core.curation.curated import curated
from core.curation.decisions import REMOVE, decided, read_log
from core.curation.duplicates import find_duplicates
from core.curation.manifest import MANIFEST, Line, checked, write_manifest
from core.datasets.competition import BUDGET, NAME
from core.datasets.digest import digest_of_picture
from core.datasets.letter_sources import open_letters
from core.errors import InklingError
from core.files import whole_folder
from core.ink.encode import negative, png
from core.jobs.engine import HERE
from core.progress import Progress, ignore_progress
from core.settings import ASSETS, Settings
from core.synthesis.compose.compositions import Compositions
from core.synthesis.compose.edits import KINDS, edits
from core.synthesis.compose.letters import Letters
from core.synthesis.compose.recipe import PRESETS
from core.synthesis.compose.roman import NUMERALS
from core.synthesis.effects.ink import quantise
from core.synthesis.effects.table import apply_effects, parse_effects

DECISIONS = ASSETS / "curation" / f"{NAME}.jsonl"
"""What was decided, by eye, on the competition's pictures."""

_VALIDATION = 0.2
"""Share of the photographs that choose the epoch; nothing made from them is trained on."""

_VARIED = parse_effects(
    "rotation=10,shear=10,stretch=0.15,zoom=0.3,shift=3,thickness=0.5,elastic=0.6"
)
"""How a photograph, or what an edit made of one, is written once more."""

_BLACK = 0.52
"""Share of the compositions in black ink, as of the photographs in train; the others are grey."""

_TRIES = 20
"""A photograph that no variation leaves whole is not varied."""

_PHOTOGRAPH = "photograph"

_BATCH = 64
"""Compositions made at a time by one process."""


@dataclass(frozen=True)
class Made:
    """A picture of the set: ink uint8 [H, W], its numeral and its part, and how it came about.

    source : `NAME` of the competition, or the source of the letters. picture : the photograph, or a
    number. was : the label of the photograph's folder. action : what was done.
    """

    ink: np.ndarray
    label: str
    part: str
    source: str
    picture: str
    was: str
    action: str = _PHOTOGRAPH

    def line(self, file: str) -> Line:
        """In the manifest."""
        digest = digest_of_picture(negative(self.ink))
        return Line(
            file=file,
            picture=self.picture,
            part=self.part,
            label=self.label,
            was=self.was,
            action=self.action,
            why="",
            at="",
            digest=digest,
            source=self.source,
        )


SHARES = {"varied": 0.6, "unipen": 0.24, "chars74k": 0.06, "emnist": 0.04, "natural": 0.06}
"""Of what fills the set once photographs, flips and edits are in it."""

PARTS = ("cleaning", "quantising", *KINDS, *SHARES)
"""What can be left out."""


def build_roman(
    settings: Settings,
    out: Path,
    *,
    seed: int = 0,
    count: int = BUDGET,
    without: Sequence[str] = (),
    report: Progress = ignore_progress,
) -> Counter[str]:
    """Write the set as folders `out`/train/i ... and `out`/val/i ..., and what each picture is as
    `out`/manifest.csv; returns how many came about in which way.

    At most `count` pictures, as many of each numeral as there are of the others. No picture of the
    competition's val is in it, nor another version of one. without : some of PARTS. The same seed
    makes the same bytes. InklingError if the photographs or the letters are not on this machine.
    """
    if unknown := set(without) - set(PARTS):
        raise InklingError(f"There is no part {unknown.pop()!r}; there are {', '.join(PARTS)}.")
    if not 100 <= count <= BUDGET:
        raise InklingError(f"The set has 100 to {BUDGET:,} pictures, not {count:,}.")
    generator = np.random.default_rng(seed)
    given = photographs(settings, "train", clean="cleaning" not in without)
    order = generator.permutation(len(given))
    held = set(order[: round(_VALIDATION * len(order))].tolist())
    made = [
        Made(
            negative(image),
            line.label,
            "val" if number in held else "train",
            NAME,
            line.picture,
            line.was,
        )
        for number, (line, image) in enumerate(given)
    ]
    own = [one for one in made if one.part == "train"]
    kinds = [kind for kind in KINDS if kind not in without]
    made += [
        replace(one, ink=edited.ink, label=edited.label, action=edited.done)
        for one in own
        for edited in edits(one.ink, one.label, kinds)
    ]
    made = _at_most(made, count // len(NUMERALS), generator)
    missing = {
        numeral: count // len(NUMERALS) - sum(one.label == numeral for one in made)
        for numeral in NUMERALS
    }
    parts = {name: share for name, share in SHARES.items() if name not in without}
    lines: list[Line] = []
    with whole_folder(out) as folder:
        for one in chain(made, _filled(made, missing, parts, settings, seed)):
            file = Path(one.part) / one.label / f"{len(lines) + 1:05d}.png"
            if "quantising" not in without:
                one = replace(one, ink=quantise(one.ink))
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(png(negative(one.ink)))
            lines.append(one.line(file.as_posix()))
            report(len(lines), count)
        write_manifest(folder / MANIFEST, lines)
    return Counter(line.action for line in lines)


def photographs(settings: Settings, part: str, *, clean: bool) -> list[tuple[Line, np.ndarray]]:
    """The competition's photographs in `part`, "train" or "val", grey uint8 [H, W], each with its
    line in a manifest: without any that stand in the other part too; `clean`: without copies, and
    as `DECISIONS` has them.
    """
    root = settings.data / NAME
    if not (root / part).is_dir():
        raise InklingError(
            f"The competition's pictures are not in {root}; put its folders train and val there "
            "(nothing here downloads them)."
        )
    now = curated(
        open_collection(str(root), settings), decided(read_log(DECISIONS)) if clean else {}
    )
    found = [(line, seen.image) for line, seen in checked(now) if seen.image is not None]
    inside = [line.picture.startswith(f"{part}/") for line, _ in found]
    copies: set[int] = set()
    duplicates = find_duplicates(image for _, image in found)
    for group in (*duplicates.exact, *duplicates.near):
        in_both = len({inside[number] for number in group}) > 1
        copies |= set(group if in_both else group[1:] if clean else ())
    return [
        one
        for number, one in enumerate(found)
        if inside[number] and number not in copies and one[0].action != REMOVE
    ]


def _at_most(made: Sequence[Made], most: int, generator: np.random.Generator) -> list[Made]:
    """So many of each numeral: photographs before what was made of them."""
    kept: list[Made] = []
    for numeral in NUMERALS:
        some = [one for one in made if one.label == numeral]
        changed = generator.random(len(some)) + [one.action != _PHOTOGRAPH for one in some]
        kept += [some[number] for number in sorted(np.argsort(changed)[:most])]
    return kept


def _filled(
    made: Sequence[Made],
    missing: dict[str, int],
    shares: dict[str, float],
    settings: Settings,
    seed: int,
) -> Iterator[Made]:
    """As many of each numeral as are missing, in the shares that the parts have."""
    ends = np.cumsum([0.0, *shares.values()]) / sum(shares.values())
    for index, name in enumerate(shares):
        wanted = {
            label: round(count * ends[index + 1]) - round(count * ends[index])
            for label, count in missing.items()
        }
        if name == "varied":
            yield from _varied([one for one in made if one.part == "train"], wanted, seed)
            continue
        open_letters(name, settings)  # says at once what is missing
        tasks = [
            (label, number, preset)
            for label, count in wanted.items()
            for number in range(count)
            for preset in ["black" if number < _BLACK * count else "grey"]
        ]
        batches = [tasks[start : start + _BATCH] for start in range(0, len(tasks), _BATCH)]
        compose = partial(_composed, name, settings, seed + index)
        yield from chain.from_iterable(HERE.map(compose, batches, here="processes"))


@lru_cache(maxsize=1)
def _letters(name: str, settings: Settings) -> Letters:
    """Opened once by each process."""
    return open_letters(name, settings)


def _composed(
    name: str, settings: Settings, seed: int, tasks: Sequence[tuple[str, int, str]]
) -> list[Made]:
    letters, made = _letters(name, settings), []
    compositions = {
        preset: Compositions(
            letters=letters, recipe=PRESETS[f"competition-{preset}"], seed=seed, called=name
        )
        for preset in ("black", "grey")
    }
    for label, number, preset in tasks:
        row = NUMERALS.index(label) + len(NUMERALS) * number
        ink = compositions[preset].picture(row)
        made.append(Made(ink, label, "train", name, str(row), label, f"composed, {preset}"))
    return made


def _varied(made: Sequence[Made], wanted: dict[str, int], seed: int) -> Iterator[Made]:
    for label, count in wanted.items():
        some = [one for one in made if one.label == label and not _at_edge(one.ink)]
        for number in range(count if some else 0):
            generator = np.random.default_rng((seed, NUMERALS.index(label), number))
            one = some[number % len(some)]
            for _ in range(_TRIES):
                ink, _label = apply_effects(one.ink, "", _VARIED, generator)
                if not _at_edge(ink):
                    yield replace(one, ink=ink, action=f"{one.action}, varied")
                    break


def _at_edge(ink: np.ndarray) -> bool:
    """Whether ink lies at the border of a picture: part of a numeral may be cut off, which would
    then be another one.
    """
    border = np.concatenate(
        [ink[:2].ravel(), ink[-2:].ravel(), ink[:, :2].ravel(), ink[:, -2:].ravel()]
    )
    return bool((border > 127).any())

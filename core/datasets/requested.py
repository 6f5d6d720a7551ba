"""Handwriting as data sets whose names say, in the words of `synth`, how they are drawn:
`synthetic?glyphs=classic&seed=5&hand=jitter=2&effects=blur=1&count=10000`.
"""

import json
import shlex
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode

from core.datasets.dataset import Dataset
from core.datasets.export import Export, export
from core.datasets.idx import pair_paths, read_pair
from core.datasets.synthetic import FORM
from core.errors import InklingError
from core.ink.forms import FORMS
from core.progress import Progress, ignore_progress, part_of_progress
from core.settings import Settings
from core.synthesis.glyph_file import find_glyphs
from core.synthesis.handwriting import Handwriting
from core.synthesis.request import Request

PREFIX = "synthetic?"
COUNT, MOST = 10_000, 2_000_000
"""Training images of a set unless its name says another number, and most of them."""

_TEST = 6
"""The test images are drawn after those for training, one for every so many, as MNIST has."""

_SINGLE = {f.name for f in fields(Request) if isinstance(f.default, str | int)}
_SINGLE |= {"jitter", "count"}
_WORDS = (*(f.name for f in fields(Request)), "jitter", "count")


@dataclass(frozen=True)
class Requested:
    """Images 0 to `count` of a request for training, and those after them for testing."""

    request: Request
    count: int = COUNT

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST:
            raise InklingError(
                f"The number of images (count) is 1 to {MOST:,}, not {self.count:,}."
            )
        self.request.handwriting()  # raises if it cannot be written

    @staticmethod
    def parse(name: str) -> "Requested":
        """Inverse of `name`; InklingError for a word that `synth` does not have, for one that is
        there twice, or for what cannot be written.
        """
        try:
            pairs = parse_qsl(
                name.removeprefix(PREFIX), keep_blank_values=True, strict_parsing=True
            )
            keys = [key for key, _ in pairs]
            for key in keys:
                if key not in _WORDS or (key in _SINGLE and keys.count(key) > 1):
                    raise ValueError(f"{key!r} is unknown or there twice")
            count = next((int(value) for key, value in pairs if key == "count"), COUNT)
            request = Request.parse([f"--{key}={value}" for key, value in pairs if key != "count"])
        except ValueError as error:
            raise InklingError(
                f"{name!r} does not describe handwriting ({error}); write {PREFIX}KEY=VALUE&… with "
                f"the options of synth: {', '.join(_WORDS)}."
            ) from error
        return Requested(request, count)

    @property
    def name(self) -> str:
        """The name of the data set. It has neither the signs that join sets to a mixture nor that
        before a split.
        """
        pairs: list[tuple[str, object]] = []
        for f in fields(Request):
            value = getattr(self.request, f.name)
            if value != f.default or f.name in ("glyphs", "seed"):
                pairs += [
                    (f.name, item) for item in (value if isinstance(value, tuple) else [value])
                ]
        return PREFIX + urlencode([*pairs, ("count", self.count)], safe=",=/", quote_via=quote)

    @property
    def title(self) -> str:
        """What distinguishes it, for people."""
        request = self.request
        glyphs = "" if request.glyphs == Path(request.glyphs).name else "own "
        parts = [f"{glyphs}{Path(request.glyphs).stem}", request.digits, f"seed {request.seed}"]
        changed = [*request.hand, *request.odds, *request.moves, *request.effects.split(",")]
        return f"Synthesised: {', '.join([*parts, *filter(None, changed)])}"

    @property
    def classes(self) -> tuple[str, ...]:
        """All digits if only digits are written, otherwise the characters, with those that flips
        make of them.
        """
        return self.request.handwriting().classes

    @property
    def form(self) -> str:
        """The glyphs are drawn in the frame of MNIST; "" if at another size."""
        return FORM if self.request.size == FORMS[FORM].size else ""

    def make(self, root: Path, report: Progress = ignore_progress) -> None:
        """Draw the images into `root`/synthetic, where a stopped drawing goes on; report(images
        done, images in all).
        """
        total = self.count + self._tested
        export(
            Export(self.request.handwriting(), total),
            self._stem(root),
            "idx",
            part_of_progress(report, start=0, total=total),
        )

    def open(self, settings: Settings, split: str) -> Dataset:
        """The images exactly as Synthesise and `synth` draw them; InklingError if they have not
        been made.
        """
        stem = self._stem(settings.data)
        if not all(path.exists() for path in pair_paths(stem)):
            raise InklingError(
                f"These images are not drawn yet ({self.title}); make them.",
                command=f"data download {shlex.quote(self.name)}",
            )
        images, labels = read_pair(stem)
        rows = slice(0, self.count) if split == "train" else slice(self.count, None)
        return Dataset(
            name=f"{self.name}:{split}",
            title=f"{self.title}, {split}",
            images=images[rows],
            labels=labels[rows],
            classes=self.classes,
            form=self.form,
            source=f"{self.title}, {len(images[rows]):,} images that nobody wrote",
        )

    @property
    def _tested(self) -> int:
        return max(1, self.count // _TEST)

    def _stem(self, root: Path) -> Path:
        """By what determines the images: a glyph set that has changed since is another one."""
        return root / "synthetic" / f"requested-{_digest(self.request.handwriting(), self.count)}"


def check_glyphs(name: str, settings: Settings) -> None:
    """Before `Requested.parse` opens the glyph set that a name asks for: InklingError if it is
    neither shipped nor one's own.
    """
    for key, value in parse_qsl(name.removeprefix(PREFIX), keep_blank_values=True):
        if key == "glyphs" and value not in find_glyphs(settings).values():
            raise InklingError(f"There is no glyph set {value!r} here; choose other data.")


def _digest(writing: Handwriting, count: int) -> str:
    facts = json.dumps({**writing.facts(), "count": count}, sort_keys=True)
    return sha256(facts.encode()).hexdigest()[:16]

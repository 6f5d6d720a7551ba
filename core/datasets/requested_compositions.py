"""Compositions as data sets whose names say, in the words of `compose`, how they are made:
`composed?kind=roman&letters=unipen&preset=competition-black&set=box=1&count=10000`.
"""

import json
import shlex
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode

from core.datasets.dataset import Dataset
from core.datasets.export import Export, export
from core.datasets.idx import pair_paths, read_pair
from core.datasets.letter_sources import open_compositions, source_of
from core.errors import InklingError
from core.progress import Progress, ignore_progress, part_of_progress
from core.settings import Settings
from core.synthesis.compose.request import ComposeRequest

PREFIX = "composed?"
COUNT, MOST = 10_000, 500_000
"""Training images of a set unless its name says another number, and most of them."""

_PARTS = {"train": 1, "test": 6}
"""Parts, and for how many training images each has one."""


@dataclass(frozen=True)
class RequestedCompositions:
    """Training images of a request; those for testing are of the part `test` of its source, by
    other writers where writers are known.
    """

    request: ComposeRequest
    count: int = COUNT

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST:
            raise InklingError(
                f"The number of images (count) is 1 to {MOST:,}, not {self.count:,}."
            )
        # raise for what cannot be
        source_of(self.request.letters)
        if not (self.request.labels and self.request.recipe):
            raise InklingError("Nothing is asked for.")

    @staticmethod
    def parse(name: str) -> "RequestedCompositions":
        """Inverse of `name`; InklingError for a word that `compose` does not have, or for what
        cannot be made.
        """
        try:
            pairs = parse_qsl(
                name.removeprefix(PREFIX), keep_blank_values=True, strict_parsing=True
            )
            count = next((int(value) for key, value in pairs if key == "count"), COUNT)
            request = ComposeRequest.parse([pair for pair in pairs if pair[0] != "count"])
        except ValueError as error:
            raise InklingError(
                f"{name!r} does not describe compositions ({error}); write {PREFIX}KEY=VALUE&… "
                "with the options of compose."
            ) from error
        return RequestedCompositions(request, count)

    @property
    def name(self) -> str:
        """The name of the data set."""
        pairs = [*self.request.pairs, ("count", f"{self.count}")]
        return PREFIX + urlencode(pairs, safe=",=", quote_via=quote)

    @property
    def title(self) -> str:
        """What distinguishes it, for people."""
        request = self.request
        source = source_of(request.letters).title
        parts = [request.texts or request.kind, source, request.recipe.title, *request.set]
        return f"Composed: {', '.join([*parts, f'seed {request.seed}'])}"

    @property
    def classes(self) -> tuple[str, ...]:
        """The numerals or numbers."""
        return self.request.labels

    @property
    def form(self) -> str:
        """The canonical form that the recipe frames in, "" for sheets and other sizes."""
        recipe = self.request.recipe
        return recipe.form if not recipe.size else ""

    def make(self, root: Path, report: Progress = ignore_progress) -> None:
        """Compose the images into `root`/composed, where a stopped export goes on; report(images
        done, images in all).
        """
        settings = replace(Settings.from_environment(), data=root)
        counts = self._counts
        before, total = 0, sum(counts.values())
        for part, count in counts.items():
            source = self.request.letters.partition(":")[0]
            request = replace(self.request, letters=f"{source}:{part}")
            made = open_compositions(request, settings)
            export(
                Export(made, count, facts={"letters": request.letters}),
                self._stem(root, part),
                "idx",
                part_of_progress(report, start=before, total=total),
            )
            before += count

    def open(self, settings: Settings, split: str) -> Dataset:
        """One part; InklingError if it has not been made."""
        stem = self._stem(settings.data, split)
        if not all(path.exists() for path in pair_paths(stem)):
            raise InklingError(
                f"These images are not composed yet ({self.title}); make them.",
                command=f"data download {shlex.quote(self.name)}",
            )
        images, labels = read_pair(stem)
        about = source_of(self.request.letters).about
        return Dataset(
            name=f"{self.name}:{split}",
            title=f"{self.title}, {split}",
            images=images,
            labels=labels,
            classes=self.classes,
            form=self.form,
            source=f"{self.title}, {len(images):,} images joined from {about}",
        )

    @property
    def _counts(self) -> dict[str, int]:
        return {part: max(1, self.count // every) for part, every in _PARTS.items()}

    def _stem(self, root: Path, part: str) -> Path:
        """By what determines the images."""
        recipe = self.request.recipe
        facts = {**vars(self.request), "amounts": dict(recipe.amounts), "count": self.count}
        digest = sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
        return root / "composed" / f"requested-{digest}-{part}"

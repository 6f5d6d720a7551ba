"""What the views use: recognizers that read digits, and the glyphs to test them on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.jobs.job import Job
from core.models.cards import Card
from core.settings import Settings
from core.synthesis.glyph_file import glyph_path


@dataclass(frozen=True)
class Source:
    """cards, weights : of each recognizer by its name. glyphs : name of a set. seed : of the
    drawings.
    """

    settings: Settings
    cards: Mapping[str, Card]
    weights: Mapping[str, Path]
    glyphs: str
    seed: int

    def job(self, model: str, arguments: Sequence[str]) -> Job:
        """`python -m core ARGUMENTS` on one of the recognizers: a new job when its weights or the
        glyphs change.
        """
        inputs = [self.weights[model], glyph_path(self.glyphs)]
        return Job.of(arguments, self.settings, inputs=inputs)

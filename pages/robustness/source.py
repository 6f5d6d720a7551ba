"""What the views use: recognizers that read the characters, and the handwriting to test them on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.jobs.job import Job
from core.models.cards import Card
from core.settings import Settings
from core.synthesis.glyph_file import glyph_path
from core.synthesis.request import Request


@dataclass(frozen=True)
class Source:
    """cards, weights : of each recognizer by its name. request : the handwriting before anything is
    varied.
    """

    settings: Settings
    cards: Mapping[str, Card]
    weights: Mapping[str, Path]
    request: Request

    def job(self, model: str, arguments: Sequence[str]) -> Job:
        """`python -m core ARGUMENTS` on one of the recognizers: a new job when its weights or the
        glyphs change.
        """
        inputs = [self.weights[model], glyph_path(self.request.glyphs)]
        return Job.of(arguments, self.settings, inputs=inputs)

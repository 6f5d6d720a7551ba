"""Fine-tune a copy of a recognizer on drawings, and measure it before and after."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from core.datasets.catalogue import find_entries, is_here, open_dataset
from core.datasets.dataset import Dataset
from core.datasets.labels import class_index
from core.datasets.marks import marks_of, with_marks
from core.datasets.own_hand import glyphs_of
from core.errors import InklingError
from core.evaluation.publish import check_name, hardware, save_recognizer
from core.intervals import Measured
from core.models.cards import Card, is_shipped
from core.models.recognizer import Recognizer, load_recognizer
from core.progress import Progress, ignore_progress
from core.settings import Settings
from core.synthesis.glyph_file import load_glyphs, named_glyphs
from core.synthesis.glyphs import GlyphSet
from core.synthesis.own_glyphs import OWN
from core.training.data import split_rows
from core.training.fine_tune import HAND, USUAL, FineTuning, fine_tune
from core.training.recipe import Recipe

HELD_OUT = 1000
"""Drawings of each class that are held out, at most; never more than a fifth of the class."""


@dataclass(frozen=True)
class Comparison:
    """What a recognizer reads before and after, on the same images; right : their numbers."""

    data: str
    n: int
    right_before: int
    right_after: int

    @property
    def before(self) -> Measured:
        return Measured.of(self.right_before, self.n, self.data)

    @property
    def after(self) -> Measured:
        return Measured.of(self.right_after, self.n, self.data)


@dataclass(frozen=True)
class FineTuned:
    """The recognizer `save_as`, made of `model`, and both their figures.

    drawings : how many it learnt from. new_classes : those that `model` does not have. replay :
    what it was reminded of, "" for drawn characters alone.
    learnt : on the drawings that it learnt from, which flatters. held_out, test : on the drawings
    held out, and on the old test set; None where there are none.
    seconds : without the measurements.
    """

    model: str
    save_as: str
    drawings: int
    new_classes: tuple[str, ...]
    replay: str
    learnt: Comparison
    held_out: Comparison | None
    test: Comparison | None
    seconds: float
    hardware: str

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "FineTuned":
        """What `to_json` gave."""
        compared = {
            name: Comparison(**values[name]) if values[name] else None
            for name in ("learnt", "held_out", "test")
        }
        return FineTuned(**{**values, **compared, "new_classes": tuple(values["new_classes"])})

    def to_json(self) -> dict[str, Any]:
        """As `fine-tune --json` prints it."""
        return asdict(self)


def fine_tune_on(
    model: str,
    settings: Settings,
    *,
    data: str,
    save_as: str,
    title: str = "",
    replay: str = "",
    test: str = "",
    glyphs: str = "",
    plan: FineTuning | None = None,
    report: Progress = ignore_progress,
) -> FineTuned:
    """Fine-tune a copy of `model` on the drawings in `data`, make it the recognizer `save_as`, and
    measure both.

    replay : images of the classes of `model` that it is reminded of, of which it learns those that
    are marked on *Evaluate*; "" is a set of them on this machine, else drawn characters. test : ""
    is the test part of that set. glyphs : a set by its name, whose characters it learns too; `OWN`
    is made of the drawings themselves, "" is none. A fifth of the drawings of each class is held
    out, none where there are fewer than five. plan : HAND with a glyph set and else USUAL, if
    omitted. report : batches done.
    """
    plan = plan or (HAND if glyphs else USUAL)
    check_name(save_as)
    if save_as == model or is_shipped(save_as):
        raise InklingError(f"{save_as} would be replaced by a copy; choose another name.")
    before = load_recognizer(model, settings)
    drawings = _in_form(
        open_dataset(data, settings, classes=before.card.classes, form=before.form), before.card
    )
    replay = replay or _usual_replay(before.card, settings)
    beside, marked = _beside(replay, before.card, settings) if replay else (None, ())
    rows = split_rows(drawings.labels, Recipe(validation_per_class=HELD_OUT, seed=plan.seed))
    learnt, held_out = drawings.take(rows.train), drawings.take(rows.validation)

    started = time.perf_counter()
    hand = _hand(glyphs, learnt, settings) if glyphs else None
    after = fine_tune(before, learnt, beside, plan, glyphs=hand, marked=marked, report=report)
    seconds = time.perf_counter() - started

    new = after.card.classes[len(before.card.classes) :]
    added = f"with the new classes {', '.join(new)}" if new else "of the same classes"
    card = replace(
        after.card,
        name=save_as,
        title=title or f"{before.card.title}, fine-tuned",
        data=f"{before.card.data}; fine-tuned on {len(learnt):,} of {drawings.title}, {added}",
        recipe={**before.card.recipe, "start": model},
        seed=plan.seed,
        epoch=plan.epochs,
        minutes=round(seconds / 60, 1),
        hardware=hardware(),
    )
    save_recognizer(settings.models, card, after.network.state_dict())
    after = replace(after, card=card)
    test = test or _usual_test(replay, settings)
    return FineTuned(
        model=model,
        save_as=save_as,
        drawings=len(learnt),
        new_classes=new,
        replay=beside.title if beside else "",
        learnt=_compare(before, after, learnt),
        held_out=_compare(before, after, held_out) if len(held_out) else None,
        test=_compare(before, after, open_dataset(test, settings)) if test else None,
        seconds=round(seconds, 1),
        hardware=hardware(),
    )


def _hand(name: str, learnt: Dataset, settings: Settings) -> GlyphSet:
    """A glyph set by its name; `OWN` is that of drawings, of which none held out is in it."""
    return glyphs_of(learnt, OWN) if name == OWN else load_glyphs(named_glyphs(name, settings))


def _beside(replay: str, card: Card, settings: Settings) -> tuple[Dataset, np.ndarray]:
    """The replayed set as the marks say it is, and which of its rows are marked."""
    dataset = _in_form(open_dataset(replay, settings, classes=card.classes), card)
    return with_marks(dataset, marks_of(settings, dataset))


def _in_form(dataset: Dataset, card: Card) -> Dataset:
    """The data set; InklingError if it is not in the form that a recognizer reads."""
    if dataset.form != card.form:
        raise InklingError(
            f"{dataset.title} is not in the form {card.form!r} of {card.name}; give another set."
        )
    return dataset


def _compare(before: Recognizer, after: Recognizer, images: Dataset) -> Comparison:
    return Comparison(
        images.title, len(images), count_right(before, images), count_right(after, images)
    )


def count_right(recognizer: Recognizer, images: Dataset) -> int:
    """How many images, in the form of the recognizer, it reads right."""
    indices = [class_index(name, recognizer.card.classes) for name in images.classes]
    # of a class that it does not have, no answer is right
    known = np.array([-1 if index is None else index for index in indices])
    answers = recognizer.predict(np.asarray(images.images)).answers
    return int((answers == known[images.labels]).sum())


def _usual_replay(card: Card, settings: Settings) -> str:
    """The set on this machine with the most of a recognizer's classes, and no others, in its form;
    "" if there is none.
    """
    fitting = [
        entry
        for entry in find_entries(settings).values()
        if entry.form == card.form and set(entry.classes) <= set(card.classes) and not entry.drawn
    ]
    most_first = sorted(fitting, key=lambda entry: -len(entry.classes))
    return next((entry.name for entry in most_first if is_here(entry, settings)), "")


def _usual_test(replay: str, settings: Settings) -> str:
    """The test part of a set, "" if it has none."""
    name = replay.partition(":")[0]
    entry = find_entries(settings).get(name)
    return f"{name}:test" if entry and "test" in entry.splits else ""

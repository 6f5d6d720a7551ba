"""Fine-tune a copy of a recognizer on a few drawings, with other images beside them so that it
forgets next to nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from core.datasets.dataset import Dataset
from core.datasets.labels import class_index, to_indices
from core.datasets.synthetic import characters_of
from core.errors import InklingError
from core.models.cards import Card
from core.models.network import count_parameters
from core.models.recognizer import Recognizer
from core.models.registry import architecture
from core.progress import Progress, ignore_progress
from core.synthesis.characters import synthetic_characters
from core.synthesis.drawing import draw_inputs, pieces_of
from core.synthesis.effects.table import STROKE_EFFECTS, parse_effects
from core.synthesis.glyphs import GlyphSet
from core.synthesis.negatives import negative_inputs
from core.synthesis.own_glyphs import write_variants
from core.training.data import MARKED
from core.training.loop import NONE, Batches, learner_of, train_epochs
from core.training.mixture import mix
from core.training.recipe import Recipe, recipe_of

STROKES = "elastic=1.2,shear=12,rotation=9,stretch=0.12,sampling=0.1,jitter=0.012"
"""How drawings are varied where the card's recipe does not say it."""


@dataclass(frozen=True)
class FineTuning:
    """How a copy is fine-tuned.

    epochs, learning_rate, seed : of the recipe of the card, which is used otherwise.
    replay : images of the old classes beside the drawings. copies : of all drawings together, each
    another variation of its strokes; half of them are what a glyph set writes, where one is given.
    share : of the fine-tuned weights in the result, the rest are the old ones: between the two lies
    a network that reads the new as well as the first and the old as well as the second (Wortsman et
    al., CVPR 2022). New classes are taken over whole.
    """

    epochs: int = 1
    learning_rate: float = 0.02
    replay: int = 6000
    copies: int = 3000
    share: float = 0.7
    seed: int = 0


USUAL = FineTuning()
HAND = FineTuning(copies=1500, replay=9000)
"""With a glyph set: fewer copies and more old images, so that less is forgotten."""


def classes_with(card: Card, drawings: Dataset) -> tuple[str, ...]:
    """The classes of the card, then those of the drawings that it has none for."""
    new = [name for name in drawings.classes if class_index(name, card.classes) is None]
    return (*card.classes, *new)


def fine_tune(
    recognizer: Recognizer,
    drawings: Dataset,
    replay: Dataset | None,
    plan: FineTuning,
    *,
    glyphs: GlyphSet | None = None,
    marked: Sequence[int] | np.ndarray = (),
    report: Progress = ignore_progress,
) -> Recognizer:
    """A copy that has learnt the drawings, and their new classes, too; its card has no figures.

    drawings, replay : in the form of the recognizer. replay : images of its classes; without them
    it is reminded by drawn characters alone. glyphs : a set whose characters, of the drawings'
    classes, it learns too: the hand that made the drawings. marked : rows of `replay` to be learnt
    too. report : batches done. InklingError if it cannot learn more.
    """
    card = recognizer.card
    if architecture(card.architecture).fit is not None:
        raise InklingError(
            f"{card.name} is fitted in one go and cannot learn more; choose a network."
        )
    recipe = replace(
        recipe_of(card),
        epochs=plan.epochs,
        learning_rate=plan.learning_rate,
        warmup=0.1,
        redrawn=0.0,
        effects="",
        mixup=0.0,
        sampling_power=1.0,
        seed=plan.seed,
    )
    classes = classes_with(card, drawings)
    images, labels = _images(
        recognizer, drawings, replay, np.array(marked, np.int64), recipe, plan, classes, glyphs
    )
    recipe = recipe.for_images(len(images))
    torch.manual_seed(plan.seed)
    network: nn.Module = architecture(card.architecture).build(
        len(classes), **recipe.hyperparameters
    )
    before = recognizer.network.state_dict()
    network.load_state_dict(_widened(before, network))
    learner = learner_of(network, recipe)
    sources = torch.from_numpy(np.stack([images, images], 1))
    batches = Batches(sources, torch.from_numpy(labels), classes, recipe)
    for _ in train_epochs(learner, batches, recipe, report=report):
        pass
    after = {name: tensor.cpu() for name, tensor in learner.average.module.state_dict().items()}
    network = network.cpu().eval().requires_grad_(False)
    network.load_state_dict(between(before, after, plan.share))
    parameters = count_parameters(network)
    changed = replace(card, classes=classes, parameters=parameters, validation=None, test=None)
    return Recognizer(network, recognizer.form, changed)


def _images(
    recognizer: Recognizer,
    drawings: Dataset,
    replay: Dataset | None,
    marked: np.ndarray,
    recipe: Recipe,
    plan: FineTuning,
    classes: tuple[str, ...],
    glyphs: GlyphSet | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [N, size, size] and class indices int64 [N]: the drawings, then the rest."""
    written = plan.copies // 2 if glyphs is not None else 0
    copies = max(1, (plan.copies - written) // len(drawings))
    effects = parse_effects(recipe.strokes or STROKES, STROKE_EFFECTS)
    drawn, labels = mix([(copies, drawings)], classes, seed=plan.seed, effects=effects)
    parts = [(drawn, labels)]
    if glyphs is not None:
        variants = write_variants(glyphs, written, seed=plan.seed, only=drawings.classes)
        pieces = pieces_of(variants, np.arange(len(variants)))
        images = draw_inputs(pieces, recognizer.form, effects=effects, seed=plan.seed + 1)
        parts.append((images, to_indices(list(variants.labels), classes)))
    if replay is not None:
        rows = np.random.default_rng(plan.seed).permutation(len(replay))[: plan.replay]
        rows = np.sort(np.concatenate([rows, np.repeat(marked, MARKED)]))
        old = to_indices(replay.classes, classes)[replay.labels[rows]]
        parts.append((np.asarray(replay.images[rows]), old))
    known = characters_of(recognizer.card.classes)
    if known and (recipe.synthetic or replay is None):
        per_class = max(1, plan.replay // (len(known) * (6 if replay is not None else 1)))
        images, names = synthetic_characters(
            recognizer.form, per_class=per_class, seed=plan.seed, classes=known
        )
        parts.append((images, to_indices(names, classes)))
    if recipe.negatives:
        images = negative_inputs(
            plan.replay // 12, recognizer.form, seed=plan.seed, classes=classes
        )
        parts.append((images, np.full(len(images), NONE)))
    return np.concatenate([each for each, _ in parts]), np.concatenate([each for _, each in parts])


def _widened(given: Mapping[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """A network's state with the weights of another, whose classes are its first ones."""
    state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    for name, tensor in given.items():
        own = state[name]
        if own.ndim:
            own[: len(tensor)] = tensor
        else:
            state[name] = tensor
    return state


def between(
    before: Mapping[str, Tensor], after: Mapping[str, Tensor], share: float
) -> dict[str, Tensor]:
    """Weights at a `share` of the way from one state to another; rows of new classes are the
    latter's.
    """
    result = dict(after)
    for name, old in before.items():
        if old.is_floating_point():
            new = after[name].clone()
            new[: len(old)] = torch.lerp(old, new[: len(old)], share)
            result[name] = new
    return result

"""All settings of a training run, frozen, with `key=value` overrides from the command line."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from math import isfinite, sqrt
from typing import Any

from core.errors import InklingError
from core.models.cards import Card
from core.models.registry import architecture
from core.synthesis.effects.table import EFFECTS, STROKE_EFFECTS, parse_effects

OPTIMIZERS = ("sgd", "adam", "adamw", "adamax", "adadelta")
SCHEDULES = ("one-cycle", "cosine", "constant")
PRECISIONS = ("float32", "bfloat16")
MARKS = ("ignored", "applied")
AUGMENTATION = {effect.name: effect.training for effect in EFFECTS.values() if effect.training}
"""The effects that vary batches, and what each amount means."""

_SMALLEST_BATCH, _LEAST_STEPS = 16, 100
"""An epoch has so many steps or more, as long as a batch then has so many images."""

OLD_NAMES = {"scale": "zoom", "gamma": "contrast"}
"""Augmentation names of earlier versions, which are still read."""


@dataclass(frozen=True)
class Recipe:
    """How a model is trained; the defaults are Inkling's own.

    batch_size : images of one step, at most: fewer where there are few images (`for_images`).
    optimizer : one of OPTIMIZERS. learning_rate : the peak of the schedule, one of SCHEDULES:
    one-cycle (Smith 2018; linear up over `warmup` of the steps, linear down to 0), cosine (the
    same, down along a cosine) or constant. momentum : SGD's.
    weight_decay : L2 on weights, not on biases and batch norm; decoupled from the gradient for
    adamw.
    patience : stop after so many epochs without a better one; 0 never does.
    mixup : alpha of the Beta distribution that two images and their labels are mixed by (Zhang et
    al., ICLR 2018); 0 mixes none.
    sampling_power : a class of n images is drawn in proportion to n**power: 1 as they are, 0
    balanced. The remaining prior is added to the logits while training, `logit_adjustment` times,
    so that the network answers for balanced classes (Menon et al., ICLR 2021).
    start : name of a recognizer whose weights are the starting point, those of every layer that has
    the same name and shape here, and of the last layer if the classes are the same too; "" starts
    afresh.
    redrawn : share of the images replaced by the same handwriting drawn with a pen and put through
    the canonical form.
    synthetic : drawings of each class added to the training images (for EMNIST's merged classes I
    and i in turn): ways of writing that the scans lack.
    pool : more images to train on, never validated on: data sets, files or folders joined by `+`,
    each with an optional weight (`0.5*synthetic-natural+3*my-drawings`: a random half of the first,
    each of the second three times); "" adds none.
    at_most : training images, sampled by the seed; 0 takes all.
    marks : "applied" trains on the data as the marks of *Evaluate* say they are: mislabelled
    pictures with their true labels, unreadable ones not at all, the marked ones that are left more
    often than others; or "ignored".
    strokes : effects on the strokes of drawn sets in the pool, `name=amount` joined by commas: each
    copy is varied and drawn with a pen of its own, 6 to 36 pixels wide; "" draws them as written.
    negatives : drawings that are none of the classes, added to the training images with equal
    probabilities as their target (outlier exposure: Hendrycks et al., ICLR 2019).
    validate_on : more images to validate on, sets joined by `+`, of each class at most
    `validation_per_class`; "" adds none.
    effects : effects of the synthesis room applied to every training image, `name=amount` joined by
    commas; "" applies none.
    validation_per_class : images of each class held out; they choose the epoch and the temperature.
    ema_decay : exponential moving average of weights and batch-norm statistics, per step; it is
    what is evaluated. 0: no average.
    largest_gradient : norm to which a larger gradient is scaled down; 0 leaves all as they are.
    precision : "float32", or "bfloat16" for mixed precision on processors and GPUs that have it.
    hyperparameters : the architecture's own, such as dropout or k, where they differ from its
    defaults.
    augmentation : how much each image is varied, differently every time: amounts of the effects in
    AUGMENTATION by name, 0 if missing.
    """

    epochs: int = 10
    batch_size: int = 256
    optimizer: str = "sgd"
    learning_rate: float = 0.1
    schedule: str = "one-cycle"
    warmup: float = 0.2
    momentum: float = 0.9
    weight_decay: float = 5e-4
    patience: int = 0
    label_smoothing: float = 0.1
    mixup: float = 0.0
    sampling_power: float = 1.0
    logit_adjustment: float = 1.0
    redrawn: float = 0.3
    synthetic: int = 0
    validation_per_class: int = 100
    ema_decay: float = 0.998
    largest_gradient: float = 0.0
    precision: str = "float32"
    seed: int = 0
    start: str = ""
    pool: str = ""
    strokes: str = ""
    negatives: int = 0
    validate_on: str = ""
    at_most: int = 0
    marks: str = "ignored"
    effects: str = ""
    hyperparameters: Mapping[str, float] = field(default_factory=dict)
    augmentation: Mapping[str, float] = field(
        default_factory=lambda: {name: amount.default for name, amount in AUGMENTATION.items()}
    )

    def __post_init__(self) -> None:
        for name, choices in (
            ("precision", PRECISIONS),
            ("marks", MARKS),
            ("optimizer", OPTIMIZERS),
            ("schedule", SCHEDULES),
        ):
            if getattr(self, name) not in choices:
                raise InklingError(
                    f"{name} is one of {', '.join(choices)}, not {getattr(self, name)!r}."
                )
        if self.epochs < 1 or self.batch_size < 2 or self.validation_per_class < 1:
            raise InklingError(
                "epochs and validation_per_class must be at least 1, batch_size at least 2."
            )
        for name in (
            "learning_rate",
            "weight_decay",
            "patience",
            "mixup",
            "sampling_power",
            "logit_adjustment",
            "synthetic",
            "at_most",
            "negatives",
            "largest_gradient",
        ):
            if not 0 <= getattr(self, name) < float("inf"):
                raise InklingError(f"{name} must be at least 0, not {getattr(self, name)}.")
        for name in ("warmup", "momentum", "label_smoothing", "ema_decay"):
            if not 0 <= getattr(self, name) < 1:
                raise InklingError(
                    f"{name} must be at least 0 and below 1, not {getattr(self, name)}."
                )
        if not 0 <= self.redrawn <= 1:
            raise InklingError(f"redrawn is a share from 0 to 1, not {self.redrawn}.")
        for name, value in self.hyperparameters.items():
            if not isfinite(value):
                raise InklingError(f"{name} must be a finite number, not {value}.")
        parse_effects(self.effects)
        parse_effects(self.strokes, STROKE_EFFECTS)
        if unknown := self.augmentation.keys() - AUGMENTATION.keys():
            raise TypeError(f"there is no augmentation {', '.join(sorted(unknown))}")
        # all of them, in the table's order, so that equivalent recipes are equal
        amounts = {
            name: amount.check(name, float(self.augmentation.get(name, 0)))
            for name, amount in AUGMENTATION.items()
        }
        object.__setattr__(self, "augmentation", amounts)

    def for_images(self, count: int) -> "Recipe":
        """The recipe for `count` training images: smaller batches for few images, which otherwise
        allow too few steps, and a rate scaled by the root of the batch's size.

        Of 1,154 digits of UCI, in ten epochs, `notebook-cnn` learns to read 96 % of those held out,
        with a third of the steps 90 %.
        """
        batch = min(self.batch_size, max(_SMALLEST_BATCH, count // _LEAST_STEPS))
        rate = self.learning_rate * sqrt(batch / self.batch_size)
        return replace(self, batch_size=batch, learning_rate=rate)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(values: dict[str, Any]) -> "Recipe":
        """From `to_json` of this version or an earlier one; a missing augmentation gets its
        default. TypeError, ValueError or KeyError if it is not a recipe.
        """
        given = {OLD_NAMES.get(name, name): v for name, v in {**values["augmentation"]}.items()}
        return Recipe(**{**values, "augmentation": {**Recipe().augmentation, **given}})

    def override(
        self, assignments: Iterable[str], hyperparameters: Mapping[str, float] | None = None
    ) -> "Recipe":
        """Apply `key=value` texts; keys are this class's fields, those of AUGMENTATION, or
        `hyperparameters`, those of the architecture with their defaults. `augmentation=0` switches
        all of it off. InklingError for any other."""
        known = hyperparameters or {}
        own = {name: getattr(self, name) for name in _own_fields()}
        hyper, augmentation = dict(self.hyperparameters), dict(self.augmentation)
        for assignment in assignments:
            key, separator, text = assignment.partition("=")
            key = name_today(key, known)
            try:
                if key in own and separator:
                    own[key] = type(own[key])(text)
                elif key in known and separator:
                    hyper[key] = type(known[key])(text)
                elif key in AUGMENTATION and separator:
                    augmentation[key] = float(text)
                elif (key, text) == ("augmentation", "0"):
                    augmentation = {}
                else:
                    names = ", ".join([*own, *known, *AUGMENTATION])
                    raise InklingError(
                        f"{assignment!r} is not a setting; write KEY=VALUE with one of: {names}."
                    )
            except ValueError as error:
                raise InklingError(f"{assignment!r}: {text!r} is not a number.") from error
        return replace(self, **own, hyperparameters=hyper, augmentation=augmentation)


def name_today(key: str, hyperparameters: Mapping[str, float]) -> str:
    """A setting's name, also if `key` is its name in an earlier version. Hyperparameters of the
    architecture take precedence: a support vector machine has its own gamma."""
    return key if key in hyperparameters else OLD_NAMES.get(key, key)


def _own_fields() -> list[str]:
    """Fields of a recipe that hold a single value."""
    return [f.name for f in fields(Recipe) if f.name not in ("augmentation", "hyperparameters")]


PLAIN = Recipe(
    optimizer="adam",
    learning_rate=1e-3,
    schedule="constant",
    weight_decay=0.0,
    label_smoothing=0.0,
    redrawn=0.0,
    logit_adjustment=0.0,
    ema_decay=0.0,
    augmentation={},
)
"""What the recipes of the originals have in common: Adam at Keras's rate and nothing else."""


def own_recipe(model: str) -> Recipe:
    """Inkling's own recipe for a network; for a fitted model, the data unchanged."""
    return replace(PLAIN, epochs=1) if architecture(model).fit else Recipe()


def recipe_of(card: Card) -> Recipe:
    """The recipe that a recognizer was trained with; InklingError if it cannot be read."""
    known = {field.name for field in fields(Recipe)}
    own = {key: value for key, value in card.recipe.items() if key in known}
    try:
        return Recipe.from_json({**Recipe().to_json(), **own})
    except (TypeError, ValueError) as error:
        raise InklingError(
            f"The recipe on the card of {card.name} cannot be read; train a recognizer of your own "
            "first."
        ) from error


def assignments(
    recipe: Recipe, base: Recipe | None = None, hyperparameters: Mapping[str, float] | None = None
) -> list[str]:
    """What `base.override` needs to become `recipe`; base is the default recipe if None.

    hyperparameters : the architecture's, with their defaults, which the base does not list.
    """
    base = base or Recipe()
    texts = [
        f"{name}={_text(getattr(recipe, name))}"
        for name in _own_fields()
        if getattr(recipe, name) != getattr(base, name)
    ]
    before = {**(hyperparameters or {}), **base.hyperparameters}
    after = {**before, **recipe.hyperparameters}
    texts += [
        f"{name}={_text(value)}" for name, value in after.items() if value != before.get(name)
    ]
    if not any(recipe.augmentation.values()) and any(base.augmentation.values()):
        return [*texts, "augmentation=0"]
    return texts + [
        f"{name}={_text(value)}"
        for name, value in recipe.augmentation.items()
        if value != base.augmentation[name]
    ]


def _text(value: object) -> str:
    """The shortest text that reads back as the same value."""
    short = f"{value:g}" if isinstance(value, float) else str(value)
    return short if not isinstance(value, float) or float(short) == value else repr(value)

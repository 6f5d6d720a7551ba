"""The recipe settings that a screen offers: name in the recipe, title, range and help."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.synthesis.effects.table import EFFECTS, STROKE_EFFECTS
from core.training.recipe import AUGMENTATION, MARKS, OPTIMIZERS, PRECISIONS, SCHEDULES


@dataclass(frozen=True)
class Control:
    """A number field, a list if there are `choices`, or text if there is no range either."""

    name: str
    title: str
    high: float = 0
    step: float = 1
    low: float = 0
    help: str | None = None
    choices: Sequence[str] = ()

    def show(self, value: Any, key: str) -> Any:
        """Draw it, bound to `?key=`; `value` is its default and determines whether it is an
        integer.
        """
        if self.choices:
            return st.selectbox(
                self.title,
                self.choices,
                self.choices.index(value),
                key=key,
                bind="query-params",
                help=self.help,
                width=140,
            )
        if not self.high:
            return st.text_input(self.title, value, key=key, bind="query-params", help=self.help)
        kind, form = (int, None) if isinstance(value, int) else (float, "%g")
        value = kind(min(max(value, self.low), self.high))
        number = st.number_input(
            self.title,
            kind(self.low),
            kind(self.high),
            value,
            kind(self.step),
            form,
            key=key,
            bind="query-params",
            help=self.help,
            width=140,
        )
        return kind(number)


FIRST = (
    Control("epochs", "Epochs", 1000, low=1, help="How often every image is seen."),
    Control(
        "batch_size",
        "Batch size",
        8192,
        16,
        2,
        "Images of one step, at most: fewer where the data set is small.",
    ),
    Control("optimizer", "Optimizer", choices=OPTIMIZERS),
    Control(
        "learning_rate",
        "Learning rate",
        10,
        0.001,
        help="The highest, at the peak of the schedule.",
    ),
    Control(
        "schedule",
        "Schedule",
        choices=SCHEDULES,
        help="one-cycle: linearly up, then down to 0 (Smith 2018). "
        "cosine: the same, down along a cosine.",
    ),
)

MORE = (
    Control(
        "warmup", "Warm-up", 0.9, 0.05, help="Share of the steps in which the learning rate rises."
    ),
    Control("momentum", "Momentum", 0.999, 0.05, help="Of SGD."),
    Control(
        "weight_decay",
        "Weight decay",
        1,
        0.0001,
        help="L2 on weights, not on biases and batch norm.",
    ),
    Control(
        "label_smoothing",
        "Label smoothing",
        0.9,
        0.05,
        help="The share of a label that is spread over all classes.",
    ),
    Control(
        "ema_decay",
        "EMA of weights",
        0.9999,
        0.001,
        help="Decay a step of the average of the weights, which is what is kept. 0: none.",
    ),
    Control(
        "largest_gradient",
        "Largest gradient",
        1000,
        1,
        help="Norm to which a larger gradient is scaled down. 0: none is.",
    ),
    Control(
        "sampling_power",
        "Sampling power",
        2,
        0.25,
        help="A class of n images is drawn as often as n to this power: 0 balances.",
    ),
    Control(
        "logit_adjustment",
        "Logit adjustment",
        2,
        0.25,
        help="How far unequal classes are allowed for while training (Menon 2021).",
    ),
    Control(
        "patience",
        "Patience",
        1000,
        help="Stop after so many epochs without a better one. 0: never.",
    ),
    Control(
        "marks",
        "Marks of Evaluate",
        choices=MARKS,
        help="applied: mislabelled pictures get their true labels, unreadable ones are left out, "
        "the other marked ones are seen three times as often.",
    ),
    Control("at_most", "At most", 10_000_000, 1000, help="Training images, at random. 0: all."),
    Control(
        "validation_per_class",
        "Held out a class",
        10_000_000,
        50,
        1,
        "Images of each class to validate on; never more than a fifth.",
    ),
    Control(
        "precision",
        "Precision",
        choices=PRECISIONS,
        help="bfloat16: mixed, where the processor or GPU has it.",
    ),
    Control("seed", "Seed", 2**31 - 1),
)

VARIED = tuple(
    Control(
        name,
        EFFECTS[name].title,
        amount.high,
        amount.step,
        help=f"{amount.unit.capitalize()}.",
    )
    for name, amount in AUGMENTATION.items()
)
"""How far each image is varied: `Recipe.augmentation`."""

ADDED = (
    Control(
        "redrawn",
        "Redrawn",
        1,
        0.1,
        help="Share of the images drawn again with a pen, as they would look on the Draw screen.",
    ),
    Control(
        "synthetic",
        "Synthetic a class",
        10_000,
        100,
        help="Drawings of each class put to the training images.",
    ),
    Control(
        "mixup",
        "Mixup",
        10,
        0.1,
        help="Alpha of the Beta distribution that two images are mixed by (Zhang 2018). 0: none.",
    ),
    Control(
        "negatives",
        "None of the classes",
        1_000_000,
        1000,
        help="Drawings of dashes, hearts and scribbles, to be answered without confidence.",
    ),
    Control(
        "strokes",
        "Effects before the pen",
        help="On handwriting in the images added, as `name=amount` with commas between: "
        f"{', '.join(STROKE_EFFECTS)}.",
    ),
    Control(
        "validate_on",
        "Also validate on",
        help="Data sets with + between, such as unipen:validation: at most as many images of each "
        "class as are held out.",
    ),
    Control(
        "effects",
        "Effects of the synthesis room",
        help="As `name=amount` with commas between, such as rotation=10,noise=20.",
    ),
)

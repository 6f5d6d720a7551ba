"""All settings of a training run, frozen, with `key=value` overrides from the command line."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from core.errors import InklingError
from core.training.augment import Augmentation


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    learning_rate : the peak of a one-cycle schedule (linear up over `warmup` of the steps, linear down to 0).
    sampling_power : a class of n images is drawn in proportion to n**power: 1 as they are, 0 balanced. The prior this leaves
        is added to the logits while training (Menon et al., ICLR 2021), so that the network answers for balanced classes.
    start : name of a recognizer of the same architecture and classes whose weights are the starting point; "" starts afresh.
    redrawn : share of the images replaced by the same handwriting drawn with a pen and put through the canonical form.
    synthetic : drawn digits of each class added to the training images: ways of writing that the scans lack.
    pool : an .npz, a folder or the name of a data set whose images are added too, never validated on: what a recognizer has
        misread, say. They have the size of the training images; "" adds none.
    validation_per_class : images of each class held out; they choose the epoch and the temperature.
    ema_decay : exponential moving average of weights and batch-norm statistics, per step; it is what is evaluated.
    precision : "float32", or "bfloat16" for mixed precision on processors and GPUs that have it.
    """

    epochs: int = 10
    batch_size: int = 256
    learning_rate: float = 0.1
    warmup: float = 0.2
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.1
    sampling_power: float = 1.0
    redrawn: float = 0.3
    synthetic: int = 0
    validation_per_class: int = 100
    ema_decay: float = 0.998
    precision: str = "float32"
    seed: int = 0
    start: str = ""
    pool: str = ""
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        if self.precision not in ("float32", "bfloat16"):
            raise InklingError(f"precision is float32 or bfloat16, not {self.precision!r}.")
        if self.epochs < 1 or self.batch_size < 2 or self.validation_per_class < 1:
            raise InklingError("epochs and validation_per_class must be at least 1, batch_size at least 2.")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(values: dict[str, Any]) -> "Recipe":
        return Recipe(**{**values, "augmentation": Augmentation(**values["augmentation"])})

    def override(self, assignments: Iterable[str]) -> "Recipe":
        """Apply `key=value` texts; keys are this class's fields or Augmentation's. InklingError for any other."""
        own, augmentation = {}, {}
        own_types = {f.name: type(getattr(self, f.name)) for f in fields(self) if f.name != "augmentation"}
        augmentation_names = [f.name for f in fields(Augmentation)]
        for assignment in assignments:
            key, separator, text = assignment.partition("=")
            try:
                if key in own_types and separator:
                    own[key] = own_types[key](text)
                elif key in augmentation_names and separator:
                    augmentation[key] = float(text)
                else:
                    known = ", ".join([*own_types, *augmentation_names])
                    raise InklingError(f"{assignment!r} is not a setting; write KEY=VALUE with one of: {known}.")
            except ValueError as error:
                raise InklingError(f"{assignment!r}: {text!r} is not a number.") from error
        return replace(self, **own, augmentation=replace(self.augmentation, **augmentation))

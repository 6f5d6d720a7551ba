"""The models and recipes of the five source systems, with the accuracies their authors claim."""

from dataclasses import dataclass

from core.errors import InklingError
from core.models.registry import architecture
from core.training.recipe import PLAIN, Recipe

A_FIFTH = "validation_per_class=1000000"
"""Holds out a fifth of every class, the most allowed."""


@dataclass(frozen=True)
class Original:
    """One model of one source, as it was trained there.

    assignments : how its recipe differs from PLAIN. claim : accuracy (0-1) that the source reports,
    on `claimed_on`.
    chosen : settings the source leaves open, or where it had more data than is available here.
    start : the original whose weights it goes on from.
    """

    name: str
    title: str
    architecture: str
    data: str
    assignments: str
    claim: float
    claimed_on: str
    chosen: str = ""
    start: str = ""

    @property
    def recipe(self) -> Recipe:
        return PLAIN.override(
            self.assignments.split(), architecture(self.architecture).hyperparameters
        )


_MNIST = "MNIST's test set, 10,000 images"
_EMNIST = "EMNIST balanced's test set, 18,800 images"
_HELD_OUT = "a fifth of EMNIST balanced's training set"
_NOTEBOOK = "epochs=10 batch_size=128 validation_per_class=600"
_LENET = "Adam, batch 512"
_ROMAN = "epochs=100 batch_size=8 learning_rate=1e-4 validation_per_class=1000000"
_ROMAN_DATA = {
    "roman": (
        "raw photographs, 333 images",
        "the competition's photographs instead of the article's",
        (0.8679, 0.8078, 0.6637),
    ),
    "roman-emnist": (
        "its EMNIST-composed test images, 985",
        "numerals composed here",
        (0.9939, 0.9909, 0.9787),
    ),
    "roman-chars74k": (
        "its Chars74K-composed test images, 127",
        "numerals composed here, of other writers",
        (0.6063, 0.3071, 0.4724),
    ),
}
_ROMAN_MODELS = (
    ("resnet50-cut", "Cut-off ResNet-50", _ROMAN),
    ("resnet50", "Full ResNet-50", f"{_ROMAN} patience=10"),
    ("small-cnn", "Small CNN", _ROMAN),
)


ORIGINALS = {
    original.name: original
    for original in [
        Original(
            "notebook-cnn", "Notebook CNN", "notebook-cnn", "mnist", _NOTEBOOK, 0.99085, _MNIST
        ),
        Original(
            "notebook-cnn-augmented",
            "Notebook CNN, augmented",
            "notebook-cnn",
            "mnist",
            f"{_NOTEBOOK} effects=rotation=10,zoom=0.1,shift=2.8",
            0.99085,
            _MNIST,
        ),
        Original(
            "vanilla-cnn",
            "Vanilla CNN",
            "vanilla-cnn",
            "emnist-balanced",
            "epochs=20 batch_size=512",
            0.8825,
            _EMNIST,
        ),
        Original(
            "lenet5",
            "LeNet-5",
            "lenet5",
            "emnist-balanced",
            "epochs=100 batch_size=512",
            0.8625,
            _EMNIST,
            _LENET,
        ),
        Original(
            "lenet5-v2-32",
            "LeNet-5 v2, 32x32",
            "lenet5-v2-32",
            "emnist-balanced",
            "epochs=100 batch_size=512 weight_decay=1e-4",
            0.8646,
            _EMNIST,
            f"{_LENET}, L2 1e-4",
        ),
        Original(
            "lenet5-v2",
            "LeNet-5 v2",
            "lenet5-v2",
            "emnist-balanced",
            "epochs=100 batch_size=512 weight_decay=1e-4",
            0.8961,
            _EMNIST,
            f"{_LENET}, L2 1e-4",
        ),
        Original(
            "resnet34",
            "ResNet-34",
            "resnet34",
            "emnist-balanced",
            "epochs=30 batch_size=64",
            0.8260,
            "its validation images",
            "Adam",
        ),
        Original(
            "knn", "k-NN", "knn", "emnist-balanced", f"epochs=1 k=20 {A_FIFTH}", 0.764, _HELD_OUT
        ),
        Original(
            "forest",
            "Random forest",
            "random-forest",
            "emnist-balanced",
            f"epochs=1 trees=100 max_depth=0 {A_FIFTH}",
            0.805,
            _HELD_OUT,
        ),
        Original(
            "forest-searched",
            "Random forest, searched",
            "random-forest",
            "emnist-balanced",
            f"epochs=1 trees=250 max_depth=25 {A_FIFTH}",
            0.809,
            "EMNIST balanced's training set, 3-fold cross-validation",
        ),
        Original(
            "forest-shifted",
            "Random forest, shifted copies",
            "random-forest",
            "emnist-balanced",
            "epochs=3 trees=250 max_depth=25 effects=shift=7",
            0.8243,
            _EMNIST,
        ),
        Original(
            "numbers-cnn",
            "Numbers CNN",
            "numbers-cnn",
            "composed?kind=numbers&letters=mnist&count=250000",
            "epochs=20 batch_size=200",
            0.996,
            "its training images, fine-tuned on 3,000 labelled by hand",
            "not fine-tuned",
        ),
        Original(
            "numbers-cnn-tuned",
            "Numbers CNN, fine-tuned",
            "numbers-cnn",
            "composed?kind=numbers&letters=unipen&preset=numbers&count=18000",
            "epochs=10 batch_size=10 learning_rate=1e-4 at_most=3000",
            0.996,
            "its training images, fine-tuned on 3,000 labelled by hand",
            "learns 3,000 numbers of UniPen's writers instead of cuts labelled by hand, and is "
            "tested on other writers; the learning rate",
            start="numbers-cnn",
        ),
        *(
            Original(
                f"{model}-{data}",
                f"{title}, {data}",
                model,
                data,
                recipe,
                claims[index],
                claimed_on,
                chosen,
            )
            for data, (claimed_on, chosen, claims) in _ROMAN_DATA.items()
            for index, (model, title, recipe) in enumerate(_ROMAN_MODELS)
        ),
    ]
}


def original(name: str) -> Original:
    """The row called `name`; InklingError lists the available rows."""
    if name not in ORIGINALS:
        raise InklingError(f"There is no original {name!r}; choose one of: {', '.join(ORIGINALS)}.")
    return ORIGINALS[name]

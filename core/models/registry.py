"""The table of architectures; a new model is one file and one row here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from torch import nn

from core.errors import InklingError
from core.models.forest import build_forest, fit_extra_trees, fit_random_forest
from core.models.knn import build_knn, fit_knn
from core.models.lenet5 import lenet5, lenet5_v2
from core.models.linear import build_logistic, fit_logistic
from core.models.notebook_cnn import notebook_cnn
from core.models.numbers_cnn import numbers_cnn
from core.models.resnet import resnet34, resnet50, resnet50_cut
from core.models.resnet8 import resnet8
from core.models.small_cnn import small_cnn
from core.models.svm import build_svm, fit_svm
from core.models.vanilla_cnn import vanilla_cnn


@dataclass(frozen=True)
class Architecture:
    """A model by name: `build(classes, **hyperparameters)` returns a module from float [N, 1, 28,
    28] in 0-1 to logits [N, classes].

    Its submodule `features` maps the same input to [N, F], the input of the last layer.
    hyperparameters : those a recipe may set, with their defaults. fit : for models fitted in one
    call instead of by gradients (`core.models.fitted`).
    """

    name: str
    title: str
    build: Callable[..., nn.Module]
    hyperparameters: Mapping[str, float] = field(default_factory=dict)
    fit: Callable[..., nn.Module] | None = None


def _dropout(rate: float) -> dict[str, float]:
    return {"dropout": rate}


ARCHITECTURES = {
    architecture.name: architecture
    for architecture in [
        Architecture("resnet8", "Residual network, eight weight layers", resnet8, _dropout(0.3)),
        Architecture(
            "resnet10",
            "resnet8 with one more residual block",
            partial(resnet8, deeper=1),
            _dropout(0.3),
        ),
        Architecture(
            "resnet8-narrow",
            "resnet8, a third narrower at the top",
            partial(resnet8, widths=(32, 64, 128)),
            _dropout(0.3),
        ),
        Architecture(
            "resnet8-small",
            "resnet8, half as wide",
            partial(resnet8, widths=(16, 48, 96)),
            _dropout(0.3),
        ),
        Architecture(
            "resnet8-tiny",
            "resnet8, a third as wide",
            partial(resnet8, widths=(16, 32, 64)),
            _dropout(0.3),
        ),
        Architecture("notebook-cnn", "CNN of the MNIST notebook", notebook_cnn, _dropout(0.5)),
        Architecture("vanilla-cnn", "Vanilla CNN of the EMNIST study", vanilla_cnn, _dropout(0.5)),
        Architecture("lenet5", "LeNet-5", lenet5),
        Architecture("lenet5-v2", "LeNet-5 v2 of the EMNIST study", lenet5_v2, _dropout(0.25)),
        Architecture(
            "lenet5-v2-32", "The same on 32x32", partial(lenet5_v2, size=32), _dropout(0.25)
        ),
        Architecture("resnet34", "ResNet-34 of the EMNIST study", resnet34),
        Architecture(
            "numbers-cnn", "CNN of the article on numbers 0-36", numbers_cnn, _dropout(0.2)
        ),
        Architecture("resnet50-cut", "ResNet-50 cut off after its first stage", resnet50_cut),
        Architecture("resnet50", "ResNet-50", resnet50),
        Architecture("small-cnn", "Small CNN of the Roman-numeral articles", small_cnn),
        Architecture("knn", "k nearest neighbours", build_knn, {"k": 20}, fit_knn),
        Architecture(
            "random-forest",
            "Random forest",
            build_forest,
            {"trees": 250, "max_depth": 25, "max_samples": 1.0},
            fit_random_forest,
        ),
        Architecture(
            "extra-trees",
            "Extremely randomised trees",
            build_forest,
            {"trees": 250, "max_depth": 25},
            fit_extra_trees,
        ),
        Architecture(
            "logistic",
            "Logistic regression",
            build_logistic,
            {"C": 1.0, "max_iter": 100},
            fit_logistic,
        ),
        Architecture(
            "svm",
            "Support vector machine, RBF kernel; of 10,000 images",
            build_svm,
            {"C": 5.0, "gamma": 0.0},
            fit_svm,
        ),
    ]
}


def architecture(name: str) -> Architecture:
    """The row called `name`; InklingError lists the existing rows."""
    if name not in ARCHITECTURES:
        raise InklingError(
            f"There is no architecture {name!r}; choose one of: {', '.join(ARCHITECTURES)}."
        )
    return ARCHITECTURES[name]

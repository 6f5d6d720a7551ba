"""The table of architectures; a new model is one file and one row here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from core.errors import InklingError

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Architecture:
    """A model by name: `build(classes, **hyperparameters)` returns a module from float [N, 1, 28,
    28] in 0-1 to logits [N, classes].

    Its submodule `features` maps the same input to [N, F], the input of the last layer.
    hyperparameters : those a recipe may set, with their defaults. fit : for models fitted in one
    call instead of by gradients (`core.models.fitted`). onnx : whether it can be exported: all that
    it does is done by torch, whatever the input.
    """

    name: str
    title: str
    build: "Callable[..., nn.Module]"
    hyperparameters: Mapping[str, float] = field(default_factory=dict)
    fit: "Callable[..., nn.Module] | None" = None
    onnx: bool = True


def _in(module: str, name: str, **options: Any) -> "Callable[..., nn.Module]":
    """A function of a module beside this one, with options, imported at its first call: the table
    is read where torch, which takes seconds, is not needed.
    """

    def call(*arguments: Any, **others: Any) -> "nn.Module":
        function = getattr(import_module(f"core.models.{module}"), name)
        return function(*arguments, **options, **others)

    return call


def _dropout(rate: float) -> dict[str, float]:
    return {"dropout": rate}


ARCHITECTURES = {
    architecture.name: architecture
    for architecture in [
        Architecture(
            "resnet8",
            "Residual network, eight weight layers",
            _in("resnet8", "resnet8"),
            _dropout(0.3),
        ),
        Architecture(
            "resnet10",
            "resnet8 with one more residual block",
            _in("resnet8", "resnet8", deeper=1),
            _dropout(0.3),
        ),
        Architecture(
            "resnet8-narrow",
            "resnet8, a third narrower at the top",
            _in("resnet8", "resnet8", widths=(32, 64, 128)),
            _dropout(0.3),
        ),
        Architecture(
            "resnet8-small",
            "resnet8, half as wide",
            _in("resnet8", "resnet8", widths=(16, 48, 96)),
            _dropout(0.3),
        ),
        Architecture(
            "resnet8-tiny",
            "resnet8, a third as wide",
            _in("resnet8", "resnet8", widths=(16, 32, 64)),
            _dropout(0.3),
        ),
        Architecture(
            "notebook-cnn",
            "CNN of the MNIST notebook",
            _in("notebook_cnn", "notebook_cnn"),
            _dropout(0.5),
        ),
        Architecture(
            "vanilla-cnn",
            "Vanilla CNN of the EMNIST study",
            _in("vanilla_cnn", "vanilla_cnn"),
            _dropout(0.5),
        ),
        Architecture("lenet5", "LeNet-5", _in("lenet5", "lenet5")),
        Architecture(
            "lenet5-v2",
            "LeNet-5 v2 of the EMNIST study",
            _in("lenet5", "lenet5_v2"),
            _dropout(0.25),
        ),
        Architecture(
            "lenet5-v2-32", "The same on 32x32", _in("lenet5", "lenet5_v2", size=32), _dropout(0.25)
        ),
        Architecture("resnet34", "ResNet-34 of the EMNIST study", _in("resnet", "resnet34")),
        Architecture(
            "numbers-cnn",
            "CNN of the article on numbers 0-36",
            _in("numbers_cnn", "numbers_cnn"),
            _dropout(0.2),
        ),
        Architecture(
            "resnet50-cut", "ResNet-50 cut off after its first stage", _in("resnet", "resnet50_cut")
        ),
        Architecture("resnet50", "ResNet-50", _in("resnet", "resnet50")),
        Architecture(
            "small-cnn", "Small CNN of the Roman-numeral articles", _in("small_cnn", "small_cnn")
        ),
        Architecture(
            "knn",
            "k nearest neighbours",
            _in("knn", "build_knn"),
            {"k": 20},
            _in("knn", "fit_knn"),
            onnx=False,
        ),
        Architecture(
            "random-forest",
            "Random forest",
            _in("forest", "build_forest"),
            {"trees": 250, "max_depth": 25, "max_samples": 1.0},
            _in("forest", "fit_random_forest"),
            onnx=False,
        ),
        Architecture(
            "extra-trees",
            "Extremely randomised trees",
            _in("forest", "build_forest"),
            {"trees": 250, "max_depth": 25},
            _in("forest", "fit_extra_trees"),
            onnx=False,
        ),
        Architecture(
            "logistic",
            "Logistic regression",
            _in("linear", "build_logistic"),
            {"C": 1.0, "max_iter": 100},
            _in("linear", "fit_logistic"),
        ),
        Architecture(
            "svm",
            "Support vector machine, RBF kernel; of 10,000 images",
            _in("svm", "build_svm"),
            {"C": 5.0, "gamma": 0.0},
            _in("svm", "fit_svm"),
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

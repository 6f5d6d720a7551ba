"""Support vector machine with a Gaussian (RBF) kernel, one against one (Chang & Lin, LIBSVM, ACM
TIST 2011).
"""

from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from core.errors import InklingError
from core.models.fitted import (
    FLOOR,
    Fitted,
    check_training,
    require,
    training_pixels,
    within,
)
from core.progress import Progress, ignore_progress


class SupportVectors(Fitted):
    """Logits are scikit-learn's SVC(decision_function_shape="ovr").decision_function: pairwise
    wins, and their margins.

    For two classes they differ by the value of that function instead. V support vectors are grouped
    by class; K classes had images.
    vectors : uint8 [V, pixels]. duals : float32 [V, K - 1], each vector's coefficient against every
    other class, in order.
    intercepts : float32 [K (K - 1) / 2], of (0, 1), (0, 2) … (1, 2) …; above 0 favours the first of
    a pair. counts : int64 [K], vectors of each class. labels : int64 [K], the classes that had
    images. gamma : float64, for pixels 0-1.
    """

    STORED: ClassVar = {
        "vectors": (torch.uint8, 2),
        "duals": (torch.float32, 2),
        "intercepts": (torch.float32, 1),
        "counts": (torch.int64, 1),
        "labels": (torch.int64, 1),
        "gamma": (torch.float64, 0),
    }
    vectors: Tensor
    duals: Tensor
    intercepts: Tensor
    counts: Tensor
    labels: Tensor
    gamma: Tensor

    def check(self, tensors: dict[str, Tensor]) -> None:
        vectors, counts, labels = tensors["vectors"], tensors["counts"], tensors["labels"]
        known = len(labels)
        require(
            known >= 2 and within(labels, 0, self.classes),
            "labels are to be at least two of the classes",
        )
        require(bool((labels.diff() > 0).all()), "labels are to rise")
        require(
            vectors.shape[1] == self.pixels, f"support vectors of {self.pixels} pixels are needed"
        )
        require(
            tensors["duals"].shape == (len(vectors), known - 1),
            "duals do not fit the support vectors and classes",
        )
        require(
            tensors["intercepts"].shape == (known * (known - 1) // 2,),
            "one intercept for each pair of classes is needed",
        )
        right = (
            counts.shape == (known,)
            and within(counts, 0, len(vectors) + 1)
            and int(counts.sum()) == len(vectors)
        )
        require(right, "counts do not add up to the support vectors")
        require(float(tensors["gamma"]) > 0, "gamma is not above 0")

    def logits(self, pixels: Tensor) -> Tensor:
        logits = torch.full((len(pixels), self.classes), FLOOR, device=pixels.device)
        decisions = self.decisions(pixels)
        scores = (
            torch.cat([decisions, -decisions], 1) / 2
            if len(self.labels) == 2
            else self._one_against_rest(decisions)
        )
        return logits.index_copy(1, self.labels, scores)

    def decisions(self, pixels: Tensor) -> Tensor:
        """For each pair of classes, float [N, K (K - 1) / 2]: above 0 favours the first."""
        kernel = self._kernel(pixels).split(self.counts.tolist(), 1)
        sums = torch.stack(
            [
                own @ duals
                for own, duals in zip(kernel, self.duals.split(self.counts.tolist()), strict=True)
            ]
        )
        first, second = torch.triu_indices(
            len(self.labels), len(self.labels), 1, device=pixels.device
        )
        return (sums[first, :, second - 1] + sums[second, :, first]).T + self.intercepts

    def _kernel(self, pixels: Tensor) -> Tensor:
        vectors = self.vectors.float() / 255
        lengths = pixels.square().sum(1, keepdim=True) + vectors.square().sum(1)
        return torch.exp(-float(self.gamma) * (lengths - 2 * pixels @ vectors.T).clamp(min=0))

    def _one_against_rest(self, decisions: Tensor) -> Tensor:
        """Pairwise wins, [N, K]; the sum of decisions, squashed to ±1/3, only breaks ties."""
        known = len(self.labels)
        first, second = torch.triu_indices(known, known, 1, device=decisions.device)
        pairs = torch.arange(len(first), device=decisions.device)
        wins, loses = torch.zeros(2, len(first), known, device=decisions.device)
        wins[pairs, first], loses[pairs, second] = 1, 1
        won = (decisions >= 0).float()
        sums = decisions @ (wins - loses)
        return won @ wins + (1 - won) @ loses + sums / (3 * (sums.abs() + 1))


def build_svm(classes: int) -> SupportVectors:
    """An empty model for 28x28 images."""
    return SupportVectors(classes)


def fit_svm(
    images: np.ndarray,
    labels: np.ndarray,
    classes: int,
    *,
    seed: int = 0,
    report: Progress = ignore_progress,
    C: float = 5.0,  # noqa: N803
    gamma: float = 0.0,
    at_most: int = 10_000,
) -> SupportVectors:
    """Fit to uint8 images [N, H, W] with labels int64 [N], or to `at_most` of them: time is
    quadratic in their number.

    C : penalty on margin violations. gamma : 1 / (2 sigma^2) of the kernel for pixels 0-1; 0 is
    scikit-learn's "scale", 1 / (pixels * variance). The images are sampled with `seed`, stratified
    by class. InklingError unless images of two classes are among them.
    """
    from sklearn.svm import SVC

    if not C > 0 or not gamma >= 0 or at_most < 2:
        raise InklingError(
            f"C must be above 0, gamma at least 0 and at_most at least 2, not {C}, {gamma} and "
            f"{at_most}."
        )
    check_training(images, labels, classes)
    chosen = stratified(labels, at_most, seed)
    rows = training_pixels(images[chosen], labels[chosen], classes, different=2)
    scaled = rows / 255
    gamma = gamma or 1 / (scaled.shape[1] * (scaled.var() or 1 / scaled.shape[1]))
    report(0, 1)
    model = SVC(C=C, gamma=gamma, cache_size=1000).fit(scaled, labels[chosen])
    network = SupportVectors(classes, rows.shape[1])
    # for two classes scikit-learn flips the sign to favour the second
    sign = -1 if len(model.classes_) == 2 else 1
    tensors = {
        "vectors": rows[model.support_],
        "duals": sign * model.dual_coef_.T.astype(np.float32),
        "intercepts": sign * model.intercept_.astype(np.float32),
        "counts": model.n_support_.astype(np.int64),
        "labels": model.classes_.astype(np.int64),
        "gamma": np.float64(gamma),
    }
    network.load_state_dict({name: torch.tensor(array) for name, array in tensors.items()})
    report(1, 1)
    return network


def stratified(labels: np.ndarray, at_most: int, seed: int) -> np.ndarray:
    """Sorted row numbers of `at_most` random images, stratified by class; all rows if there are
    fewer.
    """
    if len(labels) <= at_most:
        return np.arange(len(labels))
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    return np.sort(by_class[np.linspace(0, len(labels), at_most, endpoint=False).astype(int)])

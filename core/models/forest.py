"""Random forests (Breiman, 2001) and extremely randomised trees (Geurts et al., 2006), 7 bytes per
node instead of scikit-learn's 440.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from core.errors import InklingError
from core.models.fitted import RARE, Fitted, in_bytes, require, training_pixels, within
from core.progress import Progress, ignore_progress

if TYPE_CHECKING:
    from sklearn.tree import DecisionTreeClassifier

_GROUP = 16
"""Trees fitted at a time. scikit-learn's own are freed before the next group; the size must not
depend on the machine, or a seed would not determine the forest."""

PURE, MIXED = -1, -2
"""Instead of a feature index: a leaf of one class, or of several."""

_FEW = 32
"""Number of images too small for a second thread."""


class Forest(Fitted):
    """Logits are log(mean of the trees' probabilities).

    Nodes of all trees are concatenated depth first, so the left child is the next node; `starts`
    int64 [T + 1] holds the start of each tree.
    feature : int16, a pixel, or PURE or MIXED. threshold : uint8; left if the pixel is not above
    it; in a mixed leaf, its number of pairs. right : int32, the right child, the class of a pure
    leaf, or the first pair of a mixed leaf.
    pair_class uint8 and pair_count int32 : training images of one class in a mixed leaf; the last
    pair belongs to no leaf.
    width : int64, pixels of the images it was fitted to.
    """

    STORED: ClassVar = {
        "feature": (torch.int16, 1),
        "threshold": (torch.uint8, 1),
        "right": (torch.int32, 1),
        "starts": (torch.int64, 1),
        "pair_class": (torch.uint8, 1),
        "pair_count": (torch.int32, 1),
        "width": (torch.int64, 0),
    }
    feature: Tensor
    threshold: Tensor
    right: Tensor
    starts: Tensor
    pair_class: Tensor
    pair_count: Tensor
    width: Tensor

    def check(self, tensors: dict[str, Tensor]) -> None:
        """Also check that every step leads to a later node of the same tree, so every walk ends."""
        feature, threshold, right, starts, pair_class, pair_count, width = (
            tensors[name] for name in self.STORED
        )
        nodes, pairs = len(feature), len(pair_class)
        require(
            int(width) == self.pixels, f"it reads images of {int(width)} pixels, not {self.pixels}"
        )
        require(
            len(threshold) == nodes == len(right) and len(pair_count) == pairs,
            "tensors differ in length",
        )
        require(
            len(starts) >= 2 and bool((starts.diff() > 0).all()), "trees are to follow one another"
        )
        require(int(starts[0]) == 0 and int(starts[-1]) == nodes, "trees do not cover the nodes")
        require(within(feature, MIXED, self.pixels), "a feature is none of the pixels")
        require(
            within(pair_class, 0, self.classes) and within(pair_count, 1, 2**31),
            "pairs are not classes with a count",
        )
        require(
            within(right[feature == PURE], 0, self.classes), "a leaf's class is none of the classes"
        )
        mixed = feature == MIXED
        first, length = right[mixed].long(), threshold[mixed].long()
        require(
            within(first, 0, pairs)
            and within(length, 1, 256)
            and within(first + length, 0, pairs + 1),
            "a leaf has no such pairs",
        )
        inner = torch.nonzero(feature >= 0).squeeze(1)
        end = starts[torch.searchsorted(starts, inner, right=True)]
        child = right[inner].long()
        require(
            bool(((child > inner + 1) & (child < end)).all()),
            "a node has children that are not later nodes of its tree",
        )

    def logits(self, pixels: Tensor) -> Tensor:
        rows = in_bytes(pixels.detach()).cpu().contiguous().numpy()
        votes = np.zeros((len(rows), self.classes))
        arrays = [getattr(self, name).cpu().numpy() for name in self.STORED if name != "width"]
        walk = _compiled()
        threads = torch.get_num_threads() if len(rows) > _FEW else 1
        parts = zip(np.array_split(rows, threads), np.array_split(votes, threads), strict=True)
        # not numba's own threads: using those in two sessions at once could crash the process
        with ThreadPoolExecutor(threads) as pool:
            for job in [pool.submit(walk, part, *arrays, own) for part, own in parts]:
                job.result()
        shares = torch.from_numpy(votes / (len(self.starts) - 1))
        return torch.log(shares + RARE).float().to(pixels.device)


@cache
def _compiled() -> Callable[..., None]:
    from core.compiled import njit  # slow to import, and not needed to list models

    @njit(cache=True, nogil=True)
    def walk(rows, feature, threshold, right, starts, pair_class, pair_count, votes):  # type: ignore[no-untyped-def]
        """Add each tree's probabilities of uint8 [N, P] to votes [N, C]; all images go through a
        tree while it is in the cache.
        """
        for tree in range(len(starts) - 1):
            for image in range(len(rows)):
                node = starts[tree]
                while feature[node] >= 0:
                    if rows[image, feature[node]] <= threshold[node]:
                        node += 1
                    else:
                        node = np.int64(right[node])
                first = right[node]
                if feature[node] == PURE:
                    votes[image, first] += 1
                else:
                    total = 0
                    for pair in range(first, first + threshold[node]):
                        total += pair_count[pair]
                    for pair in range(first, first + threshold[node]):
                        votes[image, pair_class[pair]] += pair_count[pair] / total

    return walk


def of_trees(
    trees: Iterable["DecisionTreeClassifier"], labels: np.ndarray, classes: int, pixels: int
) -> Forest:
    """A forest of scikit-learn's fitted trees; `labels` [K] are the classes of the trees' own class
    indices.
    """
    return _joined([_compact(tree.tree_, labels) for tree in trees], classes, pixels)


def _compact(tree: Any, labels: np.ndarray) -> dict[str, np.ndarray]:
    """One tree, its nodes and pairs indexed from 0. Pixels are integers, so thresholds can be
    rounded down.
    """
    leaf, here = tree.children_left < 0, np.arange(tree.node_count)
    if not np.array_equal(tree.children_left[~leaf], here[~leaf] + 1):
        raise ValueError(
            "nodes are to be numbered depth first, as scikit-learn does unless max_leaf_nodes is "
            "set"
        )
    counts = np.rint(tree.value[leaf, 0] * tree.weighted_n_node_samples[leaf, None]).astype(
        np.int32
    )
    kinds = (counts > 0).sum(1)
    pure, mixed, lengths = here[leaf][kinds == 1], here[leaf][kinds > 1], kinds[kinds > 1]
    row, column = np.nonzero(counts[kinds > 1])
    feature = tree.feature.astype(np.int16)
    feature[pure], feature[mixed] = PURE, MIXED
    threshold = np.where(leaf, 0, np.floor(tree.threshold)).astype(np.uint8)
    threshold[mixed] = lengths
    right = tree.children_right.astype(np.int32)
    right[pure], right[mixed] = labels[counts[kinds == 1].argmax(1)], np.cumsum(lengths) - lengths
    pair_class, pair_count = labels[column].astype(np.uint8), counts[kinds > 1][row, column]
    return {
        "feature": feature,
        "threshold": threshold,
        "right": right,
        "pair_class": pair_class,
        "pair_count": pair_count,
    }


def _joined(trees: list[dict[str, np.ndarray]], classes: int, pixels: int) -> Forest:
    if classes > 255:
        raise ValueError(f"a class number takes one byte: at most 255 classes, not {classes}")
    starts = np.cumsum([0, *(len(tree["feature"]) for tree in trees)])
    pairs = np.cumsum([0, *(len(tree["pair_class"]) for tree in trees)])
    for tree, node, pair in zip(trees, starts, pairs, strict=False):  # the last of both is the end
        tree["right"][tree["feature"] >= 0] += np.int32(node)
        tree["right"][tree["feature"] == MIXED] += np.int32(pair)
    # a dummy pair, as all leaves may be pure
    trees = [*trees, {"pair_class": np.zeros(1, np.uint8), "pair_count": np.ones(1, np.int32)}]
    tensors = {
        name: np.concatenate([tree[name] for tree in trees if name in tree]) for name in trees[0]
    } | {"starts": starts}
    forest = Forest(classes, pixels)
    forest.load_state_dict(
        {name: torch.from_numpy(array) for name, array in tensors.items()}
        | {"width": torch.tensor(pixels)}
    )
    return forest


def build_forest(classes: int) -> Forest:
    """An empty forest, of either kind, for 28x28 images."""
    return Forest(classes)


def fit_random_forest(
    images: np.ndarray,
    labels: np.ndarray,
    classes: int,
    *,
    seed: int = 0,
    report: Progress = ignore_progress,
    trees: int = 250,
    max_depth: int = 25,
    max_samples: float = 1.0,
) -> Forest:
    """Fit to uint8 images [N, H, W] with labels int64 [N]; each tree sees `max_samples` N of them,
    drawn with replacement.

    max_depth : 0 is no limit. report : counts trees. InklingError without images or for an
    invalid setting.
    """
    from sklearn.ensemble import RandomForestClassifier

    if not 0 < max_samples <= 1:
        raise InklingError(f"max_samples is a share above 0 and at most 1, not {max_samples}.")
    return _fit(
        RandomForestClassifier,
        {"max_samples": max_samples},
        images,
        labels,
        classes,
        seed,
        report,
        trees,
        max_depth,
    )


def fit_extra_trees(
    images: np.ndarray,
    labels: np.ndarray,
    classes: int,
    *,
    seed: int = 0,
    report: Progress = ignore_progress,
    trees: int = 250,
    max_depth: int = 25,
) -> Forest:
    """Like `fit_random_forest`, but each tree sees all images, and the thresholds are random."""
    from sklearn.ensemble import ExtraTreesClassifier

    return _fit(ExtraTreesClassifier, {}, images, labels, classes, seed, report, trees, max_depth)


def _fit(
    kind: Any,
    settings: dict[str, float],
    images: np.ndarray,
    labels: np.ndarray,
    classes: int,
    seed: int,
    report: Progress,
    trees: int,
    max_depth: int,
) -> Forest:
    if trees < 1 or max_depth < 0:
        raise InklingError(
            f"trees must be at least 1 and max_depth at least 0, not {trees} and {max_depth}."
        )
    rows = training_pixels(images, labels, classes).astype(np.float32)
    seeds, known = (
        np.random.default_rng(seed).integers(2**31, size=-(-trees // _GROUP)),
        np.unique(labels),
    )
    compact: list[dict[str, np.ndarray]] = []
    for group_seed in seeds:
        report(len(compact), trees)
        model = kind(
            min(_GROUP, trees - len(compact)),
            max_depth=max_depth or None,
            n_jobs=-1,
            random_state=int(group_seed),
            **settings,
        )
        compact += [_compact(tree.tree_, known) for tree in model.fit(rows, labels).estimators_]
        del model  # before the next takes as much
    report(trees, trees)
    return _joined(compact, classes, rows.shape[1])

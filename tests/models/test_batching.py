"""Passes shared between threads answer each with its own."""

import pickle
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from torch import nn

from core.models.batching import Batches
from core.models.recognizer import load_recognizer
from core.settings import Settings

NETWORK = nn.Identity()


class Slow:
    """Means of images; the passes wait until they are let go, and images of 13 are a fault."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Semaphore(0), threading.Event()
        self.sizes: list[int] = []

    def __call__(self, _: nn.Module, images: np.ndarray) -> np.ndarray:
        self.sizes.append(len(images))
        self.begun.release()
        assert self.go.wait(30)
        if (images == 13).any():
            raise ValueError("thirteen")
        return images.mean((1, 2))[:, None]


def images(*values: int) -> np.ndarray:
    return np.stack([np.full((4, 4), value, np.uint8) for value in values])


def while_busy(batches: Batches, slow: Slow, asked: Sequence[np.ndarray]) -> list[object]:
    """What each hears who asks, in this order, while the first pass runs; errors as they are."""

    def ask(given: np.ndarray) -> object:
        try:
            return batches.answer(NETWORK, given).ravel().tolist()
        except ValueError as error:
            return error

    with ThreadPoolExecutor(len(asked) + 1) as pool:
        first = pool.submit(ask, images(1))
        assert slow.begun.acquire(timeout=30)
        others = []
        for count, given in enumerate(asked, 1):
            others.append(pool.submit(ask, given))
            while len(batches._waiting) < count:
                pass
        slow.go.set()
        assert first.result() == [1.0]
        return [other.result() for other in others]


def test_who_comes_meanwhile_shares_the_next_pass() -> None:
    slow = Slow()
    batches = Batches(slow, most=32, cores=1)
    asked = [images(2), images(3, 4), images(5)]
    assert while_busy(batches, slow, asked) == [[2], [3, 4], [5]]
    assert slow.sizes == [1, 4]
    assert batches.answer(NETWORK, images(6)).tolist() == [[6]]


def test_a_pass_has_no_more_images_than_it_may() -> None:
    slow = Slow()
    asked = [images(2), images(3, 4), images(5, 6), images(7)]
    assert while_busy(Batches(slow, most=4, cores=1), slow, asked) == [[2], [3, 4], [5, 6], [7]]
    assert slow.sizes == [1, 3, 3]


def test_a_fault_in_one_request_is_told_to_that_alone() -> None:
    slow = Slow()
    heard = while_busy(Batches(slow, most=32, cores=1), slow, [images(2), images(13), images(4)])
    assert [heard[0], heard[2]] == [[2], [4]]
    assert isinstance(heard[1], ValueError)


def test_networks_never_share_a_pass() -> None:
    slow = Slow()
    batches, other = Batches(slow, most=32, cores=1), nn.Identity()
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(batches.answer, NETWORK, images(1))
        assert slow.begun.acquire(timeout=30)
        waiting = [pool.submit(batches.answer, net, images(2)) for net in (NETWORK, other)]
        while len(batches._waiting) < 2:
            pass
        slow.go.set()
        assert [done.result().tolist() for done in (first, *waiting)] == [[[1]], [[2]], [[2]]]
    assert slow.sizes == [1, 1, 1]


def test_as_many_passes_run_at_once_as_there_are_cores() -> None:
    slow = Slow()
    batches = Batches(slow, most=32, cores=2)
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(batches.answer, NETWORK, images(value)) for value in (1, 2)]
        assert all(slow.begun.acquire(timeout=30) for _ in both)
        slow.go.set()
        assert [done.result().tolist() for done in both] == [[[1]], [[2]]]


@pytest.mark.parametrize("name", ["digits", "characters"])
def test_batched_is_unbatched(name: str, random: np.random.Generator) -> None:
    """The same probabilities to float tolerance, whoever shares the pass."""
    recognizer = load_recognizer(name, Settings.from_environment())
    side = recognizer.form.size
    pictures = random.integers(0, 256, (48, side, side), np.uint8)
    alone = np.stack([recognizer.predict(one[None]).probabilities[0] for one in pictures])
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(lambda one: recognizer.predict(one[None]), pictures))
    np.testing.assert_allclose([each.probabilities[0] for each in together], alone, atol=1e-5)
    np.testing.assert_allclose(recognizer.predict(pictures).probabilities, alone, atol=1e-5)


def test_a_recognizer_is_sent_to_another_process(random: np.random.Generator) -> None:
    """joblib's and a cluster's workers get it as bytes."""
    recognizer = load_recognizer("digits", Settings.from_environment())
    images = random.integers(0, 256, (3, 28, 28), np.uint8)
    sent = pickle.loads(pickle.dumps(recognizer))
    assert np.array_equal(
        sent.predict(images).probabilities, recognizer.predict(images).probabilities
    )

"""One forward pass for what several threads ask of a network at the same time."""

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from threading import Event, Lock

import numpy as np
from torch import nn

Run = Callable[[nn.Module, np.ndarray], np.ndarray]
"""What a network says to images [N, H, W]: a row for each."""


class _Asked:
    """The images of one thread; once `done` is set they are answered, or it is to lead a pass."""

    def __init__(self, network: nn.Module, images: np.ndarray) -> None:
        self.network, self.images = network, images
        self.done = Event()
        self.rows: np.ndarray | None = None
        self.error: Exception | None = None


class Batches:
    """Answers a few images of each of many threads, together where they come together.

    Who finds a core free runs the network at once: one visitor waits for nobody. Who comes while
    all are busy waits for the next pass, which the first of those waiting runs for all of them
    (flat combining: Hendler, Incze, Shavit and Tzafrir, SPAA 2010).

    most : images of a pass. cores : passes at the same time.
    """

    def __init__(self, run: Run, *, most: int, cores: int) -> None:
        self._run, self._most, self._cores, self._free = run, most, cores, cores
        self._lock = Lock()
        self._waiting: deque[_Asked] = deque()

    def __reduce__(self) -> tuple[Callable[[], "Batches"], tuple[()]]:
        """A process that is sent it has threads of its own, who wait for nobody here."""
        return partial(Batches, self._run, most=self._most, cores=self._cores), ()

    def answer(self, network: nn.Module, images: np.ndarray) -> np.ndarray:
        """What the network says to these images, all of the size that it takes; an error if it has
        one for them, whatever it has for those of others.
        """
        asked = _Asked(network, images)
        with self._lock:
            leads = self._free > 0
            if leads:
                self._free -= 1
            else:
                self._waiting.append(asked)
        if not leads:
            asked.done.wait()
        if asked.rows is None and asked.error is None:
            self._lead(asked)
        if asked.error is not None:
            raise asked.error
        assert asked.rows is not None
        return asked.rows

    def _lead(self, first: _Asked) -> None:
        """One pass for the first and those who wait, and the next of them leads the next pass."""
        batch, room = [first], self._most - len(first.images)
        with self._lock:
            while (
                self._waiting
                and self._waiting[0].network is first.network
                and len(self._waiting[0].images) <= room
            ):
                batch.append(self._waiting.popleft())
                room -= len(batch[-1].images)
        try:
            self._answer_all(batch)
        finally:
            with self._lock:
                following = self._waiting.popleft() if self._waiting else None
                self._free += following is None
            if following is not None:
                following.done.set()
            for asked in batch:
                if asked.rows is None and asked.error is None:
                    asked.error = RuntimeError("the pass was broken off")
                asked.done.set()

    def _answer_all(self, batch: Sequence[_Asked]) -> None:
        """Answer in one pass; if that fails each for itself, so that who has none of the fault has
        an answer.
        """
        try:
            images = np.concatenate([asked.images for asked in batch])
            rows = self._run(batch[0].network, images)
        except Exception as error:
            if len(batch) == 1:
                batch[0].error = error
                return
            for asked in batch:
                self._answer_all([asked])
            return
        ends = np.cumsum([len(asked.images) for asked in batch])
        for asked, part in zip(batch, np.split(rows, ends[:-1]), strict=True):
            asked.rows = part

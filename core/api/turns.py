"""How many requests are answered at the same time, and how many wait for their turn."""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, Semaphore, fail_after, to_thread
from starlette.exceptions import HTTPException

T = TypeVar("T")

WAIT = 30.0
"""Seconds that a request waits for its turn."""


class Turns:
    """Threads for requests of one kind; other kinds have their own, and never wait for these.

    at_once : requests that are answered at the same time. waiting : those that may wait; the next
    is refused at once, which costs nothing.
    """

    def __init__(self, *, at_once: int, waiting: int) -> None:
        self._most, self._inside = at_once + waiting, 0
        self._free, self._threads = Semaphore(at_once), CapacityLimiter(at_once)

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` says, in a thread; 503 if too many wait, or if it waited too long."""
        if self._inside >= self._most:
            raise busy()
        self._inside += 1
        try:
            try:
                with fail_after(WAIT):
                    await self._free.acquire()
            except TimeoutError as error:
                raise busy() from error
            try:
                return await to_thread.run_sync(work, limiter=self._threads)
            finally:
                self._free.release()
        finally:
            self._inside -= 1


def busy() -> HTTPException:
    """The refusal of a request for which there is no room now."""
    return HTTPException(
        503, "Too many requests wait for an answer; ask again soon.", {"Retry-After": "2"}
    )

"""How many requests are answered at the same time, how many together, and how many wait."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass
from typing import Generic, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.exceptions import HTTPException

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

WAIT = 30.0
"""Seconds that a request waits for its turn."""


@dataclass(frozen=True, eq=False)
class _Waiting(Generic[Asked, Answer]):
    """One request; `patience` ends when its turn comes."""

    asked: Asked
    answer: "asyncio.Future[Answer | Exception]"
    patience: asyncio.TimerHandle
    context: Context


class Turns(Generic[Asked, Answer]):
    """Threads for requests of one kind; other kinds have their own, and never wait for these.

    answer : what is said to some requests, in their order; raises if one of them is at fault.
    at_once : threads. together : requests that one thread takes at once, of those that wait: many
    threads would wait for Python's lock longer than they work. waiting : requests that may wait;
    the next is refused at once, which costs nothing.
    """

    def __init__(
        self,
        answer: Callable[[Sequence[Asked]], Sequence[Answer]],
        *,
        at_once: int,
        waiting: int,
        together: int = 1,
    ) -> None:
        self._answer, self._together, self._most = answer, together, waiting
        self._free, self._threads = at_once, CapacityLimiter(at_once)
        self._waiting: deque[_Waiting[Asked, Answer]] = deque()
        self._working = set[asyncio.Task[None]]()

    async def ask(self, asked: Asked) -> Answer:
        """The answer to one request; 503 if too many wait, or if it waited too long."""
        while self._waiting and self._waiting[0].answer.done():
            self._waiting.popleft()  # it gave up, and makes room
        if not self._free and len(self._waiting) >= self._most:
            raise busy()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer | Exception] = loop.create_future()
        patience = loop.call_later(WAIT, _give_up, answer)
        self._waiting.append(_Waiting(asked, answer, patience, copy_context()))
        if self._free:
            self._free -= 1
            task = loop.create_task(self._work())
            self._working.add(task)  # asyncio itself would forget it
            task.add_done_callback(self._working.discard)
        said = await answer
        if isinstance(said, Exception):
            raise said
        return said

    async def _work(self) -> None:
        """One thread's: answer those that wait until none does."""
        try:
            while some := self._next():
                try:
                    said = await to_thread.run_sync(
                        some[0].context.run,
                        self._answer_all,
                        [one.asked for one in some],
                        limiter=self._threads,
                    )
                    for one, answer in zip(some, said, strict=True):
                        if not one.answer.done():
                            one.answer.set_result(answer)
                finally:
                    for one in some:
                        one.answer.cancel()  # does nothing to those that have theirs
        finally:
            self._free += 1

    def _next(self) -> list[_Waiting[Asked, Answer]]:
        """Those that are answered next: nobody waits for one who gave up or went away."""
        some = list[_Waiting[Asked, Answer]]()
        while self._waiting and len(some) < self._together:
            one = self._waiting.popleft()
            one.patience.cancel()
            if not one.answer.done():
                some.append(one)
        return some

    def _answer_all(self, asked: Sequence[Asked]) -> Sequence[Answer | Exception]:
        """To all of them at once; if that fails to each for itself, so that who is not at fault has
        an answer.
        """
        try:
            return self._answer(asked)
        except Exception as error:
            if len(asked) == 1:
                return [error]
            return [answer for one in asked for answer in self._answer_all([one])]


def _give_up(answer: "asyncio.Future[Answer | Exception]") -> None:
    if not answer.done():
        answer.set_result(busy())


def busy() -> HTTPException:
    """The refusal of a request for which there is no room now."""
    return HTTPException(
        503, "Too many requests wait for an answer; ask again soon.", {"Retry-After": "2"}
    )

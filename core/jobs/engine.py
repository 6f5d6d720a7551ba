"""Where work that is cut in pieces runs: in threads or processes here, or on a Dask cluster.

A piece is a function of its arguments alone, so that no result says who made it. Results come back
in order to the process that asked, and it alone writes files: a worker needs Inkling, but no disk,
and a piece whose worker was killed is made again by another.
"""

import logging
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import urlsplit

from core import __version__
from core.errors import InklingError

if TYPE_CHECKING:
    from distributed import Client

REQUIREMENTS = Path(__file__).with_name("requirements-dask.txt")
"""What an engine with a scheduler needs beside the project's own requirements."""

Piece = TypeVar("Piece")
Result = TypeVar("Result")

_AHEAD = 2
"""Pieces for each worker that are under way, or wait until they are taken: bounds memory."""

_COUNTED = 50
"""Pieces after which a cluster's workers are counted anew, as they come and go."""

_TRIES = 3
_FATAL = (
    "A piece of the work has ended every worker that tried it, as when memory runs out; make more "
    "room, or use fewer workers."
)

_SECONDS = 15.0
"""How long a scheduler may take to answer, and a cluster to have a worker."""


@dataclass(frozen=True)
class Engine:
    """`workers` threads or processes here, 0: one per CPU; or, if `scheduler` is the address of a
    Dask scheduler, all workers of that cluster.
    """

    workers: int = 0
    scheduler: str = ""

    def map(
        self,
        function: Callable[[Piece], Result],
        pieces: Iterable[Piece],
        *,
        here: Literal["threads", "processes", "serial"] = "threads",
    ) -> Generator[Result]:
        """`function` of each piece, in their order.

        here : what does it on this machine; "serial" is for what takes all processors by itself.
        InklingError if the cluster cannot be used.
        """
        workers = self.workers or os.cpu_count() or 1
        if self.scheduler:
            yield from _on_cluster(self.scheduler, function, pieces)
        elif here == "serial" or workers == 1:
            yield from map(function, pieces)
        elif here == "processes":
            yield from _in_processes(workers, function, list(pieces))
        else:
            with ThreadPoolExecutor(workers) as pool:
                yield from _in_order(
                    lambda piece: pool.submit(function, piece), pieces, lambda: workers
                )


HERE = Engine()
"""All processors of this machine."""


def _in_order(
    submit: Callable[[Piece], Any], pieces: Iterable[Piece], workers: Callable[[], int]
) -> Iterator[Any]:
    """The results of the futures that `submit` returns, in order, few of them at a time."""
    waiting: deque[Any] = deque()
    most = 0
    try:
        for number, piece in enumerate(pieces):
            if number % _COUNTED == 0:
                most = _AHEAD * max(1, workers())
            waiting.append(submit(piece))
            if len(waiting) >= most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _in_processes(
    workers: int, function: Callable[[Piece], Result], pieces: Sequence[Piece]
) -> Iterator[Result]:
    """By joblib, which hands large arrays over as memory maps. It does not wait for whoever takes
    the results, but nothing that is worth processes is made faster than a disk writes.
    """
    from joblib import Parallel, delayed

    done, tries = 0, 0
    while done < len(pieces):
        parallel = Parallel(workers, backend="loky", return_as="generator")
        try:
            for result in parallel(delayed(function)(piece) for piece in pieces[done:]):
                done, tries = done + 1, 0
                yield result
        except BrokenProcessPool as error:  # a worker was killed: what it had is made again
            tries += 1
            if tries == _TRIES:
                raise InklingError(_FATAL) from error


def _on_cluster(
    scheduler: str, function: Callable[[Piece], Result], pieces: Iterable[Piece]
) -> Iterator[Result]:
    """By Dask's own client: joblib's backend for Dask loses a function's arguments with the worker
    that was given them.
    """
    with _connected(scheduler) as client:
        # sent to each worker once, not with each piece; the scheduler keeps it for workers to come
        shared = client.submit(_itself, function, pure=False)
        yield from _in_order(
            lambda piece: client.submit(_call, shared, piece, pure=False),
            pieces,
            lambda: sum(client.nthreads().values()),
        )


@contextmanager
def _connected(scheduler: str) -> "Iterator[Client]":
    """A client of the cluster; InklingError if it cannot be used."""
    try:
        from dask import config
        from distributed import Client, KilledWorker
        from distributed.client import FutureCancelledError
        from distributed.comm.core import CommClosedError
    except ImportError as error:
        raise InklingError(
            f"Dask is not installed here; install it with pip install -r {REQUIREMENTS}."
        ) from error
    _check_address(scheduler)
    # a lost worker is the scheduler's business, and no news for whoever waits for the result
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        # a recognizer may be larger than what Dask warns of; it is sent once
        stack.enter_context(config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}))
        try:
            client = stack.enter_context(
                Client(scheduler, timeout=_SECONDS, set_as_default=False, name="inkling")
            )
            client.wait_for_workers(1, timeout=_SECONDS)
            versions = set(client.run(_version).values())
        except ModuleNotFoundError as error:
            raise InklingError(
                f"The workers of {scheduler} have no module {error.name!r}; start them in the "
                "folder of Inkling, with its requirements."
            ) from error
        except OSError as error:  # TimeoutError too
            raise InklingError(
                f"The cluster {scheduler} has no scheduler or no worker ({error}); start both, or "
                "leave --engine out."
            ) from error
        if versions != {__version__}:
            raise InklingError(
                f"The workers of {scheduler} have Inkling {', '.join(sorted(versions))}, and this "
                f"is {__version__}; give all the same version."
            )
        try:
            yield client
        except KilledWorker as error:
            raise InklingError(_FATAL) from error
        except (FutureCancelledError, CommClosedError) as error:
            raise InklingError(
                f"The scheduler {scheduler} is gone; start the cluster, and then this again."
            ) from error


def _check_address(scheduler: str) -> None:
    """InklingError unless it is `tcp://HOST:PORT`, or `tls://…`."""
    with suppress(ValueError):  # of a port that is no number
        parts = urlsplit(scheduler)
        if parts.scheme in ("tcp", "tls") and parts.hostname and parts.port:
            return
    raise InklingError(
        f"The address of a scheduler is tcp://HOST:PORT or tls://HOST:PORT, not {scheduler!r}."
    )


def _version() -> str:
    return __version__


def _itself(function: Callable[[Piece], Result]) -> Callable[[Piece], Result]:
    return function


def _call(function: Callable[[Piece], Result], piece: Piece) -> Result:
    return function(piece)

"""Results of computations, cached in the memory of this process for all sessions, up to a number of
bytes; those of a visitor of a demo for this visitor alone.
"""

import mmap
import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from threading import Lock
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from core.progress import Progress
from pages.shared.visitor import settings_here

MOST_BYTES = 256 * 2**20

T = TypeVar("T")


class Cache:
    """Values by a key (kind, key); beyond `most` bytes the least recently used are evicted.

    Thread-safe. Neither Streamlit's caches nor `functools` would do: the former copy every value,
    which reads a memory map, the latter count values and not bytes.
    """

    def __init__(self, most: int) -> None:
        self.most, self.bytes = most, 0
        self._values: OrderedDict[tuple[str, Hashable], tuple[Any, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, kind: str, key: Hashable) -> Any:
        """The value, now the most recently used; None if there is none."""
        with self._lock:
            if (kind, key) not in self._values:
                return None
            self._values.move_to_end((kind, key))
            return self._values[kind, key][0]

    def put(self, kind: str, key: Hashable, value: object) -> None:
        """Store a value, replacing an earlier one; a value larger than the whole cache is not
        stored and evicts nothing.
        """
        size = size_of((key, value))
        with self._lock:
            self._remove((kind, key))
            if size > self.most:
                return
            while self.bytes + size > self.most:
                self._remove(next(iter(self._values)))
            self._values[kind, key] = value, size
            self.bytes += size

    def forget(self, kind: str) -> None:
        """Drop all values of a kind."""
        with self._lock:
            for entry in [entry for entry in self._values if entry[0] == kind]:
                self._remove(entry)

    def _remove(self, entry: tuple[str, Hashable]) -> None:
        _, size = self._values.pop(entry, (None, 0))
        self.bytes -= size


def size_of(value: object) -> int:
    """Bytes of a value with all that it holds, each object once: arrays by the memory that they
    keep alive, of which a mapped file takes none.
    """
    total, waiting, seen = 0, [value], set()
    while waiting:
        item = waiting.pop()
        if isinstance(item, np.ndarray):
            item = _owner(item)
        if item is None or id(item) in seen:
            continue
        seen.add(id(item))
        total += item.nbytes if isinstance(item, np.ndarray) else sys.getsizeof(item)
        if isinstance(item, np.ndarray):
            waiting.extend(item.flat if item.dtype.hasobject else ())
        elif isinstance(item, Mapping):
            waiting.extend(item.keys())
            waiting.extend(item.values())
        elif isinstance(item, list | tuple | set | frozenset):
            waiting.extend(item)
        elif is_dataclass(item) and not isinstance(item, type):
            waiting.extend(getattr(item, field.name) for field in fields(item))
            # cached properties computed so far count as well
            waiting.extend(dict(getattr(item, "__dict__", {})).values())
    return total


def _owner(array: np.ndarray) -> np.ndarray | None:
    """The array that owns a view's memory; None if that is a mapped file."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return None if isinstance(array.base, mmap.mmap) else array


def cached(kind: str, key: Hashable, compute: Callable[[], T], *, shared: bool = False) -> T:
    """The result of `compute()` for this key of this kind, cached or computed now.

    shared : for all visitors of a demo, because nothing of a visitor's is in it.
    None is not cached: what is missing now may exist at the next call. Two sessions that ask for
    the same at once may both compute it.
    """
    if not shared and (visitor := settings_here().visitor):
        key = visitor, key
    value: T | None = _cache().get(kind, key)
    if value is None:
        value = compute()
        if value is not None:
            _cache().put(kind, key, value)
    return value


def cached_with_progress(
    kind: str, key: Hashable, compute: Callable[[Progress], T], *, total: int, doing: str
) -> T:
    """As `cached`, with a bar while `compute(report)` is running; any click elsewhere stops it."""
    # always: elements below must not move up when nothing is computed
    bar = st.empty()

    def report(done: int, total: int = total, note: str = "") -> None:
        share = min(done / total, 1.0) if total else 0.0
        bar.progress(share, text=f"{doing}, {done:,} of {total:,}")

    def compute_with_bar() -> T:
        value = compute(report)
        bar.empty()
        return value

    return cached(kind, key, compute_with_bar)


def forget(kind: str) -> None:
    """Drop all values of a kind, so that they are computed anew."""
    _cache().forget(kind)


@st.cache_resource(show_spinner=False)
def _cache() -> Cache:
    return Cache(MOST_BYTES)

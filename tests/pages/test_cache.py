"""The cache of results: how large a value is, what goes first, several threads at once."""

import sys
import threading
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from pages.shared import cache as module
from pages.shared.cache import Cache, cached, forget, size_of

ARRAY = 1_000_000


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch) -> Cache:
    own = Cache(10 * ARRAY)
    monkeypatch.setattr(module, "_cache", lambda: own)
    return own


@dataclass(frozen=True, eq=False)
class Result:
    values: np.ndarray
    names: tuple[str, ...]

    @cached_property
    def doubled(self) -> np.ndarray:
        return 2 * self.values


def array(fill: int = 0) -> np.ndarray:
    return np.full(ARRAY, fill, np.uint8)


def about(size: int) -> object:
    """A little more than `size`: what holds the arrays takes some bytes, too."""
    return pytest.approx(size + 1000, abs=1000)


def test_an_array_counts_as_the_memory_that_it_keeps_alive() -> None:
    whole = array()
    assert size_of(whole) == ARRAY
    assert size_of(whole[::1000]) == ARRAY
    assert size_of(np.broadcast_to(whole, (50, ARRAY))) == ARRAY
    assert size_of(np.frombuffer(bytes(ARRAY), np.uint8)) == ARRAY


def test_a_mapped_file_counts_as_nothing(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", array())
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    assert size_of(mapped) == size_of(mapped[5:]) == size_of(np.asarray(mapped)) == 0
    assert size_of(Result(mapped, ())) < 1000
    assert size_of(mapped[[1, 2, 3]]) == 3  # a copy, in memory
    assert size_of(mapped.copy()) == ARRAY


def test_everything_within_counts_once() -> None:
    shared, text = array(), "x" * ARRAY
    assert size_of([array(), (array(), {array().tobytes()}), {"a": array()}]) == about(4 * ARRAY)
    assert size_of([shared, shared[:5], {"again": shared}]) == about(ARRAY)
    assert size_of([text, {text: text}]) == about(ARRAY)
    assert size_of({1: [text, array()]}) == about(2 * ARRAY)
    assert size_of(np.array([text, None], object)) == about(ARRAY)
    circle: list[object] = [array()]
    circle.append(circle)
    assert size_of(circle) == about(ARRAY)


def test_a_dataclass_counts_with_what_it_has_worked_out() -> None:
    result = Result(array(), ("one", "two"))
    assert size_of(result) == about(ARRAY)
    assert len(result.doubled) == ARRAY
    assert size_of(result) == about(2 * ARRAY)
    assert size_of(Result) == sys.getsizeof(Result)  # the class itself holds no results


def test_those_that_were_not_used_for_longest_go_first(cache: Cache) -> None:
    for number in range(9):
        cache.put("a", number, array(number))
    assert cache.get("a", 0)[0] == 0  # used again
    cache.put("a", 9, array(9))
    cache.put("a", 10, array(10))
    held = [number for number in range(11) if cache.get("a", number) is not None]
    assert held == [0, 3, 4, 5, 6, 7, 8, 9, 10]
    assert cache.bytes == about(9 * ARRAY)


def test_what_is_too_large_is_not_held_and_drives_nothing_out(cache: Cache) -> None:
    cache.put("a", "small", array())
    cache.put("a", "large", np.zeros(11 * ARRAY, np.uint8))
    assert cache.get("a", "large") is None
    assert cache.get("a", "small") is not None
    cache.put("a", "small", np.zeros(11 * ARRAY, np.uint8))  # nor is what was there before it
    assert cache.get("a", "small") is None
    assert cache.bytes == 0


@given(
    some.lists(
        some.tuples(some.integers(0, 9), some.integers(0, 3000), some.booleans()), max_size=60
    )
)
def test_it_never_holds_more_than_it_may(steps: list[tuple[int, int, bool]]) -> None:
    own = Cache(8000)
    for key, size, forgetting in steps:
        own.put("ab"[key % 2], key, np.zeros(size, np.uint8))
        if forgetting:
            own.forget("a")
            assert all(own.get("a", number) is None for number in range(10))
        held = [(number, own.get("ab"[number % 2], number)) for number in range(10)]
        sizes = [size_of((number, value)) for number, value in held if value is not None]
        assert own.bytes == sum(sizes) <= 8000


def test_a_value_is_computed_once_for_each_kind_and_key() -> None:
    calls: list[object] = []

    def compute(value: object) -> object:
        calls.append(value)
        return value

    for _ in range(3):
        assert cached("a", (1, "x"), lambda: compute(0)) == 0
        assert cached("b", (1, "x"), lambda: compute("")) == ""
        assert cached("a", (2, "x"), lambda: compute("third")) == "third"
    assert calls == [0, "", "third"]
    forget("a")
    assert cached("b", (1, "x"), lambda: compute("other")) == ""
    assert cached("a", (1, "x"), lambda: compute("again")) == "again"


def test_nothing_is_held_of_what_is_not_there_or_fails(cache: Cache) -> None:
    assert cached("a", 1, lambda: None) is None
    with pytest.raises(ZeroDivisionError):
        cached("a", 1, lambda: 1 // 0)
    assert cache.bytes == 0
    assert cached("a", 1, lambda: 5) == 5


def test_many_threads(cache: Cache) -> None:
    """Each gets the value of its key, whoever computed it, while others come and go."""
    cache.most = 5 * ARRAY // 100
    wrong: list[object] = []
    start = threading.Barrier(8)

    def ask(seed: int) -> None:
        random = np.random.default_rng(seed)
        start.wait()
        for key in random.integers(0, 10, 2000).tolist():
            value = cached("a", key, lambda key=key: np.full(ARRAY // 100, key, np.uint8))  # type: ignore[misc]
            if len(value) != ARRAY // 100 or (value != key).any() or cache.bytes > cache.most:
                wrong.append(key)
            if key == 9 and random.random() < 0.1:
                forget("a")

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(8)]
    switch = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(switch)
    assert not wrong
    held = [value for key in range(10) if (value := cache.get("a", key)) is not None]
    assert cache.bytes == about(len(held) * ARRAY // 100)


def test_two_that_ask_at_once_get_the_same(cache: Cache) -> None:
    both_compute, values = threading.Barrier(2), []

    def compute() -> list[int]:
        both_compute.wait(60)
        return [1, 2]

    def ask() -> None:
        values.append(cached("a", 1, compute))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert values == [[1, 2], [1, 2]]
    assert cached("a", 1, list) == [1, 2]
    assert cache.bytes == size_of((1, [1, 2]))


def test_progress_is_shown_and_gone_when_it_is_there() -> None:
    def script() -> None:
        import streamlit as st

        from pages.shared.cache import cached_with_progress

        def compute(report):
            report(30)
            report(400)
            report(1, 0)
            return "result"

        st.write(cached_with_progress("a", 1, compute, total=120, doing="Counting"))

    app = AppTest.from_function(script, default_timeout=60).run()
    assert not app.exception
    assert [element.value for element in app.markdown] == ["result"]
    assert len(app.main) == 2
    assert not app.run().exception
    assert len(app.main) == 2  # the same elements with nothing to compute

"""Where work runs: the same results, in order and few at a time, here and on a Dask cluster, also
after a worker was killed.
"""

import itertools
import os
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from distributed import LocalCluster

from core.cli.main import main
from core.errors import InklingError
from core.jobs import engine as module
from core.jobs.engine import Engine
from tests.jobs.pieces import die, die_once, process, refuse_five, square
from tests.sentences import is_sentence, sentence_of


@pytest.mark.parametrize("here", ["threads", "processes", "serial"])
@pytest.mark.parametrize("workers", [1, 3])
def test_in_order(here, workers):
    assert list(Engine(workers).map(square, range(20), here=here)) == [n**2 for n in range(20)]
    with pytest.raises(InklingError, match="Five is refused"):
        list(Engine(workers).map(refuse_five, range(9), here=here))


def test_what_is_not_taken_is_not_made():
    asked = itertools.count()
    results = Engine(2).map(square, asked)
    assert [next(results) for _ in range(10)] == [n**2 for n in range(10)]
    assert next(asked) < 20
    results.close()
    assert not [thread for thread in threading.enumerate() if "ThreadPool" in thread.name]


def test_a_piece_whose_process_is_killed_is_made_again(tmp_path):
    function = partial(die_once, tmp_path / "died")
    assert list(Engine(2).map(function, range(40), here="processes")) == list(range(40))
    assert (tmp_path / "died").exists()


@pytest.mark.slow
def test_a_piece_that_ends_every_worker_is_a_sentence(dask):
    for engine in (Engine(2), Engine(scheduler=dask)):
        with pytest.raises(InklingError) as error:
            list(engine.map(die, range(1), here="processes"))
        assert is_sentence(str(error.value))


@pytest.fixture(scope="module")
def dask() -> Iterator[str]:
    """The address of a scheduler with two workers in processes, started again if they die."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as running:
        yield running.scheduler_address


def test_on_a_cluster_in_order(dask):
    engine, asked = Engine(scheduler=dask), itertools.count()
    assert list(engine.map(square, range(100))) == [n**2 for n in range(100)]
    assert os.getpid() not in set(engine.map(process, range(9)))
    with pytest.raises(InklingError, match="Five is refused") as error:
        list(engine.map(refuse_five, range(9)))
    assert error.value.command == "take 6"
    results = engine.map(square, asked)
    assert [next(results) for _ in range(10)] == [n**2 for n in range(10)]
    results.close()
    assert next(asked) < 20


def test_a_piece_whose_worker_is_killed_is_made_again(dask, tmp_path):
    function = partial(die_once, tmp_path / "died")
    assert list(Engine(scheduler=dask).map(function, range(40))) == list(range(40))
    assert (tmp_path / "died").exists()


def test_the_command_line_on_a_cluster(dask, tmp_path, monkeypatch, capsys):
    wanted = ["synth", "--count", "3000", "--effects", "rotation=9", "--out"]
    assert main([*wanted, str(tmp_path / "here")]) == 0
    monkeypatch.setenv("INKLING_SCHEDULER", dask)
    assert main([*wanted, str(tmp_path / "there")]) == 0
    assert same(tmp_path, "here", "there")
    monkeypatch.setenv("INKLING_SCHEDULER", "nowhere")
    assert main([*wanted, str(tmp_path / "local"), "--engine", "local"]) == 0
    capsys.readouterr()
    for options in ([], ["--engine", "dask"], ["--engine", "local", "--scheduler", dask]):
        assert main([*wanted, str(tmp_path / "none"), *options]) == 1
        assert is_sentence(sentence_of(capsys.readouterr().err))


def same(folder: Path, one: str, other: str) -> bool:
    """Whether two exports have the same bytes."""
    return all(
        (folder / f"{one}-{kind}-ubyte").read_bytes()
        == (folder / f"{other}-{kind}-ubyte").read_bytes()
        for kind in ("images-idx3", "labels-idx1")
    )


def test_what_cannot_be_used_is_a_sentence(dask, monkeypatch):
    def sentence(scheduler: str) -> str:
        with pytest.raises(InklingError) as error:
            list(Engine(scheduler=scheduler).map(square, range(3)))
        assert is_sentence(str(error.value)), error.value
        return str(error.value)

    for address in ("nowhere", "tcp://", "tcp://host", "tcp://host:port", "ftp://host:1"):
        assert "tcp://HOST:PORT" in sentence(address)
    monkeypatch.setattr(module, "_SECONDS", 0.5)
    assert "no scheduler" in sentence("tcp://127.0.0.1:9")
    monkeypatch.setattr(module, "_SECONDS", 15.0)
    monkeypatch.setattr(module, "__version__", "0.0.1")
    assert "0.0.1" in sentence(dask)
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "pip install -r" in sentence(dask)
    assert module.REQUIREMENTS.exists()

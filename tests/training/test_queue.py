"""The queue: runs wait their turn, one at a time, in processes that outlive their starter."""

import os
import signal
import time
from dataclasses import replace

import pytest

from core.jobs.job import Job
from core.settings import Settings
from core.training import queue
from core.training.runs import Run, find_runs


@pytest.fixture
def settings(home):
    settings = Settings.from_environment()
    yield settings
    for run in find_runs(settings.runs):  # nothing may continue training after the test
        queue.cancel(run)
    wait(lambda: not any(run.job.state() == "running" for run in find_runs(settings.runs)))


@pytest.fixture
def make_run(settings, small_recipe):
    def make(**changes):
        return Run.create(
            settings.runs,
            model="lenet5",
            data=changes.pop("data", "mnist"),
            recipe=replace(small_recipe, **changes),
        )

    return make


def wait(true, seconds=180):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


def states(*runs):
    return [run.state() for run in runs]


def test_runs_queued_by_two_visitors_both_finish_one_at_a_time(settings, make_run):
    first, second = make_run(epochs=3), make_run(epochs=2)
    queue.submit(first, settings)
    queue.submit(second, settings)
    at_once = 0

    def both_done():
        nonlocal at_once
        at_once = max(at_once, sum(run.job.state() == "running" for run in (first, second)))
        return states(first, second) == ["done", "done"]

    wait(both_done)
    assert at_once == 1
    assert len(first.metrics()) == 3


def test_cancelling_keeps_the_best_epoch_and_it_can_go_on(settings, make_run):
    run = make_run(epochs=200)
    queue.submit(run, settings)
    wait(lambda: run.best.exists())
    queue.cancel(run)
    wait(lambda: run.state() == "cancelled")
    assert run.best.exists()
    done = len(run.metrics())
    queue.submit(run, settings)
    wait(lambda: len(run.metrics()) > done)


def test_what_waits_is_cancelled_without_having_begun(settings, make_run):
    first, second = make_run(epochs=200), make_run()
    queue.submit(first, settings)
    wait(lambda: first.state() == "running")
    queue.submit(second, settings)
    queue.cancel(second)
    queue.cancel(first)
    wait(lambda: states(first, second) == ["cancelled", "cancelled"])
    assert not second.metrics()


def test_whoever_looks_starts_one_process_for_the_queue_and_no_more(settings, make_run):
    run = make_run(epochs=200)
    queue.submit(run, settings)
    server = Job(settings.runs / "queue").process()
    for _ in range(20):
        queue.keep_going(settings)
    assert Job(settings.runs / "queue").process() == server
    assert server is not None


def test_however_many_runs_there_are_none_is_removed(settings, make_run, monkeypatch):
    monkeypatch.setattr("core.jobs.job.MAX_FINISHED", 2)
    runs = [make_run(epochs=1) for _ in range(6)]
    for run in runs[1:]:
        run.set_state("done")
    queue.submit(runs[0], settings)
    wait(lambda: runs[0].state() == "done")
    assert len(find_runs(settings.runs)) == 6


def test_a_crash_and_missing_data_are_a_sentence_and_the_next_run_trains(settings, make_run):
    bad, good = make_run(data="upload-gone"), make_run(epochs=1)
    queue.submit(bad, settings)
    queue.submit(good, settings)
    wait(lambda: states(bad, good) == ["failed", "done"])
    assert "upload-gone" in bad.detail()


@pytest.mark.slow
def test_a_killed_run_is_stopped_and_goes_on_where_it_was(settings, make_run):
    run = make_run(epochs=200)
    queue.submit(run, settings)
    wait(lambda: run.checkpoint.exists())
    os.kill(run.job.process().pid, signal.SIGKILL)
    wait(lambda: run.state() == "stopped")
    done = len(run.metrics())
    assert done >= 1
    queue.submit(run, settings)
    wait(lambda: len(run.metrics()) > done)


def test_a_killed_queue_is_taken_up_by_whoever_looks(settings, make_run):
    first, second = make_run(epochs=3), make_run(epochs=1)
    queue.submit(first, settings)
    wait(lambda: first.state() == "running")
    server = Job(settings.runs / "queue").process()
    server.kill()
    server.wait(60)
    queue.submit(second, settings)
    wait(lambda: states(first, second) == ["done", "done"])

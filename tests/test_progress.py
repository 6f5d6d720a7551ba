"""Progress reports: parts of longer work, the bar, the file of a job."""

import json
import signal

import pytest
from tqdm import tqdm

from core import progress
from core.progress import JOB_FOLDER, ignore_progress, part_of_progress, progress_bar


class Log:
    """A `Progress` that records its calls."""

    def __init__(self):
        self.calls = []

    def __call__(self, done, total=0, note=""):
        self.calls.append((done, total, note))


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass only when the test says so."""
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


@pytest.fixture
def job(tmp_path, monkeypatch):
    monkeypatch.setenv(JOB_FOLDER, str(tmp_path))
    return tmp_path / "progress.json"


def test_what_nobody_wants_to_know_is_ignored():
    ignore_progress(1)
    ignore_progress(1, 2, "note")
    ignore_progress(done=1, total=2, note="note")


def test_parts_count_on_from_their_start():
    report = Log()
    first = part_of_progress(report, start=0, total=30)
    second = part_of_progress(report, start=10, total=30)
    inner = part_of_progress(second, start=5, total=20)
    first(10, 10, "first")
    second(1)
    second(20, total=20)
    inner(2, 3, "inner")
    assert report.calls == [(10, 30, "first"), (11, 30, ""), (30, 30, ""), (17, 30, "inner")]


def test_what_stops_the_work_goes_through_a_part():
    def stop(done, total=0, note=""):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        part_of_progress(stop, start=1, total=2)(1)


def test_a_job_writes_how_far_it_is(job, clock):
    with progress_bar(1000, unit="image") as report:
        report(10)
        assert json.loads(job.read_text()) == {
            "done": 10,
            "total": 1000,
            "unit": "image",
            "seconds": 0.0,
        }
        clock[0] += 7
        report(30, 900, "drawing")
        assert json.loads(job.read_text()) == {
            "done": 30,
            "total": 900,
            "unit": "image",
            "seconds": 7.0,
        }


def test_the_file_is_written_four_times_a_second_and_at_the_end(job, clock, monkeypatch):
    written = []
    monkeypatch.setattr(
        progress, "write_whole", lambda path, text: written.append(json.loads(text)["done"])
    )
    with progress_bar(1001, unit="image") as report:
        for done in range(1, 1002):
            report(done)
            clock[0] += 1 / 1024
    assert written == [1, 257, 513, 769, 1001]


def test_a_command_in_a_terminal_writes_no_file(tmp_path, monkeypatch):
    monkeypatch.delenv(JOB_FOLDER, raising=False)
    monkeypatch.chdir(tmp_path)
    with progress_bar(2, unit="image") as report:
        report(2)
    assert not list(tmp_path.iterdir())


def test_the_bar_is_on_stderr_and_says_what_and_how_far(job, capsys, monkeypatch):
    bars = []

    def shown_at_once(**options):
        bars.append(tqdm(**{**options, "delay": 0, "mininterval": 0}))
        return bars[-1]

    monkeypatch.setattr("tqdm.tqdm", shown_at_once)
    with progress_bar(4000, unit="image", scale=True) as report:
        report(1000, 4000, "drawing")
        report(1500, 2000)
    (bar,) = bars
    assert (bar.n, bar.total) == (1500, 2000)
    shown = capsys.readouterr()
    assert not shown.out
    assert "drawing: " in shown.err
    assert "1.00k/4.00k" in shown.err
    assert "1.50k/2.00k" in shown.err


def stopped_half_way() -> None:
    with progress_bar(10, unit="image") as report:
        report(5)
        raise KeyboardInterrupt


def test_the_bar_is_closed_when_the_work_stops(job):
    with pytest.raises(KeyboardInterrupt):
        stopped_half_way()
    assert json.loads(job.read_text())["done"] == 5


class Interrupted:
    """Ctrl-C just as Python destroys it: the exception has nowhere to go."""

    def __del__(self):
        signal.raise_signal(signal.SIGINT)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_lost_in_a_destructor_stops_the_work_at_the_next_report():
    # a test that runs in the background ignores the signal
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with progress_bar(10, unit="image") as report:
            Interrupted()
            with pytest.raises(KeyboardInterrupt):
                report(1)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_interrupt_that_is_ignored_stays_so():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with progress_bar(10, unit="image") as report:
            signal.raise_signal(signal.SIGINT)
            report(1)
    finally:
        signal.signal(signal.SIGINT, before)

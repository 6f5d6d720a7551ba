"""A million digits by the command line: time, peak memory against a tenth of them, and the same
bytes after a kill half-way.

`python -m tests.benchmarks.million_digits`, about two minutes and 2 GB of disk; writes
assets/results/million_digits.csv.
"""

import hashlib
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from core.evaluation.publish import hardware
from tests.benchmarks.results import write_results

COUNTS = (100_000, 1_000_000)
COMMAND = "python -m tests.benchmarks.million_digits"


def write(path: Path, count: int, *, killed_at: int = 0) -> tuple[float, float]:
    """Seconds and peak resident memory (MB) of `python -m core synth`; killed once this many bytes
    are written.
    """
    command = [
        sys.executable,
        "-m",
        "core",
        "synth",
        "--glyphs",
        "classic",
        "--jitter",
        "2",
        "--count",
        str(count),
        "--out",
        str(path),
    ]
    started, peak = time.perf_counter(), 0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            peak = max(peak, watched.memory_info().rss)
        except psutil.Error:
            break
        if killed_at and sum(path.stat().st_size for path in path.parent.iterdir()) > killed_at:
            process.send_signal(signal.SIGKILL)
        time.sleep(0.02)
    code = process.wait()
    assert code == (-signal.SIGKILL if killed_at else 0), code
    return time.perf_counter() - started, peak / 1e6


def digest(folder: Path) -> str:
    """SHA-256 of the images and labels in a folder."""
    result = hashlib.sha256()
    for path in sorted(folder.glob("*-ubyte")):
        with open(path, "rb") as file:
            result.update(hashlib.file_digest(file, "sha256").digest())
    return result.hexdigest()


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as index:
        for count in COUNTS:
            folders = [Path(index) / f"{count}-{name}" for name in ("whole", "cut")]
            for folder in folders:
                folder.mkdir()
            seconds, peak = write(folders[0] / "digits", count)
            write(folders[1] / "digits", count, killed_at=count * 784 // 2)
            write(folders[1] / "digits", count)
            same = digest(folders[0]) == digest(folders[1])
            rows.append([count, round(seconds, 1), round(peak), same, hardware(), COMMAND])
    write_results(
        "million_digits.csv",
        "digits,seconds,peak_memory_mb,same_bytes_after_a_kill,hardware,command",
        rows,
    )


if __name__ == "__main__":
    main()

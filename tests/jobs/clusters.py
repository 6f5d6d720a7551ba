"""A Dask cluster of real processes on this machine."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Cluster:
    """Its address, and the processes of its workers; `--no-nanny`: the dead stay dead."""

    address: str
    workers: tuple[subprocess.Popen[bytes], ...]


@contextmanager
def cluster(workers: int) -> Iterator[Cluster]:
    """A scheduler and workers of one thread, started as the README says."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *arguments, "--no-dashboard"]
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )

    scheduler = start("scheduler", "--host", "127.0.0.1", "--port", str(port))
    options = ("--nthreads", "1", "--no-nanny")
    started = tuple(start("worker", address, *options) for _ in range(workers))
    try:
        yield Cluster(address, started)
    finally:
        for process in (*started, scheduler):
            process.kill()
            process.wait()

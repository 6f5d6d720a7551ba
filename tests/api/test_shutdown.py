"""What happens at SIGTERM, which is how containers and systemd stop a server."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil

from core.jobs.job import Job
from tests.benchmarks.kills import ROOT, House, wait_for


def test_a_request_under_way_is_answered(tmp_path: Path) -> None:
    """By the dashboard itself; its log is whole lines of JSON to the last."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    environment = {**os.environ, "INKLING_HOME": str(tmp_path), "INKLING_LOGS": "json"}
    log = tmp_path / "log"
    with open(log, "wb") as errors:
        server = subprocess.Popen(
            [*command, "--server.port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
    try:
        wait_for(lambda: "startup complete" in log.read_text())
        body = json.dumps({"model": "none", "strokes": []}).encode()
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(
                b"POST /api/predict?password=hunter2 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Content-Type: application/json\r\nX-Request-ID: under-way\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body[:5])
            )
            time.sleep(0.2)
            server.send_signal(signal.SIGTERM)
            wait_for(lambda: "Shutting down" in log.read_text())
            connection.sendall(body[5:])
            answer = connection.makefile("rb").read().decode()
        assert answer.startswith("HTTP/1.1 404")
        assert "x-request-id: under-way" in answer
        assert server.wait(60) in (0, -signal.SIGTERM)
    finally:
        server.kill()
        server.wait()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    (line,) = [line for line in lines if line.get("path") == "/api/predict"]
    assert (line["method"], line["status"], line["request"]) == ("POST", 404, "under-way")
    assert line["milliseconds"] >= 200
    assert "hunter2" not in log.read_text()


def test_jobs_go_on_and_are_found_at_the_next_start(tmp_path: Path) -> None:
    house = House(tmp_path, np.random.default_rng(0))
    house.start()
    process: psutil.Process | None = None
    try:
        house.post("exporting", 2)
        ((_, told),) = house.acknowledged["exporting"]
        job = Job(Path(told["job"]))
        process = job.process()
        assert process is not None
        assert process.ppid() == house.server.pid
        process.suspend()  # it shall not be done before the next server is there
        house.server.send_signal(signal.SIGTERM)
        assert house.server.wait(60) in (0, -signal.SIGTERM)
        assert job.state() == "running"
        house.start()
        assert job.process() == process
        process.resume()
        wait_for(lambda: "goes on" in (tmp_path / "server.log").read_text())
    finally:
        house.kill()
        if process is not None:
            with suppress(psutil.NoSuchProcess):
                process.kill()

"""What hostile requests cost a server and its neighbours, of one or several checkouts.

python -m tests.benchmarks.attack [FOLDER ...]      writes assets/results/attack.csv

FOLDER : another checkout to measure in the same run, named after its version. While a hostile
request runs, a neighbour asks for /api/health and has a drawing read every 20 ms; memory is the
server's resident set. The first row is one client on one connection, alone.
"""

import http.client
import io
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import psutil
from PIL import Image

from core.evaluation.publish import hardware
from tests.benchmarks.results import write_results
from tests.benchmarks.screens import serving, version
from tests.browser.conftest import ROOT, STROKES

COMMAND = "python -m tests.benchmarks.attack"
SIDE, AT_ONCE, REQUESTS = 5000, 8, 200
_BOUNDARY = b"inkling"
DRAWN = json.dumps({"strokes": STROKES["3"], "width": 14, "model": "digits"}).encode()


def bodies() -> dict[str, bytes]:
    """JSON of 9 MB: nothing of it is a drawing."""
    return {
        "3 million {}": b'{"model":"digits","strokes":[' + b",".join([b"{}"] * 3_000_000) + b"]}",
        "4.5 million zeros": b'{"model":"digits","strokes":['
        + b",".join([b"0"] * 4_500_000)
        + b"]}",
    }


def picture() -> bytes:
    """A PNG of 25 megapixels in a multipart body; it packs to a few kB."""
    pixels = np.full((SIDE, SIDE, 3), 250, np.uint8)
    pixels[1000:4000, 2400:2600] = 20
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return b"\r\n".join(
        [
            b"--" + _BOUNDARY,
            b'Content-Disposition: form-data; name="model"\r\n\r\ndigits',
            b"--" + _BOUNDARY,
            b'Content-Disposition: form-data; name="file"; filename="a.png"\r\n',
            buffer.getvalue(),
            b"--" + _BOUNDARY + b"--\r\n",
        ]
    )


def post(address: str, body: bytes, kind: str, route: str = "predict") -> int:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=300)
    connection.request("POST", f"/api/{route}", body, {"Content-Type": kind})
    status = connection.getresponse().status
    connection.close()
    return status


def under(address: str, attack: Callable[[], object]) -> list[float]:
    """A neighbour's longest wait in ms for /health and for a drawing, seconds of processor, memory
    before and its peak in MB.
    """
    server = server_of(address)
    waits, drawn = [0.0], [0.0]
    peaks, over = [server.memory_info().rss], threading.Event()

    def neighbour(ask: Callable[[], object], took: list[float]) -> None:
        while not over.is_set():
            start = time.perf_counter()
            ask()
            took.append(time.perf_counter() - start)
            time.sleep(0.02)

    def health() -> None:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=300)
        connection.request("GET", "/api/health")
        connection.getresponse().read()
        connection.close()

    def memory() -> None:
        while not over.wait(0.01):
            peaks.append(server.memory_info().rss)

    used = sum(server.cpu_times()[:2])
    with ThreadPoolExecutor(3) as pool:
        watching = [
            pool.submit(neighbour, health, waits),
            pool.submit(neighbour, lambda: post(address, DRAWN, "application/json"), drawn),
            pool.submit(memory),
        ]
        time.sleep(0.2)
        try:
            print(attack())
        finally:
            over.set()
        for future in watching:
            future.result()
    used = sum(server.cpu_times()[:2]) - used
    return [max(waits) * 1000, max(drawn) * 1000, used, peaks[0] / 10**6, max(peaks) / 10**6]


def server_of(address: str) -> psutil.Process:
    port = urlsplit(address).port
    return next(
        process
        for process in psutil.Process().children()
        if any(each.laddr.port == port for each in process.net_connections("inet"))
    )


def one_client(address: str) -> list[float]:
    """Milliseconds of each answer on one connection."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=300)
    times = []
    for _ in range(REQUESTS + 20):
        start = time.perf_counter()
        connection.request("POST", "/api/predict", DRAWN, {"Content-Type": "application/json"})
        connection.getresponse().read()
        times.append((time.perf_counter() - start) * 1000)
    return times[20:]


def measure(root: Path) -> list[list[object]]:
    rows: list[list[object]] = []
    with serving(root) as address:
        post(address, DRAWN, "application/json")  # torch and the model are loaded
        times = one_client(address)
        tenths = statistics.quantiles(times, n=20)
        row = [round(statistics.median(times), 1), round(tenths[-1], 1), "", "", "", ""]
        rows.append(["one client, an answer", *row, len(times)])
        for name, body in bodies().items():

            def attack(body: bytes = body) -> int:
                return post(address, body, "application/json")

            rows.append([f"JSON, {name}", "", "", *rounded(under(address, attack))])
        body, kind = picture(), f"multipart/form-data; boundary={_BOUNDARY.decode()}"

        for route, count in (("predict", AT_ONCE), ("read-line", 2), ("sheet", 2)):

            def pictures(route: str = route, count: int = count) -> list[int]:
                with ThreadPoolExecutor(count) as pool:
                    asked = pool.map(lambda _: post(address, body, kind, route), range(count))
                    return list(asked)

            what = f"{count} PNGs of 25 megapixels on {route}"
            rows.append([what, "", "", *rounded(under(address, pictures))])
    return rows


def rounded(figures: list[float]) -> list[float]:
    wait, drawn, used, before, peak = figures
    return [round(wait), round(drawn), round(used, 1), round(before), round(peak)]


def main() -> None:
    roots = [*map(Path, sys.argv[1:]), ROOT]
    write_results(
        "attack.csv",
        "version,what,p50_ms,p95_ms,neighbour_waits_ms,neighbours_drawing_ms,processor_s,before_mb,"
        "peak_mb,hardware,command",
        [[version(root), *row, hardware(), COMMAND] for root in roots for row in measure(root)],
    )


if __name__ == "__main__":
    main()

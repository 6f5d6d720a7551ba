"""How many drawings REST reads a second for 1, 8 and 64 clients, beside a bare FastAPI echo, with
passes shared between requests and not.

python -m tests.benchmarks.throughput [SECONDS]      writes assets/results/throughput.csv

Each client keeps its connection and asks again once it is answered. The servers take turns; the
clients are one process on the same machine, whose time is part of what is measured. ResNet-34 has
weights that nobody trained: it stands for a network that is read from memory in each pass.
"""

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import torch

from core.evaluation.publish import hardware
from core.models.cards import Card, save_card
from core.models.network import count_parameters
from core.models.registry import architecture
from core.models.tensors import save_tensors
from tests.benchmarks.results import write_results
from tests.benchmarks.screens import serving
from tests.browser.conftest import ROOT, STROKES

COMMAND = "python -m tests.benchmarks.throughput"
CLIENTS, ROUNDS, SECONDS = (1, 8, 64), 3, 5.0
MODELS = ("digits", "characters", "resnet34")
KINDS = ("echo", "unbatched", "few", "batched", "app")


@contextmanager
def rest_server(kind: str, home: Path) -> Iterator[int]:
    """The port of a new server, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.benchmarks.rest_server", kind, str(port)]
    environment = os.environ | {"INKLING_HOME": str(home)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        for _ in range(300):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.2)
        yield port
    finally:
        process.kill()
        process.wait()


def untrained(name: str, folder: Path) -> None:
    """A recognizer of this architecture with weights that nobody trained."""
    torch.manual_seed(0)
    network = architecture(name).build(47)
    folder.mkdir(parents=True)
    save_tensors(folder / f"{name}.safetensors", network.state_dict(), {})
    classes = tuple(map(str, range(47)))
    parameters = count_parameters(network)
    card = Card(
        name, name, name, classes, "emnist", parameters, 1.0, "none", {}, 0, 0, 0.0, hardware()
    )
    save_card(folder, card)


def request(model: str) -> bytes:
    body = json.dumps({"strokes": STROKES["3"], "width": 14, "model": model})
    lines = [
        "POST /api/predict HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


async def one_client(port: int, asked: bytes, until: float) -> list[tuple[float, int]]:
    """Seconds and status of each answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = []
    while (start := time.perf_counter()) < until:
        writer.write(asked)
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
        answers.append((time.perf_counter() - start, int(head.split(b" ", 2)[1])))
    writer.close()
    return answers


async def crowd(port: int, model: str, clients: int, seconds: float) -> list[tuple[float, int]]:
    until = time.perf_counter() + seconds
    asked = request(model)
    parts = await asyncio.gather(*(one_client(port, asked, until) for _ in range(clients)))
    return [answer for part in parts for answer in part]


def summary(rounds: Sequence[Sequence[tuple[float, int]]], seconds: float) -> list[object]:
    rates = [len(answers) / seconds for answers in rounds]
    times = sorted(took * 1000 for answers in rounds for took, _ in answers)
    wrong = sum(status != 200 for answers in rounds for _, status in answers)
    return [
        *(round(rate, 1) for rate in (statistics.median(rates), min(rates), max(rates))),
        *(round(times[int(len(times) * share)], 1) for share in (0.5, 0.95)),
        len(times),
        wrong,
    ]


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    seen: dict[tuple[str, str, int], list[list[tuple[float, int]]]] = defaultdict(list)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        untrained("resnet34", home / "models")
        ports = {
            kind: stack.enter_context(rest_server(kind, home)) for kind in KINDS if kind != "app"
        }
        address = stack.enter_context(serving(ROOT))
        ports["app"] = int(address.rpartition(":")[2])
        asked = {
            (kind, model): port
            for kind, port in ports.items()
            for model in (("digits",) if kind in ("echo", "app") else MODELS)
        }
        for (_, model), port in asked.items():
            asyncio.run(crowd(port, model, 64, 2))  # torch, the model, its kernels
        for _ in range(ROUNDS):
            for clients in CLIENTS:
                for (kind, model), port in asked.items():
                    answers = asyncio.run(crowd(port, model, clients, seconds))
                    seen[kind, model, clients].append(answers)
    rate = {key: statistics.median(map(len, rounds)) for key, rounds in seen.items()}
    rows = []
    for (kind, model, clients), rounds in seen.items():
        own = rate[kind, model, clients]
        unbatched = rate.get(("unbatched", model, clients), 0)
        rows.append(
            [
                kind,
                "" if kind == "echo" else model,
                clients,
                *summary(rounds, seconds),
                round(own / rate["echo", "digits", clients], 3),
                round(own / unbatched, 2) if unbatched and kind != "echo" else "",
                hardware(),
                COMMAND,
            ]
        )
    write_results(
        "throughput.csv",
        "server,model,clients,per_second,lowest,highest,p50_ms,p95_ms,n,not_200,ratio_to_echo,"
        "ratio_to_unbatched,hardware,command",
        rows,
    )


if __name__ == "__main__":
    main()

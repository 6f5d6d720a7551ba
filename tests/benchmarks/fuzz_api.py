"""10,000 requests that schemathesis makes up from the OpenAPI page: what the answers were.

python -m tests.benchmarks.fuzz_api [CASES]      writes assets/results/fuzz_api.csv

A server error, and any answer that the page does not tell, ends it.
"""

import sys
import tempfile
from pathlib import Path

from core.api.app import build_api
from core.evaluation.publish import hardware
from core.models.cards import find_cards
from core.settings import Settings
from tests.api.fuzzing import fuzz
from tests.benchmarks.results import write_results

COMMAND = "python -m tests.benchmarks.fuzz_api"
CASES = 10_000


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(home, home, home, f"sqlite:///{home / 'drawings.db'}", metrics=True)
        api = build_api(settings)
        reading = sum("post" in path for path in api.openapi()["paths"].values())
        # of the others there are only a few different requests
        examples = -(-cases // reading)
        answers = fuzz(api, examples=examples, number=0, models=find_cards(settings))
    rows = [
        [*kind.split(" "), count, hardware(), COMMAND] for kind, count in sorted(answers.items())
    ]
    total = ["all", "", "documented", answers.total(), hardware(), COMMAND]
    write_results("fuzz_api.csv", "method,path,status,answers,hardware,command", [*rows, total])


if __name__ == "__main__":
    main()

"""A server is killed while it works, starts again, and has lost nothing; a hundred kills are in
`tests/benchmarks/kills.py`.
"""

from pathlib import Path

import numpy as np

from tests.benchmarks.kills import House, Outcome, kill_once


def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    house = House(tmp_path, np.random.default_rng(7))
    house.start()
    try:
        outcomes = [kill_once(house, kind) for kind in ("saving", "labelling")]
    finally:
        house.kill()
    for one in outcomes:
        assert one.acknowledged > 0
        assert one == Outcome(one.acknowledged, 0, 0, one.left_by_kill, 0)

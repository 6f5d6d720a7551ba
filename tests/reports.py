"""A `Progress` for tests: it records its calls, and may stop the work."""

import math


class Reports(list[int]):
    """The values of `done`, in the order of the calls; a call beyond `stop_after` raises
    KeyboardInterrupt.
    """

    def __init__(self, *, stop_after: float = math.inf) -> None:
        super().__init__()
        self.totals: list[int] = []
        self.stop_after = stop_after

    def __call__(self, done: int, total: int = 0, note: str = "") -> None:
        self.append(done)
        self.totals.append(total)
        if done > self.stop_after:
            raise KeyboardInterrupt

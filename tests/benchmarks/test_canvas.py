"""The drawings that benchmarks read: upright, on the canvas, and reproducible."""

import numpy as np
import pytest

from tests.benchmarks.canvas import CHARACTER, LINE, on_canvas

BAR = [np.array([[0.0, 0], [1, 0]]), np.array([[0.5, 0], [0.5, 0.6]])]
"""A bar above a shorter stem: which side is up shows, and the longer side is known."""


@pytest.mark.parametrize("pen", [8, 20, 32])
def test_drawings_lie_on_the_canvas_upright(pen: int, random: np.random.Generator) -> None:
    corners = []
    for _ in range(60):
        ink = on_canvas(BAR, random, pen=pen) < 128
        rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
        edge = pen // 2
        assert min(rows[0], columns[0]) >= edge - 1
        assert max(rows[-1], columns[-1]) <= 280 - edge
        longer = np.ptp(columns) + 1 - pen
        assert 0.45 * 280 - 2 <= longer <= min(0.80 * 280, 280 - 2 * pen) + 2
        assert ink[rows[0] + pen // 2].sum() > 2 * ink[rows[-1] - pen // 2].sum()
        corners.append((rows[0], columns[0], longer))
    assert np.std(corners, axis=0).min() > 8


def test_lines_fill_the_canvas_of_lines(random: np.random.Generator) -> None:
    line = [stroke * (4, 1) for stroke in BAR]
    for _ in range(20):
        ink = on_canvas(line, random, pen=10, canvas=LINE) < 128
        assert ink.shape == LINE
        assert np.ptp(np.flatnonzero(ink.any(0))) > 0.5 * (LINE[1] - 20)


def test_a_dot_is_drawn(random: np.random.Generator) -> None:
    ink = on_canvas([np.array([[0.3, 0.3]])], random, pen=20) < 128
    assert ink.shape == CHARACTER
    assert ink.sum() == pytest.approx(np.pi * 10**2, rel=0.1)


def test_the_same_seed_draws_the_same() -> None:
    first, second = (on_canvas(BAR, np.random.default_rng(3), pen=9) for _ in range(2))
    np.testing.assert_array_equal(first, second)

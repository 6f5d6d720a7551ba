"""Handwriting in four arrays: what goes in comes out, and who is held out."""

from zlib import crc32

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.ink.handwritten import Handwritten, in_unit_box, is_held_out

POINTS = st.lists(st.tuples(st.integers(-99, 99), st.integers(-99, 99)), min_size=1, max_size=5)
PIECES = st.lists(
    st.tuples(
        st.sampled_from("017aZ"), st.sampled_from("uvw"), st.lists(POINTS, min_size=1, max_size=4)
    ),
    min_size=1,
    max_size=6,
)


def of(pieces: list[tuple[str, str, list[list[tuple[int, int]]]]]) -> Handwritten:
    return Handwritten.of((a, b, [np.array(s, float) for s in c]) for a, b, c in pieces)


def lists(written: Handwritten) -> list[tuple[str, str, list[list[tuple[int, int]]]]]:
    return [
        (
            str(written.labels[n]),
            str(written.writers[n]),
            [[(int(x), int(y)) for x, y in stroke] for stroke in written.piece(n)],
        )
        for n in range(len(written))
    ]


@given(PIECES)
def test_pieces_come_out_as_they_went_in(pieces) -> None:
    assert lists(of(pieces)) == pieces


@given(PIECES, st.data())
def test_taken_pieces_are_those_of_a_list(pieces, data) -> None:
    rows = data.draw(st.lists(st.integers(0, len(pieces) - 1), max_size=8))
    assert lists(of(pieces).take(np.array(rows, int))) == [pieces[row] for row in rows]
    mask = np.array([label == "0" for label, *_ in pieces])
    assert lists(of(pieces).take(mask)) == [piece for piece in pieces if piece[0] == "0"]


def test_pieces_without_points_are_left_out() -> None:
    written = of([("1", "u", [[]]), ("2", "u", [[], [(1, 2)]]), ("3", "u", [])])
    assert lists(written) == [("2", "u", [[(1, 2)]])]
    assert len(Handwritten.of([])) == 0


def test_pictures_may_be_kept_as_pieces_without_strokes() -> None:
    pieces = [("1", "u", []), ("2", "u", [[(1, 2)], [(3, 4)]]), ("3", "u", [])]
    arrays = [(a, b, [np.array(s, float) for s in c]) for a, b, c in pieces]
    written = Handwritten.of(arrays, keep_pictures=True)
    assert lists(written) == pieces
    assert list(written.drawn) == [False, True, False]
    assert lists(written.take(np.array([2, 1]))) == [pieces[2], pieces[1]]


def test_one_writer_in_five_is_held_out_by_a_checksum() -> None:
    names = [f"collection/{number}" for number in range(2000)]
    held = [is_held_out(name) for name in names]
    assert held == [crc32(name.encode()) % 5 == 0 for name in names]
    assert 0.17 < np.mean(held) < 0.23
    written = of([("1", name, [[(0, 0)]]) for name in names[:40]])
    assert written.held_out.tolist() == held[:40]


@given(st.lists(POINTS, min_size=1, max_size=4))
def test_the_unit_box_keeps_shapes(strokes) -> None:
    arrays = [np.array(stroke, float) for stroke in strokes]
    boxed = in_unit_box(arrays)
    points, before = np.concatenate(boxed), np.concatenate(arrays)
    extent = np.ptp(before, axis=0).max()
    np.testing.assert_allclose(points.min(0), 0, atol=1e-9)
    np.testing.assert_allclose(points * max(extent, 1e-6), before - before.min(0), atol=1e-6)
    assert points.max() <= 1 + 1e-9

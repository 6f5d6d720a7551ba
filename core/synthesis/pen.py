"""The compiled pen: lays ink along Bezier curves, and writes glyphs from their random numbers."""

from pathlib import Path
from zlib import crc32

import numpy as np

from core.compiled import njit
from core.synthesis import path

FLATNESS = 0.01
"""Maximum distance in pixels between a curve and its chords."""

scratch, choose_variant, points_in_pixels, lean, move, trace, pen_width = (
    njit(cache=True, nogil=True)(function)
    for function in (
        path.scratch,
        path.choose_variant,
        path.points_in_pixels,
        path.lean,
        path.move,
        path.trace,
        path.pen_width,
    )
)


@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "nnan", "nsz", "arcp"})
def lay_ink(cubics, halves, count, samples, per_pixel, ramp, nearest, picture):  # type: ignore[no-untyped-def]
    """Draw curves into `picture` uint8 [size, size].

    Ink at distance d from a path of half-width h is 1 up to ramp * h, then falls as 1 - d / h to 0;
    where strokes cross, the maximum. It is sampled at `samples` (units; `per_pixel` per side of
    each pixel) and averaged.
    cubics : [S, 4, 2], units. halves : [S, 2], h at the two ends of each. nearest : float32
    scratch, a square of the samples.
    """
    size, total = len(picture), len(samples)
    unit = np.float64(size) / 28.0
    nearest[:] = 1.0
    for number in range(count):
        p0, p1, p2, p3 = cubics[number]
        bend = max(
            np.hypot(p0[0] - 2 * p1[0] + p2[0], p0[1] - 2 * p1[1] + p2[1]),
            np.hypot(p1[0] - 2 * p2[0] + p3[0], p1[1] - 2 * p2[1] + p3[1]),
        )
        # Wang's bound for a cubic
        chords = int(np.ceil(np.sqrt(0.75 * bend * unit / FLATNESS))) if bend > 1e-9 else 1
        chords = max(1, min(chords, 400))
        y0, x0, h0 = np.float32(p0[0]), np.float32(p0[1]), np.float32(halves[number, 0])
        for step in range(1, chords + 1):
            t = step / chords
            s = 1 - t
            w0, w1, w2, w3 = s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t
            y1 = np.float32(w0 * p0[0] + w1 * p1[0] + w2 * p2[0] + w3 * p3[0])
            x1 = np.float32(w0 * p0[1] + w1 * p1[1] + w2 * p2[1] + w3 * p3[1])
            h1 = np.float32(halves[number, 0] + t * (halves[number, 1] - halves[number, 0]))
            reach = max(h0, h1)
            top = max(0, int(np.floor((min(y0, y1) - reach) * unit)) * per_pixel)
            bottom = min(total, (int(np.floor((max(y0, y1) + reach) * unit)) + 1) * per_pixel)
            left = max(0, int(np.floor((min(x0, x1) - reach) * unit)) * per_pixel)
            right = max(
                0, min(total, (int(np.floor((max(x0, x1) + reach) * unit)) + 1) * per_pixel)
            )
            dy, dx, dh = y1 - y0, x1 - x0, h1 - h0
            length = dy * dy + dx * dx
            inverse = np.float32(1) / length if length > np.float32(1e-12) else np.float32(0)
            for row in range(top, bottom):
                ey = samples[row] - y0
                along = ey * dy
                # slices let the compiler vectorise the loop
                line, across = nearest[row, left:right], samples[left:right]
                for column in range(len(line)):
                    ex = across[column] - x0
                    where = min(max((along + ex * dx) * inverse, np.float32(0)), np.float32(1))
                    away_y, away_x, half = ey - where * dy, ex - where * dx, h0 + where * dh
                    line[column] = min(
                        line[column], (away_y * away_y + away_x * away_x) / (half * half)
                    )
            y0, x0, h0 = y1, x1, h1
    full = np.float32(255.0 / (per_pixel * per_pixel))
    core = np.float32(ramp * ramp)
    for row in range(total):
        line = nearest[row]
        for column in range(total):
            line[column] = (
                full if line[column] <= core else full * (np.float32(1) - np.sqrt(line[column]))
            )
    for row in range(size):
        for column in range(size):
            ink = np.float32(0.5)
            for y in range(row * per_pixel, (row + 1) * per_pixel):
                for x in range(column * per_pixel, (column + 1) * per_pixel):
                    ink += nearest[y, x]
            picture[row, column] = np.uint8(ink)


def _compiled(sources: int):  # type: ignore[no-untyped-def]
    """`write_glyphs`, compiled for this state of path.py: numba caches compiled code until its own
    file changes, but the functions of `path` are compiled into it. A closure's variables are part
    of the cache key too."""

    @njit(cache=True, nogil=True)
    def write_glyphs(table, manner, glyphs, uniforms, samples, per_pixel, ramp, pictures):  # type: ignore[no-untyped-def]
        """Write glyphs int [N] with their uniforms float [N, UNIFORMS] into pictures uint8 [N,
        size, size].
        """
        assert sources >= 0
        points, pressures, discs, cubics, halves = scratch()  # type: ignore[misc]
        leaning = np.empty((2, 3))
        nearest = np.empty((len(samples), len(samples)), np.float32)
        for number in range(len(glyphs)):
            own = uniforms[number]
            variant = choose_variant(table, glyphs[number], own[path.U_VARIANT])
            count = points_in_pixels(table, manner, variant, own, points, pressures, discs)
            lean(manner, own, points, count, leaning)
            move(leaning, points, count)
            curves = trace(table, variant, own, points, pressures, cubics, halves)
            halves[:curves] *= pen_width(table, manner, variant, own[path.U_PEN]) / 2  # type: ignore[operator]
            lay_ink(cubics, halves, curves, samples, per_pixel, ramp, nearest, pictures[number])

    return write_glyphs


write_glyphs = _compiled(crc32(Path(str(path.__file__)).read_bytes()))

"""The notebook's digit generator rewritten in plain Python, loop by loop: the oracle for glyphs,
pen and speed.

Points are (row, column) on a grid of 28 units. A curve is (P0, P1, P2) or (P0, P1, P2, P3).
"""

import math
import random

import cv2
import numpy as np

ZOOM = 10


def jittered(point, radius, dice):
    share, angle = dice.uniform(0, radius), dice.uniform(0, 2 * math.pi)
    return point[0] + share * math.sin(angle), point[1] + share * math.cos(angle)


def bow(a, b, k, dice):
    middle = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
    return a, jittered(middle, dice.uniform(0, math.dist(a, b) / k), dice), b


def curves_of(digit, jitter, dice):
    """The notebook's table: one branch per digit."""

    def near(row, column, factor):
        return jittered((row, column), jitter * factor, dice)

    if digit == 0:
        a, b, c, d, e, f, g = (
            near(*p, 2) for p in [(7, 14), (7, 7), (21, 7), (21, 14), (21, 21), (7, 21), (7, 13)]
        )
        return [(a, b, c, d), (d, e, f, g)]
    if digit == 1:
        b, c = near(4, 15, 1), near(21, 14, 3)
        curves = [bow(b, c, 3.5, dice)]
        if dice.random() < 0.5:
            curves.append(bow(near(6, 11, 1), b, 2.1, dice))
            if dice.random() < 0.5:
                curves.append((near(c[0], c[1] - 4, 1), c, near(c[0], c[1] + 4, 1)))
        return curves
    if digit == 2:
        a, b, c, d, e, f, g = (
            near(*p, 2) for p in [(7, 7), (5, 21), (16, 16), (21, 7), (18, 7), (19, 14), (21, 21)]
        )
        return [(a, b, c, d), (d, e, f, g)]
    if digit == 3:
        a, b, c, d, e, f, g = (
            near(*p, 2) for p in [(7, 9), (7, 24), (14, 24), (14, 11), (14, 24), (21, 24), (21, 9)]
        )
        return [(a, b, c, d), (d, e, f, g)]
    if digit == 4:
        if dice.random() < 0.85:
            a, b, c, d, e = (near(*p, 1) for p in [(7, 10), (14, 9), (14, 19), (7, 16), (21, 15)])
            return [bow(a, b, 4, dice), bow(b, c, 2.1, dice), bow(d, e, 4, dice)]
        a, b, c, d = (near(*p, 1) for p in [(14, 18), (14, 9), (7, 15), (21, 14)])
        return [bow(a, b, 4, dice), bow(b, c, 3.1, dice), bow(c, d, 4, dice)]
    if digit == 5:
        a, b = near(8, 8, 1), near(7, 21, 1)
        c, d = near(a[0], a[1], 0.5), near(14, 7, 2)
        return [
            bow(a, b, 4, dice),
            bow(c, d, 3.1, dice),
            (d, near(14, 23, 1), near(21, 21, 1), near(21, 7, 1)),
        ]
    if digit == 6:
        a, b, c, d, e, f, g = (
            near(*p, 1) for p in [(7, 21), (8, 5), (21, 9), (21, 21), (9, 23), (14, 12), (17, 10)]
        )
        return [(a, b, c, d), (d, e, f, g)]
    if digit == 7:
        a, b, c = near(7, 9, 1), near(7, 21, 1), near(21, 14, 1)
        curves = [bow(a, b, 3, dice), bow(b, c, 2.1, dice)]
        if dice.random() < 0.15:
            curves.append((a, (a[0] + 0.8, a[1]), (a[0] + 1.6, a[1])))
        if dice.random() < 0.10:
            m, reach = ((b[0] + c[0]) / 2, (b[1] + c[1]) / 2), math.dist(b, c) / 7.1
            curves.append(
                (
                    jittered((m[0], m[1] - 2.5), reach, dice),
                    m,
                    jittered((m[0], m[1] + 2.5), reach, dice),
                )
            )
        return curves
    if digit == 8:
        a, b, c, d, e, f = (
            near(*p, 2) for p in [(7, 17), (7, 8), (14, 8), (14, 13), (14, 20), (21, 20)]
        )
        g = near(21, 13, 1)
        h, i, j, k, m, n = (
            near(*p, 2) for p in [(21, 8), (14, 8), (14, 14), (14, 20), (7, 20), (7, 17)]
        )
        return [(a, b, c, d), (d, e, f, g), (g, h, i, j), (j, k, m, n)]
    a, b, c, d = (near(*p, 1) for p in [(7, 15), (6, 3), (21, 11), (7, 16)])
    return [(a, b, c, d), bow(d, near(21, 14, 1), 3, dice)]


def brush_of(digit, dice):
    return dice.uniform(3.2 if digit in (7, 8, 9) else 2.8, 5.0)


def point_on(curve, t):
    s = 1 - t
    weights = (
        (s * s, 2 * s * t, t * t)
        if len(curve) == 3
        else (s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t)
    )
    return sum(w * p[0] for w, p in zip(weights, curve, strict=True)), sum(
        w * p[1] for w, p in zip(weights, curve, strict=True)
    )


def drawing(curves, brush, *, size=28, steps=200):
    """The 280x280 drawing of a digit (for other sizes ten times that), by the notebook's loops, in
    0-1.
    """
    scale, side = size / 28 * ZOOM, size * ZOOM
    half = brush / 2 * scale
    picture = [[0.0] * side for _ in range(side)]
    for curve in curves:
        for step in range(steps + 1):
            y, x = point_on(curve, step / steps)
            y, x = y * scale, x * scale
            for row in range(max(0, math.ceil(y - half)), min(side, math.floor(y + half) + 1)):
                line = picture[row]
                for column in range(
                    max(0, math.ceil(x - half)), min(side, math.floor(x + half) + 1)
                ):
                    distance = math.sqrt((row - y) ** 2 + (column - x) ** 2)
                    ink = 1.0 if distance <= brush / 5 * scale else max(0.0, 1 - distance / half)
                    if ink > line[column]:
                        line[column] = ink
    return np.array(picture)


def reduced(picture):
    """OpenCV's bilinear reduction to a tenth."""
    side = len(picture) // ZOOM
    return cv2.resize(picture, (side, side), interpolation=cv2.INTER_LINEAR)


def digit_image(digit, jitter, seed):
    """A digit from its seed to 28x28 in 0-1: everything the notebook does for one image."""
    dice = random.Random(seed)
    return reduced(drawing(curves_of(digit, jitter, dice), brush_of(digit, dice)))

"""Draws that are found by name: the same profile, day, session and title give the same number on every page.

A running stream would give another number to a title as soon as one more cell is looked at before it. Found by name,
two pages are compared in pairs (common random numbers; Glasserman and Yao, Management Science 1992).
"""

import numpy as np

from simulator.compiled import inner_njit
from simulator.draws import GOLDEN, mix

_11 = np.uint64(11)
_STEP = 2.0**-53


@inner_njit()
def chance(start, first, second):  # type: ignore[no-untyped-def]
    """A float64 in [0, 1) for (start, first, second): `start` a uint64 of `draws.stream`, the others any integers."""
    z = mix((start ^ np.uint64(np.int64(first))) + GOLDEN)
    z = mix((z ^ np.uint64(np.int64(second))) + GOLDEN)
    return np.float64(mix(z + GOLDEN) >> _11) * _STEP


@inner_njit()
def bell(start, first, second):  # type: ignore[no-untyped-def]
    """A standard normal for (start, first, second) by Box and Muller (1958)."""
    radius = np.sqrt(-2.0 * np.log(1.0 - chance(start, first, 2 * second)))
    return radius * np.cos(2.0 * np.pi * chance(start, first, 2 * second + 1))


@inner_njit()
def by_weight(x, weights):  # type: ignore[no-untyped-def]
    """The place in `weights` (n,) >= 0 that the uniform x in [0, 1) falls on; the last one where all are 0."""
    total, reached = 0.0, 0.0
    for place in range(len(weights)):
        total += weights[place]
    for place in range(len(weights)):
        reached += weights[place]
        if x * total < reached:
            return place
    return len(weights) - 1


@inner_njit()
def poisson(x, mean, most):  # type: ignore[no-untyped-def]
    """The Poisson number at which the distribution passes the uniform x, at most `most`."""
    count, weight = 0, np.exp(-mean)
    passed = weight
    while x >= passed and count < most:
        count += 1
        weight *= mean / count
        passed += weight
    return count

"""Random numbers by key: a profile, day, session and title have the same number on every page.

A running stream would give a title another number as soon as one more cell is looked at before it.
By key, two pages are compared in pairs (common random numbers; Glasserman and Yao, Management
Science 1992).
"""

import numpy as np

from conf.draws import GOLDEN, splitmix64, unit
from simulator.arrays import F64
from simulator.compiled import inner_njit


@inner_njit()
def keyed_uniform(start: np.uint64, first: int, second: int) -> float:
    """A float64 in [0, 1) for (start, first, second); `start` comes from `draws.stream`."""
    z = splitmix64((start ^ np.uint64(np.int64(first))) + GOLDEN)
    z = splitmix64((z ^ np.uint64(np.int64(second))) + GOLDEN)
    return unit(splitmix64(z + GOLDEN))


@inner_njit()
def keyed_normal(start: np.uint64, first: int, second: int) -> float:
    """A standard normal for (start, first, second) by Box and Muller (1958)."""
    radius = np.sqrt(-2.0 * np.log(1.0 - keyed_uniform(start, first, 2 * second)))
    return radius * np.cos(2.0 * np.pi * keyed_uniform(start, first, 2 * second + 1))


@inner_njit()
def weighted_index(uniform: float, weights: F64) -> int:
    """The index in `weights` (n,) >= 0 that a uniform in [0, 1) falls on; the last if all are 0."""
    total = 0.0
    for index in range(len(weights)):
        total += weights[index]
    cumulative = 0.0
    for index in range(len(weights)):
        cumulative += weights[index]
        if uniform * total < cumulative:
            return index
    return len(weights) - 1


@inner_njit()
def poisson_count(uniform: float, mean: float, most: int) -> int:
    """The Poisson number at which the distribution function passes the uniform, at most `most`."""
    count = 0
    probability = np.exp(-mean)
    cumulative = probability
    while uniform >= cumulative and count < most:
        count += 1
        probability *= mean / count
        cumulative += probability
    return count

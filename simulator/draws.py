"""Seeded random numbers that depend on who and when alone, never on the order in which they are drawn.

Every profile-day has its own stream, keyed by (seed, index, day, purpose) and advanced by
splitmix64 (Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014):
state_c = start + c * GOLDEN, and draw c is a bijection of it. So a batch, a partition or another
arm of an experiment sees the same numbers.
"""

import hashlib
from collections.abc import Iterable

import numpy as np

from conf.compiled import njit
from conf.draws import GOLDEN, splitmix64, unit
from simulator.arrays import F64, I64, U64

REPLICATION_STRIDE = 1_000_003  # between the seeds of one replication of a day and the next

# The purposes of streams. Two purposes of the same profile-day are independent.
SESSIONS, BROWSING, CHOICE, WATCHING, SEARCH, FEEDBACK, POLICY = 1, 2, 3, 4, 5, 6, 7
ACCOUNT, HOUSEHOLD, ORIGINS, TASTE, OTHER, DRIFT, LIKES, HABITS = 20, 21, 22, 23, 24, 25, 26, 27
DEVICES, DAYPARTS, LANGUAGES = 28, 29, 30
FORM, LAUNCH, WINDOWS, PULL, ARTWORKS, DUBS, LENGTH = 40, 41, 42, 43, 44, 45, 46
ARTWORK_EFFECTS, LOCAL = 47, 48
LATE, DUPLICATE, DISORDER, BROKEN = 60, 61, 62, 63
DRAWN_TITLES, DRAWN_GENRES, DRAWN_FACTORS, DRAWN_NAMES = 70, 71, 72, 73
DRAWN_MEMBERS, DRAWN_CHOICE, DRAWN_STARS = 74, 75, 76


@njit()
def stream(seed: int, index: int, day: int, purpose: int) -> np.uint64:
    """The uint64 at which the stream of (seed, index, day, purpose) starts; day may be negative.

    Keep it in an array of one element, which the `next_` functions advance: state[0] = stream(...).
    """
    z = splitmix64(np.uint64(seed) + GOLDEN)
    z = splitmix64((z ^ np.uint64(np.int64(index))) + GOLDEN)
    z = splitmix64((z ^ np.uint64(np.int64(day))) + GOLDEN)
    return splitmix64((z ^ np.uint64(np.int64(purpose))) + GOLDEN)


@njit()
def next_uniform(state: U64) -> float:
    """A float64 in [0, 1) of 53 bits; advances state (1,) by one."""
    state[0] = state[0] + GOLDEN
    return unit(splitmix64(state[0]))


@njit()
def next_normal(state: U64) -> float:
    """A standard normal by Box and Muller (1958), cosine branch; advances state by two."""
    radius = np.sqrt(-2.0 * np.log(1.0 - next_uniform(state)))
    return radius * np.cos(2.0 * np.pi * next_uniform(state))


@njit()
def next_gamma(state: U64, shape: float) -> float:
    """A Gamma(shape, 1) by rejection (Marsaglia and Tsang, ACM TOMS 26, 2000).

    Advances state by four or more.
    """
    boosted = shape if shape >= 1.0 else shape + 1.0
    d = boosted - 1.0 / 3.0
    while True:
        x = next_normal(state)
        v = (1.0 + x / np.sqrt(9.0 * d)) ** 3
        u = 1.0 - next_uniform(state)
        if v > 0.0 and np.log(u) < 0.5 * x * x + d - d * v + d * np.log(v):
            if shape >= 1.0:
                return d * v
            return d * v * (1.0 - next_uniform(state)) ** (1.0 / shape)


def uniform_draws(seed: int, keys: I64, purpose: int, count: int) -> F64:
    """(n, count) uniforms in [0, 1): row i has the first of stream(seed, keys[i], 0, purpose)."""
    out = np.empty((len(keys), count))
    _fill_uniforms(seed, keys.astype(np.int64, copy=False), purpose, out)
    return out


def normal_draws(seed: int, keys: I64, purpose: int, count: int) -> F64:
    """(n, count) standard normals.

    They come from the streams that `uniform_draws` uses: use a purpose for one of the two only.
    """
    out = np.empty((len(keys), count))
    _fill_normals(seed, keys.astype(np.int64, copy=False), purpose, out)
    return out


def dirichlet_draws(seed: int, keys: I64, purpose: int, weights: F64) -> F64:
    """(n, d) shares of sum 1 from Dirichlet(weights).

    Their mean is weights / sum; the larger the sum, the nearer they are to it.
    """
    out = np.empty((len(keys), len(weights)))
    _fill_gammas(seed, keys.astype(np.int64, copy=False), purpose, weights, out)
    return out / out.sum(axis=1, keepdims=True)


def text_keys(texts: Iterable[str]) -> I64:
    """A key of each text: the first 8 bytes of its sha256, whatever order the texts come in."""
    digests = b"".join(hashlib.sha256(text.encode()).digest()[:8] for text in texts)
    return np.frombuffer(digests, np.int64).copy()


@njit()
def _fill_uniforms(seed: int, keys: I64, purpose: int, out: F64) -> None:
    state = np.empty(1, np.uint64)
    for row in range(len(keys)):
        state[0] = stream(seed, keys[row], 0, purpose)
        for column in range(out.shape[1]):
            out[row, column] = next_uniform(state)


@njit()
def _fill_normals(seed: int, keys: I64, purpose: int, out: F64) -> None:
    state = np.empty(1, np.uint64)
    for row in range(len(keys)):
        state[0] = stream(seed, keys[row], 0, purpose)
        for column in range(out.shape[1]):
            out[row, column] = next_normal(state)


@njit()
def _fill_gammas(seed: int, keys: I64, purpose: int, weights: F64, out: F64) -> None:
    state = np.empty(1, np.uint64)
    for row in range(len(keys)):
        state[0] = stream(seed, keys[row], 0, purpose)
        for column in range(out.shape[1]):
            out[row, column] = max(next_gamma(state, weights[column]), 1e-30)

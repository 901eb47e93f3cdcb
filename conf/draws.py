"""Numbers that look drawn by chance and depend on keys alone: the same on every machine, in every
order.

Two ways to spread keys over numbers, which give different bits on purpose:

* splitmix64 (Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014) for draws: every bit
  of a key moves every bit of the result;
* Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4) for the order of equals: one multiplication.

Texts become numbers in `conf.keys`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from conf.compiled import njit

U64 = NDArray[np.uint64]
F64 = NDArray[np.float64]
GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / the golden ratio, odd
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_30, _27, _31, _11, _40 = (np.uint64(bits) for bits in (30, 27, 31, 11, 40))
_STEP = 2.0**-53


@njit(inline="always")
def splitmix64(z: np.uint64) -> np.uint64:
    """The finaliser of splitmix64: a bijection of uint64 in which every bit of z moves every bit of
    the result.
    """
    z = (z ^ (z >> _30)) * _FIRST
    z = (z ^ (z >> _27)) * _SECOND
    return z ^ (z >> _31)


def splitmix64_of(keys: U64) -> U64:
    """`splitmix64` of each number of an array."""
    plain: Any = splitmix64.py_func  # the same lines, run by numpy
    with np.errstate(over="ignore"):
        numbers: U64 = plain(keys)
    return numbers


@njit(inline="always")
def unit(z: np.uint64) -> np.float64:
    """The upper 53 bits of z as a float64 in [0, 1)."""
    return np.float64(z >> _11) * _STEP


@njit()
def purpose_uniform(key: np.uint64, purpose: int) -> np.float64:
    """A float64 in [0, 1) for a key and a purpose, by two rounds of `splitmix64`."""
    z = np.uint64(key) + np.uint64(purpose) * GOLDEN
    return unit(splitmix64(splitmix64(z)))


def fibonacci_unit(first: U64, second: U64, third: U64) -> F64:
    """A float64 in [0, 1) of 24 bits for each triple of keys below 2^32: cheap, and good enough to
    order equals.
    """
    combined = (first * GOLDEN + second) * GOLDEN + third
    return np.asarray((combined * GOLDEN >> _40) / np.float64(2**24))

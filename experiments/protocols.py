"""Ways to part a log into what a model may learn from and what it is judged on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Window:
    """Of a log sorted by time: rows before `cut` are known, rows from `cut` up to `end` are what happened next."""

    cut: int
    end: int


def single_cut(rows: int, share: float = 0.8) -> Window:
    """Protocol T: the first `share` of the rows train, all others test."""
    return Window(round(rows * share), rows)


def rolling_cuts(
    rows: int, shares: tuple[float, ...] = (0.5, 0.6, 0.7, 0.8, 0.9), step: float = 0.1
) -> list[Window]:
    """Protocol R: a cut after each of `shares` of the rows, each tested on the next `step` of them."""
    return [Window(round(rows * share), round(rows * (share + step))) for share in shares]


def inner_cut(window: Window, share: float = 0.9) -> Window:
    """Where settings are chosen: the last 1 - `share` of a window's training rows, tested from the rows before."""
    return Window(round(window.cut * share), window.cut)


def new_pairs(
    profile: NDArray[np.integer], title: NDArray[np.integer], window: Window
) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Distinct pairs (profile, title) of the test rows, sorted, that a model of the training rows can be asked for.

    Pairs whose profile or title has no training row, and pairs that are in training already, are dropped.
    """
    width = int(title.max()) + 1
    key = profile.astype(np.int64) * width + title
    known, tested = slice(0, window.cut), slice(window.cut, window.end)
    rows = np.isin(profile[tested], profile[known]) & np.isin(title[tested], title[known])
    fresh = np.setdiff1d(key[tested][rows], key[known])
    return fresh // width, fresh % width


def title_split(title: NDArray[np.integer], share: float, seed: int) -> NDArray[np.bool_]:
    """Mask (N,) of the training rows: of each title's rows, in random order, the first round(share x rows).

    The `python_stratified_split` of Microsoft Recommenders by item. The random order comes from NumPy's legacy
    generator, `np.random.seed(seed)` and one `rand` for each row, as there; halves are rounded to even.
    """
    random = np.random.RandomState(seed).rand(len(title))
    order = np.lexsort((random, title))
    counts = np.bincount(title)
    place = np.empty(len(title), np.int64)
    place[order] = np.arange(len(title)) - np.repeat(np.cumsum(counts) - counts, counts)
    return place < np.round(share * counts)[title]

"""Ways to part a log into what a model may learn from and what it is tested on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Window:
    """Of a log sorted by time: rows before `cut` train, rows from `cut` up to `end` test."""

    cut: int
    end: int


def single_cut(rows: int, share: float = 0.8) -> Window:
    """Protocol T: the first `share` of the rows train, all others test."""
    return Window(round(rows * share), rows)


def rolling_cuts(
    rows: int, shares: tuple[float, ...] = (0.5, 0.6, 0.7, 0.8, 0.9), step: float = 0.1
) -> list[Window]:
    """Protocol R: a cut after each of `shares` of the rows, tested on the next `step` of them."""
    return [Window(round(rows * share), round(rows * (share + step))) for share in shares]


def inner_cut(window: Window, share: float = 0.9) -> Window:
    """Where settings are chosen: the last 1 - `share` of a window's training rows test.

    The rows before them train.
    """
    return Window(round(window.cut * share), window.cut)


def new_pairs(
    profile: NDArray[np.integer], title: NDArray[np.integer], window: Window
) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Distinct pairs (profile, title) of the test rows that a model of the training rows can score.

    Sorted by profile, then title. Pairs whose profile or title has no training row, and pairs that
    are in training already, are dropped.
    """
    title_count = int(title.max()) + 1
    pair = profile.astype(np.int64) * title_count + title
    train = slice(0, window.cut)
    test = slice(window.cut, window.end)
    profile_in_train = np.isin(profile[test], profile[train])
    title_in_train = np.isin(title[test], title[train])
    test_pairs = pair[test][profile_in_train & title_in_train]
    new = np.setdiff1d(test_pairs, pair[train])
    return new // title_count, new % title_count


def title_split(title: NDArray[np.integer], share: float, seed: int) -> NDArray[np.bool_]:
    """Training rows (N,) as a mask: of each title's rows, in random order, the first `share`.

    Their number is round(share x rows), halves to even. The `python_stratified_split` of Microsoft
    Recommenders by item; the random order comes from NumPy's legacy generator,
    `np.random.seed(seed)` and one `rand` for each row, as there.
    """
    random = np.random.RandomState(seed).rand(len(title))
    order = np.lexsort((random, title))
    counts = np.bincount(title)
    first_row = np.cumsum(counts) - counts
    index_in_title = np.empty(len(title), np.int64)
    index_in_title[order] = np.arange(len(title)) - np.repeat(first_row, counts)
    train_counts = np.round(share * counts)
    return index_in_title < train_counts[title]

"""How widely viewing spreads over the catalogue.

Everything takes hours, seconds or plays by title; only shares matter.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def effective_size(hours: ArrayLike) -> float:
    """Effective catalogue size: 2 * sum of i * p_i - 1, p_i the share of the i-th largest.

    1 if all hours go to one title, N if they are even over N. (Gomez-Uribe and Hunt, The Netflix
    Recommender System, ACM TMIS 2016, appendix A.) nan without hours.
    """
    return _size(_descending(hours))


def effective_size_by_rank(hours: ArrayLike) -> float:
    """The same sum with p_i the share of hours from plays at rank i of each profile's own order.

    `hours` (k,) by rank, best first. The source's curve for a personalised order: indexed by rank
    and not sorted again, so it does not say how many titles were watched.
    """
    return _size(np.asarray(hours, np.float64))


def effective_size_ratio(
    rank_plays: ArrayLike, rank_hours: ArrayLike, title_hours: ArrayLike
) -> float:
    """Personalised over unpersonalised effective size at k, the median rank of all plays.

    `rank_plays` and `rank_hours` are plays and hours by rank in the profiles' own orders, of which
    the first k count; `title_hours` hours by title, of which the k largest do, scaled to sum 1.
    Published as about 4 (Gomez-Uribe and Hunt 2016, section 3). nan without plays.
    """
    plays = np.cumsum(np.asarray(rank_plays, np.float64))
    if not len(plays) or plays[-1] == 0:
        return np.nan
    k = int(np.searchsorted(plays, plays[-1] / 2)) + 1
    personalised = effective_size_by_rank(np.asarray(rank_hours)[:k])
    unpersonalised = effective_size(_descending(title_hours)[:k])
    return personalised / unpersonalised


def gini(plays: ArrayLike) -> float:
    """Gini coefficient over titles, also those without plays: 0 if even, 1 - 1 / N if one has all.

    sum of (2 i - N - 1) * x_i / (N * sum of x), x ascending, i from 1. nan without plays.
    """
    x = np.sort(np.asarray(plays, np.float64))
    if not x.sum() > 0:
        return np.nan
    count = len(x)
    ranks = np.arange(1, count + 1)
    return float(np.sum((2 * ranks - count - 1) * x) / (count * x.sum()))


def top_share(plays: ArrayLike, part: float = 0.1) -> float:
    """Share of plays of the most played `part` of titles, those without plays counted as titles.

    Of a number of titles that is not whole the last counts by its fraction. nan without plays.
    """
    x = _descending(plays)
    if not x.sum() > 0:
        return np.nan
    weights = np.clip(part * len(x) - np.arange(len(x)), 0, 1)
    return float((x * weights).sum() / x.sum())


def exposure(
    grid: NDArray[np.integer], seen: NDArray[np.floating], title_count: int
) -> NDArray[np.float64]:
    """How often each title is seen (t,): sum over pages and cells of P(the cell is seen).

    `grid` (p, rows, columns) holds title numbers, -1 for no cell; `seen` (rows, columns) is the
    chance of each cell by a navigation model.
    """
    has_title = grid >= 0
    chances = np.broadcast_to(seen, grid.shape)
    sums = np.bincount(grid[has_title], chances[has_title], minlength=title_count)
    return sums.astype(np.float64)


def catalogue_coverage(shown: ArrayLike) -> float:
    """Titles that are shown at all over all titles; nan without titles.

    `shown` (t,) is exposure or any count by title.
    """
    counts = np.asarray(shown, np.float64)
    return float(np.mean(counts > 0)) if len(counts) else np.nan


def share_of(counts: ArrayLike, mask: ArrayLike) -> float:
    """The share of exposure, plays or hours of some titles, such as those new to the service.

    `mask` (t,) says which titles. nan where nothing was counted.
    """
    x = np.asarray(counts, np.float64)
    if not x.sum() > 0:
        return np.nan
    return float(x[np.asarray(mask, bool)].sum() / x.sum())


def kind_shares(kind: ArrayLike) -> dict[str, float]:
    """The share of the rows that each kind of row has, by the kind's name."""
    names, counts = np.unique(np.asarray(kind).astype(str), return_counts=True)
    shares = counts / counts.sum()
    return {str(name): float(share) for name, share in zip(names, shares, strict=True)}


def _descending(values: ArrayLike) -> NDArray[np.float64]:
    return -np.sort(-np.asarray(values, np.float64))


def _size(hours: NDArray[Any]) -> float:
    if not hours.sum() > 0:
        return np.nan
    ranks = np.arange(1, len(hours) + 1)
    return float(2 * (hours * ranks).sum() / hours.sum() - 1)

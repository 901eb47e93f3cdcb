"""How widely viewing spreads over the catalogue. Everything takes hours, seconds or plays; only shares matter."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def effective_size(hours: ArrayLike) -> float:
    """Effective catalogue size: 2 * sum of i * p_i - 1, p_i the share of hours of the i-th most watched title.

    1 if all hours go to one title, N if they are even over N. (Gomez-Uribe and Hunt, The Netflix Recommender System,
    ACM TMIS 2016, appendix A.) nan without hours.
    """
    return _size(-np.sort(-np.asarray(hours, np.float64)))


def effective_size_by_rank(hours: ArrayLike) -> float:
    """The same sum with p_i the share of hours from plays of the title at place i of each member's own order.

    `hours` (k,) by place, best first. The source's curve for a personalised order: indexed by place and not sorted
    again, so it does not say how many titles were watched.
    """
    return _size(np.asarray(hours, np.float64))


def effective_size_ratio(
    rank_plays: ArrayLike, rank_hours: ArrayLike, title_hours: ArrayLike
) -> float:
    """Personalised over unpersonalised effective size at k, the median place of all plays.

    `rank_plays` and `rank_hours` are plays and hours by place of the members' own orders, of which the first k count;
    `title_hours` hours by title, of which the k largest do, scaled to sum 1. Published as about 4 (Gomez-Uribe and Hunt
    2016, section 3). nan without plays.
    """
    plays = np.cumsum(np.asarray(rank_plays, np.float64))
    if not len(plays) or plays[-1] == 0:
        return np.nan
    k = int(np.searchsorted(plays, plays[-1] / 2)) + 1
    best = -np.sort(-np.asarray(title_hours, np.float64))[:k]
    return effective_size_by_rank(np.asarray(rank_hours)[:k]) / effective_size(best)


def gini(plays: ArrayLike) -> float:
    """Gini coefficient over titles, those without plays included: 0 if even, 1 - 1 / N if one title has all.

    sum of (2 i - N - 1) * x_i / (N * sum of x), x ascending, i from 1. nan without plays.
    """
    x = np.sort(np.asarray(plays, np.float64))
    places = np.arange(1, len(x) + 1)
    return (
        float(np.sum((2 * places - len(x) - 1) * x) / (len(x) * x.sum())) if x.sum() > 0 else np.nan
    )


def top_share(plays: ArrayLike, part: float = 0.1) -> float:
    """Share of plays that go to the most played `part` of titles, those without plays counted as titles.

    Of a number of titles that is not whole the last counts by its fraction. nan without plays.
    """
    x = -np.sort(-np.asarray(plays, np.float64))
    taken = np.clip(part * len(x) - np.arange(len(x)), 0, 1)
    return float((x * taken).sum() / x.sum()) if x.sum() > 0 else np.nan


def _size(hours: NDArray[Any]) -> float:
    places = np.arange(1, len(hours) + 1)
    return float(2 * (hours * places).sum() / hours.sum() - 1) if hours.sum() > 0 else np.nan


def exposure(
    grid: NDArray[np.integer], seen: NDArray[np.floating], size: int
) -> NDArray[np.float64]:
    """How often each of `size` titles is seen (t,): sum over pages and cells of P(the cell is seen).

    `grid` (p, rows, columns) holds title numbers, -1 for no cell; `seen` (rows, columns) is a navigation model's.
    """
    there = grid >= 0
    return np.bincount(
        grid[there], np.broadcast_to(seen, grid.shape)[there], minlength=size
    ).astype(np.float64)


def coverage(shown: ArrayLike) -> float:
    """Titles that are shown at all over all titles; `shown` (t,) is exposure or any count. nan without titles."""
    counts = np.asarray(shown, np.float64)
    return float(np.mean(counts > 0)) if len(counts) else np.nan


def share_of(counts: ArrayLike, some: ArrayLike) -> float:
    """The share of exposure, plays or hours that goes to some titles (mask), such as those new to the service.

    nan where nothing was counted.
    """
    x = np.asarray(counts, np.float64)
    return float(x[np.asarray(some, bool)].sum() / x.sum()) if x.sum() > 0 else np.nan


def kind_shares(kind: ArrayLike) -> dict[str, float]:
    """Of rows, named by their kind, the share that each kind has; by name."""
    names, counts = np.unique(np.asarray(kind).astype(str), return_counts=True)
    return {
        str(name): float(count / counts.sum()) for name, count in zip(names, counts, strict=True)
    }

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


def effective_size_by_rank(rank: ArrayLike, hours: ArrayLike, k: int) -> float:
    """The same sum with p_i the share of hours from plays at place i of a member's own order, of places 1 to k.

    `rank` and `hours` are (plays,). The source's curve for a personalised order: indexed by place and not sorted
    again, so it does not say how many titles were watched.
    """
    places = np.asarray(rank, np.int64)
    within = places <= k
    return _size(np.bincount(places[within], np.asarray(hours, np.float64)[within], minlength=k + 1)[1:])


def effective_size_ratio(rank: ArrayLike, hours: ArrayLike, title: ArrayLike) -> float:
    """Personalised over unpersonalised effective size at the median place of all plays; arrays are (plays,).

    Unpersonalised: of the k titles with the most hours, their hours scaled to sum 1. Published as about 4 (Gomez-Uribe
    and Hunt 2016, section 3).
    """
    k = int(np.ceil(np.median(np.asarray(rank))))
    titles = np.unique(np.asarray(title), return_inverse=True)[1]
    by_title = -np.sort(-np.bincount(titles, np.asarray(hours, np.float64)))
    return effective_size_by_rank(rank, hours, k) / effective_size(by_title[:k])


def gini(plays: ArrayLike) -> float:
    """Gini coefficient over titles, those without plays included: 0 if even, 1 - 1 / N if one title has all.

    sum of (2 i - N - 1) * x_i / (N * sum of x), x ascending, i from 1. nan without plays.
    """
    x = np.sort(np.asarray(plays, np.float64))
    places = np.arange(1, len(x) + 1)
    return float(np.sum((2 * places - len(x) - 1) * x) / (len(x) * x.sum())) if x.sum() > 0 else np.nan


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

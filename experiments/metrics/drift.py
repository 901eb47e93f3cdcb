"""How far a feature's values have moved since training: the population stability index (PSI).

PSI = sum over bins of (actual - expected) x ln(actual / expected), of shares of rows. Bins are the
deciles of training and one for values that are missing. By custom below .1 is stable, above .25 has
moved.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BINS = 10
LEAST = 1e-4  # an empty bin counts as this share: one row cannot make the index infinite
Values = NDArray[np.floating]


def bin_edges(values: Values) -> NDArray[np.float64]:
    """Inner edges of the bins: the distinct deciles of the values; none where all are missing."""
    numbers = np.asarray(values, np.float64)
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        return np.zeros(0)
    deciles = np.arange(1, BINS) / BINS
    return np.unique(np.quantile(numbers, deciles))


def bin_shares(
    values: Values, edges: Sequence[float] | NDArray[np.floating]
) -> NDArray[np.float64]:
    """Share of rows in each of the len(edges) + 1 bins, and last of those that are missing.

    A value on an edge is in the lower bin. Sums to 1; all 0 without rows.
    """
    numbers = np.asarray(values, np.float64)
    missing = np.isnan(numbers)
    inner_edges = np.asarray(edges, np.float64)
    bins = np.searchsorted(inner_edges, numbers[~missing], side="left")
    in_bins = np.bincount(bins, minlength=len(inner_edges) + 1)
    counts = np.append(in_bins, missing.sum())
    return counts / max(len(numbers), 1)


def population_stability(
    expected: Sequence[float] | Values, actual: Sequence[float] | Values
) -> float:
    """The population stability index of two arrays of shares of the same bins; 0 if equal."""
    before = np.maximum(np.asarray(expected, np.float64), LEAST)
    now = np.maximum(np.asarray(actual, np.float64), LEAST)
    return float(((now - before) * np.log(now / before)).sum())

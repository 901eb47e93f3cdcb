"""How far a feature's values have moved since training: the population stability index.

PSI = sum over bins of (actual - expected) x ln(actual / expected), of shares of rows. Bins are the deciles of training
and one for values that are missing. By custom below .1 is stable, above .25 has moved.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BINS = 10
LEAST = 1e-4  # an empty bin counts as this share, so that one row cannot make the index infinite
Values = NDArray[np.floating]


def edges(values: Values) -> NDArray[np.float64]:
    """Inner edges of the bins: the distinct deciles of the known values; none where nothing is known."""
    known = np.asarray(values, np.float64)
    known = known[~np.isnan(known)]
    if not len(known):
        return np.zeros(0)
    return np.unique(np.quantile(known, np.arange(1, BINS) / BINS))


def shares(values: Values, inner: Sequence[float] | NDArray[np.floating]) -> NDArray[np.float64]:
    """Share of rows in each bin, len(inner) + 1 of them and then the missing; a value on an edge is in the lower bin.

    Sums to 1; all 0 without rows.
    """
    known = np.asarray(values, np.float64)
    missing = np.isnan(known)
    bins = np.searchsorted(np.asarray(inner, np.float64), known[~missing], side="left")
    counts = np.append(np.bincount(bins, minlength=len(inner) + 1), missing.sum())
    return counts / max(len(known), 1)


def stability(expected: Sequence[float] | Values, actual: Sequence[float] | Values) -> float:
    """The population stability index of two arrays of shares of the same bins; 0 if they are equal."""
    before, now = (np.maximum(np.asarray(part, np.float64), LEAST) for part in (expected, actual))
    return float(((now - before) * np.log(now / before)).sum())

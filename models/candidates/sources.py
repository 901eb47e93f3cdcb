"""The titles that each source gives: the best of each profile's own scores, and those that everybody is given."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.catalogue.arrays import Catalogue


def own_best(
    personal: dict[str, NDArray[np.float32]], open_: NDArray[np.bool_], k: int
) -> NDArray[np.bool_]:
    """Mask (m, n) of the `k` best titles of each profile by each of its own scores (m, n), of those that are open."""
    best = np.zeros(open_.shape, bool)
    for name in ("ease", "ease_recent", "cosine", "genre_affinity_recent"):
        scores = np.where(open_, personal[name], -np.inf)
        top = np.argpartition(-scores, min(k, scores.shape[1]) - 1, axis=1)[:, :k]
        np.put_along_axis(best, top, True, axis=1)
    return best


def general_best(catalogue: Catalogue, counts: Sequence[str], k: int) -> NDArray[np.bool_]:
    """Mask (n,) of the `k` best titles for everybody: by plays in a week, a fortnight and on to ever, trend, newness.

    `counts` are the names of the windows, from the shortest to all time.
    """
    sources = {
        name: catalogue.features[name] for name in (*counts[2:6], counts[-1], "title_trend_7d")
    }
    for age in ("title_first_play_age_days", "title_launch_age_days"):
        sources[age] = -catalogue.features[age]
    best = np.zeros(catalogue.size, bool)
    for scores in sources.values():
        order = np.argsort(-np.nan_to_num(scores, nan=-np.inf), kind="stable")[:k]
        best[order[~np.isnan(scores[order])]] = True
    return best

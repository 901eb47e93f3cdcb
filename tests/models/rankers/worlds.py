"""A small world of ratings with two tastes, for rankers to find."""

import numpy as np

from benchmarks.offline.crossfit import RatedTitles
from conf.bench import benches
from models.candidates.ratings import Ratings

PROFILES, TITLES_COUNT = 80, 40
BENCH = benches().ranker
SETTINGS = BENCH.model_copy(
    update={
        "candidates": 15,
        "folds": 3,
        "models": 2,
        "first_stage": BENCH.first_stage.model_copy(
            update={"als_rank": 4, "neighbours": 10, "ease_ridge": 20.0}
        ),
        "ranker": BENCH.ranker.model_copy(update={"trees": 20, "rows_in_leaf": 20}),
    }
)
TITLES = RatedTitles(
    genres=np.arange(TITLES_COUNT)[:, None] % 2 == np.arange(2)[None, :],
    year=np.where(np.arange(TITLES_COUNT) == 7, np.nan, 1960 + np.arange(TITLES_COUNT)),
)


def world(seed: int) -> Ratings:
    """Profiles of even number rate even titles five times as often as odd ones, and the other way round."""
    rng = np.random.default_rng(seed)
    same = np.arange(PROFILES)[:, None] % 2 == np.arange(TITLES_COUNT)[None, :] % 2
    profile, title = np.nonzero(rng.random((PROFILES, TITLES_COUNT)) < np.where(same, 0.5, 0.1))
    count = len(profile)
    stars, at = rng.integers(1, 6, count).astype(float), rng.random(count) * 1e7
    return Ratings(profile, title, stars, at, (PROFILES, TITLES_COUNT))

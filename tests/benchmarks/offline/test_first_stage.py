"""Sources of the ranking benchmark."""

import numpy as np
import pytest

from benchmarks.offline.first_stage import near, sar, sources
from conf.days import DAY_S
from models.candidates.ratings import Ratings
from tests.models.rankers.worlds import SETTINGS, TITLES, world

SMALL = Ratings(
    profile=np.array([0, 0, 1, 1, 2]),
    title=np.array([0, 1, 0, 1, 0]),
    stars=np.array([4.0, 2, 5, 5, 3]),
    at_s=np.array([0.0, 0, 30, 30, 30]) * DAY_S,
    shape=(3, 3),
)


def test_sar_by_hand() -> None:
    # titles 0 and 1: three and two plays, two together: Jaccard 2/3; profile 0 rated one half-life before the last
    assert sar(SMALL)[0] == pytest.approx([4 / 2 + 2 / 2 * 2 / 3, 4 / 2 * 2 / 3 + 2 / 2, 0])
    assert sar(SMALL)[2] == pytest.approx([3, 3 * 2 / 3, 0])


def test_near_counts_plays_of_everybody_around_the_profile_s_own() -> None:
    assert near(SMALL, days=5)[0] == pytest.approx([1 / 2, 1 / 2, 0])
    assert near(SMALL, days=5)[2] == pytest.approx([2 / 3, 1 / 3, 0])
    assert near(SMALL, days=40)[0] == pytest.approx([3 / 5, 2 / 5, 0])


def test_every_source_scores_every_pair() -> None:
    ratings = world(1)
    for name, scores in sources(ratings, TITLES.genres, SETTINGS.first_stage).items():
        assert scores.shape == ratings.shape, name
        assert np.isfinite(scores).all() and np.std(scores) > 0, name

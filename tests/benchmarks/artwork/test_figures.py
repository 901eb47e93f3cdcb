import numpy as np
import pytest

from benchmarks.artwork.figures import Flips, Takes
from models.artwork.choice import Places
from models.artwork.impressions import Shown


def shown(cluster, impressions, taken):
    rows = len(cluster)
    zeros = np.zeros(rows, np.int64)
    return Shown(
        zeros,
        np.array(cluster),
        zeros,
        zeros,
        zeros,
        zeros,
        np.array(impressions),
        np.array(taken),
        np.ones(rows),
    )


def places(*pairs):
    profile, title = (np.array(column) for column in zip(*pairs, strict=True))
    return Places(profile, title, np.zeros(len(pairs), bool))


def test_takes_are_quality_plays_over_impressions_by_account():
    takes = Takes(np.array([0, 0, 1]))  # the first two profiles share an account
    takes.add("random", 0, shown([0, 1, 2], [10, 10, 20], [1, 0, 1]))
    takes.add("random", 0, shown([2], [10], [1]))
    assert takes.of("random", range(1))[0].tolist() == [1, 2]
    assert takes.take("random", range(1)).value == pytest.approx(3 / 50)


def test_the_share_of_the_gap_that_is_closed():
    takes, accounts = Takes(np.arange(300)), range(300)
    for arm, taken in (("random", 1), ("best", 2), ("oracle", 5)):
        takes.add(arm, 0, shown(accounts, [100] * 300, [taken] * 300))
    assert takes.closed("best", range(1)).value == pytest.approx(0.25)
    assert takes.above("best", "random", range(1)).value == pytest.approx(0.01)


def test_flips_count_titles_that_were_there_the_day_before():
    flips = Flips()
    flips.see(places((0, 1), (0, 2), (1, 1)), np.array([5, 6, 7]), 10)
    flips.see(places((0, 1), (0, 2), (1, 3)), np.array([5, 8, 7]), 10)  # one of two changed
    flips.see(places((0, 1), (0, 2)), np.array([5, 8]), 10)
    assert flips.per_30_days == pytest.approx(30 * 1 / 4)

"""Takes by account and changes of artwork, counted by hand."""

import numpy as np
import pytest

from benchmarks.artwork.figures import Flips, TakeCounts
from benchmarks.artwork.population import DayOutcome
from models.artwork.choice import ArtworkSlots
from models.artwork.impressions import Impressions


def outcome(profile, views, quality_plays):
    """Half of the views are looks."""
    zeros = np.zeros(len(profile), np.int64)
    impressions = Impressions(
        feature_row=zeros,
        profile=np.array(profile),
        title=zeros,
        artwork=zeros,
        row_position=zeros,
        column_position=zeros,
        impressions=np.array(views),
        quality_plays=np.array(quality_plays),
        weight=np.ones(len(profile)),
    )
    return DayOutcome(impressions, zeros, zeros, np.array(views) // 2, zeros)


def slots(*pairs):
    """(profile, title)"""
    profile, title = np.array(pairs).T
    return ArtworkSlots(profile, title, np.zeros(len(pairs), bool))


def test_takes_are_quality_plays_over_impressions_by_account():
    takes = TakeCounts(np.array([0, 0, 1]))  # the first two profiles share an account
    takes.add("random", 0, outcome([0, 1, 2], [10, 10, 20], [1, 0, 1]))
    takes.add("random", 0, outcome([2], [10], [1]))
    assert takes.over("random", range(1)).quality_plays.tolist() == [1, 2]
    assert takes.take("random", range(1)).value == pytest.approx(3 / 50)
    assert takes.take("random", range(1), "look").value == pytest.approx(3 / 25)


def test_the_share_of_regret_that_is_closed():
    takes, profiles = TakeCounts(np.arange(300)), range(300)
    for arm, quality_plays in (("random", 1), ("best", 2), ("oracle", 5)):
        takes.add(arm, 0, outcome(profiles, [100] * 300, [quality_plays] * 300))
    assert takes.closed("best", "oracle", range(1)).value == pytest.approx(0.25)
    assert np.isnan(takes.closed("best", "random", range(1)).value)  # nothing to close
    assert takes.take_difference("best", "random", range(1)).value == pytest.approx(0.01)


def test_flips_count_titles_that_were_there_the_day_before():
    flips = Flips()
    flips.add_day(slots((0, 1), (0, 2), (1, 1)), np.array([5, 6, 7]), 10)
    flips.add_day(slots((0, 1), (0, 2), (1, 3)), np.array([5, 8, 7]), 10)  # one of two changes
    flips.add_day(slots((0, 1), (0, 2)), np.array([5, 8]), 10)
    assert flips.per_30_days == pytest.approx(30 * 1 / 4)

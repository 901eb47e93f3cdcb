"""The log that a policy learns from: what a profile's features know, and what is left out."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from models.artwork.gallery import Gallery
from models.artwork.training_log import LogTables, training_log
from tests.models.artwork.small import pools

DAY = date(2026, 1, 10)
GENRES = np.array([[1, 0], [0, 1]], bool)
GALLERY = Gallery(
    pools([("face", 5)], [("face", 5), ("place", 9)]),
    np.array(["t0", "t1"], object),
    np.zeros(2, np.int16),
    ("Comedy", "Drama"),
)
PROFILES = pa.table({"profile_id": ["ann", "bob"], "country": ["DE", None], "kids": [None, True]})


def cells(rows):
    """(profile, title, artwork, days ago, impressions, quality plays)"""
    profile, title, artwork, ago, impressions, quality_plays = zip(*rows, strict=True)
    return pa.table(
        {
            "profile_id": profile,
            "title_id": title,
            "artwork_id": artwork,
            "shown_on": [DAY - timedelta(days=days) for days in ago],
            "impressions_count": impressions,
            "quality_plays_count": quality_plays,
            "row_position": [1] * len(rows),
            "column_position": range(1, len(rows) + 1),
        }
    )


def first_plays(rows):
    """(profile, title, days ago)"""
    profile, title, ago = zip(*rows, strict=True)
    days = pa.array([DAY - timedelta(days=days) for days in ago], pa.date32())
    return pa.table({"profile_id": profile, "title_id": title, "first_on": days})


def log_of(shown, plays):
    tables = LogTables(cells(shown), first_plays(plays), PROFILES)
    return training_log(tables, GALLERY, GENRES, prior=10.0)


def test_features_count_plays_before_the_day_and_not_on_it():
    log = log_of(
        [
            ("ann", "t1", "a002", 0, 3, 1),
            ("ann", "t1", "a001", 1, 2, 0),
            ("bob", "t0", "a000", 0, 1, 0),
        ],
        [("ann", "t0", 1), ("ann", "t1", 0)],
    )
    assert log.frame.names == ("always", "kids", "country DE", "genre Comedy", "genre Drama")
    assert log.frame.shares == (0.5, 0.5)
    anns_yesterday, anns_today, bobs = log.features[log.impressions.feature_row]
    one_comedy = [np.log(6 / 5.5), np.log(5 / 5.5)]
    assert anns_yesterday.tolist() == [1, 0, 1, 0, 0]
    assert anns_today == pytest.approx([1, 0, 1, *one_comedy])
    assert bobs.tolist() == [1, 1, 0, 0, 0]


def test_impressions_are_sorted_by_their_content():
    log = log_of(
        [("bob", "t0", "a000", 0, 1, 0), ("ann", "t1", "a002", 0, 3, 1)], [("ann", "t0", 1)]
    )
    impressions = log.impressions
    assert impressions.profile.tolist() == [0, 1]
    assert impressions.artwork.tolist() == [2, 0]
    assert impressions.impressions.tolist() == [3, 1]
    assert impressions.quality_plays.tolist() == [1, 0]


def test_unknown_profiles_titles_and_artwork_are_left_out():
    log = log_of(
        [
            ("eve", "t0", "a000", 0, 1, 0),
            ("ann", "t9", "a000", 0, 1, 0),
            ("ann", "t0", "title-card", 0, 1, 0),
            ("ann", "t0", "a000", 0, 4, 0),
        ],
        [("ann", "t9", 3)],
    )
    assert log.impressions.impressions.tolist() == [4]
    assert log.genre_features[log.impressions.feature_row][0].tolist() == [0, 0]

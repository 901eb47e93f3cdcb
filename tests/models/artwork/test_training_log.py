from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from models.artwork.training_log import lessons
from tests.models.artwork.shops import pictures

DAY = date(2026, 1, 10)
GENRES = np.array([[1, 0], [0, 1]], bool)
IDS = np.array(["t0", "t1"], object)


def cells(*rows):
    """(profile, title, picture, days ago, impressions, taken)"""
    names = (
        "profile_id",
        "title_id",
        "artwork_id",
        "shown_on",
        "impressions_count",
        "quality_plays_count",
    )
    told = [(p, t, a, DAY - timedelta(days=ago), n, k) for p, t, a, ago, n, k in rows]
    table = pa.table(
        {
            name: pa.array(column)
            for name, column in zip(names, zip(*told, strict=True), strict=True)
        }
    )
    return table.append_column("row_position", pa.array([1] * len(rows))).append_column(
        "column_position", pa.array(range(1, len(rows) + 1))
    )


def of(rows, plays):
    first = pa.table(
        {
            "profile_id": [p for p, _, _ in plays],
            "title_id": [t for _, t, _ in plays],
            "first_on": pa.array([DAY - timedelta(days=ago) for _, _, ago in plays], pa.date32()),
        }
    )
    people = pa.table({"profile_id": ["ann", "bob"], "country": ["DE", None], "kids": [None, True]})
    found = pictures([("face", 5)], [("face", 5), ("place", 9)])
    return lessons(cells(*rows), first, people, found, IDS, ("Comedy", "Drama"), GENRES, 10.0)


def test_traits_know_what_was_played_before_the_day_and_not_on_it():
    found = of(
        [
            ("ann", "t1", "a002", 0, 3, 1),
            ("ann", "t1", "a001", 1, 2, 0),
            ("bob", "t0", "a000", 0, 1, 0),
        ],
        [("ann", "t0", 1), ("ann", "t1", 0)],
    )
    assert found.frame.names == ("always", "kids", "country DE", "genre Comedy", "genre Drama")
    assert found.frame.shares == (0.5, 0.5)
    yesterday, today, bobs = found.traits[[*found.shown.member]]
    assert yesterday.tolist() == [1, 0, 1, 0, 0]
    assert today == pytest.approx(
        [1, 0, 1, np.log(6 / 5.5), np.log(5 / 5.5)]
    )  # a comedy among one title
    assert bobs.tolist() == [1, 1, 0, 0, 0]


def test_rows_are_sorted_by_what_they_say():
    found = of([("bob", "t0", "a000", 0, 1, 0), ("ann", "t1", "a002", 0, 3, 1)], [("ann", "t0", 1)])
    shown = found.shown
    assert shown.cluster.tolist() == [0, 1] and shown.picture.tolist() == [2, 0]
    assert (shown.impressions.tolist(), shown.taken.tolist()) == ([3, 1], [1, 0])


def test_what_is_not_known_is_left_out():
    found = of(
        [
            ("eve", "t0", "a000", 0, 1, 0),
            ("ann", "t9", "a000", 0, 1, 0),
            ("ann", "t0", "title-card", 0, 1, 0),
            ("ann", "t0", "a000", 0, 4, 0),
        ],
        [("ann", "t9", 3)],
    )
    assert found.shown.impressions.tolist() == [4]
    assert found.traits[found.shown.member][0, 3:].tolist() == [0, 0]

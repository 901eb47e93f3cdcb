"""One play is one sitting, in however many records it is told."""

from datetime import timedelta

import pytest

from conf.days import end_of
from features.profile import profile_features
from tests import worlds

FIVE_MINUTES = [300] * 18
SO_FAR = [300 * n for n in range(1, 19)]
EVENING = worlds.START + timedelta(days=3, hours=23, minutes=20)


def entry(spark, records):
    """The only entry of the only profile's history."""
    events, nobody = worlds.frame(spark, "events", records), worlds.frame(spark, "profiles", [])
    (row,) = profile_features(events, nobody, end_of(worlds.LAST)).collect()
    (played,) = row["history"]
    assert row["profile_plays_count_all"] == played["plays_count"]
    return played


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [(FIVE_MINUTES, 5), (SO_FAR, 0), (SO_FAR, 5), (SO_FAR, 4)],
    ids=["pieces", "so far", "so far, each at its own instant", "so far, somewhat faster"],
)
def test_a_film_told_in_eighteen_records_is_played_and_finished_once(spark, seconds, minutes):
    records = worlds.pieces("p", "t1", EVENING, seconds, minutes, duration_seconds=5400)
    played = entry(spark, records[::-1])
    assert (played["plays_count"], played["finished_count"], played["resume_seconds"]) == (1, 1, 0)


@pytest.mark.parametrize(("hours", "plays"), [(5.9, 1), (6, 2), (24, 2)])
def test_a_sitting_ends_with_a_gap_of_six_hours(spark, hours, plays):
    records = worlds.pieces("p", "t1", EVENING, [300, 300], int(hours * 60))
    assert entry(spark, records)["plays_count"] == plays


def test_each_episode_is_a_play(spark):
    records = [
        worlds.event("p", "t1", EVENING + timedelta(minutes=n), episode=f"S01E0{n}")
        for n in (1, 2, 3)
    ]
    assert entry(spark, records)["plays_count"] == 3


def test_of_what_was_told_twice_the_one_learned_last_counts(spark):
    """As far as it was known then: the correction changes nothing before it was learned."""
    told = worlds.event("p", "t1", EVENING, watched_seconds=4000, duration_seconds=5400)
    late = timedelta(days=2)
    corrected = worlds.event("p", "t1", EVENING, late, watched_seconds=900, duration_seconds=5400)
    assert entry(spark, [corrected, told])["resume_seconds"] == 900
    events, nobody = (
        worlds.frame(spark, "events", [told, corrected]),
        worlds.frame(spark, "profiles", []),
    )
    before = profile_features(events, nobody, EVENING + timedelta(days=1)).first()
    assert before["history"][0]["resume_seconds"] == 4000


def watched(spark, seconds, minutes):
    """Seconds that count as watched of records that come at these minutes."""
    records = [
        worlds.event(
            "p",
            "t1",
            EVENING + timedelta(minutes=at),
            watched_seconds=told,
            duration_seconds=90_000,
        )
        for told, at in zip(seconds, minutes, strict=True)
    ]
    return entry(spark, records)["resume_seconds"]


@pytest.mark.parametrize(
    ("seconds", "minutes", "expected"),
    [
        ([300, 600, 900], [5, 10, 15], 900),
        ([300, 600, 900, 1200], [5, 10, 190, 195], 1200),  # a pause
        (
            [300, 600, 900, 900, 900, 900, 900],
            [5, 10, 15, 16, 17, 18, 19],
            900,
        ),  # paused, and telling
        (
            [300, 600, 900, 300, 600, 900],
            [5, 10, 15, 300, 305, 310],
            1800,
        ),  # from the beginning again
        ([300, 600, 900, 1200, 1500], [5, 10, 15, 1445, 1450], 1500),  # goes on a day later
        ([300, 300, 300, 120], [0, 5, 10, 15], 1020),
        ([300, 600, 900, 1200], [0, 5, 15, 30], 3000),  # pieces that grow, each as long as its time
        ([120, 300, 300, 300], [0, 1, 4, 7], 1020),  # at double speed
        ([2700, 2700, 5400], [0, 400, 800], 10_800),
        ([None, 300, 600, 900], [0, 5, 10, 15], 900),
    ],
)
def test_what_a_player_tells_so_far_is_not_added_up(spark, seconds, minutes, expected):
    assert watched(spark, seconds, minutes) == expected

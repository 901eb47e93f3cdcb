"""Where a film or series goes on, case by case and against its slow twin."""

from datetime import UTC, timedelta

import pytest

from conf.days import end_of
from features.asof import known_records
from features.my_list import my_list
from features.profile import profile_features
from features.resume import viewing
from tests import worlds
from tests.oracles import features as oracle
from tests.oracles import viewing as twin

HOUR = 3600
CASES = {  # profile -> its plays of one title (episode, seconds watched of an hour), and what it may go on with
    "middle": ([(None, 1000)], (1000, 0, None)),
    "two_sittings": ([(None, 1000), (None, 500)], (1500, 0, None)),
    "ended": ([(None, 3600)], (0, 1, None)),
    "left_in_the_credits": ([(None, 3500)], (0, 1, None)),
    "hardly_begun": ([(None, 30)], (0, 0, None)),
    "again": ([(None, 3600), (None, 600)], (600, 1, None)),
    "episode": ([("S01E01", 3600), ("S01E02", 100)], (100, 1, None)),
    "next": ([("S01E01", 3600)], (0, 1, "S01E02")),
    "next_season": ([("S01E02", 3600)], (0, 1, "S02E01")),
    "peeped": ([("S01E01", 3600), ("S01E02", 9)], (0, 1, "S01E02")),
    "last_known": ([("S02E01", 3600)], (0, 1, None)),
    "unmeasured": ([(None, None)], (None, None, None)),
    "odd_label": ([("pilot", 3600)], (0, 1, None)),
}


@pytest.fixture(scope="module")
def states(spark):
    """The state of each case."""
    events = [
        worlds.event(
            profile,
            "t1",
            worlds.START + timedelta(hours=n),
            episode=episode,
            watched_seconds=watched,
            duration_seconds=HOUR,
        )
        for profile, (plays, _) in CASES.items()
        for n, (episode, watched) in enumerate(plays)
    ]
    return {
        row["profile_id"]: row for row in viewing(worlds.frame(spark, "events", events)).collect()
    }


@pytest.mark.parametrize("profile", CASES)
def test_where_it_goes_on(states, profile):
    row = states[profile]
    assert (row["resume_seconds"], row["finished_count"], row["next_episode"]) == CASES[profile][1]


def test_states_equal_the_oracle(spark):
    records, as_of = worlds.random_sittings(4), end_of(worlds.LAST)
    seen = oracle.visible(records, as_of)
    plays = [e for e in seen if e["kind"] == "play"]
    rows = viewing(known_records(worlds.frame(spark, "events", records), as_of)).collect()
    assert {(r["profile_id"], r["title_id"]) for r in rows} == {
        (e["profile_id"], e["title_id"]) for e in plays
    }
    for row in rows:
        everybodys = [e for e in plays if e["title_id"] == row["title_id"]]
        expected = twin.state(
            [e for e in everybodys if e["profile_id"] == row["profile_id"]], everybodys
        )
        assert {name: row[name] for name in expected} == expected


def test_lists_equal_the_oracle(spark):
    records, as_of = worlds.random_sittings(6), end_of(worlds.LAST)
    rows = my_list(known_records(worlds.frame(spark, "events", records), as_of)).collect()
    found = {
        r["profile_id"]: [(e["title_id"], e["listed_at"].replace(tzinfo=UTC)) for e in r["my_list"]]
        for r in rows
    }
    seen = oracle.visible(records, as_of)
    expected = {p: twin.my_list(seen, p) for p in {e["profile_id"] for e in seen}}
    assert found == {profile: listed for profile, listed in expected.items() if listed}


def test_profiles_asked_alone_are_promised_the_episodes_that_only_others_played(spark):
    """What is asked of some profiles is what is said of them among all."""
    hours = [worlds.START + timedelta(hours=n) for n in range(2)]
    watch = {"watched_seconds": HOUR, "duration_seconds": HOUR}
    log = [
        worlds.event("ann", "t1", hours[0], episode="S01E01", **watch),
        worlds.event("bob", "t1", hours[1], episode="S01E02", **watch),
    ]
    events, nobody = worlds.frame(spark, "events", log), worlds.frame(spark, "profiles", [])
    only = spark.createDataFrame([("ann",)], "profile_id string")
    alone = profile_features(events, nobody, end_of(worlds.LAST), only=only).collect()
    among = (
        profile_features(events, nobody, end_of(worlds.LAST)).where("profile_id = 'ann'").collect()
    )
    assert alone == among and alone[0]["history"][0]["next_episode"] == "S01E02"

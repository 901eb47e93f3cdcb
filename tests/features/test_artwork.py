from datetime import UTC, date, datetime, timedelta

import pytest

from features.artwork import first_plays, picture_cells, picture_counts
from tests.worlds import event, frame

AS_OF = datetime(2026, 1, 10, 23, 59, 59, tzinfo=UTC)
NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)
CELL = {"page_id": "g1", "row_id": "top", "row_position": 1, "column_position": 2}
LONG = {"duration_seconds": 1000, "watched_seconds": 700}


def seen(profile, at, late=timedelta(0), **more):
    """An impression of the picture a1 of the title t1 in one cell."""
    known = at + late
    return {
        "profile_id": profile,
        "title_id": "t1",
        "shown_at": at,
        "known_at": known,
        "ds": known.date(),
        "artwork_id": "a1",
        "policy": "p",
        "propensity": 0.5,
        "device": "tv",
        "source": "test",
        "landing_id": "test",
        **CELL,
        **more,
    }


def cells(spark, impressions, events, window=7):
    found = picture_cells(
        frame(spark, "impressions", impressions), frame(spark, "events", events), AS_OF, window, 0.7
    )
    return {(r["profile_id"], r["device"]): r.asDict() for r in found.collect()}


@pytest.fixture(scope="module")
def counted(spark):
    """A cell seen twice by `ann` on the TV and once on the phone, each with a play; cells of others."""
    later = NOON + timedelta(hours=1)
    impressions = [
        seen("ann", NOON - timedelta(days=1)),
        seen("ann", later),
        seen("ann", later, device="phone"),
        seen("bob", NOON, page_id="g2"),
        seen("bob", NOON, page_id="g2", late=timedelta(days=1), device="web"),
        seen("cid", NOON, page_id="g3", artwork_id=None),
        seen("dan", NOON - timedelta(days=7), page_id="g4"),
    ]
    played = {**CELL, "device": "tv", **LONG}
    events = [
        event("ann", "t1", later, **played),
        event("ann", "t1", later, **{**played, "device": "phone", "watched_seconds": 699}),
        event("bob", "t1", NOON, **{**played, "page_id": "g2"}),
        event("bob", "t1", NOON + timedelta(minutes=1), **{**played, "page_id": "g2"}),
        event("dan", "t1", NOON, late=timedelta(days=2), **{**played, "page_id": "g4"}),
    ]
    return cells(spark, impressions, events)


def test_a_cell_counts_impressions_and_quality_plays_by_device(counted):
    tv = counted["ann", "tv"]
    assert (tv["impressions_count"], tv["quality_plays_count"]) == (2, 1)
    assert (tv["shown_on"], tv["row_position"], tv["column_position"]) == (date(2026, 1, 9), 1, 2)
    assert counted["ann", "phone"]["quality_plays_count"] == 0  # a second short of quality


def test_a_cell_is_taken_at_most_as_often_as_it_was_seen(counted):
    assert (
        counted["bob", "tv"]["impressions_count"],
        counted["bob", "tv"]["quality_plays_count"],
    ) == (1, 1)


def test_what_was_learned_later_has_no_picture_or_lies_before_the_window_does_not_count(counted):
    assert set(counted) == {("ann", "tv"), ("ann", "phone"), ("bob", "tv")}


def test_counts_by_device_add_up_to_take_rates(spark):
    impressions = [
        seen("ann", NOON, page_id=f"g{n}", device="tv" if n < 3 else "web") for n in range(4)
    ]
    events = [event("ann", "t1", NOON, **{**CELL, **LONG, "page_id": "g0", "device": "tv"})]
    found = picture_cells(
        frame(spark, "impressions", impressions), frame(spark, "events", events), AS_OF, 7, 0.7
    )
    rates = {row["device"]: row["take_rate"] for row in picture_counts(found, ["device"]).collect()}
    assert rates == pytest.approx({"tv": 1 / 3, "web": 0})


def test_a_first_play_counts_from_the_day_it_was_known(spark):
    events = [
        event("ann", "t1", NOON - timedelta(days=5), late=timedelta(days=3)),
        event("ann", "t1", NOON - timedelta(days=1)),
        event("ann", "t2", NOON, kind="rating", value=4.0),
        event("ann", "t3", NOON - timedelta(days=1), late=timedelta(days=2)),
    ]
    found = {
        r["title_id"]: r["first_on"]
        for r in first_plays(frame(spark, "events", events), AS_OF).collect()
    }
    assert found == {"t1": date(2026, 1, 8)}

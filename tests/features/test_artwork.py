"""How often artwork came into view and was played from, worked out by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest

from features.artwork import first_plays, picture_cells, picture_counts
from tests.worlds import event, frame

AS_OF = datetime(2026, 1, 10, 23, 59, 59, tzinfo=UTC)
NOON = datetime(2026, 1, 10, 12, tzinfo=UTC)
CELL = {"page_id": "g1", "row_id": "top", "row_position": 1, "column_position": 2}
LONG = {"duration_seconds": 1000, "watched_seconds": 700}


def impression(profile, at, late=timedelta(0), **more):
    """An impression of the artwork a1 of the title t1 in one cell."""
    known_at = at + late
    return {
        "profile_id": profile,
        "title_id": "t1",
        "shown_at": at,
        "known_at": known_at,
        "ds": known_at.date(),
        "artwork_id": "a1",
        "policy": "p",
        "propensity": 0.5,
        "device": "tv",
        "source": "test",
        "landing_id": "test",
        **CELL,
        **more,
    }


def cells_of(spark, impressions, events):
    """The cells of a week before AS_OF, with plays of 70 % of a title as quality plays."""
    impressions_frame = frame(spark, "impressions", impressions)
    events_frame = frame(spark, "events", events)
    return picture_cells(impressions_frame, events_frame, AS_OF, 7, 0.7)


def counts_by_cell(spark, impressions, events):
    """The counts by profile and device."""
    rows = cells_of(spark, impressions, events).collect()
    return {(row["profile_id"], row["device"]): row.asDict() for row in rows}


@pytest.fixture(scope="module")
def cell_counts(spark):
    """A cell in view twice for `ann` on the TV and once on the phone, with plays; others' cells."""
    later = NOON + timedelta(hours=1)
    impressions = [
        impression("ann", NOON - timedelta(days=1)),
        impression("ann", later),
        impression("ann", later, device="phone"),
        impression("bob", NOON, page_id="g2"),
        impression("bob", NOON, page_id="g2", late=timedelta(days=1), device="web"),
        impression("cid", NOON, page_id="g3", artwork_id=None),
        impression("dan", NOON - timedelta(days=7), page_id="g4"),
    ]
    played = {**CELL, "device": "tv", **LONG}
    events = [
        event("ann", "t1", later, **played),
        event("ann", "t1", later, **{**played, "device": "phone", "watched_seconds": 699}),
        event("bob", "t1", NOON, **{**played, "page_id": "g2"}),
        event("bob", "t1", NOON + timedelta(minutes=1), **{**played, "page_id": "g2"}),
        event("dan", "t1", NOON, late=timedelta(days=2), **{**played, "page_id": "g4"}),
    ]
    return counts_by_cell(spark, impressions, events)


def test_a_cell_counts_impressions_and_quality_plays_by_device(cell_counts):
    tv = cell_counts["ann", "tv"]
    assert (tv["impressions_count"], tv["quality_plays_count"]) == (2, 1)
    assert (tv["shown_on"], tv["row_position"], tv["column_position"]) == (date(2026, 1, 9), 1, 2)
    assert cell_counts["ann", "phone"]["quality_plays_count"] == 0  # a second short of quality


def test_quality_plays_are_at_most_as_many_as_impressions(cell_counts):
    assert (
        cell_counts["bob", "tv"]["impressions_count"],
        cell_counts["bob", "tv"]["quality_plays_count"],
    ) == (1, 1)


def test_late_records_records_without_artwork_and_those_before_the_window_do_not_count(cell_counts):
    assert set(cell_counts) == {("ann", "tv"), ("ann", "phone"), ("bob", "tv")}


def test_a_film_told_in_pieces_is_one_play_of_the_cell_where_it_began(spark):
    impressions = [
        impression("ann", NOON),
        impression("ann", NOON + timedelta(minutes=1), page_id="g9"),
        impression("bob", NOON, page_id="g2"),
    ]
    piece = {**CELL, "device": "tv", "duration_seconds": 6000, "watched_seconds": 1500}
    without_page = dict.fromkeys(CELL)
    events = [
        event("ann", "t1", NOON, **piece),
        event("ann", "t1", NOON + timedelta(hours=1), **{**piece, **without_page}),
        event("ann", "t1", NOON + timedelta(hours=2), **{**piece, "page_id": "g9"}),
        event("bob", "t1", NOON, **{**piece, "page_id": "g2"}),  # three pieces, an hour short
        event("bob", "t1", NOON + timedelta(hours=1), **{**piece, "page_id": "g2"}),
        event("bob", "t1", NOON - timedelta(days=1), **{**piece, "page_id": "g2"}),
    ]
    rows = cells_of(spark, impressions, events).collect()
    quality_plays = [row["quality_plays_count"] for row in rows if row["profile_id"] == "ann"]
    assert sorted(quality_plays) == [0, 1]
    assert [row["quality_plays_count"] for row in rows if row["profile_id"] == "bob"] == [0]


def test_counts_by_device_add_up_to_take_rates(spark):
    impressions = [
        impression("ann", NOON, page_id=f"g{n}", device="tv" if n < 3 else "web") for n in range(4)
    ]
    events = [event("ann", "t1", NOON, **{**CELL, **LONG, "page_id": "g0", "device": "tv"})]
    cells = cells_of(spark, impressions, events)
    rows = picture_counts(cells, ["device"]).collect()
    rates = {row["device"]: row["take_rate"] for row in rows}
    assert rates == pytest.approx({"tv": 1 / 3, "web": 0})


def test_a_first_play_counts_from_the_day_it_was_known(spark):
    events = [
        event("ann", "t1", NOON - timedelta(days=5), late=timedelta(days=3)),
        event("ann", "t1", NOON - timedelta(days=1)),
        event("ann", "t2", NOON, kind="rating", value=4.0),
        event("ann", "t3", NOON - timedelta(days=1), late=timedelta(days=2)),
    ]
    rows = first_plays(frame(spark, "events", events), AS_OF).collect()
    first_days = {row["title_id"]: row["first_on"] for row in rows}
    assert first_days == {"t1": date(2026, 1, 8)}

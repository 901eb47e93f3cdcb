from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from benchmarks.scale.catalogue import titles_of
from benchmarks.scale.plays import (
    SEEN,
    SEEN_DAYS,
    Service,
    event_batches,
    impression_batches,
    profile_batches,
    tick_batches,
)
from conf.contracts import contract

SERVICE = Service(
    members=300, titles=500, days=90, plays_a_day=64 / 90, ds=date(2026, 3, 30), seed=3
)
TITLES = titles_of(500, seed=3)


def drawn(batches, numbers: range) -> pa.Table:
    batch = pa.record_batch({"id": pa.array(numbers, pa.int64())})
    return pa.Table.from_batches(list(batches(iter([batch]))))


@pytest.fixture(scope="module")
def events():
    return drawn(event_batches(SERVICE, TITLES), range(300))


def test_every_profile_has_its_plays_and_some_stars(events):
    plays = events.filter(pc.equal(events["kind"], "play"))
    counts = plays.group_by("profile_id").aggregate([("title_id", "count")])["title_id_count"]
    assert set(counts.to_pylist()) == {64}
    stars = events.filter(pc.equal(events["kind"], "rating"))
    assert 0.03 < stars.num_rows / plays.num_rows < 0.07
    assert pc.min_max(stars["value"]).as_py() == {"min": 1, "max": 5}


@pytest.mark.parametrize(
    ("table", "batches"),
    [
        ("events", event_batches(SERVICE, TITLES)),
        ("impressions", impression_batches(SERVICE, TITLES)),
        ("profiles", profile_batches(SERVICE)),
    ],
)
def test_rows_keep_their_contract_and_are_the_same_each_time(table, batches):
    rows = drawn(batches, range(50))
    assert not any(rows[column].null_count for column in contract(table).required)
    assert rows.equals(drawn(batches, range(50)))


def test_keys_of_events_and_impressions_tell_rows_apart(events):
    assert pc.count_distinct(events["event_id"]).as_py() == events.num_rows
    seen = drawn(impression_batches(SERVICE, TITLES), range(300))
    keys = seen.select(contract("impressions").keys)
    assert keys.group_by(keys.column_names).aggregate([]).num_rows == seen.num_rows


def test_the_log_has_the_days_that_it_was_asked_for(events):
    assert set(events["ds"].to_pylist()) == {SERVICE.ds - timedelta(days=ago) for ago in range(90)}
    assert events["ds"].equals(events["event_at"].cast(pa.date32()))
    seen = drawn(impression_batches(SERVICE, TITLES), range(300))
    assert pc.min(seen["ds"]).as_py() == SERVICE.ds - timedelta(days=SEEN_DAYS - 1)
    recent = pc.and_(
        pc.equal(events["kind"], "play"), pc.greater_equal(events["ds"], pc.min(seen["ds"]))
    )
    assert seen.num_rows == SEEN * events.filter(recent).num_rows


def test_a_longer_log_has_as_many_plays_a_day(events):
    longer = Service(300, 500, 180, SERVICE.plays_a_day, SERVICE.ds, 3)
    assert longer.plays == 2 * SERVICE.plays


def test_profiles_have_tastes(events):
    profile = pc.equal(events["profile_id"], "p0000000005")
    titles = [int(title[1:]) for title in events.filter(profile)["title_id"].to_pylist()]
    genres = np.bincount(TITLES.genre[titles])
    assert np.sort(genres)[::-1][:3].sum() > 0.6 * len(titles)


def test_a_tick_begins_after_the_last_day_and_is_ten_minutes_long():
    touched = drawn(tick_batches(SERVICE, TITLES), range(0, 300, 100))
    assert pc.count_distinct(touched["profile_id"]).as_py() == 3
    plays = touched.filter(pc.equal(touched["kind"], "play"))
    assert plays.num_rows == 9
    at = pc.min_max(touched["event_at"]).as_py()
    assert f"{at['min']:%Y-%m-%d %H:%M}" >= "2026-03-31 00:00"
    assert f"{at['max']:%Y-%m-%d %H:%M}" < "2026-03-31 00:10"

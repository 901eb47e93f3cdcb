"""Days of the world on Spark, through the landing contract and back, in a lake of their own."""

from datetime import date

import pytest
from pyspark.sql import functions as F

from closed_loop import folder as world_folder
from closed_loop.days import SimulatedService
from closed_loop.loop import clock_of
from conf.errors import UserMistake
from conf.world import world_settings
from jobs import ingest_events
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables
from tests.simulator.small import small_settings, small_world

pytestmark = pytest.mark.long

ACCOUNTS = 12


@pytest.fixture
def life(spark, lake, tmp_path, monkeypatch) -> SimulatedService:
    monkeypatch.setenv("FRONTROW_WORLD", str(tmp_path / "world"))
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path))
    mess = small_settings().mess.model_copy(update={"broken_share": 0.05})
    settings = small_settings().model_copy(
        update={"accounts": ACCOUNTS, "past_days": 6, "mess": mess}
    )
    return SimulatedService(spark, settings, small_world())


def land(life: SimulatedService, day: int) -> dict[str, int]:
    """Accepted, duplicate and rejected records of what was sent by the end of a day."""
    found = ingest_events.files_to_land("simulated", str(world_folder.delivery_path(day)))
    receipts = ingest_events.ingest_events(
        life.spark, "simulated", found, clock_of(life.settings, day), say=lambda _: None
    )
    names = ("accepted", "duplicate", "rejected")
    return {name: sum(getattr(receipt, f"{name}_count") for receipt in receipts) for name in names}


def publish(life: SimulatedService, day: int, titles: list[str]) -> None:
    """The same page for every profile: one row of some titles, as the published table holds it."""
    cells = [
        (at, title, 0.5, "popular", "popular", None, None, "test", 0.25, 1.0)
        for at, title in enumerate(titles, 1)
    ]
    schema = tables.schema_of(life.spark, "homepage_rows")
    ids = arrow_tables.sql("SELECT DISTINCT profile_id FROM profiles")["profile_id"].to_pylist()
    ds = world_folder.date_of(life.settings, day)
    rows = [
        {
            **dict.fromkeys(schema.names),
            "page_id": f"page of {p}",
            "profile_id": p,
            "row_position": 1,
            "row_id": "top",
            "row_kind": "popular",
            "row_title": "Popular",
            "reason": "r",
            "evidence_type": "popular",
            "cells": cells,
            "ranker_id": "test",
            "builder": "template",
            "as_of": ds,
            "ds": ds,
        }
        for p in ids
    ]
    frame = life.spark.createDataFrame(
        [tuple(row[n] for n in schema.names if n != "as_of") for row in rows],
        schema.__class__([f for f in schema.fields if f.name != "as_of"]),
    )
    tables.replace_day(
        life.spark, "homepage_rows", ds, frame.withColumn("as_of", F.lit(ds).cast("timestamp"))
    )


def test_a_past_and_a_day_come_back_through_the_landing_contract(life):
    life.simulate_past()
    life.deliver(world_folder.PAST)
    landed = land(life, world_folder.PAST)
    assert landed["accepted"] > 0 and landed["rejected"] > 0
    assert set(arrow_tables.sql("SELECT DISTINCT source FROM events")["source"].to_pylist()) == {
        "simulated"
    }
    assert (
        arrow_tables.sql("SELECT max(ds) AS last FROM events")["last"].to_pylist()[0]
        < life.settings.first_day
    )
    assert not arrow_tables.was_written("impressions"), "nobody has seen a page yet"

    publish(life, world_folder.PAST, list(life.truth.title_ids))
    life.simulate_day(0)
    life.deliver(0)
    land(life, 0)
    seen = arrow_tables.whole_table("impressions").to_pylist()
    assert seen and {row["page_id"] for row in seen} <= {
        f"page of {row['profile_id']}" for row in seen
    }
    assert {row["propensity"] for row in seen} == {0.25}
    plays = arrow_tables.sql(
        "SELECT page_id, column_position FROM events WHERE page_id IS NOT NULL"
    ).to_pylist()
    assert all(row["column_position"] >= 1 for row in plays)
    assert sorted(set(world_folder.all_measures()["arm"].to_pylist())) == [
        "oracle",
        "pipeline",
        "popular",
        "random",
    ]

    before = {name: arrow_tables.newest_version(name) for name in ("events", "impressions")}
    life.simulate_day(0)
    life.deliver(0)
    again = land(life, 0)
    assert again["accepted"] == 0, "a day lived twice is lived once"
    assert before == {name: arrow_tables.newest_version(name) for name in before}


def test_a_page_with_a_title_that_the_world_does_not_have_is_refused_by_name(life):
    life.simulate_past()
    life.deliver(world_folder.PAST)
    land(life, world_folder.PAST)
    publish(life, world_folder.PAST, ["no such title"])
    with pytest.raises(Exception, match="no such title"):
        life.simulate_day(0)
    assert world_folder.last_day() == world_folder.PAST, "a day that failed is not half lived"


def test_a_world_that_has_begun_does_not_change(life):
    began = world_folder.settings_of_world(world_settings(), {"accounts": 5})
    assert (
        world_folder.settings_of_world(world_settings(), {"accounts": 5})
        == world_folder.settings_of_world(world_settings(), {})
        == began
    )
    with pytest.raises(UserMistake, match="began with accounts=5, not 6"):
        world_folder.settings_of_world(world_settings(), {"accounts": 6})


def test_what_is_sent_tells_nothing_of_the_truth(life):
    life.simulate_past()
    life.deliver(world_folder.PAST)
    columns = {
        f
        for file in world_folder.delivery_path(world_folder.PAST).rglob("*.parquet")
        for f in life.spark.read.parquet(str(file)).columns
    }
    assert not columns & {"taste", "factors", "quality", "attraction", "state", "measures", "index"}


def test_a_days_records_are_the_same_in_any_partitioning(life):
    assert tables.content_hash(life.first_day(40, 1)) == tables.content_hash(
        life.first_day(40, 3, 7)
    )


def test_the_first_day_is_a_monday_so_that_the_past_ends_with_a_week():
    assert world_settings().first_day.isoweekday() == 1 and isinstance(
        world_settings().first_day, date
    )

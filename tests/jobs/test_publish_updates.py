"""Pages between two nights, of real ticks on a small service."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from conf.errors import UserMistake
from conf.nearline import nearline_settings
from conf.ticks import Tick, tick_before
from features.refresh_due import usual_hour
from jobs.compute_overlays import compute_overlays
from jobs.io.published import homepage, ticks
from jobs.io.published.receipts import UPDATED
from jobs.io.serving import page_view
from jobs.io.tables import arrow as lake
from jobs.io.tables import spark as tables
from jobs.publish_updates import publish_updates
from tests import evenings
from tests.built import copy_of
from tests.evenings import HOUR, NIGHT, at, film


@pytest.fixture
def night(spark: SparkSession, built: Path, lake: Path) -> SparkSession:
    """A service whose pages of the night are published."""
    copy_of(built, lake)
    evenings.night(spark)
    return spark


def pages(tick: Tick) -> dict[str, list[dict[str, Any]]]:
    """The pages published at a tick by profile, rows in order."""
    found = lake.sql(
        f"SELECT * FROM {UPDATED} WHERE tick = '{tick.name}' ORDER BY profile_id, row_position"
    )
    made: dict[str, list[dict[str, Any]]] = {}
    for row in found.to_pylist():
        made.setdefault(row["profile_id"], []).append(row)
    return made


@pytest.mark.long
def test_a_day_of_updates(night: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """One service lives through it all, since a night takes long to make."""
    usual = usual_hours(night)
    first, second = Tick(at(9, 10)), Tick(at(9, 20))
    with pytest.raises(
        UserMistake, match="run `python -m jobs.compute_overlays --until 2026-05-01T09:10Z` first"
    ):
        publish_updates(night, first)

    evenings.land(
        night, "a", [film("p1", "t0", at(9, 5), HOUR // 2), film("p1", "t2", at(9, 6), HOUR)]
    )
    compute_overlays(night, first)
    assert "1 fresh" in publish_updates(night, first)
    page = pages(first)["p1"]
    going_on = [row for row in page if row["row_kind"] == "continue_watching"]
    assert going_on[0]["cells"][0]["title_id"] == "t0"
    others = {
        c["title_id"]
        for row in page
        for c in row["cells"]
        if row["row_kind"] not in ("continue_watching",)
    }
    assert "t0" not in others or any(row["row_kind"] == "watch_again" for row in page)
    assert {row["level"] for row in page} == {"fresh"} and {row["as_of"] for row in page} == {
        first.as_of
    }
    assert {row["visit_at"] for row in page} == {first.until}
    assert [row["row_position"] for row in page] == list(range(1, len(page) + 1))

    rows = tables.content_hash(tables.read(night, UPDATED))
    publish_updates(night, first)
    assert tables.content_hash(tables.read(night, UPDATED)) == rows, "again: the same"

    evenings.land(night, "b", [film("p2", "t3", at(9, 15), HOUR // 3)])
    compute_overlays(night, second)
    publish_updates(night, second)
    assert "p1" not in pages(second), "unchanged since: nothing is written"

    read = page_view.page("p1", at=at(9, 30))
    assert read.level == "fresh" and read.rows[0]["as_of"] == first.as_of
    assert page_view.page("p1", at=at(9, 0)).level == "base", (
        "before the tick its page is last night's"
    )
    assert [receipt.tick for receipt in homepage.publication_receipts(UPDATED)] == [
        "0910",
        "0910",
        "0920",
    ]

    third, fourth = Tick(at(9, 30)), Tick(at(9, 40))
    evenings.land(night, "c", [film(name, "t3", at(9, 25), HOUR // 3) for name in ("p1", "p2")])
    compute_overlays(night, third)
    compute_overlays(night, fourth)
    with monkeypatch.context() as busy:
        few = nearline_settings().model_copy(update={"most_pages": 1})
        busy.setattr("jobs.publish_updates.nearline_settings", lambda: few)
        assert "that are likely to come later wait" in publish_updates(night, third)
    assert len(pages(third)) == 1
    publish_updates(night, fourth)
    made = {*pages(third), *pages(fourth)}
    assert {"p1", "p2"} <= made and not {"p1", "p2"} & set(pages(third)) & set(pages(fourth)), (
        "each once"
    )

    profile, hour = next(
        (name, hour) for name, hour in usual.items() if 2 <= hour < 23 and name not in ("p1", "p2")
    )
    turning = Tick(tick_before(at(0) + timedelta(hours=hour - 1)).until + timedelta(minutes=10))
    compute_overlays(night, turning)
    publish_updates(night, turning)
    ready = pages(turning)[profile]
    assert {row["level"] for row in ready} == {"base"}, "its usual hour is near"
    assert {row["visit_at"] for row in ready} == {turning.until + timedelta(hours=1)}
    assert ticks.tick_receipt(turning) is not None

    published, known = homepage.publication_receipts, homepage.publication_receipts(UPDATED)
    monkeypatch.setattr(
        homepage,
        "publication_receipts",
        lambda table="homepage_rows": (
            [one for one in known if one.tick != turning.name]
            if table == UPDATED
            else published(table)
        ),
    )
    assert page_view.page(profile, at=turning.until).level == "base", "no receipt vouches for it"


def usual_hours(spark: SparkSession) -> dict[str, float]:
    """The circular mean hour of each profile's plays."""
    found = (
        tables.read_day(spark, "profile_features", NIGHT)
        .select("profile_id", usual_hour().alias("h"))
        .collect()
    )
    return {row["profile_id"]: row["h"] for row in found if row["h"] is not None}

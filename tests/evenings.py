"""The small service of `tests.built` on the day after its last pages, between two nights."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from unittest.mock import patch

from pyspark.sql import SparkSession

from conf import ticks
from conf.days import start_of
from conf.nearline import nearline_settings
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables
from tests import worlds

NIGHT, DAY = date(2026, 4, 30), date(2026, 5, 1)
HOUR, TITLES = 3600, 40
Record = dict[str, Any]


def at(hour: int, minute: int = 0) -> datetime:
    """A moment of the day."""
    return start_of(DAY) + timedelta(hours=hour, minutes=minute)


def night(spark: SparkSession) -> None:
    """Bring the built lake to the evening: one landing, settings, and the age each title is for.

    Records of its log that were to be learned after the night are taken out: the day is the tests'
    own.
    """
    log = arrow_tables.open_table("events")
    assert log is not None
    log.delete(f"ds > DATE'{NIGHT}'")
    land(spark, "before", [], [settings(f"p{n}", worlds.START, country="NO") for n in range(16)])
    aged = [worlds.title(n, maturity=6 + n % 3 * 6, known_at=at(0, 1)) for n in range(TITLES)]
    tables.append(spark, "titles", worlds.frame(spark, "titles", aged).coalesce(1))


def settings(profile: str, known_at: datetime, **more: object) -> Record:
    """One version of a profile's settings."""
    return {
        "profile_id": profile,
        "known_at": known_at,
        "source": "test",
        "landing_id": "test",
        **more,
    }


def film(profile: str, title: str, moment: datetime, seconds: int, **more: Any) -> Record:
    """A play of so many seconds of an hour."""
    return worlds.event(
        profile, title, moment, watched_seconds=seconds, duration_seconds=HOUR, **more
    )


def land(spark: SparkSession, name: str, events: list[Record], profiles: list[Record] = []) -> None:  # noqa: B006
    """Land records as one file, its receipt last, as `ingest_events` does."""
    for table, records in (("events", events), ("profiles", profiles)):
        if records:
            ours = [{**record, "landing_id": name} for record in records]
            tables.append(spark, table, worlds.frame(spark, table, ours).coalesce(1))
            receipt = {
                "landing_id": name,
                "target_table": table,
                "file": name,
                "accepted_count": len(ours),
                "rejected_count": 0,
                "duplicate_count": 0,
                "source": "test",
            }
            tables.append(spark, "landings", worlds.frame(spark, "landings", [receipt]).coalesce(1))


@contextmanager
def ticks_of(minutes: int) -> Iterator[None]:
    """Ticks of another length."""
    other = nearline_settings().model_copy(update={"every_minutes": minutes})
    with patch.object(ticks, "nearline_settings", lambda: other):
        yield


def overlays(spark: SparkSession, tick: ticks.Tick) -> dict[str, Record]:
    """The overlays of a tick by profile."""
    mine = tables.read(spark, "overlays").where(f"ds = '{tick.ds}' AND tick = '{tick.name}'")
    return {row["profile_id"]: row.asDict(recursive=True) for row in mine.collect()}

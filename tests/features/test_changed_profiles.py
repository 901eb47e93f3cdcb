"""What is new at a tick, record by record: learned in it, landed late, or not come about yet."""

from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import SparkSession

from features.changed_profiles import COUNTS, TickSpan, changed_profiles
from tests import worlds

SINCE = datetime(2026, 3, 10, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AS_OF = SINCE + 10 * MINUTE
SPAN = TickSpan(SINCE, AS_OF, ("box",))


def told(profile: str, minutes: float, learned: float | None = None, **more: object):
    """An event so many minutes after the tick begins; learned then, or at another minute."""
    record = worlds.event(profile, more.pop("title", "t1"), SINCE + minutes * MINUTE, **more)
    return record | {"known_at": SINCE + (minutes if learned is None else learned) * MINUTE}


EVENTS = [
    told("before", -1),
    told("at the beginning", 0),  # the tick before took it in: its end is included
    told("inside", 5),
    told("at the end", 10),
    told("after", 11),
    told("late", -60) | {"landing_id": "box"},
    told("late and unlanded", -60) | {"landing_id": "other box"},
    told("learned inside", -60, learned=3),
    told("happens later", 12, learned=3),
    told("had been learned too early", 4, learned=-60),
    told("listed", 5, kind="list_add"),
    told("unknown title", 5, title="t99"),
]
SETTINGS = {  # minutes after the tick begins at which they were learned, and their landing
    "moved before": (-1, "test"),
    "moved": (5, "test"),
    "moved late": (-60, "box"),
    "moves later": (11, "box"),
}
NEW = {
    "inside": ["plays"],
    "at the end": ["plays"],
    "late": ["plays"],
    "learned inside": ["plays"],
    "had been learned too early": ["plays"],
    "listed": ["other"],
    "unknown title": ["plays"],
    "moved": ["settings"],
    "moved late": ["settings"],
}
LATER = {"happens later"}  # known by now, and counted, but nothing of it is taken in


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> dict[str, dict[str, object]]:
    """The row of each profile that has one."""
    profiles = [
        {"profile_id": name, "known_at": SINCE + minutes * MINUTE, "landing_id": landing}
        | {"source": "test"}
        for name, (minutes, landing) in SETTINGS.items()
    ]
    titles = spark.createDataFrame([("t1",)], "title_id string")
    events = worlds.frame(spark, "events", EVENTS)
    rows = changed_profiles(events, worlds.frame(spark, "profiles", profiles), titles, SPAN)
    return {row["profile_id"]: row.asDict(recursive=True) for row in rows.collect()}


def test_what_is_new_is_taken_in_and_nothing_else(found) -> None:
    changed = {name: row["changed"] for name, row in found.items()}
    assert changed == NEW | {name: [] for name in LATER}


def test_each_record_is_taken_in_once_with_its_two_times(found) -> None:
    (taken,) = found["learned inside"]["taken"]
    assert taken["event_at"] == (SINCE - 60 * MINUTE).replace(tzinfo=None)
    assert taken["known_at"] == (SINCE + 3 * MINUTE).replace(tzinfo=None)
    assert [len(found[name]["taken"]) for name in ("inside", "late", "happens later")] == [1, 1, 0]


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("inside", (1, 0, 0, 0)),
        ("late", (1, 1, 0, 0)),
        ("happens later", (0, 0, 1, 0)),
        ("unknown title", (1, 0, 0, 1)),
        ("moved", (0, 0, 0, 0)),
    ],
)
def test_events_are_counted_by_what_they_are(found, name, counts) -> None:
    assert tuple(found[name][count] for count in COUNTS) == counts

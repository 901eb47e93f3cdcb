"""Defects of landed data, planted one at a time in a copy of the tables: a day is built of each.

The pages that come of it are sound in form, but not what the service would want to show; all of
them must be kept from being published.
"""
# Tested by tests/benchmarks/safety/test_defects.py.

import shutil
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from deltalake import write_deltalake
from pyspark.sql import SparkSession

from benchmarks.safety.drafts import Record
from benchmarks.safety.planting import Outcome, Say
from closed_loop.homes import environment_variables
from conf.contracts import contract
from conf.days import end_of
from conf.errors import FrontrowError
from conf.schedule import cadence
from conf.settings import load_settings
from jobs import direct
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.schemas import arrow_schema

Change = Callable[[list[Record], date], list[Record]]
DAG, PUBLICATION = "homepage_daily", "publish_homepage_rows"
FARM, FARM_PLAYS, ZEAL = 20, 15, 10_000


def _every(**changes: object) -> Change:
    """All records with some of their columns changed."""
    return lambda rows, ds: [{**row, **changes} for row in rows]


def _without(test: Callable[[Record, date], bool]) -> Change:
    """The table without the records of which something is true."""
    return lambda rows, ds: [row for row in rows if not test(row, ds)]


def _ended_in_largest_country(rows: list[Record], ds: date) -> list[Record]:
    """All windows of one country ended with the day before."""
    countries = [row["country"] for row in rows]
    largest = max(sorted(set(countries)), key=countries.count)
    ended = end_of(ds) - timedelta(days=1)
    return [
        {**row, "until_at": max(row["from_at"], ended)} if row["country"] == largest else row
        for row in rows
    ]


def _third_put_off(rows: list[Record], ds: date) -> list[Record]:
    later = end_of(ds) + timedelta(days=30)
    return [
        {**row, "launched_at": later} if number % 3 == 0 else row for number, row in enumerate(rows)
    ]


def _twice(rows: list[Record], ds: date) -> list[Record]:
    """The day's events once more, as other records a minute later."""
    again = [
        {
            **row,
            "event_id": f"again {row['event_id']}",
            "event_at": row["event_at"] - timedelta(hours=9),
        }
        for row in rows
        if row["ds"] == ds
    ]
    return rows + again * 3


def _zealot(rows: list[Record], ds: date) -> list[Record]:
    """One profile that plays a title ten thousand times in a day."""
    play = _a_play(rows)
    return rows + [
        {**play, "event_id": f"zeal {number}", "event_at": moment, "known_at": moment, "ds": ds}
        for number, moment in enumerate(_moments(ds, ZEAL))
    ]


def _farm(rows: list[Record], ds: date) -> list[Record]:
    """Twenty accounts that nobody has seen, which play one title all evening."""
    play = _a_play(rows)
    return rows + [
        {
            **play,
            "profile_id": f"farm-{number % FARM}",
            "event_id": f"farm {number}",
            "event_at": moment,
            "known_at": moment,
            "ds": ds,
        }
        for number, moment in enumerate(_moments(ds, FARM * FARM_PLAYS))
    ]


def _a_play(rows: list[Record]) -> Record:
    """A play of the title that was played least."""
    plays = [row for row in rows if row["kind"] == "play"]
    titles = [row["title_id"] for row in plays]
    rarest = min(sorted(set(titles)), key=titles.count)
    return next(row for row in plays if row["title_id"] == rarest)


def _moments(ds: date, count: int) -> list[datetime]:
    """Moments of the day, evenly apart."""
    step = timedelta(hours=20) / count
    return [end_of(ds) - timedelta(hours=21) + number * step for number in range(count)]


DATA_DEFECTS: dict[str, tuple[str, Change]] = {
    "no title has a genre": ("titles", _every(genres=None)),
    "one genre for all titles": ("titles", _every(genres=["Drama"])),
    "no title has a year": ("titles", _every(year=None)),
    "no maturity is known": ("titles", _every(maturity=None)),
    "all titles are for everybody": ("titles", _every(maturity=0)),
    "one name for all titles": ("titles", _every(name="Untitled")),
    "a third of the titles put off": ("titles", _third_put_off),
    "half the titles gone": ("titles", _without(lambda row, ds: int(row["title_id"]) % 2 == 0)),
    "half the pictures gone": (
        "artwork",
        _without(lambda row, ds: int(row["title_id"]) % 2 == 0),
    ),
    "all pictures are for adults": ("artwork", _every(maturity=18)),
    "all windows of the largest country ended": ("availability", _ended_in_largest_country),
    "half the windows gone": (
        "availability",
        _without(lambda row, ds: int(row["title_id"]) % 2 == 0),
    ),
    "no profile has a limit": ("profiles", _every(maturity_limit=None, kids=False)),
    "every profile is a child": ("profiles", _every(kids=True)),
    "no profile has a country": ("profiles", _every(country=None)),
    "every profile understands Hindi alone": ("profiles", _every(languages=["hi"])),
    "half the profiles' settings gone": (
        "profiles",
        _without(lambda row, ds: row["profile_id"][-3:-2] in "13579"),
    ),
    "no event for a week": (
        "events",
        _without(lambda row, ds: row["ds"] > ds - timedelta(days=7)),
    ),
    "the day's events four times": ("events", _twice),
    "a title played ten thousand times by one": ("events", _zealot),
    "a title played by a farm": ("events", _farm),
}


def planted_in_data(
    spark: SparkSession,
    ds: date,
    say: Say,
    defects: Mapping[str, tuple[str, Change]] = DATA_DEFECTS,
) -> list[Outcome]:
    """Build the day from a copy of the tables with each defect in turn, up to its audit."""
    root = Path(load_settings().tables_root.removeprefix("file:"))
    outcomes = []
    for name, (table, change) in defects.items():
        with TemporaryDirectory(dir=root.parent, prefix="defect-") as folder:
            copy = Path(folder) / "tables"
            shutil.copytree(root, copy)
            with environment_variables(FRONTROW_TABLES=str(copy)):
                outcome = Outcome(name, _what_stops(spark, ds, table, change))
        say(f"{name}: {outcome.stopped_by or 'PUBLISHED'}")
        outcomes.append(outcome)
    return outcomes


def _what_stops(spark: SparkSession, ds: date, table: str, change: Change) -> str:
    """What keeps a day of changed data from being published; empty where nothing does."""
    rows = arrow_tables.whole_table(table).to_pylist()
    changed = change(rows, ds)
    if changed == rows:
        raise LookupError(f"table {table} is as it was: nothing to plant")
    write_deltalake(
        arrow_tables.deltalake_path(table),
        pa.Table.from_pylist(changed, arrow_schema(table)),
        mode="overwrite",
        partition_by=list(contract(table).partition) or None,
    )
    try:
        for job in cadence(DAG).jobs:
            if job == PUBLICATION:
                return ""
            direct.run_step(spark, job, ds)
    except FrontrowError as error:
        return str(error).split(";")[0]
    finally:
        spark.catalog.clearCache()
    return ""

"""A small service that is alive: a log up to yesterday, rankers that serve, and pages of each day but it."""

# Tested by tests/benchmarks/trust/test_alarms.py.

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from pyspark.sql import SparkSession

from benchmarks.scale.process_tree import places_of
from closed_loop.homes import environment_variables
from conf.days import start_of
from conf.settings import ROOT
from jobs import direct, ingest_events
from jobs.io.landing.options import LandingOptions
from jobs.io.session import open_session
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import seals
from jobs.serve_pages import serve_pages

Say = Callable[[str], None]
PROFILES, TITLES, PLAYS, DAYS = 16, 40, 900, 60
GENRES = ("Comedy", "Drama", "Crime", "Sci-Fi")
READER = "p1"  # a profile that has a page on every day
PLAYS_AFTER = 12


def make(home: Path, say: Say) -> date:
    """Land a log under FRONTROW_HOME, train on its last whole week, and publish its last days but
    one, which is returned: the night that is to come.
    """
    night = yesterday()
    spark = open_session("trust")
    try:
        land_and_train(spark, home, night, say)
        for ago in (2, 1):
            direct.run_dag(spark, "homepage_daily", night - timedelta(days=ago), say)
    finally:
        spark.stop()
    serve_pages()
    return night


@contextmanager
def at(home: Path) -> Iterator[None]:
    """The home and the tables of what is called meanwhile."""
    with environment_variables(**places_of(home)):
        yield


def environment(home: Path) -> dict[str, str]:
    """The variables of a command whose home and tables are in a folder."""
    return {**os.environ, **places_of(home), "PYTHONPATH": str(ROOT)}


def copy(there: Path, another: Path) -> None:
    """Copy a service as it stands, with its files' times."""
    subprocess.run(["cp", "-a", "--reflink=auto", str(there), str(another)], check=True)


def yesterday() -> date:
    """The last whole day, with which the log ends."""
    return datetime.now(UTC).date() - timedelta(days=1)


def land_and_train(spark: SparkSession, home: Path, first: date, say: Say) -> None:
    """Land a log that ends yesterday, and let rankers serve that were trained on the last whole week
    of the days before the day `first`.
    """
    sent = home / "sent"
    write_files(sent, yesterday())
    found = ingest_events.files_to_land("files", str(sent), say)
    ingest_events.ingest_events(spark, "files", found, LandingOptions(), say, say)
    day_before = first - timedelta(days=1)
    sunday = day_before - timedelta(days=day_before.isoweekday() % 7)
    direct.run_dag(spark, "rankers_weekly", sunday, say)
    _promote()


def write_files(folder: Path, night: date) -> None:
    """Files as a service sends them: titles, profiles, and plays up to the end of a day."""
    random = Random(25)
    folder.mkdir(parents=True)
    first = start_of(night - timedelta(days=DAYS - 1))
    records = {
        "titles": [_title(number) for number in range(TITLES)],
        "profiles": [_profile(number, first) for number in range(PROFILES)],
        "events": list(_plays(random, first)),
    }
    _write(folder, records)


def write_plays_after(folder: Path, night: date) -> None:
    """Files of the first minutes after a night's day: plays of some profiles."""
    folder.mkdir(parents=True)
    after = start_of(night + timedelta(days=1))
    plays = [
        _play(Random(number), after + timedelta(minutes=number)) for number in range(PLAYS_AFTER)
    ]
    _write(folder, {"titles": [_title(number) for number in range(TITLES)], "events": plays})


def _write(folder: Path, records: dict[str, list[dict[str, Any]]]) -> None:
    for name, rows in records.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def _title(number: int) -> dict[str, Any]:
    genres = [GENRES[number % 4], GENRES[number // 4 % 4]]
    return {
        "title_id": f"t{number}",
        "name": f"Title {number}",
        "genres": genres,
        "year": 1990 + number,
        "known_at": "1970-01-01T00:00:00Z",
    }


def _profile(number: int, first: datetime) -> dict[str, Any]:
    return {"profile_id": f"p{number}", "country": "no", "known_at": first.isoformat()}


def _plays(random: Random, first: datetime) -> Iterator[dict[str, Any]]:
    for number in range(PLAYS):
        at = first + timedelta(seconds=DAYS * 86_400 * number // PLAYS + random.randrange(600))
        yield _play(random, at)


def _play(random: Random, at: datetime) -> dict[str, Any]:
    return {
        "profile_id": f"p{random.randrange(PROFILES)}",
        "title_id": f"t{min(random.randrange(TITLES), random.randrange(TITLES))}",
        "event_at": at.isoformat(),
        "kind": "play",
        "watched_seconds": random.randrange(600, 7000),
    }


def _promote() -> None:
    """Let what was trained serve: on so few plays no ranker is better than popularity."""
    table = arrow_tables.open_table("rankers")
    assert table is not None
    table.update(updates={"promoted": "true"})
    seals.seal("rankers")

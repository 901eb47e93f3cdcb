"""A small log of a streaming service as files, and landing it with a clock that is given."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from jobs.ingest_events import files_to_land, ingest_events
from jobs.io.landing.options import LandingOptions
from jobs.io.landing.quarantine import Receipt
from jobs.io.tables import spark as tables

FIRST = datetime(2025, 2, 20, 20, tzinfo=UTC)
DAYS = 40
LAST = FIRST + timedelta(days=DAYS - 1)
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
Records = list[dict[str, object]]


def plays(profiles: int = 30) -> Records:
    """Plays of some profiles on each of the days."""
    return [
        {
            "profile_id": f"p{n:02d}",
            "title_id": f"t{(n + day) % 20:03d}",
            "event_at": f"{FIRST + timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}",
            "country": "US" if n % 3 else "DE",
        }
        for day in range(DAYS)
        for n in range(profiles)
    ]


def titles() -> Records:
    """Twenty films of all ages."""
    return [
        {"title_id": f"t{n:03d}", "name": f"Film {n}", "maturity": [0, 6, 12, 16, 18][n % 5]}
        for n in range(20)
    ]


def profiles() -> Records:
    """Thirty profiles, three of them children's."""
    return [
        {
            "profile_id": f"p{n:02d}",
            "country": "US" if n % 3 else "DE",
            "maturity_limit": "" if n % 10 else 7,
            "kids": "false" if n % 10 else "true",
        }
        for n in range(30)
    ]


def write(folder: Path, **files: Records | str) -> Path:
    """Files of records, or of text, as CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, records in files.items():
        path = folder / f"{name}.csv"
        if isinstance(records, str):
            path.write_text(records, encoding="utf-8")
            continue
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(records[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(records)
    return folder


def service(folder: Path, **more: Records | str) -> Path:
    """The files of the service, with others or instead of its own."""
    files: dict[str, Any] = {"events": plays(), "titles": titles(), "profiles": profiles()}
    return write(folder, **files | more)


def land(
    spark: SparkSession,
    folder: Path,
    most_refused: float = 1.0,
    now: datetime = NOW,
    known_at: datetime | None = None,
) -> tuple[dict[str, Receipt], list[str]]:
    """The receipts by table, and what was said."""
    told: list[str] = []
    receipts = ingest_events(
        spark,
        "files",
        files_to_land("files", str(folder)),
        LandingOptions(known_at, now, most_refused),
        say=lambda _: None,
        notice=told.append,
    )
    return {receipt.target_table: receipt for receipt in receipts}, told


def newest(spark: SparkSession, table: str, key: str, value: str) -> dict[str, Any]:
    """The newest version of what has a key."""
    rows = tables.read(spark, table).where(f"{key} = '{value}'").collect()
    return max((row.asDict() for row in rows), key=lambda row: row["known_at"])

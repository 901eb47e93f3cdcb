"""Changes of the log after days were published: which of them `frontrow stale` finds."""

# Tested by tests/benchmarks/trust/test_run.py.

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from benchmarks.trust.made import FIRST, own_home, rows, write
from conf.days import end_of
from jobs.io.published import stale
from jobs.io.published.receipts import PUBLISHED
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import seals

Say = Callable[[str], None]
DAYS, CHANGES = 14, 40
SETTLED_S = 0.02  # instants of files and commits are told in milliseconds


def figures(say: Say, changes: int = CHANGES) -> dict[str, object]:
    """How many days were made stale one change at a time, how many of them were found, and how many
    others were named.
    """
    planted = found = others = 0
    random = Random(7)
    with own_home():
        say("days that become stale")
        days = [FIRST + timedelta(days=n) for n in range(DAYS)]
        for ds in days:
            _log("events", ds, random, ds=ds)
        for name in stale.LOGS:
            _log(name, FIRST, random)
        _built(days, random)
        known = _stale()
        assert not known, known  # nothing changed yet
        for number in range(changes):
            name = ("events", *stale.LOGS)[number % (1 + len(stale.LOGS))]
            ds = random.choice(days)
            _log(name, ds, random, ds=ds)
            wanted = {day for day in days if day >= ds}
            got = _stale()
            planted += len(wanted)
            found += len(wanted & got)
            others += len(got - wanted)
            _built(days, random)
    return {"stale_planted": planted, "stale_found": found, "stale_others_named": others}


def _stale() -> set[date]:
    return {day.ds for day in stale.stale_days()}


def _log(name: str, learned: date, random: Random, **more: Any) -> None:
    """Some records of a log that were learned on a day."""
    at = end_of(learned) - timedelta(minutes=random.randrange(1, 900))
    records = rows(name, learned, random, 3).to_pylist()
    for record in records:
        record.update(more, known_at=at)
        if "event_at" in record:
            record["event_at"] = at
    write(name, pa.Table.from_pylist(records, rows(name, learned, random, 1).schema))


def _built(days: list[date], random: Random) -> None:
    """Build and publish all days anew."""
    time.sleep(SETTLED_S)
    for name in stale.MADE_OF:
        _replaced(name, days, random)
    time.sleep(SETTLED_S)
    version = _replaced(PUBLISHED, days, random)
    receipts = []
    for ds in days:
        receipt = rows("publications", ds, random, 1).to_pylist()[0]
        receipt |= {"table_name": PUBLISHED, "table_version": version, "tick": None, "ds": ds}
        receipt |= {"on_hold": None, "restored_version": None, "published_at": datetime.now(UTC)}
        receipts.append(receipt)
    schema = rows("publications", FIRST, random, 1).schema
    write("publications", pa.Table.from_pylist(receipts, schema))
    time.sleep(SETTLED_S)


def _replaced(name: str, days: list[date], random: Random) -> int:
    """Replace all days of a table in one commit; the version."""
    table = pa.concat_tables([rows(name, ds, random, 2) for ds in days])
    path = arrow_tables.deltalake_path(name)
    write_deltalake(path, table, mode="overwrite", partition_by=["ds"])
    seals.seal(name)
    return arrow_tables.newest_version(name)

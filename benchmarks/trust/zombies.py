"""Runs that sleep between their checks and their commit, while a newer one gets through."""

# Tested by tests/benchmarks/trust/test_run.py.

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import pyarrow as pa
from deltalake import write_deltalake

from benchmarks.trust.made import FIRST, own_home, rows, write
from conf.errors import FrontrowError
from conf.settings import load_settings
from conf.ticks import Tick, tick_named
from jobs.io.published import rollbacks, ticks
from jobs.io.published.receipts import PUBLISHED
from jobs.io.serving import releases
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import fences, seals
from jobs.io.tables.fences import LANDING, Fence
from jobs.io.tables.partitions import day_key, predicate, tick_key
from jobs.io.tables.row_hash import content_hash_of

Say = Callable[[str], None]
TRIES = 10
# what a run does when it wakes, and what readers see
Planted = tuple[Callable[[], object], Callable[[], object]]


def figures(say: Say, tries: int = TRIES) -> dict[str, object]:
    """How many runs slept while a newer one wrote, and how many of them were refused."""
    planted: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    wrong: list[str] = []
    with own_home():
        for name, plant in _KINDS.items():
            say(f"runs that sleep: {name}")
            for number in range(tries):
                asleep, seen = plant(number)
                before = seen()
                planted[name] += 1
                try:
                    asleep()
                except FrontrowError:
                    refused[name] += 1
                if seen() != before:
                    wrong.append(f"{name} {number}")
    return {
        "zombies": planted.total(),
        "zombies_by_kind": dict(planted),
        "zombies_refused": refused.total(),
        "zombies_that_changed_something": len(wrong),
        "zombies_that_changed_examples": wrong[:5],
    }


def _publication(number: int) -> Planted:
    """A day's pages."""
    return _replaced(PUBLISHED, number)


def _overlays(number: int) -> Planted:
    """A tick's states."""
    return _replaced("overlays", number)


def _replaced(table: str, number: int) -> Planted:
    ds = FIRST + timedelta(days=number)
    key = day_key(ds) if table == PUBLISHED else tick_key(tick_named(ds, "2110"))
    write(table, rows(table, ds, Random(number)))
    asleep = fences.taken(table, key)
    older, newer = (rows(table, ds, Random(f"{number} {age}")) for age in ("old", "new"))
    _replace(fences.taken(table, key), newer, predicate(key))
    return lambda: _replace(asleep, older, predicate(key)), lambda: _content(table)


def _replace(fence: Fence, table: pa.Table, where: str) -> None:
    opened = arrow_tables.open_table(fence.table)
    assert opened is not None
    with fences.committing(fence):
        write_deltalake(
            opened,
            table,
            mode="overwrite",
            predicate=where,
            commit_properties=fences.properties(opened, fence),
        )
    seals.seal(fence.table)


def _tick_receipt(number: int) -> Planted:
    """The receipt of a tick."""
    tick = Tick(datetime(2026, 1, 5, tzinfo=UTC) + timedelta(minutes=10 * (number + 1)))
    record = rows("ticks", FIRST, Random(number), 1).drop_columns(["ds", "tick"]).to_pylist()[0]
    ticks.write_receipt(tick, record)
    asleep = fences.taken("ticks", tick_key(tick))
    newer = fences.taken("ticks", tick_key(tick))
    ticks.write_receipt(tick, {**record, "events_count": 77}, newer)
    return lambda: ticks.write_receipt(tick, record, asleep), lambda: _content("ticks")


def _landing(number: int) -> Planted:
    """A landing's rows, of another file than the one that came first."""
    if not number:
        write("events", rows("events", FIRST, Random(0)))
    asleep = fences.taken("events", name=LANDING)
    older, newer = (rows("events", FIRST, Random(f"{number} {age}")) for age in ("old", "new"))
    _land(fences.taken("events", name=LANDING), newer)
    return lambda: _land(asleep, older), lambda: _content("events")


def _land(fence: Fence, table: pa.Table) -> None:
    opened = arrow_tables.open_table(fence.table)
    assert opened is not None
    with fences.committing(fence):
        write_deltalake(
            opened, table, mode="append", commit_properties=fences.properties(opened, fence)
        )
    seals.seal(fence.table)


def _rollback(number: int) -> Planted:
    """A publication's receipt, after the day was rolled back meanwhile."""
    ds = FIRST + timedelta(days=100 + number)
    write(PUBLISHED, rows(PUBLISHED, ds, Random(number)))
    version = arrow_tables.newest_version(PUBLISHED)
    write("publications", _receipt(ds, version, number))
    asleep = fences.taken(PUBLISHED, day_key(ds))
    older = rows(PUBLISHED, ds, Random(f"{number} old"))
    rollbacks.roll_back_day(ds)
    return lambda: _replace(asleep, older, predicate(day_key(ds))), lambda: _content(PUBLISHED)


def _receipt(ds: object, version: int, number: int) -> pa.Table:
    record = rows("publications", FIRST, Random(number), 1).to_pylist()[0]
    record |= {"ds": ds, "table_name": PUBLISHED, "table_version": version, "tick": None}
    record |= {"restored_version": None, "on_hold": None, "published_at": datetime.now(UTC)}
    return pa.Table.from_pylist([record], rows("publications", FIRST, Random(0), 1).schema)


def _release(number: int) -> Planted:
    """A release, which another one overtook."""
    root = releases.folder_of(load_settings().home_path)
    root.mkdir(parents=True, exist_ok=True)
    releases.flip(root, f"before-{number}")
    releases.flip(root, f"newer-{number}", f"before-{number}")
    return (
        lambda: releases.flip(root, f"older-{number}", f"before-{number}"),
        lambda: releases.serving_id(root),
    )


def _content(name: str) -> str:
    return str(content_hash_of(arrow_tables.filtered_rows(name)))


_KINDS: dict[str, Callable[[int], Planted]] = {
    "publication": _publication,
    "overlays": _overlays,
    "tick receipt": _tick_receipt,
    "landing": _landing,
    "rollback": _rollback,
    "release": _release,
}

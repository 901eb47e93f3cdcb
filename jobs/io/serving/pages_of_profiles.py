"""What the stores of a release are filled with, streamed out of the tables some profiles at a time."""

# Tested by tests/jobs/test_serve_pages.py.

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
from deltalake import DeltaTable

from conf.days import start_of
from conf.errors import Rejected
from conf.pages import SETTINGS, pages
from jobs.io.published.receipts import PUBLISHED, UPDATED, PublicationReceipt
from jobs.io.published.updates import TickUpdates
from jobs.io.serving.codec import record_value, table_value
from jobs.io.serving.kv import Store
from jobs.io.serving.releases import Fill
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.schemas import arrow_schema
from models.catalogue.from_arrow import NO_LIMIT
from models.page.online.context import VISIT_AT

ROWS_AT_ONCE = 2_000
PAGES = arrow_schema(PUBLISHED)
UPDATES = PAGES.append(arrow_schema(UPDATED).field(VISIT_AT))
Filter = list[tuple[str, str]]


def base(table: DeltaTable, receipt: PublicationReceipt) -> Fill:
    """The pages of a published day; a day that is not what its receipt says is refused."""

    def fill(store: Store) -> tuple[int, dict[str, int]]:
        entries = _put(store, table, [("ds", receipt.ds.isoformat())], receipt.rows_count, PAGES)
        if entries != receipt.profiles_count:
            raise Rejected(
                f"table {PUBLISHED}: ds={receipt.ds} has {entries} pages, its receipt says"
                f" {receipt.profiles_count}; publish the day again"
            )
        return entries, {}

    return fill


def updates(parts: Iterable[TickUpdates]) -> Fill:
    """Of each profile the newest of its updates: parts come newest first, and the first one stays."""

    def fill(store: Store) -> tuple[int, dict[str, int]]:
        entries = 0
        for part in parts:
            wanted = [("ds", part.receipt.ds.isoformat()), ("tick", str(part.receipt.tick))]
            entries += _put(store, part.table, wanted, part.receipt.rows_count, UPDATES)
        return entries, {}

    return fill


def settings(ds: date) -> Fill:
    """The settings of each profile as its page of a day was built with them, and the least age that
    any is held to.
    """

    def fill(store: Store) -> tuple[int, dict[str, int]]:
        least, entries = NO_LIMIT, 0
        table = arrow_tables.open_table("profile_features")
        batches = (
            []
            if table is None
            else _batches(table, [("ds", ds.isoformat())], ["profile_id", *SETTINGS])
        )
        for batch in batches:
            records = batch.to_pylist()
            least = min([least, *map(held_to, records)])
            entries += store.put(_settings(records))
        return entries, {"least_age": least}

    return fill


def changes(found: pa.Table) -> Fill:
    """Settings that were learned since, of the profiles that changed theirs or are new."""

    def fill(store: Store) -> tuple[int, dict[str, int]]:
        records = found.to_pylist()
        return store.put(_settings(records)), {"least_age": min([NO_LIMIT, *map(held_to, records)])}

    return fill


def changed_settings(ds: date, until: datetime) -> pa.Table:
    """The newest settings of profiles of which something was learned since the beginning of a day.

    From its beginning, not its end: what was learned late on the day may have landed after its
    features were built. All there are where the day has no features.
    """
    table = arrow_tables.open_table("profile_features")
    built = table is not None and bool(
        table.file_uris(file_pruning_predicate=[("ds", "=", ds.isoformat())])
    )
    since = start_of(ds) if built else None
    found = ArrowSnapshot(until).newest_versions(
        "profiles", ["profile_id"], ["profile_id", *SETTINGS], since=since
    )
    return found.sort_by("profile_id")


def held_to(record: dict[str, Any]) -> int:
    """The age in years above which a profile sees nothing; 99 where there is no limit."""
    limit = NO_LIMIT if record["maturity_limit"] is None else record["maturity_limit"]
    return min(limit, pages().legality.kids_maturity_limit) if record["kids"] else limit


def _settings(records: list[dict[str, Any]]) -> Iterator[tuple[str, bytes]]:
    for record in records:
        key = record["profile_id"]
        yield key, record_value(key, {name: record[name] for name in SETTINGS})


def _put(
    store: Store, table: DeltaTable, partition: Filter, rows_count: int, schema: pa.Schema
) -> int:
    """Put the pages of a partition that are not there yet; one whose rows were lost on the way is
    refused.
    """
    seen, entries = 0, 0
    for rows in _whole_profiles(_batches(table, partition, schema.names)):
        seen += rows.num_rows
        entries += store.put(_pages(rows.cast(schema)))
    if seen != rows_count:
        where = " ".join(f"{name}={value}" for name, value in partition)
        raise Rejected(
            f"{where}: {seen} rows were read, the receipt says {rows_count}; publish it again"
        )
    return entries


def _batches(table: DeltaTable, partition: Filter, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """The rows of a partition in the order they are stored, some at a time, few of them ahead of
    use.
    """
    asked = [(name, "=", value) for name, value in partition]
    if not table.file_uris(file_pruning_predicate=asked):
        return
    part = table.to_pyarrow_dataset(file_pruning_predicate=asked)
    yield from part.to_batches(
        columns=columns, batch_size=ROWS_AT_ONCE, batch_readahead=1, fragment_readahead=1
    )


def _whole_profiles(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The same rows cut between profiles, whose rows stand together."""
    left: pa.Table | None = None
    for batch in batches:
        part = pa.Table.from_batches([batch])
        part = part if left is None else pa.concat_tables([left, part])
        if not part.num_rows:
            continue
        start = int(_starts(part)[-1])
        left = part.slice(start)
        if start:
            yield part.slice(0, start)
    if left is not None and left.num_rows:
        yield left


def _pages(rows: pa.Table) -> Iterator[tuple[str, bytes]]:
    rows = rows.combine_chunks()
    starts = _starts(rows)
    names = rows["profile_id"].take(pa.array(starts)).to_pylist()
    for key, start, end in zip(names, starts, [*starts[1:], rows.num_rows], strict=True):
        yield key, table_value(key, in_order(rows.slice(start, end - start)))


def in_order(page: pa.Table) -> pa.Table:
    """The rows of a page by position."""
    position = page["row_position"].to_numpy()
    return page if np.all(np.diff(position) > 0) else page.sort_by("row_position")


def _starts(rows: pa.Table) -> np.ndarray:
    """Where each profile's rows begin."""
    codes = rows["profile_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    return np.flatnonzero(np.append(True, np.diff(codes) != 0))

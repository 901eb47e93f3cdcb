"""The entries of a release's stores, streamed out of the tables some profiles at a time."""

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
        """Put one page for each profile of the day."""
        entries = _put(store, table, [("ds", receipt.ds.isoformat())], receipt.rows_count, PAGES)
        if entries != receipt.profiles_count:
            raise Rejected(
                f"table {PUBLISHED}: ds={receipt.ds} has {entries} pages, its receipt says"
                f" {receipt.profiles_count}; publish the day again"
            )
        return entries, {}

    return fill


def updates(parts: Iterable[TickUpdates]) -> Fill:
    """The newest update of each profile: parts come newest first, and the first one stays."""

    def fill(store: Store) -> tuple[int, dict[str, int]]:
        """Put the updates of each tick."""
        entries = 0
        for part in parts:
            receipt = part.receipt
            partition = [("ds", receipt.ds.isoformat()), ("tick", str(receipt.tick))]
            entries += _put(store, part.table, partition, receipt.rows_count, UPDATES)
        return entries, {}

    return fill


def settings(ds: date) -> Fill:
    """The settings of each profile as its page of a day was built with them, and the least age that
    any is held to.
    """

    def fill(store: Store) -> tuple[int, dict[str, int]]:
        """Put one record for each profile with features on the day."""
        least_age = NO_LIMIT
        entries = 0
        table = arrow_tables.open_table("profile_features")
        if table is None:
            return entries, {"least_age": least_age}
        partition = [("ds", ds.isoformat())]
        for batch in _batches(table, partition, ["profile_id", *SETTINGS]):
            records = batch.to_pylist()
            least_age = min(least_age, _least_age(records))
            entries += store.put(_settings(records))
        return entries, {"least_age": least_age}

    return fill


def changes(rows: pa.Table) -> Fill:
    """Settings that were learned since, of the profiles that changed theirs or are new."""

    def fill(store: Store) -> tuple[int, dict[str, int]]:
        """Put one record for each of the profiles."""
        records = rows.to_pylist()
        return store.put(_settings(records)), {"least_age": _least_age(records)}

    return fill


def changed_settings(ds: date, until: datetime) -> pa.Table:
    """The newest settings of profiles of which something was learned since the beginning of a day.

    From its beginning, not its end: what was learned late on the day may have landed after its
    features were built. All there are where the day has no features.
    """
    table = arrow_tables.open_table("profile_features")
    day = [("ds", "=", ds.isoformat())]
    has_features = table is not None and bool(table.file_uris(file_pruning_predicate=day))
    since = start_of(ds) if has_features else None
    columns = ["profile_id", *SETTINGS]
    snapshot = ArrowSnapshot(until)
    versions = snapshot.newest_versions("profiles", ["profile_id"], columns, since=since)
    return versions.sort_by("profile_id")


def age_limit(record: dict[str, Any]) -> int:
    """The age in years above which a profile sees nothing; 99 where there is no limit."""
    limit: int = NO_LIMIT if record["maturity_limit"] is None else record["maturity_limit"]
    return min(limit, pages().legality.kids_maturity_limit) if record["kids"] else limit


def _least_age(records: list[dict[str, Any]]) -> int:
    return min([NO_LIMIT, *map(age_limit, records)])


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
    rows_read = 0
    entries = 0
    for rows in _whole_profiles(_batches(table, partition, schema.names)):
        rows_read += rows.num_rows
        entries += store.put(_pages(rows.cast(schema)))
    if rows_read != rows_count:
        where = " ".join(f"{name}={value}" for name, value in partition)
        raise Rejected(
            f"{where}: {rows_read} rows were read, the receipt says {rows_count}; publish it again"
        )
    return entries


def _batches(table: DeltaTable, partition: Filter, columns: list[str]) -> Iterator[pa.RecordBatch]:
    """The rows of a partition in the order they are stored, some at a time, few of them ahead of
    use.
    """
    predicate = [(name, "=", value) for name, value in partition]
    if not table.file_uris(file_pruning_predicate=predicate):
        return
    dataset = table.to_pyarrow_dataset(file_pruning_predicate=predicate)
    yield from dataset.to_batches(
        columns=columns, batch_size=ROWS_AT_ONCE, batch_readahead=1, fragment_readahead=1
    )


def _whole_profiles(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The same rows cut between profiles, whose rows stand together."""
    remainder: pa.Table | None = None  # the rows of the last profile: more may follow
    for batch in batches:
        part = pa.Table.from_batches([batch])
        if remainder is not None:
            part = pa.concat_tables([remainder, part])
        if not part.num_rows:
            continue
        start = int(_starts(part)[-1])
        remainder = part.slice(start)
        if start:
            yield part.slice(0, start)
    if remainder is not None and remainder.num_rows:
        yield remainder


def _pages(rows: pa.Table) -> Iterator[tuple[str, bytes]]:
    rows = rows.combine_chunks()
    starts = _starts(rows)
    ends = [*starts[1:], rows.num_rows]
    profile_ids = rows["profile_id"].take(pa.array(starts)).to_pylist()
    for profile_id, start, end in zip(profile_ids, starts, ends, strict=True):
        page = in_order(rows.slice(start, end - start))
        yield profile_id, table_value(profile_id, page)


def in_order(page: pa.Table) -> pa.Table:
    """The rows of a page by position."""
    position = page["row_position"].to_numpy()
    return page if np.all(np.diff(position) > 0) else page.sort_by("row_position")


def _starts(rows: pa.Table) -> np.ndarray:
    """Where each profile's rows begin."""
    profile_ids = rows["profile_id"].combine_chunks()
    codes = profile_ids.dictionary_encode().indices.to_numpy()
    is_start = np.append(True, np.diff(codes) != 0)
    return np.flatnonzero(is_start)

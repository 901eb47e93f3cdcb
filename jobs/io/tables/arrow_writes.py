"""Small partitions of days and ticks written without Spark, through deltalake, in one commit each."""

# Tested by tests/jobs/test_measure_freshness.py.

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import date

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError

from conf.contracts import columns, contract
from conf.errors import Retryable
from conf.ticks import Tick
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import fences, rights, seals
from jobs.io.tables.fences import Fence
from jobs.io.tables.partitions import Key, day_key, partition_text, predicate, tick_key
from jobs.io.tables.schemas import type_of


def write_tick(
    name: str, tick: Tick, records: Sequence[Mapping[str, object]], fence: Fence | None = None
) -> None:
    """Replace one tick's partition of a table by these records, which have no ds and tick.

    Without records the partition is deleted. With a fence it is the next write, or it is refused.
    """
    if not records:
        delete_tick(name, tick)
        return
    _write(name, tick_key(tick), records, fence)


def replace_day(name: str, ds: date, records: Sequence[Mapping[str, object]]) -> None:
    """Replace one day's partition of a table by these records, which have no ds; some there are."""
    _write(name, day_key(ds), records)


def replace_day_rows(name: str, ds: date, rows: pa.Table) -> None:
    """Replace one day's partition of a table by rows of Arrow, which have no ds; some there are."""
    days = pa.repeat(pa.scalar(ds, pa.date32()), rows.num_rows)
    schema = write_schema(name)
    _write_rows(name, day_key(ds), rows.append_column("ds", days).select(schema.names).cast(schema))


def append(name: str, records: Sequence[Mapping[str, object]]) -> None:
    """Add records to a log table in one commit."""
    _write(name, {}, records)


def _write(
    name: str, key: Key, records: Sequence[Mapping[str, object]], fence: Fence | None = None
) -> None:
    """Replace a partition by records, or add them where no partition is named."""
    whole = [{**record, **key} for record in records]
    _write_rows(name, key, pa.Table.from_pylist(whole, write_schema(name)), fence)


def _write_rows(name: str, key: Key, rows: pa.Table, fence: Fence | None = None) -> None:
    """Replace a partition by rows, or add them where no partition is named."""
    rights.refuse_unwritable(name)
    path = arrow_tables.deltalake_path(name)
    try:
        if not arrow_tables.was_written(name):
            # of two first writers one creates it, the other one finds it there
            partition = list(contract(name).partition)
            DeltaTable.create(path, rows.schema, mode="ignore", partition_by=partition)
        table = DeltaTable(path)
        properties = fences.properties(table, fence) if fence else None
        with fences.committing(fence) if fence else nullcontext():
            if key:
                write_deltalake(
                    table,
                    rows,
                    mode="overwrite",
                    predicate=predicate(key),
                    commit_properties=properties,
                )
            else:
                write_deltalake(table, rows, mode="append", commit_properties=properties)
        seals.seal(name)
    except DeltaError as error:
        reason = " ".join(str(error).split())
        where = partition_text(key) or "a record"
        raise Retryable(f"table {name}: {where} could not be written ({reason})") from None


def delete_tick(name: str, tick: Tick) -> None:
    """Delete one tick's partition; nothing where it does not exist."""
    table = arrow_tables.open_table(name)
    if table is not None and has_tick(name, tick):
        table.delete(predicate(tick_key(tick)))
        seals.seal(name)


def has_tick(name: str, tick: Tick) -> bool:
    """Whether a table has a partition of the tick."""
    table = arrow_tables.open_table(name)
    key = {column: str(value) for column, value in tick_key(tick).items()}
    return table is not None and key in table.partitions()


def write_schema(name: str) -> pa.Schema:
    """The contract's columns as an Arrow schema; required columns may not be null."""
    table = contract(name)
    fields = []
    for column in table.columns:
        kind = type_of(columns()[column].type)
        fields.append(pa.field(column, kind, nullable=column not in table.required))
    return pa.schema(fields)

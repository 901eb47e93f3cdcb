"""Small partitions of ticks written without Spark, through deltalake, in one commit each."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError

from conf.contracts import columns, contract
from conf.errors import Retryable
from conf.ticks import Tick
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.partitions import predicate, tick_key
from jobs.io.tables.schemas import type_of


def write_tick(name: str, tick: Tick, records: Sequence[Mapping[str, object]]) -> None:
    """Replace one tick's partition of a table by these records, given without ds and tick; by none it is forgotten."""
    if not records:
        delete_tick(name, tick)
        return
    key, path, schema = tick_key(tick), arrow_tables.deltalake_path(name), write_schema(name)
    rows = pa.Table.from_pylist([{**record, **key} for record in records], schema)
    try:
        if not arrow_tables.was_written(
            name
        ):  # one of two first writers makes it, the other one finds it made
            DeltaTable.create(
                path, schema, mode="ignore", partition_by=list(contract(name).partition)
            )
        write_deltalake(path, rows, mode="overwrite", predicate=predicate(key))
    except DeltaError as error:
        raise Retryable(
            f"table {name}: {tick} could not be written ({' '.join(str(error).split())})"
        ) from None


def delete_tick(name: str, tick: Tick) -> None:
    """Delete one tick's partition; nothing where it does not exist."""
    table = arrow_tables.open_table(name)
    if table is not None and has_tick(name, tick):
        table.delete(predicate(tick_key(tick)))


def has_tick(name: str, tick: Tick) -> bool:
    """Whether a table has a partition of the tick."""
    table, (ds, word) = arrow_tables.open_table(name), tick_key(tick).values()
    return table is not None and {"ds": str(ds), "tick": word} in table.partitions()


def write_schema(name: str) -> pa.Schema:
    """The contract's columns as an Arrow schema; required columns may not be null."""
    table, known = contract(name), columns()
    return pa.schema(
        [pa.field(c, type_of(known[c].type), c not in table.required) for c in table.columns]
    )

"""Rows of any table by its contract's types, for faults that do not ask what rows mean."""

# Tested by tests/benchmarks/trust/test_run.py.

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from closed_loop.homes import bench_home, environment_variables
from conf.contracts import contract
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import seals
from jobs.io.tables.arrow_writes import write_schema

FIRST = date(2026, 1, 5)
ROWS = 40


@contextmanager
def own_home() -> Iterator[Path]:
    """A home and tables of a part's own, deleted afterwards."""
    with bench_home(None) as home, environment_variables(FRONTROW_HOME=str(home)):
        yield home


def rows(name: str, ds: date, random: Random, count: int = ROWS) -> pa.Table:
    """Rows of a table with values by chance; those of the day `ds` where it has days."""
    schema = write_schema(name)
    columns = {
        field.name: [
            ds if field.name == "ds" else _value(field.type, field.name, random)
            for _ in range(count)
        ]
        for field in schema
    }
    if "tick" in contract(name).partition:
        columns["tick"] = ["2110"] * count
    return pa.table(columns, schema=schema)


def write(name: str, table: pa.Table) -> None:
    """Append rows in one sealed commit."""
    path = arrow_tables.deltalake_path(name)
    partition = list(contract(name).partition) or None
    write_deltalake(path, table, mode="append", partition_by=partition)
    seals.seal(name)


def _value(kind: pa.DataType, name: str, random: Random) -> Any:
    if pa.types.is_list(kind):
        return [_value(kind.value_type, name, random) for _ in range(3)]
    if pa.types.is_struct(kind):
        return {field.name: _value(field.type, field.name, random) for field in kind}
    if pa.types.is_map(kind):
        return [("a", _value(kind.item_type, name, random))]
    if pa.types.is_boolean(kind):
        return random.random() < 0.5
    if pa.types.is_floating(kind):
        return random.random()
    if pa.types.is_integer(kind):
        return random.randrange(1, 1000)
    if pa.types.is_date(kind):
        return FIRST
    if pa.types.is_timestamp(kind):
        return datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(
            seconds=random.randrange(86_400)
        )
    if pa.types.is_binary(kind):
        return random.randbytes(8)
    return f"{name}-{random.randrange(10**9)}"

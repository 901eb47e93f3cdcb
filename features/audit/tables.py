"""The tables that the audit reads, in DuckDB, with the columns of their contracts."""
# Tested by tests/features/audit/test_claims.py.

from collections.abc import Mapping, Sequence
from re import fullmatch

import duckdb
import pyarrow as pa

from conf.contracts import columns, contract

Database = duckdb.DuckDBPyConnection
SIMPLE = {
    "string": "VARCHAR",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",  # UTC
}


def database() -> Database:
    """An empty database in memory, of one thread: tasks are as many as cores."""
    return duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False})


def load(database: Database, name: str, rows: pa.Table | None) -> None:
    """Make the table of a contract; a column that `rows` lack is null, no rows are an empty table."""
    types = {column: sql_type(columns()[column].type) for column in contract(name).columns}
    declared = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
    database.execute(f"CREATE TABLE {name} ({declared})")
    if rows is None or not rows.num_rows:
        return
    present = [column for column in types if column in rows.column_names]
    quoted = ", ".join(f'"{column}"' for column in present)
    database.register("arrow_rows", without_zones(rows.select(present)))
    database.execute(f"INSERT INTO {name} BY NAME SELECT {quoted} FROM arrow_rows")
    database.unregister("arrow_rows")


def keep(database: Database, name: str, rows: pa.Table) -> None:
    """Make a table of Arrow rows as they are."""
    database.register("arrow_rows", rows)
    database.execute(f"CREATE TABLE {name} AS FROM arrow_rows")
    database.unregister("arrow_rows")


def table_of(records: Sequence[Mapping[str, object]], types: Mapping[str, pa.DataType]) -> pa.Table:
    """Records as an Arrow table of some types; what a record lacks is null."""
    rows = [dict(record) for record in records]
    return pa.Table.from_pylist(rows, pa.schema(list(types.items())))


def sql_type(ddl: str) -> str:
    """A type in the contracts' words as DuckDB has it.

    >>> sql_type("array<struct<title_id:string,weight:float>>")
    'STRUCT("title_id" VARCHAR, "weight" FLOAT)[]'
    """
    outer = fullmatch(r"(array|struct)<(.*)>", ddl)
    if not outer:
        return SIMPLE[ddl]
    kind, inside = outer.groups()
    if kind == "array":
        return f"{sql_type(inside)}[]"
    fields = [part.split(":", 1) for part in inside.split(",")]
    if any(len(field) != len(("name", "type")) or "<" in field[1] for field in fields):
        raise ValueError(f"the audit reads no column of type {ddl}")
    return "STRUCT(" + ", ".join(f'"{name}" {SIMPLE[kind]}' for name, kind in fields) + ")"


def without_zones(rows: pa.Table) -> pa.Table:
    """Instants as UTC without saying so."""
    for index, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type):
            plain = rows.column(index).cast(pa.timestamp("us"))
            rows = rows.set_column(index, field.name, plain)
    return rows

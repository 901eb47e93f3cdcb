"""The tables that the judge reads, as the contracts have them, and how Arrow tables become them."""
# Tested by tests/judge/test_judgement.py.

from collections.abc import Mapping

import duckdb
import pyarrow as pa

INSTANT = "TIMESTAMP"  # UTC
SETTINGS = {
    "country": "VARCHAR",
    "languages": "VARCHAR[]",
    "maturity_limit": "INTEGER",
    "kids": "BOOLEAN",
    "blocked_titles": "VARCHAR[]",
}
PAYLOAD = "STRUCT(subject VARCHAR, count BIGINT, days INTEGER)"
CELLS = (
    "STRUCT(column_position INTEGER, title_id VARCHAR, score FLOAT, evidence_type VARCHAR,"
    f" evidence VARCHAR, evidence_payload {PAYLOAD}, artwork_id VARCHAR, policy VARCHAR,"
    " propensity DOUBLE, title_propensity DOUBLE)[]"
)
# What is known: append-only, each record with when it was learned.
KNOWN = {
    "titles": {
        "title_id": "VARCHAR",
        "name": "VARCHAR",
        "genres": "VARCHAR[]",
        "year": "INTEGER",
        "maturity": "INTEGER",
        "languages": "VARCHAR[]",
        "cast": "VARCHAR[]",
        "directors": "VARCHAR[]",
        "keywords": "VARCHAR[]",
        "launched_at": INSTANT,
        "awards": "VARCHAR[]",
        "known_at": INSTANT,
        "landing_id": "VARCHAR",
    },
    "availability": {
        "title_id": "VARCHAR",
        "country": "VARCHAR",
        "from_at": INSTANT,
        "until_at": INSTANT,
        "known_at": INSTANT,
        "landing_id": "VARCHAR",
    },
    "profiles": {
        "profile_id": "VARCHAR",
        **SETTINGS,
        "known_at": INSTANT,
        "landing_id": "VARCHAR",
    },
    "artwork": {
        "title_id": "VARCHAR",
        "artwork_id": "VARCHAR",
        "maturity": "INTEGER",
        "known_at": INSTANT,
        "landing_id": "VARCHAR",
    },
    "events": {
        "event_id": "VARCHAR",
        "profile_id": "VARCHAR",
        "title_id": "VARCHAR",
        "event_at": INSTANT,
        "known_at": INSTANT,
        "kind": "VARCHAR",
        "value": "DOUBLE",
        "watched_seconds": "BIGINT",
        "duration_seconds": "BIGINT",
        "episode": "VARCHAR",
        "country": "VARCHAR",
    },
    "experiments": {
        "experiment": "VARCHAR",
        "action": "VARCHAR",
        "winner": "VARCHAR",
        "declaration": "VARCHAR",
        "decided_at": INSTANT,
        "ds": "DATE",
    },
}
# What is judged: the rows that readers were given, whom they were asked for, and the settings that
# the caller passed.
VISIT = {"reader": "VARCHAR", "seen_at": INSTANT, "profile_id": "VARCHAR"}
GIVEN = {
    **VISIT,
    "row_position": "INTEGER",
    "row_id": "VARCHAR",
    "row_kind": "VARCHAR",
    "row_title": "VARCHAR",
    "reason": "VARCHAR",
    "evidence_type": "VARCHAR",
    "anchor_title_id": "VARCHAR",
    "cells": CELLS,
    "as_of": INSTANT,
    "experiment_cells": "VARCHAR[]",
}
TABLES = {**KNOWN, "given": GIVEN, "asked": VISIT, "passed": {**VISIT, **SETTINGS}}


def load(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]) -> None:
    """Make every one of TABLES; one that is not handed in is empty, a column that is not is null.

    Raises:
        ValueError: for a table that the judge does not know.
    """
    unknown = sorted(set(tables) - set(TABLES))
    if unknown:
        raise ValueError(f"the judge reads no table {', '.join(unknown)}; it has {sorted(TABLES)}")
    for name, columns in TABLES.items():
        declared = ", ".join(f'"{column}" {type_name}' for column, type_name in columns.items())
        connection.execute(f"CREATE TABLE {name} ({declared})")
        table = tables.get(name)
        if table is None:
            continue
        present = [column for column in columns if column in table.column_names]
        connection.register("arrow_rows", _without_zones(table.select(present)))
        quoted = ", ".join(f'"{column}"' for column in present)
        connection.execute(f"INSERT INTO {name} BY NAME SELECT {quoted} FROM arrow_rows")
        connection.unregister("arrow_rows")


def _without_zones(table: pa.Table) -> pa.Table:
    """Instants as UTC without saying so; texts in dictionaries as plain texts."""
    for index, field in enumerate(table.schema):
        plain = field.type
        if pa.types.is_timestamp(plain):
            plain = pa.timestamp("us")
        elif pa.types.is_dictionary(plain):
            plain = plain.value_type
        if plain != field.type:
            column = table.column(index).cast(plain)
            table = table.set_column(index, field.name, column)
    return table

"""The kinds of row that variants added, which readers of stored pages have to know besides conf's."""

# Tested by tests/jobs/io/experiments/test_register.py.

from functools import lru_cache

import pyarrow as pa

from conf.experiments import added_kinds
from conf.rows import RowKind, Rows, rows, rows_with
from jobs.io.experiments import register
from jobs.io.tables import arrow as arrow_tables


def kinds_of_variants() -> dict[str, tuple[str, RowKind]]:
    """By name each kind that an experiment ever added, and the first experiment that did.

    Also of those that are over: their pages stay, and are read.
    """
    found: dict[str, tuple[str, RowKind]] = {}
    for decision in register.decisions().values():
        for name, kind in added_kinds(decision.experiment).items():
            found.setdefault(name, (decision.name, kind))
    return found


def kinds_table() -> pa.Table | None:
    """The same for a release and for a view of a catalogue; None where no variant has added any."""
    if not arrow_tables.was_written(register.TABLE):
        return None
    version = arrow_tables.newest_version(register.TABLE)
    return _kinds_table(arrow_tables.deltalake_path(register.TABLE), version)


@lru_cache(maxsize=4)
def _kinds_table(place: str, version: int) -> pa.Table | None:
    records = [
        {"row_kind": name, "declaration": kind.model_dump_json()}
        for name, (_, kind) in sorted(kinds_of_variants().items())
    ]
    return pa.Table.from_pylist(records) if records else None


def reader_rows() -> Rows:
    """The kinds of row that stored pages may have."""
    added = kinds_table()
    return rows() if added is None else rows_with(added.to_pylist())

"""The tables at a cutoff without Spark: for programs that have to answer at once."""

# Tested by tests/jobs/io/snapshot/test_snapshot.py.

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from conf.contracts import columns as contract_columns
from jobs.io.snapshot.snapshot import Snapshot, TitleTables
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.dimensions import VERSIONED
from jobs.io.tables.partitions import Filter
from jobs.io.tables.schemas import type_of


class ArrowSnapshot(Snapshot):
    """The tables by deltalake; content is what Spark reads, row for row."""

    def rows(
        self, table: str, filters: Sequence[Filter], columns: Sequence[str] | None = None
    ) -> pa.Table:
        """The rows of a table that pass every filter; none of a table that was never written."""
        return arrow_tables.filtered_rows(table, filters, columns)

    def title_versions(self, only: Sequence[str] | None = None) -> TitleTables:
        """The newest version of each title, window and artwork; with `only`, of these titles."""
        return {
            table: self.newest_versions(table, keys, columns, only)
            for table, (keys, columns) in VERSIONED.items()
        }

    def newest_versions(
        self,
        table: str,
        keys: Sequence[str],
        columns: Sequence[str],
        only: Sequence[str] | None = None,
        since: datetime | None = None,
    ) -> pa.Table:
        """The newest version of each key at the cutoff; ties go to the greater landing_id.

        With `only`, of the keys whose first column is among these; with `since`, of the keys of
        which something was learned from then on. A table that was never written has none.
        """
        delta = arrow_tables.open_table(table)
        if delta is None or (only is not None and not only):
            return _empty(columns)
        written = {field.name for field in delta.schema().fields}
        needed = dict.fromkeys([*keys, *columns, "known_at", "landing_id"])
        filters: list[tuple[str, str, object]] = [("known_at", "<=", self.cutoff)]
        if only is not None:
            filters.append((keys[0], "in", list(only)))
        if since is not None:
            filters.append(("known_at", ">=", since))
        log = pa.table(
            delta.to_pyarrow_table(
                columns=[name for name in needed if name in written], filters=filters
            )
        )
        newest = _first_of_each(log, keys)
        return pa.table(
            {
                name: newest[name] if name in written else _nulls(name, newest.num_rows)
                for name in columns
            }
        )


def _first_of_each(log: pa.Table, keys: Sequence[str]) -> pa.Table:
    """Of each key the row with the greatest known_at, then the greatest landing_id."""
    log = log.append_column("_position", pa.array(range(log.num_rows), pa.int64()))
    order = [(key, "ascending") for key in keys]
    order += [("known_at", "descending"), ("landing_id", "descending")]
    groups = log.sort_by(order).group_by(list(keys), use_threads=False)
    first = groups.aggregate([("_position", "first")])
    return log.take(first["_position_first"])


def _empty(columns: Sequence[str]) -> pa.Table:
    return pa.table({name: _nulls(name, 0) for name in columns})


def _nulls(column: str, count: int) -> pa.Array:
    return pa.nulls(count, type_of(contract_columns()[column].type))

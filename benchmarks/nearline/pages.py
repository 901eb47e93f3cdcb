"""Published pages by profile, of a night or of a tick."""

from datetime import date

import numpy as np
import pyarrow as pa

from conf.ticks import Tick
from jobs.io.tables import arrow as arrow_tables

PagesByProfile = dict[str, pa.Table]


def base_pages(ds: date, profile_ids: list[str] | None = None) -> PagesByProfile:
    """The pages of a run date, of all profiles or of some."""
    table = arrow_tables.open_table("homepage_rows")
    assert table is not None
    filters: list[tuple[str, str, object]] = [("ds", "=", ds)]
    if profile_ids is not None:
        filters.append(("profile_id", "in", profile_ids))
    return pages_by_profile(pa.table(table.to_pyarrow_table(filters=filters)))


def pages_by_profile(rows: pa.Table) -> PagesByProfile:
    """Rows of pages, cut by profile."""
    order = [("profile_id", "ascending"), ("row_position", "ascending")]
    rows = rows.sort_by(order).combine_chunks()
    profile_ids = rows["profile_id"].to_numpy(zero_copy_only=False).astype(str)
    is_first = np.ones(len(profile_ids), bool)
    is_first[1:] = profile_ids[1:] != profile_ids[:-1]
    first = np.flatnonzero(is_first)
    sizes = np.diff(np.append(first, len(profile_ids)))
    return {
        str(profile_ids[start]): rows.slice(start, size)
        for start, size in zip(first, sizes, strict=True)
    }


def tick_partition(table: str, tick: Tick, columns: list[str] | None = None) -> pa.Table:
    """The partition of a tick, of a table that exists."""
    partition = arrow_tables.tick_rows(table, tick, columns)
    assert partition is not None
    return partition

"""Published pages by profile, of a night or of a tick."""

from datetime import date

import numpy as np
import pyarrow as pa

from conf.ticks import Tick
from jobs.io.tables import arrow as arrow_tables

PagesOf = dict[str, pa.Table]  # by profile


def base_pages(ds: date, only: list[str] | None = None) -> PagesOf:
    """Every page of a run date, or those of some profiles."""
    table = arrow_tables.opened("homepage_rows")
    assert table is not None
    some = [] if only is None else [("profile_id", "in", only)]
    return by_profile(pa.table(table.to_pyarrow_table(filters=[("ds", "=", ds), *some])))


def by_profile(rows: pa.Table) -> PagesOf:
    """Rows of pages, cut by profile."""
    rows = rows.sort_by(
        [("profile_id", "ascending"), ("row_position", "ascending")]
    ).combine_chunks()
    names = rows["profile_id"].to_numpy(zero_copy_only=False).astype(str)
    first = (
        np.flatnonzero(np.append(True, names[1:] != names[:-1]))
        if len(names)
        else np.zeros(0, np.int64)
    )
    sizes = np.diff(np.append(first, len(names)))
    return {str(names[at]): rows.slice(at, size) for at, size in zip(first, sizes, strict=True)}


def partition(name: str, tick: Tick, columns: list[str] | None = None) -> pa.Table:
    """The partition of a tick, of a table that is there."""
    found = arrow_tables.of_tick(name, tick, columns)
    assert found is not None
    return found

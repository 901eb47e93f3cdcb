"""Pages made since last night, without Spark: only those that a receipt vouches for."""

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from jobs.io import lake

UPDATES = "homepage_updates"


def receipts() -> pa.Table:
    """Of each publication of updates ds, tick, table_version and rows_count, in the order they were made."""
    if not lake.has("publications"):
        return pa.table({"ds": [], "tick": [], "table_version": [], "rows_count": []})
    columns = ["table_name", "ds", "tick", "table_version", "rows_count"]
    known = lake.opened("publications")
    assert known is not None
    if "tick" not in {field.name for field in known.schema().fields}:  # of before there were updates
        return pa.table({"ds": [], "tick": [], "table_version": [], "rows_count": []})
    found = lake.arrow("publications", columns)
    mine = found.filter(pc.equal(found["table_name"].cast(pa.string()), UPDATES))
    return mine.drop(["table_name"]).sort_by("table_version")


def newest(profile_id: str, after: datetime, until: datetime) -> pa.Table | None:
    """The newest update of a profile made after a moment and by another one; None where there is none to trust."""
    told = receipts()
    if not told.num_rows:
        return None
    version = pc.max(told["table_version"]).as_py()
    table = lake.opened(UPDATES, version)
    if table is None:
        return None
    wanted = [("profile_id", "=", profile_id), ("ds", ">=", after.date()), ("ds", "<=", until.date()),
              ("as_of", ">", after), ("as_of", "<=", until)]  # fmt: skip
    rows = pa.table(table.to_pyarrow_table(filters=wanted))
    vouched = set(zip(told["ds"].to_pylist(), told["tick"].to_pylist(), strict=True))
    keys = zip(rows["ds"].to_pylist(), rows["tick"].to_pylist(), strict=True)
    rows = rows.filter(pa.array([key in vouched for key in keys], pa.bool_()))
    if not rows.num_rows:
        return None
    return rows.filter(pc.equal(rows["as_of"], pc.max(rows["as_of"]))).sort_by("row_position")

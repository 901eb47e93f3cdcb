"""Records of profiles that were erased are left out as they land, uncounted and unkept."""

# Tested by tests/jobs/io/erasure/test_erase.py.

import duckdb
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.io.erasure.tombstones import erased_among, tombstones


def without_erased(rows: DataFrame) -> DataFrame:
    """The records that are of nobody who was erased."""
    salt, digests = tombstones()
    if not digests or "profile_id" not in rows.columns:
        return rows
    of_erased = F.sha2(F.concat(F.lit(salt), F.col("profile_id")), 256).isin(sorted(digests))
    return rows.where(~F.coalesce(of_erased, F.lit(False)))


def forget_erased(database: duckdb.DuckDBPyConnection) -> None:
    """Delete facts of who was erased."""
    if not tombstones()[1]:
        return
    found = database.execute("SELECT DISTINCT profile_id FROM facts").fetchall()
    erased = erased_among(row[0] for row in found if row[0] is not None)
    if erased:
        database.register("erased", pa.table({"profile_id": erased}))
        database.execute("DELETE FROM facts WHERE profile_id IN (SELECT profile_id FROM erased)")
        database.unregister("erased")

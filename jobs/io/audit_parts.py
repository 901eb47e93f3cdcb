"""A day's pages audited part by part: in this process, or in Spark's tasks where they are many."""

# Tested by tests/jobs/io/test_audit_parts.py.

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from features.audit.day import AuditedDay
from features.audit.inputs import DRAFTS_COLUMNS, PROFILES_COLUMNS
from features.audit.variants import AuditedVariants
from features.audit.verdicts import PartVerdicts
from jobs.io.tables import spark as tables
from jobs.io.tables.ranges import (
    FIRST,
    TableDay,
    bounds_of,
    range_begins,
    row_count,
    rows_in_range,
    table_day,
)

IN_PROCESS = 5_000  # profiles, that are audited sooner than workers are started
AT_ONCE = 1_000  # profiles, whose pages are held in memory together


def audited_parts(
    spark: SparkSession,
    day: AuditedDay | AuditedVariants,
    ds: date,
    version: int,
    in_process: int = IN_PROCESS,
) -> list[PartVerdicts]:
    """The verdicts on the drafts of a day at a version, part by part in the order of profiles.

    A part is a range of profiles with all their rows, so that what is unique in each part is so in
    the day.
    """
    drafts, everybody = table_day("drafts", ds, version), table_day("profile_features", ds)
    if row_count(everybody) <= in_process:
        readers = rows_in_range(everybody, FIRST, None, PROFILES_COLUMNS)
        return list(_of_range(day, drafts, FIRST, None, readers))
    profiles = tables.read_day(spark, "profile_features", ds).select(*PROFILES_COLUMNS)
    begins = range_begins(drafts)
    ranges = spark.createDataFrame(
        [(part, *bounds) for part, bounds in enumerate(bounds_of(begins))],
        "part int, begin string, end string",
    )
    shared = spark.sparkContext.broadcast(day)

    @F.arrow_udf("int")  # type: ignore[call-overload]
    def part_of(profile_ids: pa.Array) -> pa.Array:
        """The range that each profile is in."""
        ids = np.array([name.encode() for name in profile_ids.to_pylist()], object)
        places = np.searchsorted(np.array([name.encode() for name in begins], object), ids, "right")
        return pa.array(places - 1, pa.int32())

    def verdicts(part: pa.Table, readers: pa.Table) -> pa.Table:
        """The verdicts on one range, with the profiles that are in it."""
        (bounds,) = part.to_pylist()
        found = _of_range(shared.value, drafts, bounds["begin"], bounds["end"], readers)
        return pa.table({"verdicts": pa.array([each.to_json() for each in found], pa.string())})

    of_profiles = profiles.withColumn("part", part_of("profile_id")).groupBy("part")
    both = ranges.groupBy("part").cogroup(of_profiles)
    records = both.applyInArrow(verdicts, "verdicts string").collect()
    parts = [PartVerdicts.from_json(record["verdicts"]) for record in records]
    return sorted(parts, key=lambda part: part.low or FIRST)


def _of_range(
    day: AuditedDay | AuditedVariants,
    drafts: TableDay,
    begin: str,
    end: str | None,
    profiles: pa.Table,
) -> Iterator[PartVerdicts]:
    """The verdicts on a range of profiles, so many at once as memory is to hold."""
    own = rows_in_range(drafts, begin, end, ["profile_id"])["profile_id"]
    names = pa.concat_arrays([*own.chunks, *profiles["profile_id"].chunks])
    in_order = sorted(pc.unique(names).drop_null().to_pylist())
    begins = [begin, *in_order[AT_ONCE::AT_ONCE]]
    for low, high in bounds_of(begins, end):
        rows = rows_in_range(drafts, low, high, DRAFTS_COLUMNS)
        ids = profiles["profile_id"]
        inside = pc.greater_equal(ids, low)
        if high is not None:
            inside = pc.and_(inside, pc.less(ids, high))
        yield day.audited(rows, profiles.filter(inside))

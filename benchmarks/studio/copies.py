"""Stand-ins: profiles of a made service again under other ids, so that a large one is made in minutes.

What is costly is the making of pages, which nobody waits for in front of a studio. So pages are made for
some profiles, and before the audit each of these, with its settings, its features and its draft, is there
several times. Audit, publication, search lists and release then are those of all. Logs are not copied.
"""

# Tested by tests/benchmarks/studio/test_copies.py.

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.keys import sha256_text
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables
from jobs.io.tables import worker_writes
from jobs.io.tables.ranges import rows_in_range, table_day

PAGE_ID = 24  # characters
AT_ONCE = 100  # profiles, whose pages are in memory together
MARK = "-copy-"  # of a copy's id, before its number
AFTER = "\x01"  # the first text after a profile's own id


def copy_profiles(spark: SparkSession, ds: date, copies: int) -> None:
    """Add `copies` - 1 others of each profile to the settings, and to the features and drafts of a day."""
    drafts = table_day("drafts", ds, arrow_tables.newest_version("drafts"))
    features = tables.read_day(spark, "profile_features", ds)

    def pages(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
        """The pages of some profiles and of their copies, in order."""
        ids = [name for batch in batches for name in batch["profile_id"].to_pylist()]
        for first in range(0, len(ids), AT_ONCE):
            some = ids[first : first + AT_ONCE]
            rows = rows_in_range(drafts, some[0], some[-1] + AFTER).drop_columns("ds")
            for profile_id in some:
                page = rows.filter(pc.equal(rows["profile_id"], profile_id))
                page = page.sort_by("row_position")
                yield pa.concat_tables(page_of(name, page) for name in names(profile_id, copies))

    tasks = spark.sparkContext.defaultParallelism
    in_order = features.select("profile_id").repartitionByRange(tasks, "profile_id")
    worker_writes.replace_day(
        spark, "drafts", ds, in_order.sortWithinPartitions("profile_id"), pages
    )
    tables.replace_day(spark, "profile_features", ds, _copied(features, copies, first=0))
    tables.append(spark, "profiles", _copied(tables.read(spark, "profiles"), copies, first=1))


def names(profile_id: str, copies: int) -> list[str]:
    """A profile's own id and those of its copies, which come before any other profile's.

    >>> names("p7", 3)
    ['p7', 'p7-copy-001', 'p7-copy-002']
    """
    return [profile_id, *(f"{profile_id}{MARK}{number:03d}" for number in range(1, copies))]


def made_ones(profile_ids: Sequence[str]) -> list[str]:
    """The profiles whose pages were made, which can be explained: the choice of a page's rows goes
    by the profile's id.

    >>> made_ones(["p7", "p7-copy-001", "ann-2"])
    ['p7', 'ann-2']
    """
    return [profile_id for profile_id in profile_ids if MARK not in profile_id]


def _copied(frame: DataFrame, copies: int, first: int) -> DataFrame:
    """The rows again for each copy from the first on; number 0 is the profile itself."""
    number = F.explode(F.sequence(F.lit(first), F.lit(copies - 1))).alias("number")
    again = frame.select("*", number)
    name = F.format_string(f"%s{MARK}%03d", "profile_id", "number")
    name = F.when(F.col("number") == 0, F.col("profile_id")).otherwise(name)
    return again.withColumn("profile_id", name).drop("number")


def page_of(profile_id: str, page: pa.Table) -> pa.Table:
    """A page as that of another profile."""
    day = page["as_of"][0].as_py().date()
    own = {"profile_id": profile_id, "page_id": sha256_text(f"{day}\n{profile_id}")[:PAGE_ID]}
    for column, text in own.items():
        place = page.schema.get_field_index(column)
        values = pa.repeat(pa.scalar(text, pa.string()), page.num_rows)
        page = page.set_column(place, column, values)
    return page

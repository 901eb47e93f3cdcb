"""The Delta door: what happens when two first writers meet."""

from pathlib import Path

import deltalake
import pyarrow as pa

from jobs.io import tables


def test_a_table_that_another_process_is_just_making_is_waited_for(spark, lake):
    path = Path(tables.path_of("daily_counts"))
    (path / "_delta_log").mkdir(parents=True)  # the other one has begun, and Delta remembers that there is no table
    assert not tables.exists(spark, "daily_counts")
    deltalake.write_deltalake(str(path), pa.table({"title_id": ["a"]}))
    assert tables.exists(spark, "daily_counts") or tables._made_by_another(spark, "daily_counts")
    tables.ensure(spark, "daily_counts")
    assert tables.version_of(spark, "daily_counts") == 0

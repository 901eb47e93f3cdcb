"""The Delta door: what happens when two first writers meet."""

from datetime import UTC, date, datetime
from pathlib import Path

import deltalake
import pyarrow as pa

from jobs.io.published import homepage, publication
from jobs.io.tables import spark as tables
from jobs.io.tables.schemas import arrow_schema


def test_a_table_that_another_process_is_just_making_is_waited_for(spark, lake):
    path = Path(tables.path_of("daily_counts"))
    (path / "_delta_log").mkdir(
        parents=True
    )  # the other one has begun, and Delta remembers that there is no table
    assert not tables.exists(spark, "daily_counts")
    deltalake.write_deltalake(str(path), pa.table({"title_id": ["a"]}))
    assert tables.exists(spark, "daily_counts") or tables._created_by_another(spark, "daily_counts")
    tables.ensure(spark, "daily_counts")
    assert tables.version_of(spark, "daily_counts") == 0


def test_log_made_by_an_older_contract_gets_the_columns_that_are_new(spark, lake):
    old = pa.schema(
        [
            field
            for field in arrow_schema("publications")
            if field.name not in ("tick", "published_at")
        ]
    )
    row = dict.fromkeys(old.names) | {
        "table_name": "homepage_rows",
        "table_version": 1,
        "rows_count": 1,
        "profiles_count": 1,
        "content_hash": "x",
        "ds": date(2026, 1, 5),
    }
    deltalake.write_deltalake(
        str(lake / "publications"), pa.Table.from_pylist([row], old), partition_by=["ds"]
    )
    assert [receipt.published_at for receipt in publication.homepage_receipts(spark)] == [None]
    now = datetime(2026, 1, 6, tzinfo=UTC)
    newer = row | {
        "table_version": 2,
        "published_at": now,
        "drafts_version": 1,
        "ranker_id": "",
        "code_version": "",
        "input_versions": {},
    }
    schema = tables.schema_of(spark, "publications")
    tables.append(
        spark,
        "publications",
        spark.createDataFrame([tuple(newer.get(f.name) for f in schema)], schema),
    )
    assert [receipt.published_at for receipt in publication.homepage_receipts(spark)] == [None, now]
    assert [receipt.published_at for receipt in homepage.publication_receipts()] == [None, now]

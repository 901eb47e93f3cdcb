"""The Delta door: what happens when two first writers meet."""

from datetime import UTC, date, datetime
from pathlib import Path

import deltalake
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conf.contracts import contract
from jobs.io.published import homepage, publication
from jobs.io.tables import spark as tables
from jobs.io.tables.schemas import arrow_schema
from tests import worlds


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


MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)
NO_COUNTS = {n: 0 for n in contract("daily_counts").columns if n.endswith(("_count", "_sum"))}


def counts(spark, ds: date, *plays: int):
    """Rows of `daily_counts` of one day, one for each title; all else is counted 0."""
    rows = [
        {"ds": ds, "event_day": ds, "title_id": f"t{n}", "country": "", **NO_COUNTS}
        | {"plays_count": count}
        for n, count in enumerate(plays)
    ]
    return worlds.frame(spark, "daily_counts", rows)


def stored_plays(spark) -> dict[date, list[int]]:
    """The plays of each day by title, as they are stored."""
    by_day: dict[date, list[int]] = {}
    for row in tables.read(spark, "daily_counts").orderBy("ds", "title_id").collect():
        by_day.setdefault(row["ds"], []).append(row["plays_count"])
    return by_day


def test_a_day_is_replaced_alone_and_a_second_time_changes_nothing(spark, lake):
    for ds, frame in (
        (MONDAY, counts(spark, MONDAY, 1, 2, 3)),
        (TUESDAY, counts(spark, TUESDAY, 4)),
    ):
        assert tables.replace_day(spark, "daily_counts", ds, frame) == frame.count()
    tables.replace_day(spark, "daily_counts", MONDAY, counts(spark, MONDAY, 9, 8))
    before = tables.content_hash(tables.read(spark, "daily_counts"))
    tables.replace_day(spark, "daily_counts", MONDAY, counts(spark, MONDAY, 9, 8))
    assert stored_plays(spark) == {MONDAY: [9, 8], TUESDAY: [4]}
    assert tables.content_hash(tables.read(spark, "daily_counts")) == before


def test_nothing_replaces_no_day(spark, lake):
    tables.replace_day(spark, "daily_counts", MONDAY, counts(spark, MONDAY, 1))
    with pytest.raises(tables.NothingToWrite, match="nothing to write for ds=2026-01-05"):
        tables.replace_day(spark, "daily_counts", MONDAY, counts(spark, MONDAY))
    assert stored_plays(spark) == {MONDAY: [1]}


def test_rows_that_are_looked_up_one_by_one_are_sorted_in_small_groups(spark, lake):
    profiles = [f"p{number:05}" for number in range(5_000)]
    numbers = dict.fromkeys(contract("profile_features").required, 0)
    numbers |= {"ds": MONDAY, "history": []}
    rows = [numbers | {"profile_id": profile_id} for profile_id in reversed(profiles)]
    frame = worlds.frame(spark, "profile_features", rows).repartition(3)
    tables.replace_day(spark, "profile_features", MONDAY, frame)
    (file,) = lake.glob("profile_features/ds=*/*.parquet")
    parquet = pq.ParquetFile(file)
    groups = [parquet.read_row_group(n)["profile_id"].to_pylist() for n in range(3)]
    assert [one for group in groups for one in group] == profiles and max(map(len, groups)) <= 2_000


def test_a_content_hash_tells_rows_and_how_often_they_come_and_not_their_order(spark):
    def hash_of(*rows: tuple[str, str]) -> str:
        """The hash of rows of a name and a map, as SQL makes it."""
        values = ", ".join(f"('{name}', map({entries}))" for name, entries in rows)
        frame = spark.sql(f"SELECT * FROM VALUES {values} AS t(name, counts)")
        return tables.content_hash(frame.repartition(len(rows)))

    a, b, c = ("a", "'x', 1, 'y', 2"), ("b", "'x', 1"), ("c", "'z', 0")
    assert hash_of(a, b) == hash_of(b, ("a", "'y', 2, 'x', 1")) and hash_of(a, b)[:2] == "2:"
    hashes = {hash_of(a, b), hash_of(a, c), hash_of(b, c), hash_of(a, b, b), hash_of(a, b, c, c)}
    assert len(hashes) == 5


def test_what_spark_writes_is_its_owners_alone(spark, lake):
    """Hadoop sets modes by itself and asks no umask."""
    rows = spark.createDataFrame([], tables.schema_of(spark, "landings"))
    tables.append(spark, "landings", rows)
    written = list((lake / "landings").rglob("*"))
    assert any(path.suffix == ".json" for path in written)
    assert [path for path in [lake, *written] if path.stat().st_mode & 0o077] == []

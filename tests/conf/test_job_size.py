"""What Spark is given by the size of the jobs: a plain rule."""

from pathlib import Path

import pytest

from conf import job_size as sizes
from conf.job_size import job_size
from conf.settings import Settings, spark_conf


def log_of(folder: Path, size: int) -> str:
    """A root of tables whose log has so many bytes."""
    day = folder / "events" / "ds=2026-01-05"
    day.mkdir(parents=True)
    with (day / "part-1.parquet").open("wb") as file:
        file.truncate(size)
    return str(folder)


@pytest.mark.parametrize(
    ("master", "parts"),
    [
        ("local", 2),
        ("local[1]", 2),
        ("local[2]", 2),
        ("local[3]", 3),
        ("local[16]", 4),
        ("local[2,3]", 2),
    ],
)
def test_a_small_job_has_as_many_parts_as_cores(tmp_path, master, parts):
    assert job_size(master, str(tmp_path)) == ("small", parts, "2g")
    assert job_size(master, log_of(tmp_path, sizes.LARGE_LOG - 1)) == ("small", parts, "2g")


def test_a_large_log_gets_more_parts_and_memory_with_its_size(tmp_path):
    section, parts, memory = job_size("local[2]", log_of(tmp_path / "a", sizes.LARGE_LOG))
    assert (section, parts) == ("large", 8) and 2 <= int(memory[:-1]) <= 16
    assert job_size("local[2]", log_of(tmp_path / "b", 100 * sizes.PART)).shuffle_parts == 100
    assert job_size("local[2]", str(tmp_path / "b"), "3g").driver_memory == "3g"
    immense = job_size("local[2]", log_of(tmp_path / "c", 10**15 // 1024))
    assert immense.shuffle_parts == sizes.MOST_PARTS


@pytest.mark.parametrize(
    ("root", "parts"),
    [
        ("s3a://bucket/tables", sizes.UNSEEN_PARTS),
        ("hdfs://host/tables", sizes.UNSEEN_PARTS),
        ("/nowhere", sizes.LEAST_PARTS),
        ("file:///nowhere", sizes.LEAST_PARTS),
    ],
)
@pytest.mark.parametrize("master", ["yarn", "spark://host:7077", "k8s://https://host"])
def test_a_cluster_is_large_whatever_is_seen_of_its_log(master, root, parts):
    assert job_size(master, root) == ("large", parts, "4g")


def test_a_local_master_whose_log_is_elsewhere_is_small():
    assert job_size("local[2]", "s3a://bucket/tables").section == "small"


def test_the_second_compiler_and_adaptive_plans_are_for_large_jobs_only(tmp_path):
    (tmp_path / "delta.jar").touch()
    small = spark_conf(Settings(jars=str(tmp_path), tables=str(tmp_path / "none")))
    root = log_of(tmp_path / "tables", sizes.LARGE_LOG)
    large = spark_conf(Settings(jars=str(tmp_path), tables=root))
    assert "TieredStopAtLevel=1" in small["spark.driver.extraJavaOptions"]
    assert "TieredStopAtLevel" not in large["spark.driver.extraJavaOptions"]
    assert (small["spark.sql.adaptive.enabled"], large["spark.sql.adaptive.enabled"]) == (
        "false",
        "true",
    )
    assert (
        small["spark.sql.shuffle.partitions"] == "2"
        and large["spark.sql.shuffle.partitions"] == "8"
    )
    for options in (small, large):
        assert options["spark.sql.session.timeZone"] == "UTC"

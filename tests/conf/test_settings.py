"""The Spark options follow the machine that a run has."""

from pathlib import Path

import pytest

from conf.settings import Settings, spark_conf


@pytest.mark.parametrize(
    ("master", "partitions"),
    [
        ("local[1]", "2"),
        ("local[2]", "2"),
        ("local[3]", "3"),
        ("local[16]", "4"),
        ("local[*]", "4"),
        ("yarn", "4"),
    ],
)
def test_a_shuffle_has_as_many_parts_as_the_machine_has_cores(tmp_path: Path, master, partitions):
    (tmp_path / "delta.jar").touch()
    options = spark_conf(Settings(jars=str(tmp_path), spark_master=master))
    assert options["spark.sql.shuffle.partitions"] == partitions

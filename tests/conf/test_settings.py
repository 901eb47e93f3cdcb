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


def test_a_cluster_is_sent_the_jars_and_one_machine_finds_them_on_its_class_path(tmp_path: Path):
    for name in ("a.jar", "b.jar"):
        (tmp_path / name).touch()
    here = spark_conf(Settings(jars=str(tmp_path), spark_master="local[2]"))
    there = spark_conf(Settings(jars=str(tmp_path), spark_master="spark://host:7077"))
    assert here["spark.driver.extraClassPath"] == f"{tmp_path}/a.jar:{tmp_path}/b.jar"
    assert there["spark.jars"] == f"{tmp_path}/a.jar,{tmp_path}/b.jar"
    assert there["spark.executorEnv.FRONTROW_STARS"] == "5"
    assert "spark.jars" not in here and "spark.driver.extraClassPath" not in there

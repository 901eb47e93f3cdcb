"""The Spark options follow the machine that a run has."""

from pathlib import Path

from conf.settings import Settings, spark_conf


def test_a_cluster_is_sent_the_jars_and_one_machine_finds_them_on_its_class_path(tmp_path: Path):
    for name in ("a.jar", "b.jar"):
        (tmp_path / name).touch()
    here = spark_conf(Settings(jars=str(tmp_path), spark_master="local[2]"))
    there = spark_conf(Settings(jars=str(tmp_path), spark_master="spark://host:7077"))
    assert here["spark.driver.extraClassPath"] == f"{tmp_path}/a.jar:{tmp_path}/b.jar"
    assert there["spark.jars"] == f"{tmp_path}/a.jar,{tmp_path}/b.jar"
    assert there["spark.executorEnv.FRONTROW_STARS"] == "5"
    assert "spark.jars" not in here and "spark.driver.extraClassPath" not in there

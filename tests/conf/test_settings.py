"""The Spark options follow the machine that a run has."""

from pathlib import Path

import pytest

from conf.errors import UserMistake
from conf.settings import Settings, spark_conf, tables_root


def test_a_cluster_is_sent_the_jars_and_one_machine_finds_them_on_its_class_path(tmp_path: Path):
    for name in ("a.jar", "b.jar"):
        (tmp_path / name).touch()
    here = spark_conf(Settings(jars=str(tmp_path), spark_master="local[2]"))
    there = spark_conf(Settings(jars=str(tmp_path), spark_master="spark://host:7077"))
    assert here["spark.driver.extraClassPath"] == f"{tmp_path}/a.jar:{tmp_path}/b.jar"
    assert there["spark.jars"] == f"{tmp_path}/a.jar,{tmp_path}/b.jar"
    assert there["spark.executorEnv.FRONTROW_STARS"] == "5"
    assert "spark.jars" not in here and "spark.driver.extraClassPath" not in there


def test_a_variable_that_goes_wrong_is_named_though_the_tables_were_found_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path))
    monkeypatch.delenv("FRONTROW_TABLES", raising=False)
    assert tables_root() == str(tmp_path / "tables")
    monkeypatch.setenv("FRONTROW_STARS", "many")
    with pytest.raises(UserMistake, match="FRONTROW_STARS='many'"):
        tables_root()

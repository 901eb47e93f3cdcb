"""What a tables root on s3a:// adds to Spark's options."""

import pytest

from conf.errors import UserMistake
from conf.s3 import is_on_s3, s3_jars, s3_options
from conf.settings import Settings, spark_conf


def test_a_store_that_is_not_amazons_is_named_by_the_variable_that_deltalake_reads(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9000")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert s3_options() == {
        "spark.hadoop.fs.s3a.endpoint": "http://127.0.0.1:9000",
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.endpoint.region": "eu-west-1",
    }
    for name in ("AWS_ENDPOINT_URL", "AWS_REGION"):
        monkeypatch.delenv(name)
    assert s3_options() == {}


def test_without_the_jars_one_line_says_how_to_get_them(tmp_path):
    (tmp_path / "delta.jar").touch()
    settings = Settings(jars=str(tmp_path), tables="s3a://bucket/tables", home=str(tmp_path))
    with pytest.raises(UserMistake, match=r"cli\.install\.jars --s3"):
        spark_conf(settings)


def test_the_jars_are_added_where_tables_are_on_s3_and_nowhere_else(tmp_path):
    (tmp_path / "s3").mkdir()
    for jar in ("delta.jar", "s3/hadoop-aws.jar"):
        (tmp_path / jar).touch()
    assert s3_jars(str(tmp_path)) == [f"{tmp_path}/s3/hadoop-aws.jar"]
    for root, given in (("s3a://bucket/tables", True), ("file:/tables", False)):
        assert is_on_s3(root) == given
        for master in ("local[2]", "spark://host:7077"):
            settings = Settings(
                jars=str(tmp_path), tables=root, home=str(tmp_path), spark_master=master
            )
            jars = spark_conf(settings).get(
                "spark.driver.extraClassPath" if master == "local[2]" else "spark.jars", ""
            )
            assert ("hadoop-aws" in jars) == given and "delta.jar" in jars

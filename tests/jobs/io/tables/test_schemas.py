"""A contract's columns in Arrow's types are what Spark writes."""

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from conf.contracts import table_names
from jobs.io.tables.schemas import arrow_schema, type_of
from tests.built import tables_at


@pytest.mark.parametrize(
    ("ddl", "kind"),
    [
        ("bigint", pa.int64()),
        ("array<string>", pa.list_(pa.string())),
        ("map<string,bigint>", pa.map_(pa.string(), pa.int64())),
        (
            "struct<a:int,b:array<struct<c:date,d:map<string,double>>>>",
            pa.struct(
                [
                    ("a", pa.int32()),
                    (
                        "b",
                        pa.list_(
                            pa.struct(
                                [("c", pa.date32()), ("d", pa.map_(pa.string(), pa.float64()))]
                            )
                        ),
                    ),
                ]
            ),
        ),
    ],
)
def test_type_in_sparks_words(ddl: str, kind: pa.DataType) -> None:
    assert type_of(ddl) == kind


@pytest.mark.parametrize("table", table_names())
def test_every_contract_has_a_schema(table: str) -> None:
    assert arrow_schema(table).names


def test_tables_that_spark_wrote_have_it(spark, built) -> None:
    with tables_at(built):
        for table in (
            "homepage_rows",
            "profile_features",
            "title_features",
            "titles",
            "publications",
        ):
            there = pa.schema(DeltaTable(str(built / table)).schema().to_arrow())
            assert {f.name: f.type for f in there} == {
                f.name: f.type for f in arrow_schema(table)
            }, table

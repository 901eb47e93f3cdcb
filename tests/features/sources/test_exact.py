"""What a look at files without Spark finds right is right by Spark's rules, text by text, and has the
same value; and the reverse.
"""

import duckdb
import pyarrow as pa
import pytest
from pyspark.sql import functions as F

from conf.contracts import columns
from conf.landing import file_columns, header_columns
from features.sources import exact
from features.sources.layout import is_list, record_ddl
from features.sources.shape import shaped
from tests.features.sources.test_sound import LATEST, ODD, PLAIN, SOUND, records

MORE = [
    "Поговори с ней",
    "千と千尋",
    "\u3000",
    "\u200b",
    "12+",
    "TV-MA",
    "fsk 16",
    "17.0",
    " 5 ",
    "+5",
    ".5",
    "1e3",
    "1997-12-04T15:55:49.123456789Z",
    "1997-12-04 15:55 UTC",
    "1997-12-04 15:55:49 +0100",
    "1997-12-04T15:55:49+01",
    "881250949.5",
    "8.81250949e8",
    "-5",
    "Yes",
    "FALSE",
    "gb",
]
# rules between two times, which are no text's own
OF_TIMES = ("from_the_future", "learned_before_happened")


def of_table(table: str) -> list[dict[str, str]]:
    if table in ("events", "impressions"):
        found = records(table)
        return found + [{**found[0], name: text} for name in found[0] for text in MORE]
    ours = {name: SOUND.get(name, "") for name in file_columns(table)}
    ours |= {"country": "DE", "from_at": "9", "artwork_id": "a", "name": "Heat"}
    ours = {name: text for name, text in ours.items() if name in file_columns(table)}
    return [{**ours, name: text} for name in ours for text in (*PLAIN.get(name, ()), *ODD, *MORE)]


@pytest.mark.parametrize("table", ["events", "impressions", "titles", "profiles", "availability"])
def test_right_and_wrong_are_those_of_spark_with_the_same_values(spark, table):
    rows, names = of_table(table), list(file_columns(table))
    by_spark = _by_spark(spark, table, rows, names)
    by_sql = _by_sql(table, rows, names)
    for row, quick, slow in zip(rows, by_sql, by_spark, strict=True):
        wrong = [name for name in names if not quick[f"right {name}"]]
        is_window = (slow["reason"], slow["field"]) == ("out_of_range", "until_at")
        is_of_text = slow["reason"] not in (None, *OF_TIMES) and not is_window
        assert bool(wrong) == is_of_text, (row, wrong, slow["reason"], slow["field"])
        if slow["reason"] is None:
            compared = [
                n for n in names if n != "known_at" and (row[n].isascii() or not is_list(n))
            ]
            assert {n: quick[n] for n in compared} == {n: slow[n] for n in compared}, row


def _by_sql(table: str, rows: list[dict[str, str]], names: list[str]) -> list[dict]:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.register(
        "texts", pa.Table.from_pylist(rows, pa.schema([(n, pa.string()) for n in names]))
    )
    values = ", ".join(f'"{n}", {exact.value(table, n, "|")} AS "_{n}"' for n in names)
    shown = ", ".join(
        (f'epoch_us("_{n}")' if columns()[n].type == "timestamp" else f'"_{n}"') + f' AS "{n}"'
        for n in names
    )
    if table == "events":
        shown = shown.replace('"_kind" AS', "coalesce(\"_kind\", 'play') AS")
    right = ", ".join(f'coalesce({exact.is_right(table, n)}, false) AS "right {n}"' for n in names)
    return (
        connection.sql(f"SELECT {shown}, {right} FROM (SELECT {values} FROM texts)")
        .to_arrow_table()
        .to_pylist()
    )


def _by_spark(spark, table: str, rows: list[dict[str, str]], names: list[str]) -> list[dict]:
    is_fact = "given" not in record_ddl(table, names)
    given = [] if is_fact else [list(names)]
    texts = [
        ("l", "f", n, "raw", None, None, *given,
         *(row[m].split("|") if is_list(m) else row[m] for m in names))
        for n, row in enumerate(rows)
    ]  # fmt: skip
    frame = shaped(spark.createDataFrame(texts, record_ddl(table, names)), table, LATEST)
    for name in names:
        if columns()[name].type == "timestamp":
            frame = frame.withColumn(name, F.unix_micros(name))
    assert set(header_columns(table)) <= set(names)
    return [row.asDict() for row in frame.orderBy("line").collect()]

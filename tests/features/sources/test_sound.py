"""What the quick way of a landing takes for sound is sound by Spark's rules, with the same value and id."""

import random
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pytest
from pyspark.sql import functions as F

from conf.contracts import columns
from conf.landing import FACT_TIMES, file_columns
from features.sources import identity, sound
from features.sources.layout import record_ddl
from features.sources.shape import shaped

LATEST = datetime(2026, 11, 28, tzinfo=UTC)
PLAIN = {
    "profile_id": ["p1", "a b", "Привет!", "x" * 1000],
    "event_at": ["881250949", "1997-12-04T15:55:49Z", "1997-12-04 16:55:49.5+01:00"],
    "shown_at": ["881250949", "1997-12-04T15:55:49.123456Z"],
    "kind": ["", "play", "Rating", "thumb"],
    "value": ["", "4", "-1.5", "4.0", "0", "-0.0", "0.001", "999999.999"],
    "watched_seconds": ["", "120", "120.0", "0"],
    "country": ["", "DE", "us", "UK", "El"],
    "device": ["", "tv", "WEB"],
    "row_position": ["1", "10000"],
    "propensity": ["", "0.04716981132075472", "1e-05", "1"],
    "experiment_cells": ["", "a:b|c:d", " a:b ||c:d"],
}
ODD = [
    "",
    " ",
    "\u00a0",
    "x" * 1001,
    "x" * 10_001,
    "a\x00b",
    "a\tb",
    "NaN",
    "-inf",
    "1e308",
    "1e999",
]
ODD += [
    "2.5e3",
    "0.0001",
    "1234567",
    "1.2345",
    "-1",
    "1.5",
    "99999999999",
    "10001",
    " 5",
    "+5",
    "5.",
]
ODD += [
    "1997-13-04T15:55:49Z",
    "1997-02-30T00:00:00Z",
    "1997-12-04T24:00:00Z",
    "1899-12-31T23:59:59Z",
]
ODD += ["1997-12-04T15:55:49", "1997-12-04T15:55Z", "1997-12-04T15:55:49.1234567Z", "8812509490"]
ODD += [
    "1997-12-04T15:55:49+14:30",
    "1997-12-04T15:55:49-13:59",
    "881250949000",
    "2200-01-01T00:00:00Z",
]
ODD += ["USA", "plaý", "ſ", "K", "|", "a|", "'", '"', "a''b", "\\N", "null", "true", "\u200b", "é"]
SOUND = {"profile_id": "p", "title_id": "t", "event_at": "881250949", "shown_at": "881250949"}
SOUND |= {"page_id": "g", "row_id": "r", "row_position": "1", "column_position": "1"}


def records(table: str) -> list[dict[str, str]]:
    """Sound records of which one field is another text, at random too."""
    draw = random.Random(24)
    ours = {name: SOUND.get(name, "") for name in file_columns(table)}
    found = []
    for name in ours:
        letters = [
            "".join(draw.choices("0123456789.-+TZ: eaé|", k=draw.randint(1, 12))) for _ in range(60)
        ]
        is_instant = columns()[name].type == "timestamp"
        instants = [_instant(draw) for _ in range(60 if is_instant else 0)]
        for text in (*PLAIN.get(name, ()), *ODD, *letters, *instants):
            found.append({**ours, name: text})
    return found


def _instant(draw: random.Random) -> str:
    """An instant, or what looks like one."""
    day = f"19{draw.randint(90, 99)}-{draw.randint(1, 13):02}-{draw.randint(1, 31):02}"
    clock = ":".join(f"{draw.randint(0, most):02}" for most in (24, 60, 60))
    return f"{day}T{clock}{draw.choice(['Z', '+01:00', '-23:00', ''])}"


def by_sql(table: str, rows: list[dict[str, str]]) -> list[dict]:
    """Each record's values as the quick way has them, its soundness and its id."""
    names = list(file_columns(table))
    values = {name: f'"_{name}"' for name in names}
    if table == "events":
        values["kind"] = sound.kind(names)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.register("texts", pa.Table.from_pylist(rows))
    instants = {
        n: f"epoch_us({v})" if columns()[n].type == "timestamp" else v for n, v in values.items()
    }
    selection = ", ".join(
        f'{sql} AS "{name}"' for name, sql in instants.items() if name != "known_at"
    )
    query = (
        f"SELECT {selection}, epoch_us({sound.known(table, names)}) AS known_at,"
        f" {sound.all_sound(table, names, LATEST)} AS is_sound,"
        f" {sound.content_id(table, values)} AS content_id"
        f" FROM (SELECT {sound.values(table, names, '|')} FROM texts)"
    )
    return connection.sql(query).to_arrow_table().to_pylist()


def by_spark(spark, table: str, rows: list[dict[str, str]]) -> list[dict]:
    """Each record's values, reason and id by the rules of all landings."""
    names = list(file_columns(table))
    texts = [
        ("l", "f", n, "raw", None, None,
         *(row[m].split("|") if columns()[m].type.startswith("array") else row[m] for m in names))
        for n, row in enumerate(rows)
    ]  # fmt: skip
    frame = shaped(spark.createDataFrame(texts, record_ddl(table, names)), table, LATEST)
    frame = identity.facts(frame, table, None)
    for name in names:
        if columns()[name].type == "timestamp":
            frame = frame.withColumn(name, F.unix_micros(name))
    return [row.asDict() for row in frame.orderBy("line").collect()]


@pytest.mark.parametrize("table", sorted(FACT_TIMES))
def test_what_is_plainly_sound_is_sound_with_the_same_value_and_id(spark, table):
    rows = records(table)
    found = list(zip(rows, by_sql(table, rows), by_spark(spark, table, rows), strict=True))
    plain = [(row, quick, slow) for row, quick, slow in found if quick["is_sound"]]
    for row, quick, slow in plain:
        assert slow["reason"] is None, row
        assert {n: quick[n] for n in file_columns(table)} == {
            n: slow[n] for n in file_columns(table)
        }, row
        assert table != "events" or quick["content_id"] == slow["content_id"], row
    of_plain = [
        quick
        for row, quick, _ in found
        if any(
            row[name] in PLAIN[name] and row[name] != SOUND.get(name, "")
            for name in PLAIN.keys() & row.keys()
        )
    ]
    assert all(quick["is_sound"] for quick in of_plain)
    assert sum(slow["reason"] is not None for _, _, slow in found) > 200


def test_numbers_that_the_quick_way_takes_are_written_alike(spark):
    numbers = spark.range(0, 3_000_000).select(
        ((F.col("id") * 667 - 999_000_000) / 1000).alias("number")
    )
    texts = numbers.select("number", F.col("number").cast("string").alias("text")).toArrow()
    connection = duckdb.connect()
    connection.register("texts", texts)
    assert (
        connection.sql(
            "FROM texts WHERE abs(number) >= .001 AND text <> number::VARCHAR"
        ).fetchall()
        == []
    )

"""What the text of a field is read as: ratings, countries and words, in every spelling that is met."""

from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import functions as F

from features.sources.typed import broken, given, two_times, typed

AGES = {
    "7": 7,
    " 12 ": 12,
    "16.0": 16,
    "7+": 7,
    "16 +": 16,
    "TV-Y7": 7,
    "tv y7": 7,
    "TVY7": 7,
    "TV-14": 14,
    "Tv_Ma": 17,
    "PG-13": 13,
    "pg 13": 13,
    "pg": 10,
    "R": 17,
    "NC-17": 18,
    "FSK 12": 12,
    "FSK-0": 0,
    "fsk ab 16": 16,
    "BBFC 15": 15,
    "12A": 12,
    "U": 0,
    "": None,
}
NO_AGES = ["99", "-1", "22+", "7++", "TV-Y8", "NR", "adult", "twelve", "7-12", "1 2", "FSK"]
COUNTRIES = {"US": "US", "us": "US", " gb ": "GB", "UK": "GB", "uk": "GB", "El": "GR", "NA": "NA"}
NO_COUNTRIES = ["USA", "XX", "ZZ", "U", "Germany", "U S", "EU"]


def read(spark, table: str, name: str, texts: list[str]) -> dict[str, tuple[object, str | None]]:
    """Each text's value and the first rule that it breaks."""
    frame = spark.createDataFrame([(text, text) for text in texts], f"text string, {name} string")
    frame = frame.withColumn("given", given(name))
    frame = frame.withColumn("value", typed(table, name, F.col("given")))
    rules = broken(table, name, F.col("given"), F.col("value"))
    reason = F.coalesce(*(F.when(condition, F.lit(why.value)) for condition, why in rules))
    rows = frame.withColumn("reason", reason).collect()
    return {row["text"]: (row["value"], row["reason"]) for row in rows}


@pytest.mark.parametrize(
    ("table", "name"), [("profiles", "maturity_limit"), ("titles", "maturity")]
)
def test_ratings_are_read_as_ages_and_what_is_none_is_refused(spark, table, name):
    found = read(spark, table, name, [*AGES, *NO_AGES])
    assert {text: found[text] for text in AGES} == {t: (age, None) for t, age in AGES.items()}
    assert {found[text][1] for text in NO_AGES} == {"wrong_type", "out_of_range"}
    assert all(found[text][1] for text in NO_AGES), found


@pytest.mark.parametrize("table", ["profiles", "availability", "events"])
def test_a_country_is_its_iso_code_however_it_is_written_and_nothing_else(spark, table):
    found = read(spark, table, "country", [*COUNTRIES, *NO_COUNTRIES])
    assert {t: found[t] for t in COUNTRIES} == {t: (code, None) for t, code in COUNTRIES.items()}
    assert {t: found[t] for t in NO_COUNTRIES} == dict.fromkeys(
        NO_COUNTRIES, (None, "out_of_range")
    )


def test_words_are_those_of_their_table_in_small_letters(spark):
    kinds = read(spark, "events", "kind", ["Play", " thumb ", "film", "view"])
    assert {text: reason for text, (_, reason) in kinds.items()} == {
        "Play": None,
        " thumb ": None,
        "film": "out_of_range",
        "view": "out_of_range",
    }
    assert (kinds["Play"][0], kinds[" thumb "][0]) == ("play", "thumb")
    titles = read(spark, "titles", "kind", ["Film", "SERIES", "play", "movie"])
    assert [titles[t][1] for t in ("Film", "SERIES", "play", "movie")] == [None, None] + [
        "out_of_range"
    ] * 2
    devices = read(spark, "impressions", "device", ["TV", "tablet", "ROKU"])
    assert [devices[t][1] for t in ("TV", "tablet", "ROKU")] == [None, None, "out_of_range"]


def test_a_fact_is_learned_after_it_happened_and_neither_is_later_than_the_landing(spark):
    latest = datetime(2026, 1, 5, tzinfo=UTC)
    hours = {"sound": (-2, -1), "at once": (0, 0), "before": (-1, -2), "ahead": (1, 1)}
    hours |= {"told ahead": (-1, 1)}
    rows = [
        (name, latest + timedelta(hours=happened), latest + timedelta(hours=known))
        for name, (happened, known) in hours.items()
    ]
    frame = spark.createDataFrame(rows, "name string, event_at timestamp, known_at timestamp")
    rules = two_times("event_at", latest)
    found = F.coalesce(*(F.when(rule, F.lit(f"{why.value} {on}")) for rule, why, on in rules))
    assert dict(frame.select("name", found).collect()) == {
        "sound": None,
        "at once": None,
        "before": "learned_before_happened known_at",
        "ahead": "from_the_future event_at",
        "told ahead": "from_the_future known_at",
    }

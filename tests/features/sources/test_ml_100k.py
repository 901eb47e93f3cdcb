from pyspark.sql import SparkSession

from features.sources.ml_100k import layout, translated


def test_a_rating_is_a_play(spark: SparkSession) -> None:
    ratings = spark.createDataFrame(
        [("196", "242", 3.0)], "profile_id string, title_id string, value double"
    )
    play = translated("events", ratings).collect()[0]
    assert (play.profile_id, play.title_id, play.value, play.kind) == ("196", "242", 3.0, "play")


def test_a_film_keeps_only_a_year_that_is_one_and_genres_that_are_known(
    spark: SparkSession,
) -> None:
    films = [
        ("1", "Toy Story", "1995", ["Animation", "Comedy"]),
        ("1412", "Land Before Time III", "V", ["Animation"]),
        ("267", "unknown", "unkonwn", ["unknown"]),
    ]
    schema = "title_id string, name string, year string, genres array<string>"
    rows = translated("titles", spark.createDataFrame(films, schema)).collect()
    assert [(film.year, list(film.genres)) for film in rows] == [
        ("1995", ["Animation", "Comedy"]),
        (None, ["Animation"]),
        (None, []),
    ]
    assert {film.kind for film in rows} == {"film"}


def test_fields_are_apart_by_tabs_and_genres_by_blanks_without_quoting() -> None:
    films = layout("titles")
    assert (films.delimiter, films.separator, films.quoted) == ("\t", " ", False)
    assert films.article_last
    assert films.names["release_year:token"] == "year"

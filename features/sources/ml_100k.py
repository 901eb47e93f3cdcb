"""`ml-100k`: MovieLens 100K as RecBole carries it. A rating is taken as a play, its stars as the
play's value.

No attribute of a person (age, gender, occupation, zip code) is read.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from features.sources.layout import Layout

NAMES = {
    "events": {
        "user_id:token": "profile_id",
        "item_id:token": "title_id",
        "rating:float": "value",
        "timestamp:float": "event_at",
    },
    "titles": {
        "item_id:token": "title_id",
        "movie_title:token_seq": "name",
        "release_year:token": "year",
        "class:token_seq": "genres",
    },
}


def layout(table: str) -> Layout:
    """Tabs between fields, blanks between genres, no quoting, articles behind names."""
    return Layout(
        delimiter="\t", quoted=False, separator=" ", names=NAMES[table], article_last=True
    )


def translated(table: str, records: DataFrame) -> DataFrame:
    """Plays, and films whose year is a year (one says V, one unkonwn) and whose genres are known
    ones.
    """
    if table == "events":
        return records.withColumn("kind", F.lit("play"))
    year = F.when(F.col("year").rlike(r"^\d{4}$"), F.col("year"))
    genres = F.filter("genres", lambda genre: genre != "unknown")
    return records.withColumns({"kind": F.lit("film"), "year": year, "genres": genres})

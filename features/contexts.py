"""What is played at which hour of the day: what pages lean towards when they are looked at (N-309)."""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.days import start_of, window_start
from features.asof import known, newest
from features.labels import plays


def hour_plays(events: DataFrame, titles: DataFrame, as_of: datetime, days: int) -> DataFrame:
    """Plays of the last `days` UTC days by country ("" if unknown), hour of the day (0-23, UTC) and genre.

    A play counts once for each genre of its title; `titles` without genres count for nothing.
    """
    since = F.lit(start_of(window_start(as_of, days)))
    log = known(events, as_of).where(plays() & (F.col("event_at") >= since))
    genres = newest(titles, ["title_id"], as_of).select("title_id", F.explode("genres").alias("genre"))
    counts = log.groupBy("title_id", F.coalesce("country", F.lit("")).alias("country"),
                         F.hour("event_at").alias("hour_of_day")).count()  # fmt: skip
    return (
        counts.join(F.broadcast(genres), "title_id")
        .groupBy("country", "hour_of_day", "genre")
        .agg(F.sum("count").alias("plays_count"))
    )

"""What counts as a play, and what counts as having liked it."""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.days import DAY_S


def plays() -> Column:
    """True for an event that is a play."""
    return F.col("kind") == "play"


def rating_stars() -> Column:
    """The stars that a play or rating carried, else null."""
    return F.when(F.col("kind").isin("play", "rating"), F.col("value"))


def thumbs() -> Column:
    """+1 or -1 of a thumb, else null."""
    return F.when(F.col("kind") == "thumb", F.col("value").cast("int"))


def played_between(events: DataFrame, after: datetime, until: datetime) -> DataFrame:
    """The labels of a cut: (profile_id, title_id) played after `after` and by `until`.

    `played_days` is how long after, the first time.
    """
    at = F.col("event_at")
    later = events.where(plays() & (at > F.lit(after)) & (at <= F.lit(until)))
    first_at = F.min("event_at").cast("double")
    days = ((first_at - F.lit(after).cast("double")) / DAY_S).cast("float")
    return later.groupBy("profile_id", "title_id").agg(days.alias("played_days"))

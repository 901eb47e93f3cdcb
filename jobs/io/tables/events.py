"""The log of events, a day at a time."""

from datetime import date

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.errors import UserMistake
from jobs.io.tables import spark as tables


def events_learned_on(spark: SparkSession, ds: date) -> DataFrame:
    """The events learned on a day.

    Raises UserMistake where there are none: the day was never landed, so nothing is built for it.
    """
    events = tables.read(spark, "events")
    day = events.where(F.col("ds") == F.lit(ds))
    if day.isEmpty():
        raise UserMistake(_no_events(events, ds))
    return day


def _no_events(events: DataFrame, ds: date) -> str:
    span = events.agg(F.min("ds").alias("first"), F.max("ds").alias("last")).collect()[0]
    first, last = span["first"], span["last"]
    if first is None:
        return "table events is empty; run `frontrow land` first"
    return f"--ds {ds}: no events were learned on that day; the log runs from {first} to {last}"

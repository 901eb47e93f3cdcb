"""What is begun when and where: at which hour, on which weekday, on which device (N-309)."""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.days import start_of, window_start
from features.asof import known, newest
from features.labels import plays


def context_starts(events: DataFrame, titles: DataFrame, as_of: datetime, days: int) -> DataFrame:
    """Titles begun in the last `days` UTC days, by country ("" if unknown), context, its moment, facet and trait.

    A title is begun by a profile at its first play; going on with it says nothing of the moment. Contexts are hour of
    the day (0-23) and weekday (1 Monday - 7 Sunday), both UTC, and device. A start counts once for each trait of the
    title: each genre, and its kind. `page_starts_count` are those that came from a page.
    """
    since = F.lit(start_of(window_start(as_of, days)))
    first = ["event_at", "country", "device", "page_id"]
    log = known(events, as_of).where(plays())
    begun = log.groupBy("profile_id", "title_id").agg(F.min(F.struct(*first)).alias("first"))
    told = begun.select("title_id", "first.*").where(F.col("event_at") >= since).select(
        "title_id", F.coalesce("country", F.lit("")).alias("country"), F.col("page_id").isNotNull().alias("from_page"),
        F.explode(_contexts()).alias("context", "moment"),
    )  # fmt: skip
    keys = ["country", "context", "moment"]
    counts = told.where(F.col("moment").isNotNull()).groupBy("title_id", *keys, "from_page").count()
    return (
        counts.join(F.broadcast(_traits(titles, as_of)), "title_id")
        .groupBy(*keys, "facet", "trait")
        .agg(F.sum("count").alias("starts_count"),
             F.sum(F.when(F.col("from_page"), F.col("count")).otherwise(0)).alias("page_starts_count"))
    )  # fmt: skip


def _contexts() -> Column:
    weekday = F.weekday("event_at") + 1
    found = {"hour": F.hour("event_at"), "weekday": weekday, "device": F.col("device")}
    return F.create_map(*(part for name, moment in found.items() for part in (F.lit(name), moment.cast("string"))))


def _traits(titles: DataFrame, as_of: datetime) -> DataFrame:
    """title_id, facet, trait: each genre of a title and its kind."""
    each = F.create_map(F.lit("genre"), F.col("genres"), F.lit("kind"), F.array("kind"))
    shelf = newest(titles, ["title_id"], as_of).select("title_id", F.explode(each).alias("facet", "traits"))
    found = shelf.select("title_id", "facet", F.explode("traits").alias("trait"))
    return found.where(F.col("trait").isNotNull())

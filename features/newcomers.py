"""What newcomers may add to a title's plays of one day, so that a farm of new profiles moves little."""

# Tested by tests/features/test_newcomers.py and tests/features/test_oracle.py.

from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from conf.resumes import popularity_settings


def bounded_counts(counts: DataFrame) -> DataFrame:
    """Daily partials by title, country and event_day, with the newcomers that count added to plays.

    On one day the newcomers of a title count for no more than the greatest of `newcomers_floor`,
    the title's established players of that day, and `newcomers_multiple` times its usual players a
    day, over the `usual_days` before; in each country and in all of them together. Columns besides
    the sums: `uncounted_count`, the newcomers left out.
    """
    names = [name for name in counts.columns if name.endswith(("_count", "_sum"))]
    sums = [F.sum(name).alias(name) for name in names if name != "log_count"]
    by_day = counts.groupBy("title_id", "country", "event_day").agg(*sums)
    everywhere = _bound(["title_id"])
    here = _bound(["title_id", "country"])
    title_day = Window.partitionBy("title_id", "event_day")
    by_day = by_day.withColumns({"everywhere": everywhere, "here": here})
    newcomers = F.col("newcomers_count")
    until_country = title_day.orderBy("country").rowsBetween(Window.unboundedPreceding, 0)
    all_newcomers = F.sum(newcomers).over(title_day)
    with_country = F.sum(newcomers).over(until_country)
    by_day = by_day.withColumns({"all_newcomers": all_newcomers, "with_country": with_country})
    # of the bound each country has its part by its newcomers, in whole numbers that add up to it
    bound = F.least("everywhere", "all_newcomers")
    part = _part("with_country", bound) - _part(F.col("with_country") - newcomers, bound)
    counted = F.least(F.coalesce(part, F.lit(0)), "here").cast("bigint")
    result = by_day.withColumn("counted", counted)
    return result.withColumns(
        {
            "plays_count": F.col("plays_count") + F.col("counted"),
            "uncounted_count": newcomers - F.col("counted"),
        }
    ).drop("everywhere", "here", "all_newcomers", "with_country", "counted")


def _part(newcomers: Column | str, bound: Column) -> Column:
    """The part of the bound of the countries with so many newcomers, rounded down."""
    column = F.col(newcomers) if isinstance(newcomers, str) else newcomers
    return F.floor(F.try_divide(column * bound, F.col("all_newcomers")))


def _bound(place: list[str]) -> Column:
    """How many newcomers count on a day, of a title or of a title in a country."""
    settings = popularity_settings()
    day_number = F.datediff("event_day", F.lit(date(1970, 1, 1)))
    days = Window.partitionBy(*place).orderBy(day_number)
    players = F.col("plays_count") + F.col("newcomers_count")
    before = F.sum(players).over(days.rangeBetween(-settings.usual_days, -1))
    usual = F.floor(
        F.coalesce(before, F.lit(0)) * settings.newcomers_multiple / settings.usual_days
    )
    established = F.sum("plays_count").over(days.rangeBetween(0, 0))
    return F.greatest(F.lit(settings.newcomers_floor), usual, established)

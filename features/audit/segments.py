"""What a day's pages and catalogue amount to, segment by segment: numbers that days are compared by.

Every frame here has the columns segment, measure and value.
"""

from datetime import datetime

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from conf.pages import pages
from conf.rows import rows
from features.asof import newest_versions
from features.audit.claims import EVERYWHERE
from features.audit.pages import is_open_here

ALL = "all"
POPULARITY = "title_plays_count_30d"
FILLED = ("genres", "cast", "directors", "keywords", "languages", "maturity", "year", "launched_at")


def page_measures(page_rows: DataFrame, profiles: DataFrame) -> DataFrame:
    """By segment of profiles: how many there are (`profiles`), how many have a page (`pages`), what
    these have in `rows`, `cells` and cells on each device, and how many have a row of each kind.

    `page_rows` are profile_id, row_kind, row_position and `size`, the row's cells.
    """
    devices = pages().devices
    on_device = {
        name: F.when(F.col("row_position") <= device.rows, F.least("size", F.lit(device.columns)))
        for name, device in devices.items()
    }
    page = page_rows.groupBy("profile_id").agg(
        F.count("*").alias("rows"),
        F.sum("size").alias("cells"),
        F.collect_set("row_kind").alias("kinds"),
        *(F.sum(cells).alias(f"cells on {name}") for name, cells in on_device.items()),
    )
    of_profiles = profiles.select("profile_id", F.explode(_segments()).alias("segment"))
    joined = of_profiles.join(page, "profile_id", "left")
    has_kind = {
        f"with {name}": F.count_if(F.array_contains("kinds", name)) for name in rows().kinds
    }
    sums = {
        "profiles": F.count("*"),
        "pages": F.count("rows"),
        "rows": F.sum("rows"),
        "cells": F.sum("cells"),
        **{f"cells on {name}": F.sum(f"cells on {name}") for name in devices},
        **has_kind,
    }
    by_segment = joined.groupBy("segment").agg(*(total.alias(name) for name, total in sums.items()))
    return _long(by_segment, list(sums))


def order_measures(page_rows: DataFrame, usual_places: dict[str, float]) -> DataFrame:
    """How many pages have rows at all, how many stand `reversed` against the usual places of their
    kinds, and how many have a required row `late`; and the mean place of each kind.
    """
    usual = F.lit(None).cast("double")
    for name, place in usual_places.items():
        usual = F.when(F.col("row_kind") == name, F.lit(place)).otherwise(usual)
    deadline = F.lit(None).cast("int")
    for name, last in pages().required.items():
        deadline = F.when(F.col("row_kind") == name, F.lit(last)).otherwise(deadline)
    by_page = page_rows.groupBy("profile_id").agg(
        F.regr_slope(F.col("row_position").cast("double"), usual).alias("slope"),
        F.max(F.col("row_position") > deadline).alias("late"),
    )
    of_pages = by_page.agg(
        F.count("*").alias("ordered"),
        F.count_if(F.col("slope") < 0).alias("reversed"),
        F.count_if("late").alias("late"),
    )
    totals = _long(of_pages.withColumn("segment", F.lit(ALL)), ["ordered", "reversed", "late"])
    places = page_rows.groupBy("row_kind").agg(
        F.lit(ALL).alias("segment"), F.avg("row_position").alias("value")
    )
    measure = F.concat(F.lit("place of "), "row_kind").alias("measure")
    return totals.unionByName(places.select("segment", measure, "value"))


def claim_measures(row_titles: DataFrame) -> DataFrame:
    """By country how many titles each kind of row for everybody could show."""
    kinds = [name for name, kind in rows().kinds.items() if kind.per == "profile"]
    claimed = row_titles.where(F.col("is_true") & F.col("row_id").isin(kinds))
    counts = claimed.groupBy("row_id", "country").agg(F.count("*").cast("double").alias("value"))
    everywhere = F.col("country") == EVERYWHERE
    segment = F.when(everywhere, ALL).otherwise(F.concat(F.lit("country="), "country"))
    measure = F.concat(F.lit("titles of "), "row_id").alias("measure")
    return counts.select(segment.alias("segment"), measure, "value")


def catalogue_measures(
    titles: DataFrame, facts: DataFrame, artwork: DataFrame, profiles: DataFrame, as_of: datetime
) -> DataFrame:
    """How many titles there are, how many have each of FILLED and a picture, and how many may be
    shown in each country that profiles are in.

    `titles` are the table, `facts` come from `audit.pages.title_facts`.
    """
    newest = newest_versions(titles, ["title_id"], as_of)
    pictured = newest_versions(artwork, ["title_id", "artwork_id"], as_of)
    pictured = pictured.select("title_id", F.lit(True).alias("pictured")).distinct()
    counts = {"titles": F.count("*"), "titles with pictures": F.count("pictured")}
    counts |= {f"titles with {name}": F.count_if(_is_filled(newest, name)) for name in FILLED}
    totals = newest.join(F.broadcast(pictured), "title_id", "left").agg(
        *(total.alias(name) for name, total in counts.items())
    )
    of_all = _long(totals.withColumn("segment", F.lit(ALL)), list(counts))
    countries = profiles.select(F.coalesce("country", F.lit("")).alias("country")).distinct()
    by_country = facts.crossJoin(F.broadcast(countries)).groupBy("country")
    shown = by_country.agg(
        F.count("*").alias("titles"), F.count_if(is_open_here(as_of)).alias("titles open")
    )
    named = shown.withColumn("segment", F.concat(F.lit("country="), "country"))
    return of_all.unionByName(_long(named, ["titles", "titles open"]))


def burst_measures(title_features: DataFrame, day_before: DataFrame) -> DataFrame:
    """The titles in the `front` of the popular ones that a burst of newcomers played: their `place`
    and `place before`, by plays in 30 days.

    A burst is what the counts of plays left out, see `uncounted_count_1d` of `title_features`.
    """
    bounds = pages().audit.bursts
    places = _places(title_features, "place").join(_places(day_before, "place before"), "title_id")
    in_burst = title_features.where("uncounted_count_1d > 0").where(
        F.col(POPULARITY) >= bounds.least_plays
    )
    front = places.join(in_burst.select("title_id"), "title_id").where(
        F.col("place") <= bounds.front
    )
    named = front.withColumn("segment", F.concat(F.lit("title="), "title_id"))
    return _long(named, ["place", "place before"])


def _places(title_features: DataFrame, name: str) -> DataFrame:
    """title_id and its place by plays, from 1; equal titles have the same."""
    most_first = Window.orderBy(F.col(POPULARITY).desc())
    return title_features.select("title_id", F.rank().over(most_first).alias(name))


def _segments() -> Column:
    """The segments that a profile is in: all, its country, language, kind and tenure."""
    country = F.coalesce("country", F.lit(""))
    language = F.coalesce(F.lower(F.get("languages", F.lit(0))), F.lit(""))
    kids = F.coalesce("kids", F.lit(False)).cast("string")
    age = F.coalesce("profile_first_play_age_days", F.lit(-1.0))
    tenure = F.when(age < 0, "none")
    for days in pages().tenure_days:
        tenure = tenure.when(age < days, f"below {days}")
    return F.array(
        F.lit(ALL),
        F.concat(F.lit("country="), country),
        F.concat(F.lit("language="), language),
        F.concat(F.lit("kids="), kids),
        F.concat(F.lit("tenure="), tenure.otherwise("longer")),
    )


def _is_filled(titles: DataFrame, name: str) -> Column:
    """Whether a title has a column: a list with an entry, or a value."""
    is_list = titles.schema[name].dataType.typeName() == "array"
    return F.size(name) > 0 if is_list else F.col(name).isNotNull()


def _long(wide: DataFrame, names: list[str]) -> DataFrame:
    """One record for each of some columns."""
    pairs = [
        F.struct(F.lit(name).alias("measure"), F.col(name).cast("double").alias("value"))
        for name in names
    ]
    exploded = wide.select("segment", F.explode(F.array(*pairs)).alias("pair"))
    return exploded.select("segment", "pair.measure", "pair.value")

"""What is begun when and where, beside what those who come then begin at all (N-309)."""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.days import start_of, window_start
from features.asof import known, newest
from features.labels import plays

MOMENT = ["country", "context", "moment"]
TRAIT = ["facet", "trait"]


def context_starts(events: DataFrame, titles: DataFrame, as_of: datetime, days: int) -> DataFrame:
    """Titles begun in the last `days` UTC days by country ("" if unknown), context, its moment, facet and trait.

    A title is begun by a profile at its first play; going on with it says nothing of the moment. Contexts are hour of
    the day (0-23) and weekday (1 Monday - 7 Sunday), both UTC, and device. A start counts once for each trait of the
    title: each genre, and its kind. `expected_count` are the starts there would be if each profile began at every
    moment what it begins at all, so that who comes then makes no difference. Where titles were begun from pages only
    those starts count: what search finds tells little of what a page should show.
    """
    begun = _begun(events, as_of).where(F.col("event_at") >= F.lit(start_of(window_start(as_of, days))))
    from_page = F.col("page_id").isNotNull()
    paged = begun.agg(F.max(from_page).alias("paged"))
    begun = begun.crossJoin(F.broadcast(paged)).where(~F.col("paged") | from_page)
    country, moments = F.coalesce("country", F.lit("")).alias("country"), F.explode(_moments())
    seen = begun.select("profile_id", "title_id", country, moments.alias("context", "moment"))
    seen = seen.where(F.col("moment").isNotNull())
    traits = F.broadcast(_traits(titles, as_of))
    counts = seen.join(traits, "title_id").groupBy(*MOMENT, *TRAIT).agg(F.count("*").alias("starts_count"))
    visits = seen.groupBy("profile_id", *MOMENT).agg(F.count("*").alias("visits"))
    expected = visits.join(_shares(begun, traits), "profile_id").groupBy(*MOMENT, *TRAIT)
    found = expected.agg(F.sum(F.col("visits") * F.col("share")).alias("expected_count"))
    return found.join(counts, [*MOMENT, *TRAIT], "left").fillna(0, "starts_count")


def _begun(events: DataFrame, as_of: datetime) -> DataFrame:
    """The first play of each title by each profile."""
    first = F.min(F.struct("event_at", "country", "device", "page_id")).alias("first")
    log = known(events, as_of).where(plays())
    return log.groupBy("profile_id", "title_id").agg(first).select("profile_id", "title_id", "first.*")


def _shares(begun: DataFrame, traits: DataFrame) -> DataFrame:
    """Of each profile's starts the share that has a trait."""
    total = begun.groupBy("profile_id").agg(F.count("*").alias("total"))
    own = begun.join(traits, "title_id").groupBy("profile_id", *TRAIT).agg(F.count("*").alias("own"))
    return own.join(total, "profile_id").select("profile_id", *TRAIT, (F.col("own") / F.col("total")).alias("share"))


def _moments() -> Column:
    weekday = F.weekday("event_at") + 1
    found = {"hour": F.hour("event_at"), "weekday": weekday, "device": F.col("device")}
    return F.create_map(*(part for name, moment in found.items() for part in (F.lit(name), moment.cast("string"))))


def _traits(titles: DataFrame, as_of: datetime) -> DataFrame:
    """title_id, facet, trait: each genre of a title and its kind."""
    each = F.create_map(F.lit("genre"), F.col("genres"), F.lit("kind"), F.array("kind"))
    shelf = newest(titles, ["title_id"], as_of).select("title_id", F.explode(each).alias("facet", "traits"))
    found = shelf.select("title_id", "facet", F.explode("traits").alias("trait"))
    return found.where(F.col("trait").isNotNull()).distinct()

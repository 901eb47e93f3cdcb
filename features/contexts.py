"""What is begun when and where, beside what those who come then begin at all (N-309)."""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.days import end_of, start_of, window_start
from conf.nearline import Context
from features.asof import known_records, newest_versions
from features.labels import plays

MOMENT = ["country", "context", "moment"]
TRAIT = ["facet", "trait"]


def context_starts(
    events: DataFrame, titles: DataFrame, as_of: datetime, settings: Context
) -> DataFrame:
    """Titles begun in the last `days` UTC days by country ("" if unknown), context, its moment, facet and trait.

    A title is begun by a profile at its first play; going on with it says nothing of the moment. Contexts are hour of
    the day (0-23), weekday (1 Monday - 7 Sunday, where there are `weekday_days` of starts), both UTC, and device. A
    start counts once for each trait of the title: each genre, and its kind. Where titles were begun from pages only
    those starts count: what search finds tells little of what a page should show.

    `expected_count` is what would be begun if the moment made no difference, so that it makes none who comes then: over
    the starts at the moment the sum of (o[t] + k p[t]) / (O + k), O being the profile's other starts, o[t] those of
    them with the trait, p[t] the share of everybody's starts with it and k = `own_starts`.
    """
    begun, traits = _begun(events, as_of, settings), F.broadcast(_traits(titles, as_of))
    own = (
        begun.join(traits, "title_id").groupBy("profile_id", *TRAIT).agg(F.count("*").alias("own"))
    )
    seen, key = _seen(begun, settings.own_starts), [*MOMENT, *TRAIT]
    weight = F.sum("weight").alias("weight")  # of a start at a moment: 1 / (O + k)
    begins = seen.groupBy("profile_id", *MOMENT).agg(weight).join(own, "profile_id")
    at_all = begins.groupBy(key).agg(F.sum(F.col("weight") * F.col("own")).alias("at_all"))
    with_trait = seen.join(traits, "title_id").groupBy(key)
    counts = with_trait.agg(F.count("*").alias("starts_count"), F.sum("weight").alias("itself"))
    drawn = seen.groupBy(MOMENT).agg(weight).crossJoin(_drawn(begun, own, settings.own_starts))
    found = drawn.join(at_all, key, "left").join(counts, key, "left").fillna(0)
    expected = F.col("weight") * F.col("drawn") + F.col("at_all") - F.col("itself")
    return found.select(*key, "starts_count", expected.alias("expected_count"))


def _seen(begun: DataFrame, own_starts: float) -> DataFrame:
    """Each start once for each context, with its weight."""
    weight = (1 / (F.count("*") - 1 + own_starts)).alias("weight")
    each = begun.join(begun.groupBy("profile_id").agg(weight), "profile_id")
    country = F.coalesce("country", F.lit("")).alias("country")
    seen = each.select(
        "profile_id",
        "title_id",
        country,
        "weight",
        F.explode(_moments()).alias("context", "moment"),
    )
    return seen.where(F.col("moment").isNotNull())


def _drawn(begun: DataFrame, own: DataFrame, own_starts: float) -> DataFrame:
    """Of each trait k times the share of everybody's starts that have it."""
    everybody = (
        own.groupBy(*TRAIT)
        .agg(F.sum("own").alias("own"))
        .crossJoin(begun.agg(F.count("*").alias("starts")))
    )
    return F.broadcast(
        everybody.select(*TRAIT, (own_starts * F.col("own") / F.col("starts")).alias("drawn"))
    )


def _begun(events: DataFrame, as_of: datetime, settings: Context) -> DataFrame:
    """The first play of each title by each profile in the last days; those from pages where there are any. Whether
    there are weeks of them is `weeks`.
    """
    first, from_page = (
        F.min(F.struct("event_at", "country", "device", "page_id")),
        F.col("page_id").isNotNull(),
    )
    log = known_records(events, as_of).where(plays())
    begun = (
        log.groupBy("profile_id", "title_id")
        .agg(first.alias("first"))
        .select("profile_id", "title_id", "first.*")
    )
    begun = begun.where(F.col("event_at") >= F.lit(start_of(window_start(as_of, settings.days))))
    earliest = F.coalesce(F.min(F.when(from_page, F.col("event_at"))), F.min("event_at"))
    weeks = earliest < F.lit(end_of(window_start(as_of, settings.weekday_days)))
    paged = F.broadcast(begun.agg(F.max(from_page).alias("paged"), weeks.alias("weeks")))
    return begun.crossJoin(paged).where(~F.col("paged") | from_page)


def _moments() -> Column:
    weekday = F.when(
        F.col("weeks"), F.weekday("event_at") + 1
    )  # else one Monday would stand for all
    found = {"hour": F.hour("event_at"), "weekday": weekday, "device": F.col("device")}
    return F.create_map(
        *(part for name, moment in found.items() for part in (F.lit(name), moment.cast("string")))
    )


def _traits(titles: DataFrame, as_of: datetime) -> DataFrame:
    """title_id, facet, trait: each genre of a title and its kind."""
    each = F.create_map(F.lit("genre"), F.col("genres"), F.lit("kind"), F.array("kind"))
    shelf = newest_versions(titles, ["title_id"], as_of).select(
        "title_id", F.explode(each).alias("facet", "traits")
    )
    found = shelf.select("title_id", "facet", F.explode("traits").alias("trait"))
    return found.where(F.col("trait").isNotNull()).distinct()

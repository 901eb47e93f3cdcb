"""Titles begun by hour, weekday and device, beside what the same profiles begin at all (N-309)."""

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
    """Titles begun in the last `days` UTC days by country, context, its moment, facet and trait.

    A title is begun by a profile at its first play; going on with it says nothing of the moment.
    The country is "" if unknown. Contexts are hour of the day (0-23), weekday (1 Monday - 7 Sunday,
    where there are `weekday_days` of starts), both UTC, and device. A start counts once for each
    trait of the title: each genre, and its kind. Where titles were begun from pages only those
    starts count: what search finds tells little of what a page should show.

    `expected_count` is what would be begun if the moment made no difference. It allows for which
    profiles come then: over the starts at the moment it is the sum of (o[t] + k p[t]) / (O + k), O
    being the profile's other starts, o[t] those of them with the trait, p[t] the share of
    everybody's starts with it and k = `own_starts`.
    """
    starts = _starts(events, as_of, settings)
    traits = F.broadcast(_traits(titles, as_of))
    starts_with_traits = starts.join(traits, "title_id")
    own = starts_with_traits.groupBy("profile_id", *TRAIT).agg(F.count("*").alias("own"))
    weighted = _weighted_starts(starts, settings.own_starts)
    key = [*MOMENT, *TRAIT]
    weight = F.sum("weight").alias("weight")  # of a start at a moment: 1 / (O + k)
    by_profile = weighted.groupBy("profile_id", *MOMENT).agg(weight).join(own, "profile_id")
    at_all = by_profile.groupBy(key).agg(F.sum(F.col("weight") * F.col("own")).alias("at_all"))
    counts = (
        weighted.join(traits, "title_id")
        .groupBy(key)
        .agg(F.count("*").alias("starts_count"), F.sum("weight").alias("itself"))
    )
    prior = _prior(starts, own, settings.own_starts)
    sums = weighted.groupBy(MOMENT).agg(weight).crossJoin(prior)
    sums = sums.join(at_all, key, "left").join(counts, key, "left").fillna(0)
    expected = F.col("weight") * F.col("prior") + F.col("at_all") - F.col("itself")
    return sums.select(*key, "starts_count", expected.alias("expected_count"))


def _weighted_starts(starts: DataFrame, own_starts: float) -> DataFrame:
    """Each start once for each context, with its weight 1 / (O + k)."""
    weight = (1 / (F.count("*") - 1 + own_starts)).alias("weight")
    with_weights = starts.join(starts.groupBy("profile_id").agg(weight), "profile_id")
    country = F.coalesce("country", F.lit("")).alias("country")
    moments = F.explode(_moments()).alias("context", "moment")
    by_context = with_weights.select("profile_id", "title_id", country, "weight", moments)
    return by_context.where(F.col("moment").isNotNull())


def _prior(starts: DataFrame, own: DataFrame, own_starts: float) -> DataFrame:
    """Of each trait k times the share of everybody's starts that have it."""
    by_trait = own.groupBy(*TRAIT).agg(F.sum("own").alias("own"))
    everybody = by_trait.crossJoin(starts.agg(F.count("*").alias("starts")))
    prior = own_starts * F.col("own") / F.col("starts")
    return F.broadcast(everybody.select(*TRAIT, prior.alias("prior")))


def _starts(events: DataFrame, as_of: datetime, settings: Context) -> DataFrame:
    """The first play of each title by each profile in the last days.

    Only those from pages where there are any. `weeks` says whether there are weeks of them.
    """
    first_play = F.min(F.struct("event_at", "country", "device", "page_id")).alias("first")
    log = known_records(events, as_of).where(plays())
    starts = log.groupBy("profile_id", "title_id").agg(first_play)
    starts = starts.select("profile_id", "title_id", "first.*")
    since = start_of(window_start(as_of, settings.days))
    starts = starts.where(F.col("event_at") >= F.lit(since))
    from_page = F.col("page_id").isNotNull()
    earliest = F.coalesce(F.min(F.when(from_page, F.col("event_at"))), F.min("event_at"))
    weeks_ago = end_of(window_start(as_of, settings.weekday_days))
    weeks = earliest < F.lit(weeks_ago)
    of_all = F.broadcast(starts.agg(F.max(from_page).alias("paged"), weeks.alias("weeks")))
    return starts.crossJoin(of_all).where(~F.col("paged") | from_page)


def _moments() -> Column:
    """The moment of a start in each context."""
    # without weeks of starts one Monday would stand for all
    weekday = F.when(F.col("weeks"), F.weekday("event_at") + 1)
    moments = {"hour": F.hour("event_at"), "weekday": weekday, "device": F.col("device")}
    entries = [(F.lit(name), moment.cast("string")) for name, moment in moments.items()]
    return F.create_map(*(part for entry in entries for part in entry))


def _traits(titles: DataFrame, as_of: datetime) -> DataFrame:
    """title_id, facet, trait: each genre of a title and its kind."""
    facets = F.create_map(F.lit("genre"), F.col("genres"), F.lit("kind"), F.array("kind"))
    newest = newest_versions(titles, ["title_id"], as_of)
    by_facet = newest.select("title_id", F.explode(facets).alias("facet", "traits"))
    by_trait = by_facet.select("title_id", "facet", F.explode("traits").alias("trait"))
    return by_trait.where(F.col("trait").isNotNull()).distinct()

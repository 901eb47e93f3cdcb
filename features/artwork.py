"""Counts of how often artwork came into view and was played from, and each title's first play."""

from collections.abc import Sequence
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.days import start_of, window_start
from features.asof import known_records
from features.labels import plays
from features.sittings import distinct_plays, whole_sittings

CELL = ("page_id", "row_id", "column_position", "device")
_BUCKETS = 1_000_000


def picture_cells(
    impressions: DataFrame,
    events: DataFrame,
    as_of: datetime,
    window_days: int,
    quality_share: float,
) -> DataFrame:
    """One row for each cell of a page, device and artwork that came into view in the window.

    `impressions_count` counts how often, `quality_plays_count` the sittings that began from that
    cell and device in the window, and in which a film or an episode was watched to `quality_share`
    or beyond, at most as many as impressions (N-306, N-310). Both had happened and were known by
    `as_of`. `shown_on` is the first UTC day. Cells without an artwork_id are left out.
    """
    first_instant = start_of(window_start(as_of, window_days))
    in_window = F.col("shown_at") >= F.lit(first_instant)
    views = known_records(impressions, as_of).where(in_window & F.col("artwork_id").isNotNull())
    cells = _with_device(views).groupBy(*CELL, "artwork_id")
    viewed = cells.agg(
        *(F.first(name).alias(name) for name in ("profile_id", "title_id", "row_position")),
        F.min(F.to_date("shown_at")).alias("shown_on"),
        F.count("*").alias("impressions_count"),
    )
    well_watched = F.col("watched_seconds") >= quality_share * F.col("duration_seconds")
    from_page = F.col("page_id").isNotNull()
    began = F.col("event_at") >= F.lit(first_instant)
    sittings = whole_sittings(distinct_plays(known_records(events, as_of)))
    quality_plays = sittings.where(began & from_page & well_watched)
    play_counts = (
        _with_device(quality_plays).groupBy(*CELL).agg(F.count("*").alias("quality_plays_count"))
    )
    joined = viewed.join(play_counts, list(CELL), "left")
    count = F.least(F.coalesce("quality_plays_count", F.lit(0)), "impressions_count")
    return joined.withColumn("quality_plays_count", count).drop("page_id", "row_id")


def _with_device(log: DataFrame) -> DataFrame:
    """The records with "" for an unknown device."""
    return log.withColumn("device", F.coalesce("device", F.lit("")))


def picture_counts(cells: DataFrame, by: Sequence[str]) -> DataFrame:
    """Impressions, quality plays and take rate of cells (quality plays / impressions, N-310).

    `by` are any of their columns, or of what was joined to them: profile, country, device, theme,
    artwork.
    """
    impressions, quality_plays = F.sum("impressions_count"), F.sum("quality_plays_count")
    return cells.groupBy(*by).agg(
        impressions.alias("impressions_count"),
        quality_plays.alias("quality_plays_count"),
        (quality_plays / impressions).alias("take_rate"),
    )


def first_plays(events: DataFrame, as_of: datetime) -> DataFrame:
    """For each profile and title played the UTC day on which that was first known, by `as_of`."""
    learned_on = F.to_date(F.greatest("event_at", "known_at"))
    known_plays = known_records(events, as_of).where(plays())
    return known_plays.groupBy("profile_id", "title_id").agg(F.min(learned_on).alias("first_on"))


def some_profiles(frame: DataFrame, share: float) -> DataFrame:
    """The rows of a fixed sample of profiles, whatever the order of rows."""
    bucket = F.pmod(F.xxhash64("profile_id"), F.lit(_BUCKETS))
    return frame.where(bucket < int(share * _BUCKETS))

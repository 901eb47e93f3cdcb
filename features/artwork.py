"""How often pictures came into view and what came of it, as of a moment; and what each member had played by when."""

from collections.abc import Sequence
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.days import start_of, window_start
from features.asof import known_records
from features.labels import plays

CELL = ("page_id", "row_id", "column_position", "device")
_SHARES = 1_000_000


def picture_cells(
    impressions: DataFrame,
    events: DataFrame,
    as_of: datetime,
    window_days: int,
    quality_share: float,
) -> DataFrame:
    """One row for each cell of a page, device and picture that came into view in the window.

    `impressions_count` counts how often, `quality_plays_count` the plays from that cell and device of which a film or
    an episode was watched to `quality_share` or beyond, at most as many as impressions (N-306, N-310). Both had
    happened and were known by `as_of`. `shown_on` is the first UTC day. Cells whose picture was not told are left out.
    """
    since = F.col("shown_at") >= F.lit(start_of(window_start(as_of, window_days)))
    seen = known_records(impressions, as_of).where(since & F.col("artwork_id").isNotNull())
    cells = seen.withColumn("device", F.coalesce("device", F.lit(""))).groupBy(*CELL, "artwork_id")
    shown = cells.agg(
        *(F.first(name).alias(name) for name in ("profile_id", "title_id", "row_position")),
        F.min(F.to_date("shown_at")).alias("shown_on"),
        F.count("*").alias("impressions_count"),
    )
    good = (
        plays()
        & F.col("page_id").isNotNull()
        & (F.col("watched_seconds") >= quality_share * F.col("duration_seconds"))
    )
    taken = (
        known_records(events, as_of)
        .where(good)
        .withColumn("device", F.coalesce("device", F.lit("")))
    )
    count = F.least(F.coalesce("quality_plays_count", F.lit(0)), "impressions_count")
    joined = shown.join(
        taken.groupBy(*CELL).agg(F.count("*").alias("quality_plays_count")), list(CELL), "left"
    )
    return joined.withColumn("quality_plays_count", count).drop("page_id", "row_id")


def picture_counts(cells: DataFrame, by: Sequence[str]) -> DataFrame:
    """Impressions, quality plays and take rate (quality plays / impressions, N-310) of cells by any of their columns,
    or of what was joined to them: profile, country, device, theme, picture.
    """
    seen, taken = F.sum("impressions_count"), F.sum("quality_plays_count")
    told = (
        seen.alias("impressions_count"),
        taken.alias("quality_plays_count"),
        (taken / seen).alias("take_rate"),
    )
    return cells.groupBy(*by).agg(*told)


def first_plays(events: DataFrame, as_of: datetime) -> DataFrame:
    """For each profile and title played the UTC day on which that was first known, by `as_of`."""
    learned = F.to_date(F.greatest("event_at", "known_at"))
    played = known_records(events, as_of).where(plays())
    return played.groupBy("profile_id", "title_id").agg(F.min(learned).alias("first_on"))


def some_profiles(frame: DataFrame, share: float) -> DataFrame:
    """The rows of a fixed sample of profiles, whatever the order of rows."""
    return frame.where(F.pmod(F.xxhash64("profile_id"), F.lit(_SHARES)) < int(share * _SHARES))

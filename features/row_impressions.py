"""Impressions of rows: which row came into view, where, and from which something was played."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from features.labels import plays


def row_impressions(impressions: DataFrame, events: DataFrame) -> DataFrame:
    """One record for each page and row that came into view.

    Columns: page_id, profile_id, row_id, row_position, looks, taken. A row's first cell comes into
    view with the row, once for each look at it. `taken` are the looks that ended in a play from the
    row of a title that the profile had never played, at most as many as looks: a look ends with the
    play.
    """
    first_cells = impressions.where("column_position = 1")
    rows = first_cells.groupBy("page_id", "profile_id", "row_id").agg(
        F.count("*").cast("int").alias("looks"), F.min("row_position").alias("row_position")
    )
    first_plays = (
        events.where(plays())
        .groupBy("profile_id", "title_id")
        .agg(F.min("event_at").alias("event_at"))
    )
    page_plays = events.where(plays() & F.col("page_id").isNotNull()).join(
        first_plays, ["profile_id", "title_id", "event_at"], "left_semi"
    )
    row_plays = page_plays.groupBy("page_id", "row_id").agg(F.count("*").cast("int").alias("plays"))
    taken = F.least(F.coalesce("plays", F.lit(0)), "looks").alias("taken")
    joined = rows.join(row_plays, ["page_id", "row_id"], "left")
    return joined.select("page_id", "profile_id", "row_id", "row_position", "looks", taken)

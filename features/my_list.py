"""What a profile put on its list and did not take off again."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def my_list(log: DataFrame) -> DataFrame:
    """`my_list` of each profile that ever used it: title_id and listed_at, newest first, ties by title.

    `log` holds what was known at a moment. Of adding and removing the later one counts, by instant and then event_id.
    """
    changes = log.where(F.col("kind").isin("list_add", "list_remove"))
    order = F.struct("event_at", "event_id")
    last = changes.groupBy("profile_id", "title_id").agg(
        F.max_by(F.struct("kind", "event_at"), order).alias("last")
    )
    listed = last.where("last.kind = 'list_add'")
    entry = F.struct(
        (-F.unix_micros("last.event_at")).alias("order"),
        "title_id",
        F.col("last.event_at").alias("at"),
    )
    entries = F.transform(
        F.sort_array(F.collect_list(entry)),
        lambda e: F.struct(e["title_id"].alias("title_id"), e["at"].alias("listed_at")),
    )
    return listed.groupBy("profile_id").agg(entries.alias("my_list"))

"""The titles that a profile put on its list and did not take off again."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def my_list(log: DataFrame) -> DataFrame:
    """`my_list` of each profile that ever used it: title_id and listed_at.

    Newest first, of the same instant by title. `log` holds what was known at an instant. Of adding
    and removing the later one counts, by instant and then event_id.
    """
    changes = log.where(F.col("kind").isin("list_add", "list_remove"))
    change = F.max_by(F.struct("kind", "event_at"), F.struct("event_at", "event_id"))
    newest_changes = changes.groupBy("profile_id", "title_id").agg(change.alias("change"))
    additions = newest_changes.where("change.kind = 'list_add'")
    return listed(
        additions.select("profile_id", "title_id", F.col("change.event_at").alias("listed_at"))
    )


def listed(additions: DataFrame) -> DataFrame:
    """The lists of profiles from their entries: newest first, of the same instant by title."""
    sort_key = (-F.unix_micros("listed_at")).alias("order")
    entry = F.struct(sort_key, "title_id", "listed_at")
    entries = F.transform(F.sort_array(F.collect_list(entry)), _without_sort_key)
    return additions.groupBy("profile_id").agg(entries.alias("my_list"))


def _without_sort_key(entry: Column) -> Column:
    return F.struct(entry["title_id"].alias("title_id"), entry["listed_at"].alias("listed_at"))

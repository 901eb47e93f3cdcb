"""Whether each row of drafts keeps the rules: found from the tables alone, by other means than the page's maker."""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.pages import pages
from conf.rows import RowKind, rows

ROW_RULES = (
    "row_kind_known",
    "row_built_as_of_its_day",
    "cells_numbered_from_one",
    "row_length_within_bounds",
    "row_without_repeats",
    "evidence_given",
    "picture_given",
    "propensity_is_a_probability",
    "watched_policy_kept",
    "anchor_from_own_history",
)


def row_verdicts(drafts: DataFrame, profiles: DataFrame, as_of: datetime) -> DataFrame:
    """`drafts` with `titles` (the cells' title ids in order) and a boolean for each of ROW_RULES; never null.

    `profiles` are the day's profile_features: the histories that a member can check the page against.
    """
    own = profiles.select("profile_id", F.col("history.title_id").alias("own"))
    frame = drafts.join(own, "profile_id", "left").withColumn("titles", F.col("cells.title_id"))
    frame = frame.withColumn("own", F.coalesce("own", F.array().cast("array<string>")))
    size, titles = F.size("titles"), F.col("titles")
    return frame.select(
        *drafts.columns,
        "titles",
        *(
            F.coalesce(rule, F.lit(False)).alias(name)
            for name, rule in zip(
                ROW_RULES,
                (
                    F.col("row_kind").isin(list(rows().kinds)),
                    F.col("as_of") == F.lit(as_of),
                    (size > 0) & (F.col("cells.column_position") == F.sequence(F.lit(1), F.greatest(size, F.lit(1)))),
                    size.between(_by_kind("min_length"), F.least(_by_kind("max_length"), F.lit(pages().columns))),
                    F.size(F.array_distinct(titles)) == size,
                    _told(),
                    F.forall("cells", lambda cell: F.coalesce(F.length(cell["artwork_id"]) > 0, F.lit(False))),
                    F.forall("cells", lambda cell: (cell["propensity"] > 0) & (cell["propensity"] <= 1)),
                    _watched_as_declared(),
                    _anchored(),
                ),
                strict=True,
            )
        ),
    )


def _by_kind(field: str) -> Column:
    return _choose({name: F.lit(getattr(kind, field)) for name, kind in rows().kinds.items()})


def _choose(by_kind: dict[str, Column]) -> Column:
    """The column of the row's own kind; null for a kind that does not exist."""
    chosen = F.lit(None)
    for name, column in by_kind.items():
        chosen = F.when(F.col("row_kind") == name, column).otherwise(chosen)
    return chosen


def _told() -> Column:
    spoken = F.forall("cells", lambda cell: F.length(cell["evidence"]) > 0)
    return (F.length("reason") > 0) & (F.length("row_title") > 0) & spoken


def _watched_as_declared() -> Column:
    unseen = ~F.arrays_overlap("titles", "own")
    only_seen = F.size(F.array_except("titles", "own")) == 0
    return _choose(
        {n: {"hide": unseen, "show": F.lit(True), "only": only_seen}[k.watched] for n, k in rows().kinds.items()}
    )


def _anchored() -> Column:
    anchor = F.col("anchor_title_id")
    own = F.array_contains("own", anchor) & ~F.array_contains("titles", anchor) & F.endswith("row_id", anchor)

    def rule(kind: RowKind) -> Column:
        return F.coalesce(own, F.lit(False)) if kind.per == "anchor" else anchor.isNull()

    return _choose({name: rule(kind) for name, kind in rows().kinds.items()})

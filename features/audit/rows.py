"""Whether each row of drafts keeps the rules: found from the tables alone, by other means than the page's maker."""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.pages import pages
from conf.rows import RowKind, rows
from features.audit.claims import claim_country, claims_kept
from features.resume import left_to_watch

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
    "list_is_the_profiles_own",
    "claims_are_true",
)
NO_IDS = "array<string>"


def row_verdicts(
    drafts: DataFrame, profiles: DataFrame, claimed: DataFrame, as_of: datetime
) -> DataFrame:
    """`drafts` with `titles` (the cells' title ids in order) and a boolean for each of ROW_RULES; never null.

    `profiles` are the day's profile_features: the histories that a member can check the page against. `claimed` are the
    titles that rows may show, from `features.audit.claims`.
    """
    own = profiles.select(
        "profile_id",
        F.col("country").alias("reader_country"),
        *(ids.alias(name) for name, ids in _own_titles().items()),
    )
    frame = drafts.join(own, "profile_id", "left").withColumn("titles", F.col("cells.title_id"))
    frame = frame.withColumns(
        {name: F.coalesce(name, F.array().cast(NO_IDS)) for name in _own_titles()}
    )
    looked_up = frame.withColumn("claim_country", claim_country(F.col("reader_country")))
    allowed = claimed.withColumnsRenamed({"row_id": "claim_id", "country": "claim_country"})
    of_row = (F.col("row_id") == F.col("claim_id")) & (
        looked_up["claim_country"] == allowed["claim_country"]
    )
    frame = looked_up.join(F.broadcast(allowed), of_row, "left")
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
                    (size > 0)
                    & (
                        F.col("cells.column_position")
                        == F.sequence(F.lit(1), F.greatest(size, F.lit(1)))
                    ),
                    size.between(
                        _by_kind("min_length"),
                        F.least(_by_kind("max_length"), F.lit(pages().columns)),
                    ),
                    F.size(F.array_distinct(titles)) == size,
                    _told(),
                    F.forall(
                        "cells",
                        lambda cell: F.coalesce(F.length(cell["artwork_id"]) > 0, F.lit(False)),
                    ),
                    F.forall(
                        "cells",
                        lambda c: (
                            _probability(c["propensity"]) & _probability(c["title_propensity"])
                        ),
                    ),
                    _watched_as_declared(),
                    _anchored(),
                    _listed(),
                    claims_kept("titles", "claimed"),
                ),
                strict=True,
            )
        ),
    )


def _probability(value: Column) -> Column:
    return (value > 0) & (value <= 1)


def _own_titles() -> dict[str, Column]:
    """What the profile played, what it left something of to go on with, and what it put on its list."""
    left = F.filter("history", left_to_watch)
    return {
        "own": F.col("history.title_id"),
        "left": F.transform(left, lambda h: h["title_id"]),
        "list": F.col("my_list.title_id"),
    }


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
    policies = {
        "hide": unseen,
        "show": F.lit(True),
        "only": only_seen,
        "begun": F.size(F.array_except("titles", "left")) == 0,
        "finished": only_seen & ~F.arrays_overlap("titles", "left"),
    }
    return _choose({name: policies[kind.watched] for name, kind in rows().kinds.items()})


def _listed() -> Column:
    """A row of the profile's list holds nothing else; other rows need no list."""
    on_it = F.size(F.array_except("titles", "list")) == 0
    return _choose(
        {
            name: on_it if kind.order == "list" else F.lit(True)
            for name, kind in rows().kinds.items()
        }
    )


def _anchored() -> Column:
    anchor = F.col("anchor_title_id")
    own = (
        F.array_contains("own", anchor)
        & ~F.array_contains("titles", anchor)
        & F.endswith("row_id", anchor)
    )

    def rule(kind: RowKind) -> Column:
        return F.coalesce(own, F.lit(False)) if kind.per == "anchor" else anchor.isNull()

    return _choose({name: rule(kind) for name, kind in rows().kinds.items()})

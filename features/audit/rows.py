"""Rules that each row of drafts must keep, checked from the tables alone.

Nothing of the page's maker is used, so that its mistakes are not repeated here.
A rule that depends on the kind of row is broken by a row of an unknown kind.
"""
# Tested by tests/features/audit/test_pages.py.

from collections.abc import Callable
from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.pages import pages
from conf.rows import RowKind, rows
from features.audit.claims import claim_country, claims_hold
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
IDS = "array<string>"


def row_verdicts(
    drafts: DataFrame, profiles: DataFrame, claims: DataFrame, as_of: datetime
) -> DataFrame:
    """`drafts` with `titles` and a boolean for each of ROW_RULES; none is null.

    `titles` are the title ids of the row's cells in order.

    `profiles` are the day's profile_features: the histories against which a page can be checked.
    `claims` are the titles that rows may show, from `features.audit.claims`.
    """
    frame = _with_own_titles(drafts, profiles).withColumn("titles", F.col("cells.title_id"))
    frame = _with_claims(frame, claims)
    rules = _rules(as_of)
    verdicts = [F.coalesce(rules[name], F.lit(False)).alias(name) for name in ROW_RULES]
    return frame.select(*drafts.columns, "titles", *verdicts)


def _with_own_titles(drafts: DataFrame, profiles: DataFrame) -> DataFrame:
    """Beside each row its reader's country and arrays of title ids, empty where there are none.

    `played` are those of the history, `unfinished` those with something left to watch, `my_list`
    those on the list.
    """
    unfinished = F.filter("history", left_to_watch)
    title_ids = {
        "played": F.col("history.title_id"),
        "unfinished": F.transform(unfinished, lambda entry: entry["title_id"]),
        "my_list": F.col("my_list.title_id"),
    }
    own_titles = profiles.select(
        "profile_id",
        F.col("country").alias("reader_country"),
        *(ids.alias(name) for name, ids in title_ids.items()),
    )
    none = F.array().cast(IDS)
    filled = {name: F.coalesce(name, none) for name in title_ids}
    return drafts.join(own_titles, "profile_id", "left").withColumns(filled)


def _with_claims(frame: DataFrame, claims: DataFrame) -> DataFrame:
    """Beside each row `claimed`, the titles that its claim is true of; null where it has none."""
    rows_by_claim = frame.withColumn("claim_country", claim_country(F.col("reader_country")))
    looked_up = claims.withColumnsRenamed({"row_id": "claim_id", "country": "claim_country"})
    same_row = F.col("row_id") == F.col("claim_id")
    same_country = rows_by_claim["claim_country"] == looked_up["claim_country"]
    return rows_by_claim.join(F.broadcast(looked_up), same_row & same_country, "left")


def _rules(as_of: datetime) -> dict[str, Column]:
    """A condition for each of ROW_RULES; null counts as broken."""
    kind_names = list(rows().kinds)
    size = F.size("titles")
    distinct_size = F.size(F.array_distinct("titles"))
    return {
        "row_kind_known": F.col("row_kind").isin(kind_names),
        "row_built_as_of_its_day": F.col("as_of") == F.lit(as_of),
        "cells_numbered_from_one": _numbered_from_one(),
        "row_length_within_bounds": size.between(_of_kind(_min_length), _of_kind(_max_length)),
        "row_without_repeats": distinct_size == size,
        "evidence_given": _has_evidence(),
        "picture_given": F.forall("cells", _has_artwork),
        "propensity_is_a_probability": F.forall("cells", _has_propensities),
        "watched_policy_kept": _of_kind(_watched_policy_kept),
        "anchor_from_own_history": _of_kind(_anchor_from_own_history),
        "list_is_the_profiles_own": _of_kind(_list_is_the_profiles_own),
        "claims_are_true": claims_hold("titles", "claimed"),
    }


def _of_kind(rule: Callable[[RowKind], Column]) -> Column:
    """A column by the row's kind; null for a kind that does not exist."""
    column = F.lit(None)
    for name, kind in rows().kinds.items():
        column = F.when(F.col("row_kind") == name, rule(kind)).otherwise(column)
    return column


def _numbered_from_one() -> Column:
    """The row has cells, and their columns count 1, 2, 3 ..."""
    size = F.size("titles")
    last_number = F.greatest(size, F.lit(1))
    numbers = F.sequence(F.lit(1), last_number)
    return (size > 0) & (F.col("cells.column_position") == numbers)


def _min_length(kind: RowKind) -> Column:
    return F.lit(kind.min_length)


def _max_length(kind: RowKind) -> Column:
    """The greatest length of a row of the kind; no page has more columns than `conf` allows."""
    return F.least(F.lit(kind.max_length), F.lit(pages().columns))


def _has_evidence() -> Column:
    """Every cell has its sentence, and the row has a reason and a title."""
    in_cells = F.forall("cells", lambda cell: F.length(cell["evidence"]) > 0)
    has_reason = F.length("reason") > 0
    has_title = F.length("row_title") > 0
    return has_reason & has_title & in_cells


def _has_artwork(cell: Column) -> Column:
    has_id = F.length(cell["artwork_id"]) > 0
    return F.coalesce(has_id, F.lit(False))


def _has_propensities(cell: Column) -> Column:
    return _is_probability(cell["propensity"]) & _is_probability(cell["title_propensity"])


def _is_probability(value: Column) -> Column:
    return (value > 0) & (value <= 1)


def _watched_policy_kept(kind: RowKind) -> Column:
    """The row shows of what the profile played as much as its kind declares."""
    only_played = F.size(F.array_except("titles", "played")) == 0
    only_unfinished = F.size(F.array_except("titles", "unfinished")) == 0
    any_played = F.arrays_overlap("titles", "played")
    any_unfinished = F.arrays_overlap("titles", "unfinished")
    policies = {
        "hide": ~any_played,
        "show": F.lit(True),
        "only": only_played,
        "begun": only_unfinished,
        "finished": only_played & ~any_unfinished,
    }
    return policies[kind.watched]


def _anchor_from_own_history(kind: RowKind) -> Column:
    """The anchor is a played title that the row is named after and does not show.

    Rows of other kinds have none.
    """
    anchor = F.col("anchor_title_id")
    if kind.per != "anchor":
        return anchor.isNull()
    is_own = F.array_contains("played", anchor)
    is_shown = F.array_contains("titles", anchor)
    names_row = F.endswith("row_id", anchor)
    return F.coalesce(is_own & ~is_shown & names_row, F.lit(False))


def _list_is_the_profiles_own(kind: RowKind) -> Column:
    """A row of the profile's list holds nothing else; other rows need no list."""
    if kind.order != "list":
        return F.lit(True)
    return F.size(F.array_except("titles", "my_list")) == 0

"""Rules that each row of drafts must keep, checked from the tables alone.

Nothing of the page's maker is used, so that its mistakes are not repeated here.
A rule that depends on the kind of row is broken by a row of an unknown kind.
"""
# Tested by tests/features/audit/test_pages.py.

from collections.abc import Callable
from datetime import datetime
from math import inf

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from conf.pages import pages
from conf.rows import RowKind, rows
from features.audit.claims import claim_country, claims_hold, tag_of_row
from features.audit.wording import filled
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
    "row_text_true",
    "scores_finite",
    "cells_in_order",
    "title_chance_declared",
)
RANK_RULES = ("order_as_said",)
IDS = "array<string>"
CELL = "array<struct<title_id:string,score:float>>"
ALMOST = 1e-9  # of probabilities


def row_verdicts(
    drafts: DataFrame, profiles: DataFrame, claims: DataFrame, names: DataFrame, as_of: datetime
) -> DataFrame:
    """`drafts` with `titles`, `in_order` and a boolean for each of ROW_RULES; none is null.

    `titles` are the title ids of the row's cells in order. `in_order`, of rows that say what they
    are ordered by, are the cells (title_id, score) that have to stand so: all but titles that lead
    rows above, which come later, and those that a draw put in each other's places.

    `profiles` are the day's profile_features: the histories against which a page can be checked.
    `claims` are the titles that rows may show, from `features.audit.claims`; `names` (title_id,
    name) those of the catalogue.
    """
    frame = _with_own_titles(drafts, profiles, names).withColumn("titles", F.col("cells.title_id"))
    frame = _with_claims(frame, claims)
    frame = _with_heads_above(frame).withColumn("in_order", _cells_in_order())
    rules = _rules(as_of)
    verdicts = [F.coalesce(rules[name], F.lit(False)).alias(name) for name in ROW_RULES]
    says_order = F.col("row_kind").isin(_ranked_kinds())
    in_order = F.when(says_order, F.col("in_order")).alias("in_order")
    return frame.select(*drafts.columns, "titles", in_order, *verdicts)


def rank_verdicts(row_verdicts: DataFrame, row_titles: DataFrame) -> DataFrame:
    """profile_id, row_position and `order_as_said`, for rows that say what they are ordered by.

    Whether that falls from cell to cell, but for titles that lead rows above. `row_titles` come
    from `features.audit.claims`.
    """
    values = row_titles.where("rank_value is not null").select(
        F.col("row_id").alias("entry_row"), F.col("title_id").alias("entry_title"), "rank_value"
    )
    cells = row_verdicts.where("in_order is not null").select(
        "profile_id", "row_position", "row_id", F.posexplode("in_order").alias("place", "cell")
    )
    same_title = F.col("cell.title_id") == F.col("entry_title")
    same_row = F.col("row_id") == F.col("entry_row")
    ranked = cells.join(F.broadcast(values), same_row & same_title, "left")
    # a title of which nothing is known stands before all: it breaks the order of what follows it
    value = F.coalesce("rank_value", F.lit(-inf))
    in_order = F.sort_array(F.collect_list(F.struct("place", value.alias("value"))))
    by_row = ranked.groupBy("profile_id", "row_position").agg(in_order.alias("in_order"))
    falls = _falls(F.col("in_order.value"))
    return by_row.select("profile_id", "row_position", falls.alias("order_as_said"))


def _ranked_kinds() -> list[str]:
    """The kinds of row that say what they are ordered by."""
    return [
        name
        for name, kind in rows().kinds.items()
        if kind.order in rows().orders and rows().orders[kind.order].ranked_by
    ]


def _with_own_titles(drafts: DataFrame, profiles: DataFrame, names: DataFrame) -> DataFrame:
    """Beside each row its reader's country and arrays of title ids, empty where there are none.

    `played` are those of the history, `played_on` the days of their last plays, `unfinished` those
    with something left to watch, `my_list` those on the list; `history_size` counts the titles of
    the history that the catalogue has; `anchor_name` is the name of the row's anchor.
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
        F.transform("history", _last_day).alias("played_on"),
        *(ids.alias(name) for name, ids in title_ids.items()),
    )
    played_titles = profiles.select("profile_id", F.explode("history.title_id").alias("title_id"))
    known_titles = played_titles.join(F.broadcast(names.select("title_id")), "title_id")
    sizes = known_titles.groupBy("profile_id").agg(F.count("*").alias("history_size"))
    anchor_names = names.select(
        F.col("title_id").alias("anchor_title_id"), F.col("name").alias("anchor_name")
    )
    none = F.array().cast(IDS)
    not_null = {name: F.coalesce(name, none) for name in title_ids}
    framed = drafts.join(own_titles, "profile_id", "left").join(sizes, "profile_id", "left")
    framed = framed.join(F.broadcast(anchor_names), "anchor_title_id", "left")
    return framed.withColumns({**not_null, "history_size": F.coalesce("history_size", F.lit(0))})


def _last_day(entry: Column) -> Column:
    """The UTC day of the last play of an entry of a history, as text."""
    return F.date_format(entry["last_at"], "yyyy-MM-dd")


def _with_heads_above(frame: DataFrame) -> DataFrame:
    """Beside each row `heads_above`: those of its titles that lead rows above, or did before a draw.

    Rows that may repeat titles lead with none, and have none above.
    """
    may_repeat = _of_kind(lambda kind: F.lit(kind.may_repeat))
    lead = max(pages().lead, pages().choice.fresh)
    drawn = F.filter("cells", _was_drawn)
    heads = F.concat(F.slice("titles", 1, lead), F.transform(drawn, lambda cell: cell["title_id"]))
    none = F.array().cast(IDS)
    own_heads = F.coalesce(F.when(~may_repeat, heads), none)
    above = (
        Window.partitionBy("profile_id")
        .orderBy("row_position")
        .rowsBetween(Window.unboundedPreceding, -1)
    )
    with_heads = frame.withColumn("heads", own_heads)
    heads_above = F.flatten(F.collect_list("heads").over(above))
    in_row = F.array_intersect("titles", heads_above)
    return with_heads.withColumn("heads_above", F.when(~may_repeat, in_row).otherwise(none))


def _was_drawn(cell: Column) -> Column:
    """Whether a draw put another title in the cell than the order would have."""
    half_of_draws = F.lit(pages().exploration.share / 2 + ALMOST)
    return F.coalesce(cell["title_propensity"] <= half_of_draws, F.lit(False))


def _cells_in_order() -> Column:
    """The row's cells that stand by their scores."""

    def kept_cells(heads: Column) -> Column:
        """The cells but for titles of `heads` and those that were drawn."""
        return F.filter(
            "cells", lambda cell: ~F.array_contains(heads, cell["title_id"]) & ~_was_drawn(cell)
        )

    # bound to a name: Spark would otherwise compute `heads_above` anew for each cell
    kept = F.get(F.transform(F.array("heads_above"), kept_cells), F.lit(0))
    return F.transform(kept, lambda cell: F.struct(cell["title_id"], cell["score"])).cast(CELL)


def _falls(values: Column) -> Column:
    """Whether values never rise."""
    return F.sort_array(values, asc=False) == values


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
        "row_text_true": _of_kind_named(_says_what_it_is),
        "scores_finite": F.forall("cells", _has_score),
        "cells_in_order": _falls(F.col("in_order.score")),
        "title_chance_declared": _of_kind(_has_declared_chances),
    }


def _of_kind_named(rule: Callable[[str, RowKind], Column]) -> Column:
    """A column by the row's kind and its name; null for a kind that does not exist."""
    column = F.lit(None)
    for name, kind in rows().kinds.items():
        column = F.when(F.col("row_kind") == name, rule(name, kind)).otherwise(column)
    return column


def _of_kind(rule: Callable[[RowKind], Column]) -> Column:
    """A column by the row's kind; null for a kind that does not exist."""
    return _of_kind_named(lambda _name, kind: rule(kind))


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


def _says_what_it_is(name: str, kind: RowKind) -> Column:
    """The row's id, title, reason and kind of evidence are those of its kind, rebuilt."""
    tag = tag_of_row(name)
    tagged_count = F.size(F.array_intersect("played", "tagged"))
    place = F.array_position("played", F.col("anchor_title_id")).cast("int")
    words = {
        "window_days": F.lit(kind.window_days),
        "anchor": F.col("anchor_name"),
        "day": F.get("played_on", place - 1),
        "tag": tag,
        "count": tagged_count,
        "played": F.col("history_size"),
    }
    reason = filled(kind.reason, words)
    if kind.by_tag:
        unplayed = filled(kind.reason_unplayed, words)
        reason = F.when(tagged_count > 0, reason).otherwise(unplayed)
    about = {"anchor": F.concat(F.lit(f"{name}:"), "anchor_title_id"), "profile": F.lit(name)}
    row_id = about.get(kind.per, F.concat(F.lit(f"{name}:"), tag))
    return (
        (F.col("row_id") == row_id)
        & (F.col("row_title") == filled(kind.title, words))
        & (F.col("reason") == reason)
        & (F.col("evidence_type") == kind.evidence)
    )


def _has_score(cell: Column) -> Column:
    score = cell["score"]
    return F.coalesce(~F.isnan(score) & (F.abs(score) < F.lit(inf)), F.lit(False))


def _has_declared_chances(kind: RowKind) -> Column:
    """Each title stands in its place for certain, but where a new one may be drawn.

    Of K titles that may be drawn, the one in the slot has the probability 1 - share + share / K, and
    the others 1 - share / K; where another one was drawn, it and the one that gave way share / K.
    """
    chances = F.col("cells.title_propensity")
    certain = F.forall(chances, lambda chance: chance == 1)
    if kind.order != "newness":
        return certain
    share, slot = pages().exploration.share, pages().exploration.column
    pool = F.filter(chances, lambda chance: chance < 1)
    count = F.nullif(F.size(pool), F.lit(0))
    own_place = 1 - share / count

    def near(chance: Column, value: Column) -> Column:
        return F.abs(chance - value) < ALMOST

    in_slot = F.get(chances, F.lit(slot - 1))
    before = F.forall(F.slice(chances, 1, slot - 1), lambda chance: chance == 1)
    others = F.slice(chances, slot + 1, F.size(chances))
    in_own_place = F.size(F.filter(others, lambda chance: near(chance, own_place)))
    given_way = F.size(F.filter(pool, lambda chance: near(chance, share / count)))
    none_drawn = near(in_slot, own_place - share + 2 * share / count) & (in_own_place == count - 1)
    drawn = near(in_slot, share / count) & (given_way == 2) & (in_own_place == count - 2)
    return certain | ((count > 1) & before & (none_drawn | drawn))

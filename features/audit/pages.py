"""Whether each page of drafts keeps the rules: found from the tables alone, by other means than the page's maker."""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.pages import SETTINGS, pages
from conf.rows import rows
from features.asof import newest

PAGE_RULES = (
    "page_present",
    "profile_known",
    "page_id_one",
    "rows_numbered_from_one",
    "row_ids_unique",
    "first_screen_without_repeats",
    "neighbours_differ",
    "titles_known",
    "titles_suitable",
    "titles_available",
)
FACTS = ("title_id", "maturity", "launched_at", "year", "genres", "cast", "directors", "keywords")


def page_verdicts(
    judged: DataFrame, profiles: DataFrame, titles: DataFrame, as_of: datetime
) -> DataFrame:
    """One row for each profile that has a page or should have one, with a boolean for each of PAGE_RULES; never null.

    `judged` comes from `row_verdicts`; `titles` are the catalogue known at `as_of`: title_id, maturity, launched_at,
    title_languages and `windows`, an array of structs (country, from_at, until_at). A profile of the day without any
    page is not `page_present`; whether it could have had one is for the caller to excuse.
    """
    at = F.col("row_position")
    made = judged.groupBy("profile_id").agg(
        ((F.max(at) == F.count(at)) & (F.size(F.collect_set(at)) == F.count(at))).alias("in_row"),
        (F.max(at) <= pages().rows).alias("fits"),
        (F.min("page_id") == F.max("page_id")).alias("one_id"),
        (F.size(F.collect_set("row_id")) == F.count(at)).alias("unique_ids"),
        F.flatten(F.collect_list(_in_view())).alias("in_view"),
        F.array_distinct(F.flatten(F.collect_list("titles"))).alias("shown"),
        F.sort_array(
            F.collect_list(F.struct("row_position", _may_repeat().alias("free"), "titles"))
        ).alias("in_order"),
    )
    known = profiles.select("profile_id", *SETTINGS, F.lit(True).alias("known"))
    page = made.join(known, "profile_id", "full")
    present = F.col("shown").isNotNull()
    rules = (
        present,
        F.col("known"),
        F.col("one_id") | ~present,
        (F.col("in_row") & F.col("fits")) | ~present,
        F.col("unique_ids") | ~present,
        (F.size(F.array_distinct("in_view")) == F.size("in_view")) | ~present,
        _neighbours_differ() | ~present,
    )
    formal = page.select(
        "profile_id",
        *(F.coalesce(r, ~present).alias(n) for n, r in zip(PAGE_RULES[:7], rules, strict=True)),
    )
    return formal.join(_legal(page, titles, as_of), "profile_id", "left").na.fill(
        True, list(PAGE_RULES[7:])
    )


def _neighbours_differ() -> Column:
    """No two rows next to each other have too many of their titles in common, but for rows that may repeat."""
    pairs = F.arrays_zip(
        F.expr("slice(in_order, 1, greatest(size(in_order) - 1, 0))").alias("one"),
        F.expr("slice(in_order, 2, size(in_order))").alias("next"),
    )

    def differ(pair: Column) -> Column:
        one, other = pair["one"], pair["next"]
        both = F.size(F.array_intersect(one["titles"], other["titles"]))
        together = F.size(F.array_union(one["titles"], other["titles"]))
        return one["free"] | other["free"] | (both <= F.lit(pages().choice.alike) * together)

    return F.forall(pairs, differ)


def _legal(page: DataFrame, titles: DataFrame, as_of: datetime) -> DataFrame:
    """For each page whether all of its titles are known, suitable for the profile and available in its country."""
    facts = titles.withColumnRenamed("title_id", "shown_id").withColumn("there", F.lit(True))
    shown = page.select("profile_id", *SETTINGS, F.explode("shown").alias("shown_id"))
    there = F.col("there").isNotNull()
    return (
        shown.join(F.broadcast(facts), "shown_id", "left")
        .groupBy("profile_id")
        .agg(
            F.every(there).alias("titles_known"),
            F.every(_suitable() | ~there).alias("titles_suitable"),
            F.every(_available(as_of)).alias("titles_available"),
        )
    )


def _suitable() -> Column:
    """Within the profile's limit, not blocked, in a language it understands; null settings forbid nothing."""
    legality = pages().legality
    child = F.least("maturity_limit", F.lit(legality.kids_maturity_limit))
    limit = F.when(F.col("kids"), child).otherwise(F.col("maturity_limit"))
    old_enough = F.coalesce("maturity", F.lit(legality.unknown_maturity)) <= limit
    blocked = F.array_contains("blocked_titles", F.col("shown_id"))
    spoken, understood = _main_languages("title_languages"), _main_languages("languages")
    known = (F.size(spoken) > 0) & (F.size(understood) > 0)
    foreign = F.coalesce(known & ~F.arrays_overlap(spoken, understood), F.lit(False))
    return F.coalesce(old_enough, F.lit(True)) & ~F.coalesce(blocked, F.lit(False)) & ~foreign


def _main_languages(column: str) -> Column:
    """The languages of BCP 47 tags without their regions."""
    return F.transform(column, lambda tag: F.lower(F.split(tag, "-")[0]))


def _available(as_of: datetime) -> Column:
    """Launched, and inside a window of the profile's country where the title has windows at all."""
    at = F.lit(as_of)

    def open_here(window: Column) -> Column:
        not_over = F.coalesce(window["until_at"] > at, F.lit(True))
        return (window["country"] == F.col("country")) & (window["from_at"] <= at) & not_over

    everywhere = F.coalesce(F.size("windows") <= 0, F.lit(True))
    launched = F.coalesce(F.col("launched_at") <= at, F.lit(True))
    return (everywhere | F.coalesce(F.exists("windows", open_here), F.lit(False))) & launched


def _in_view() -> Column:
    """The row's titles that stand in some device's first screen, unless the kind may repeat."""
    width = F.lit(0)
    for position, cells in enumerate(pages().screen, 1):
        width = F.when(F.col("row_position") == position, F.lit(cells)).otherwise(width)
    return F.when(_may_repeat(), F.array().cast("array<string>")).otherwise(
        F.slice("titles", 1, width)
    )


def _may_repeat() -> Column:
    return F.col("row_kind").isin([name for name, kind in rows().kinds.items() if kind.may_repeat])


def title_facts(titles: DataFrame, availability: DataFrame, as_of: datetime) -> DataFrame:
    """The catalogue known at `as_of`: what verdicts need of each title, and all its windows of availability."""
    window = F.struct("country", "from_at", "until_at")
    known = newest(availability, ["title_id", "country", "from_at"], as_of)
    windows = known.groupBy("title_id").agg(F.collect_list(window).alias("windows"))
    spoken = F.col("languages").alias("title_languages")
    newest_titles = newest(titles, ["title_id"], as_of).select(*FACTS, spoken)
    return newest_titles.join(windows, "title_id", "left")

"""Whether each page of drafts keeps the rules: found from the tables alone, by other means than the
page's maker.
"""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.pages import SETTINGS, pages
from conf.rows import rows
from features.asof import newest_versions

FORM_RULES = (
    "page_present",
    "profile_known",
    "page_id_one",
    "rows_numbered_from_one",
    "row_ids_unique",
    "first_screen_without_repeats",
    "neighbours_differ",
)
TITLE_RULES = ("titles_known", "titles_suitable", "titles_available")
PAGE_RULES = (*FORM_RULES, *TITLE_RULES)
FACTS = ("title_id", "maturity", "launched_at", "year", "genres", "cast", "directors", "keywords")


def page_verdicts(
    row_verdicts: DataFrame, profiles: DataFrame, titles: DataFrame, as_of: datetime
) -> DataFrame:
    """One row for each profile that has a page or should have one, with a boolean for each of
    PAGE_RULES; never null.

    `row_verdicts` come from `features.audit.rows`, `titles` from `title_facts`. A profile of the
    day without any page is not `page_present`; whether it could have had one is for the caller to
    excuse.
    """
    known_profiles = profiles.select("profile_id", *SETTINGS, F.lit(True).alias("known"))
    page = _pages(row_verdicts).join(known_profiles, "profile_id", "full")
    present = F.col("titles_shown").isNotNull()
    in_view = F.col("titles_in_view")
    rules = {
        "page_present": present,
        "profile_known": F.col("known"),
        "page_id_one": F.col("one_page_id") | ~present,
        "rows_numbered_from_one": (F.col("numbered") & F.col("fits")) | ~present,
        "row_ids_unique": F.col("unique_row_ids") | ~present,
        "first_screen_without_repeats": (F.size(F.array_distinct(in_view)) == F.size(in_view))
        | ~present,
        "neighbours_differ": _neighbours_differ() | ~present,
    }
    form = [F.coalesce(rules[name], ~present).alias(name) for name in FORM_RULES]
    on_titles = _title_verdicts(page, titles, as_of)
    verdicts = page.select("profile_id", *form).join(on_titles, "profile_id", "left")
    return verdicts.na.fill(True, list(TITLE_RULES))


def _pages(row_verdicts: DataFrame) -> DataFrame:
    """One row for each page: what its rows say together."""
    position = F.col("row_position")
    row_count = F.count(position)
    distinct_positions = F.size(F.collect_set(position))
    row = F.struct("row_position", _may_repeat().alias("may_repeat"), "titles")
    every_title = F.flatten(F.collect_list("titles"))
    return row_verdicts.groupBy("profile_id").agg(
        ((F.max(position) == row_count) & (distinct_positions == row_count)).alias("numbered"),
        (F.max(position) <= pages().rows).alias("fits"),
        (F.min("page_id") == F.max("page_id")).alias("one_page_id"),
        (F.size(F.collect_set("row_id")) == row_count).alias("unique_row_ids"),
        F.flatten(F.collect_list(_titles_in_view())).alias("titles_in_view"),
        F.array_distinct(every_title).alias("titles_shown"),
        F.sort_array(F.collect_list(row)).alias("rows"),
    )


def _titles_in_view() -> Column:
    """The row's titles that stand in some device's first screen; none of a kind that may repeat."""
    width = F.lit(0)
    for position, cells in enumerate(pages().screen, 1):
        width = F.when(F.col("row_position") == position, F.lit(cells)).otherwise(width)
    none = F.array().cast("array<string>")
    return F.when(_may_repeat(), none).otherwise(F.slice("titles", 1, width))


def _may_repeat() -> Column:
    return F.col("row_kind").isin([name for name, kind in rows().kinds.items() if kind.may_repeat])


def _neighbours_differ() -> Column:
    """No two rows, one below the other, share too many titles, but for rows of kinds that may
    repeat.
    """
    pairs = F.arrays_zip(
        F.expr("slice(rows, 1, greatest(size(rows) - 1, 0))").alias("upper"),
        F.expr("slice(rows, 2, size(rows))").alias("lower"),
    )

    def pair_differs(pair: Column) -> Column:
        upper, lower = pair["upper"], pair["lower"]
        in_both = F.size(F.array_intersect(upper["titles"], lower["titles"]))
        in_either = F.size(F.array_union(upper["titles"], lower["titles"]))
        different = in_both <= F.lit(pages().choice.alike) * in_either
        return upper["may_repeat"] | lower["may_repeat"] | different

    return F.forall(pairs, pair_differs)


def _title_verdicts(page: DataFrame, titles: DataFrame, as_of: datetime) -> DataFrame:
    """profile_id and TITLE_RULES of each page: all its titles are known, suitable for the profile
    and available.
    """
    facts = titles.withColumnRenamed("title_id", "shown_id").withColumn("listed", F.lit(True))
    shown = page.select("profile_id", *SETTINGS, F.explode("titles_shown").alias("shown_id"))
    is_known = F.col("listed").isNotNull()
    by_profile = shown.join(F.broadcast(facts), "shown_id", "left").groupBy("profile_id")
    return by_profile.agg(
        F.every(is_known).alias("titles_known"),
        F.every(_is_suitable() | ~is_known).alias("titles_suitable"),
        F.every(_is_available(as_of)).alias("titles_available"),
    )


def _is_suitable() -> Column:
    """Within the profile's limit, not blocked, in a language it understands; null settings forbid
    nothing.
    """
    legality = pages().legality
    child_limit = F.least("maturity_limit", F.lit(legality.kids_maturity_limit))
    limit = F.when(F.col("kids"), child_limit).otherwise(F.col("maturity_limit"))
    old_enough = F.coalesce("maturity", F.lit(legality.unknown_maturity)) <= limit
    blocked = F.array_contains("blocked_titles", F.col("shown_id"))
    spoken, understood = _main_languages("title_languages"), _main_languages("languages")
    both_known = (F.size(spoken) > 0) & (F.size(understood) > 0)
    foreign = both_known & ~F.arrays_overlap(spoken, understood)
    return (
        F.coalesce(old_enough, F.lit(True))
        & ~F.coalesce(blocked, F.lit(False))
        & ~F.coalesce(foreign, F.lit(False))
    )


def _main_languages(column: str) -> Column:
    """The languages of BCP 47 tags without their regions."""
    return F.transform(column, lambda tag: F.lower(F.split(tag, "-")[0]))


def _is_available(as_of: datetime) -> Column:
    """Launched, and inside a window of the profile's country where the title has windows at all."""
    moment = F.lit(as_of)

    def is_open_here(window: Column) -> Column:
        not_over = F.coalesce(window["until_at"] > moment, F.lit(True))
        here = window["country"] == F.col("country")
        return here & (window["from_at"] <= moment) & not_over

    without_windows = F.coalesce(F.size("windows") <= 0, F.lit(True))
    in_window = F.coalesce(F.exists("windows", is_open_here), F.lit(False))
    launched = F.coalesce(F.col("launched_at") <= moment, F.lit(True))
    return (without_windows | in_window) & launched


def title_facts(titles: DataFrame, availability: DataFrame, as_of: datetime) -> DataFrame:
    """The catalogue known at `as_of`: FACTS and `title_languages` of each title, and its `windows`
    of availability.

    `windows` is an array of structs (country, from_at, until_at), null where the title has none.
    """
    window = F.struct("country", "from_at", "until_at")
    newest_windows = newest_versions(availability, ["title_id", "country", "from_at"], as_of)
    windows = newest_windows.groupBy("title_id").agg(F.collect_list(window).alias("windows"))
    newest_titles = newest_versions(titles, ["title_id"], as_of)
    facts = newest_titles.select(*FACTS, F.col("languages").alias("title_languages"))
    return facts.join(windows, "title_id", "left")

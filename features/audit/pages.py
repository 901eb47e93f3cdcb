"""Rules that each page of drafts must keep, checked from the tables alone.

Nothing of the page's maker is used, so that its mistakes are not repeated here.
"""

from datetime import UTC, datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.pages import SETTINGS, pages
from conf.rows import rows
from features.asof import newest_versions

FORM_RULES = (
    "page_present",
    "profile_known",
    "page_id_one",
    "page_id_of_profile",
    "rows_numbered_from_one",
    "row_ids_unique",
    "first_screen_without_repeats",
    "neighbours_differ",
)
TITLE_RULES = ("titles_known", "titles_suitable", "titles_available", "valid_until_true")
PAGE_RULES = (*FORM_RULES, *TITLE_RULES)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # the end of what has no end
PAGE_ID_LENGTH = 24
FACTS = (
    "title_id",
    "name",
    "maturity",
    "launched_at",
    "year",
    "genres",
    "cast",
    "directors",
    "keywords",
)


def page_verdicts(
    row_verdicts: DataFrame, profiles: DataFrame, titles: DataFrame, as_of: datetime
) -> DataFrame:
    """A boolean, never null, for each of PAGE_RULES by profile that has or should have a page.

    `row_verdicts` come from `features.audit.rows`, `titles` from `title_facts`. A profile of the
    day without any page is not `page_present`; whether it could have had one is for the caller to
    excuse.
    """
    known_profiles = profiles.select("profile_id", *SETTINGS, F.lit(True).alias("known"))
    page = _pages(row_verdicts).join(known_profiles, "profile_id", "full")
    present = F.col("titles_shown").isNotNull()
    numbered = F.col("numbered") & F.col("fits")
    in_view = F.col("titles_in_view")
    without_repeats = F.size(F.array_distinct(in_view)) == F.size(in_view)
    rules = {
        "page_present": present,
        "profile_known": F.col("known"),
        "page_id_one": F.col("one_page_id") | ~present,
        "page_id_of_profile": _is_page_id(as_of) | ~present,
        "rows_numbered_from_one": numbered | ~present,
        "row_ids_unique": F.col("unique_row_ids") | ~present,
        "first_screen_without_repeats": without_repeats | ~present,
        "neighbours_differ": _neighbours_differ() | ~present,
    }
    form = [F.coalesce(rules[name], ~present).alias(name) for name in FORM_RULES]
    on_titles = _title_verdicts(page, titles, as_of)
    verdicts = page.select("profile_id", *form).join(on_titles, "profile_id", "left")
    return verdicts.na.fill(True, list(TITLE_RULES))


def _pages(row_verdicts: DataFrame) -> DataFrame:
    """One row for each page: what its rows say together."""
    row_count = F.count("row_position")
    last_position = F.max("row_position")
    position_count = F.size(F.collect_set("row_position"))
    numbered = (last_position == row_count) & (position_count == row_count)
    one_page_id = F.min("page_id") == F.max("page_id")
    row_id_count = F.size(F.collect_set("row_id"))
    titles_in_view = F.flatten(F.collect_list(_titles_in_view()))
    titles_shown = F.array_distinct(F.flatten(F.collect_list("titles")))
    row = F.struct("row_position", _may_repeat().alias("may_repeat"), "titles")
    rows_in_order = F.sort_array(F.collect_list(row))
    return row_verdicts.groupBy("profile_id").agg(
        numbered.alias("numbered"),
        (last_position <= pages().rows).alias("fits"),
        one_page_id.alias("one_page_id"),
        F.min("page_id").alias("page_id"),
        F.collect_set(F.coalesce("valid_until", F.lit(NEVER))).alias("ends"),
        (row_id_count == row_count).alias("unique_row_ids"),
        titles_in_view.alias("titles_in_view"),
        titles_shown.alias("titles_shown"),
        rows_in_order.alias("rows"),
    )


def _titles_in_view() -> Column:
    """The row's titles that stand in some device's first screen; none of a kind that may repeat."""
    none = F.array().cast("array<string>")
    return F.when(_may_repeat(), none).otherwise(F.slice("titles", 1, cells_in_view()))


def cells_in_view() -> Column:
    """How many of the row's cells stand in some device's first screen."""
    width = F.lit(0)
    for position, cells in enumerate(pages().screen, 1):
        is_here = F.col("row_position") == position
        width = F.when(is_here, F.lit(cells)).otherwise(width)
    return width


def _may_repeat() -> Column:
    repeating_kinds = [name for name, kind in rows().kinds.items() if kind.may_repeat]
    return F.col("row_kind").isin(repeating_kinds)


def _neighbours_differ() -> Column:
    """No two rows, one below the other, share too many titles.

    Rows of kinds that may repeat are let be.
    """
    all_but_last = F.expr("slice(rows, 1, greatest(size(rows) - 1, 0))").alias("upper")
    all_but_first = F.expr("slice(rows, 2, size(rows))").alias("lower")
    pairs = F.arrays_zip(all_but_last, all_but_first)

    def pair_differs(pair: Column) -> Column:
        """The share of titles in both rows is at most `alike` of those in either."""
        upper = pair["upper"]
        lower = pair["lower"]
        in_both = F.size(F.array_intersect(upper["titles"], lower["titles"]))
        in_either = F.size(F.array_union(upper["titles"], lower["titles"]))
        different = in_both <= F.lit(pages().choice.alike) * in_either
        return upper["may_repeat"] | lower["may_repeat"] | different

    return F.forall(pairs, pair_differs)


def _title_verdicts(page: DataFrame, titles: DataFrame, as_of: datetime) -> DataFrame:
    """profile_id and TITLE_RULES of each page.

    All its titles are known, suitable for the profile and available.
    """
    facts = titles.withColumnRenamed("title_id", "shown_id")
    facts = facts.withColumn("listed", F.lit(True))
    shown_id = F.explode("titles_shown").alias("shown_id")
    page_titles = page.select("profile_id", *SETTINGS, "ends", shown_id)
    with_facts = page_titles.join(F.broadcast(facts), "shown_id", "left")
    is_known = F.col("listed").isNotNull()
    verdicts = with_facts.groupBy("profile_id").agg(
        F.every(is_known).alias("titles_known"),
        F.every(_is_suitable() | ~is_known).alias("titles_suitable"),
        F.every(_is_available(as_of)).alias("titles_available"),
        (F.min(_end_here(as_of)) == F.get(F.first("ends"), F.lit(0))).alias("one_end"),
        (F.size(F.first("ends")) == 1).alias("same_end"),
    )
    verdicts = verdicts.withColumn("valid_until_true", F.col("one_end") & F.col("same_end"))
    return verdicts.drop("one_end", "same_end")


def _is_suitable() -> Column:
    """Within the profile's limit, not blocked, in a language it understands.

    Null settings forbid nothing.
    """
    unknown_age = F.lit(pages().legality.unknown_maturity)
    old_enough = F.coalesce("maturity", unknown_age) <= maturity_limit()
    blocked = F.array_contains("blocked_titles", F.col("shown_id"))
    spoken = _main_languages("title_languages")
    understood = _main_languages("languages")
    both_known = (F.size(spoken) > 0) & (F.size(understood) > 0)
    foreign = both_known & ~F.arrays_overlap(spoken, understood)
    within_limit = F.coalesce(old_enough, F.lit(True))
    is_blocked = F.coalesce(blocked, F.lit(False))
    is_foreign = F.coalesce(foreign, F.lit(False))
    return within_limit & ~is_blocked & ~is_foreign


def maturity_limit() -> Column:
    """The age above which a profile sees nothing, from its settings; null where there is no limit."""
    child_limit = F.least("maturity_limit", F.lit(pages().legality.kids_maturity_limit))
    return F.when(F.col("kids"), child_limit).otherwise(F.col("maturity_limit"))


def _main_languages(column: str) -> Column:
    """The languages of BCP 47 tags without their regions."""
    return F.transform(column, lambda tag: F.lower(F.split(tag, "-")[0]))


def _is_available(as_of: datetime) -> Column:
    """Launched, and inside a window of the profile's country where the title has windows at all."""
    launched = F.coalesce(F.col("launched_at") <= F.lit(as_of), F.lit(True))
    return is_open_here(as_of) & launched


def is_open_here(as_of: datetime) -> Column:
    """Whether the title has no windows at all, or an open one in the country."""
    without_windows = F.coalesce(F.size("windows") <= 0, F.lit(True))
    in_window = F.coalesce(F.size(open_windows(as_of)) > 0, F.lit(False))
    return without_windows | in_window


def open_windows(as_of: datetime) -> Column:
    """The title's windows in `country` that have begun and not ended."""
    moment = F.lit(as_of)

    def is_open(window: Column) -> Column:
        """A window of the country that has begun and not ended."""
        not_over = F.coalesce(window["until_at"] > moment, F.lit(True))
        here = window["country"] == F.col("country")
        has_begun = window["from_at"] <= moment
        return here & has_begun & not_over

    return F.filter("windows", is_open)


def _end_here(as_of: datetime) -> Column:
    """When the title is no longer available in the profile's country: NEVER for an open end."""
    ends = F.transform(
        open_windows(as_of), lambda window: F.coalesce(window["until_at"], F.lit(NEVER))
    )
    return F.coalesce(F.array_max(ends), F.lit(NEVER))


def _is_page_id(as_of: datetime) -> Column:
    """Whether the page's id is that of its own profile and day."""
    text = F.concat(F.lit(f"{as_of.date()}\n"), F.col("profile_id"))
    return F.col("page_id") == F.substring(F.sha2(text.cast("binary"), 256), 1, PAGE_ID_LENGTH)


def excused(
    profiles: DataFrame, titles: DataFrame, title_features: DataFrame, as_of: datetime
) -> DataFrame:
    """profile_id of those of some profiles that may see nothing that anybody played.

    All such titles are unsuitable, not available in the country, or disliked by the profile.
    """
    plays = title_features.where("title_plays_count_all > 0").select("title_id")
    played = titles.join(plays, "title_id").withColumnRenamed("title_id", "shown_id")
    disliked = F.filter("history", lambda entry: ~is_liked(entry))
    is_disliked = F.array_contains(
        F.transform(disliked, lambda entry: entry["title_id"]), F.col("shown_id")
    )
    may_show = _is_suitable() & _is_available(as_of) & ~F.coalesce(is_disliked, F.lit(False))
    pairs = profiles.select("profile_id", *SETTINGS, "history").crossJoin(F.broadcast(played))
    sees_any = pairs.groupBy("profile_id").agg(F.some(may_show).alias("sees_any"))
    none_played = profiles.select("profile_id").join(sees_any, "profile_id", "left")
    return none_played.where(~F.coalesce("sees_any", F.lit(False))).select("profile_id")


def is_liked(entry: Column) -> Column:
    """Whether a title of a history was rated well, or never rated, and had no thumb down."""
    stars = entry["stars"]
    well_rated = stars.isNull() | F.isnan(stars) | (stars >= pages().likes.least_stars)
    return well_rated & (F.coalesce(entry["thumb"], F.lit(0)) >= 0)


def title_facts(titles: DataFrame, availability: DataFrame, as_of: datetime) -> DataFrame:
    """The catalogue known at `as_of`: FACTS, `title_languages` and `windows` of each title.

    `windows`, of availability, is an array of structs (country, from_at, until_at), null where the
    title has none.
    """
    window = F.struct("country", "from_at", "until_at")
    newest_windows = newest_versions(availability, ["title_id", "country", "from_at"], as_of)
    windows = newest_windows.groupBy("title_id").agg(F.collect_list(window).alias("windows"))
    newest_titles = newest_versions(titles, ["title_id"], as_of)
    facts = newest_titles.select(*FACTS, F.col("languages").alias("title_languages"))
    return facts.join(windows, "title_id", "left")

"""The titles of which each row's claim is true, found from the tables alone: the audit's own
answer.

What an order claims stands in `conf/rows.yaml`; a row by facet also claims that its titles have the
tag it names. A kind of row whose claim cannot be looked up is a broken rule: the audit never
accepts what it does not know. Beside each title stands what the row may say of it.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.days import DAY_S
from conf.rows import RowKind, RowOrder, rows
from features.asof import days_before
from features.audit.pages import open_windows
from features.audit.wording import days_ago_texts, plays_text

EVERYWHERE = "*"  # the country of claims that are the same for all
TAG_COLUMNS = {
    "genre": "genres",
    "cast": "cast",
    "director": "directors",
    "keyword": "keywords",
}
ENTRY = "struct<row_id:string,is_true:boolean,sentences:array<string>,rank_value:double>"
PLAYS_HERE = ("plays_1d", "plays_3d", "plays_7d", "plays_before", "season_plays", "earlier_plays")


def row_titles(
    title_features: DataFrame, facts: DataFrame, profiles: DataFrame, as_of: datetime
) -> DataFrame:
    """row_id, country and title_id of the titles that a row of that id could be about.

    `is_true` says whether the row's claim is true of the title; `sentences` are what it may say of
    it in its own words, null where that does not depend on the title and country alone; `rank_value`
    is what the row says that its titles are ordered by. `title_features` are the day's, `facts` come
    from `audit.pages.title_facts`, `profiles` say in which countries pages are read. A kind of row
    that claims nothing of its titles has no entry.
    """
    titles = _with_medians(facts.join(title_features, "title_id"))
    in_countries = _with_country(titles, _countries(title_features, profiles), as_of)
    everywhere = titles.withColumn("country", F.lit(EVERYWHERE))
    titles_by_country = _titles_of_rows(in_countries, by_country=True)
    return titles_by_country.unionByName(_titles_of_rows(everywhere, by_country=False))


def true_claims(titles: DataFrame) -> DataFrame:
    """row_id, country and `claimed`, the titles that a row of that id may show to a profile of that
    country, and `tagged`, those that have its tag; `titles` come from `row_titles`.
    """
    claimed = F.collect_set(F.when(F.col("is_true"), F.col("title_id"))).alias("claimed")
    tagged = F.collect_set("title_id").alias("tagged")
    return titles.groupBy("row_id", "country").agg(claimed, tagged)


def claims_hold(titles: str, claimed: str) -> Column:
    """Whether a row shows only titles of which its claim is true.

    False for a row of which nothing can be looked up: an unknown kind, or one of an order without
    an entry.
    """
    claiming = [name for name, kind, order in _ordered_kinds() if _claims(kind, order)]
    silent = [name for name, kind, order in _ordered_kinds() if not _claims(kind, order)]
    only_claimed = F.size(F.array_except(titles, claimed)) == 0
    claim_holds = F.coalesce(only_claimed, F.lit(False))
    is_silent = F.col("row_kind").isin(silent)
    is_claiming = F.col("row_kind").isin(claiming)
    return F.when(is_silent, True).when(is_claiming, claim_holds).otherwise(False)


def claim_country(country: Column) -> Column:
    """The country by which a row's claim is looked up."""
    local = [name for name, _, order in _ordered_kinds() if order.by_country]
    here = F.coalesce(country, F.lit(""))
    is_local = F.col("row_kind").isin(local)
    return F.when(is_local, here).otherwise(EVERYWHERE)


def _ordered_kinds() -> Iterator[tuple[str, RowKind, RowOrder]]:
    """The kinds of row whose order has an entry, each with its name and its order."""
    for name, kind in rows().kinds.items():
        order = rows().orders.get(kind.order)
        if order is not None:
            yield name, kind, order


def _claims(kind: RowKind, order: RowOrder) -> bool:
    return kind.by_tag or order.has_claim


def _titles_of_rows(titles: DataFrame, by_country: bool) -> DataFrame:
    """The entries of `row_titles` of the kinds whose claim is by country, or is not."""
    entries = [
        _entries(name, kind, order)
        for name, kind, order in _ordered_kinds()
        if _claims(kind, order) and order.by_country == by_country
    ]
    every_entry = F.flatten(F.array(*entries)) if entries else F.array().cast(f"array<{ENTRY}>")
    exploded = titles.select(F.explode(every_entry).alias("entry"), "country", "title_id")
    return exploded.select("entry.*", "country", "title_id")


def _entries(name: str, kind: RowKind, order: RowOrder) -> Column:
    """The rows of a kind that could be about a title: an array, empty where there is none."""
    row_ids = F.array(F.lit(name))
    if kind.by_tag:
        tags = F.array_compact(_tags(kind))
        row_ids = F.transform(tags, lambda tag: F.concat(F.lit(f"{name}:"), tag))
    claim = F.expr(order.claim_of(kind)) if order.has_claim else F.lit(True)
    is_true = F.coalesce(claim, F.lit(False))
    sentences = OWN_SENTENCES[kind.order](kind) if kind.order in OWN_SENTENCES else F.lit(None)
    ranked_by = F.expr(order.ranked_by_of(kind)) if order.ranked_by else F.lit(None)

    def entry(row_id: Column) -> Column:
        """A row and what is true of the title in it."""
        return F.struct(
            row_id.alias("row_id"),
            is_true.alias("is_true"),
            sentences.cast("array<string>").alias("sentences"),
            ranked_by.cast("double").alias("rank_value"),
        )

    none = F.array().cast(f"array<{ENTRY}>")
    may_be_about = F.lit(True) if kind.by_tag else is_true
    return F.coalesce(F.when(may_be_about, F.transform(row_ids, entry)), none)


def _popularity_sentences(kind: RowKind) -> Column:
    recent = F.col(f"title_plays_count_{kind.window_days}d")
    of_window = F.concat(plays_text(recent), F.lit(f" in the last {kind.window_days} days"))
    ever = F.concat(plays_text(F.col("title_plays_count_all")), F.lit(" in all"))
    return F.array(F.when(recent > 0, of_window).otherwise(ever))


def _trend_sentences(kind: RowKind) -> Column:
    where = F.when(F.col("has_plays"), F.concat(F.lit(" in "), F.col("country")))
    return F.array(
        F.concat(
            plays_text(F.col(f"here.plays_{kind.window_days}d")),
            F.coalesce(where, F.lit("")),
            F.lit(f" in the last {kind.window_days} days, more than before"),
        )
    )


def _newness_sentences(_kind: RowKind) -> Column:
    came = days_ago_texts("Came ", F.col("arrived_days_ago"))
    first_played = days_ago_texts("First played ", F.col("title_first_play_age_days"))
    return F.when(F.col("arrived_days_ago").isNotNull(), came).otherwise(first_played)


def _return_sentences(_kind: RowKind) -> Column:
    return days_ago_texts("Back ", F.col("back_days_ago"))


def _season_sentences(_kind: RowKind) -> Column:
    return F.array(
        F.concat(
            F.col("here.season_plays").cast("string"),
            F.lit(" of "),
            plays_text(F.col("here.earlier_plays")),
            F.lit(" in earlier years were at this time of the year"),
        )
    )


def _acclaim_sentences(_kind: RowKind) -> Column:
    return F.array(
        F.concat(
            F.col("title_stars_count").cast("string"),
            F.lit(" ratings, better than most titles; "),
            plays_text(F.col("title_plays_count_all")),
            F.lit(" in all"),
        )
    )


# What a row may say of a title by its order, where title and country alone decide it.
OWN_SENTENCES: dict[str, Callable[[RowKind], Column]] = {
    "popularity": _popularity_sentences,
    "trend": _trend_sentences,
    "newness": _newness_sentences,
    "return": _return_sentences,
    "season": _season_sentences,
    "acclaim": _acclaim_sentences,
}


def tag_of_row(name: str) -> Column:
    """The tag in the id of a row of a kind by facet."""
    return F.substring(F.col("row_id"), F.lit(len(name) + 2), F.length("row_id"))


def _tags(kind: RowKind) -> Column:
    """The tags of a title that rows of a kind by facet are about."""
    if kind.per in TAG_COLUMNS:
        return F.col(TAG_COLUMNS[kind.per])
    return F.array(era_of()) if kind.per == "era" else genre_eras()


def era_of() -> Column:
    """The decade of a title, such as 1990s; null for an unknown year."""
    return F.concat(F.floor(F.col("year") / 10).cast("int") * 10, F.lit("s"))


def genre_eras() -> Column:
    """The genres of a title, each with its decade."""
    era = era_of()
    return F.transform("genres", lambda genre: F.concat(era, F.lit(" "), genre))


def _countries(title_features: DataFrame, profiles: DataFrame) -> DataFrame:
    """The countries of the profiles, and `has_plays`: true where anybody is known to have played
    anything.
    """
    countries = profiles.select(F.coalesce("country", F.lit("")).alias("country")).distinct()
    of_plays = title_features.select(F.explode("country_plays.country").alias("country"))
    played_in = of_plays.distinct().where("country <> ''").withColumn("has_plays", F.lit(True))
    return countries.join(played_in, "country", "left")


def _with_medians(titles: DataFrame) -> DataFrame:
    """Beside each title the medians of all: usual_plays of played titles, usual_stars of rated
    ones.
    """
    plays = F.when(F.col("title_plays_count_all") > 0, F.col("title_plays_count_all"))
    stars = F.when(F.col("title_stars_count") > 0, F.col("title_stars_mean"))
    half = F.lit(0.5)
    medians = titles.agg(
        F.percentile(plays, half).alias("usual_plays"),
        F.percentile(stars, half).alias("usual_stars"),
    )
    return titles.crossJoin(F.broadcast(medians))


def _with_country(titles: DataFrame, countries: DataFrame, as_of: datetime) -> DataFrame:
    """Each title in each country, with the columns of claims by country.

    `here` are the sums of `country_plays`, of everybody where nobody is known to have played in the
    country. `arrived_days_ago` counts from the launch or, where the open window is the first one
    there, from its beginning, whichever is later; null where there is neither. `back_days_ago`
    counts from the beginning of the open window where an earlier one had ended, else it is null.
    """
    open_since = _open_since(as_of)
    was_gone = _was_gone_before(open_since)
    open_seconds = F.lit(as_of.timestamp()) - open_since.cast("double")
    open_days = open_seconds / DAY_S
    launch_days = days_before(as_of, "launched_at")
    first_open_days = F.when(~was_gone, open_days)
    plays_here = [_plays_here(name).alias(name) for name in PLAYS_HERE]
    columns = {
        "here": F.struct(*plays_here),
        "arrived_days_ago": F.least(launch_days, first_open_days),
        "back_days_ago": F.when(was_gone, open_days),
    }
    return titles.crossJoin(F.broadcast(countries)).withColumns(columns)


def _plays_here(name: str) -> Column:
    """The sum of a column of `country_plays` over the country, or over all where the country has no
    plays.
    """
    entries = F.filter(
        "country_plays",
        lambda entry: F.col("has_plays").isNull() | (entry["country"] == F.col("country")),
    )
    return F.aggregate(entries, F.lit(0).cast("bigint"), lambda total, entry: total + entry[name])


def _open_since(as_of: datetime) -> Column:
    """The beginning of the country's earliest window that is open at `as_of`."""
    return F.array_min(F.transform(open_windows(as_of), lambda window: window["from_at"]))


def _was_gone_before(open_since: Column) -> Column:
    """Whether a window of the country ended before the open one began; never null."""

    def ended_before(window: Column) -> Column:
        """A window of the country that ended before the open one began."""
        here = window["country"] == F.col("country")
        is_over = window["until_at"] < open_since
        return here & is_over

    return F.coalesce(F.exists("windows", ended_before), F.lit(False))

"""The titles of which each row's claim is true, found from the tables alone: the audit's own
answer.

What an order claims stands in `conf/rows.yaml`; a row by facet also claims that its titles have the
tag it names. A kind of row whose claim cannot be looked up is a broken rule: the audit never
accepts what it does not know.
"""

from collections.abc import Iterator
from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.days import DAY_S
from conf.rows import RowKind, RowOrder, rows
from features.asof import days_before

EVERYWHERE = "*"  # the country of claims that are the same for all
TAG_COLUMNS = {
    "genre": "genres",
    "cast": "cast",
    "director": "directors",
    "keyword": "keywords",
}
PLAYS_HERE = ("plays_1d", "plays_3d", "plays_7d", "plays_before", "season_plays", "earlier_plays")


def true_claims(
    title_features: DataFrame, facts: DataFrame, profiles: DataFrame, as_of: datetime
) -> DataFrame:
    """row_id, country and `claimed`: the titles that a row of that id may show to a profile of that
    country.

    `title_features` are the day's, `facts` come from `audit.pages.title_facts`, `profiles` say in
    which countries pages are read. A kind of row that claims nothing of its titles has no entry.
    """
    titles = _with_medians(facts.join(title_features, "title_id"))
    in_countries = _with_country(titles, _countries(title_features, profiles), as_of)
    everywhere = titles.withColumn("country", F.lit(EVERYWHERE))
    claims_by_country = _true_titles(in_countries, by_country=True)
    claims_of_all = _true_titles(everywhere, by_country=False)
    claims = claims_by_country.unionByName(claims_of_all)
    claimed = F.collect_set("title_id").alias("claimed")
    return claims.groupBy("row_id", "country").agg(claimed)


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


def _true_titles(titles: DataFrame, by_country: bool) -> DataFrame:
    """row_id, country and title_id of each claim that is true, of the kinds whose claim is by
    country, or is not.
    """
    row_ids = [
        _row_ids(name, kind, order)
        for name, kind, order in _ordered_kinds()
        if _claims(kind, order) and order.by_country == by_country
    ]
    every_row_id = F.flatten(F.array(*row_ids)) if row_ids else F.array().cast("array<string>")
    return titles.select(F.explode(every_row_id).alias("row_id"), "country", "title_id")


def _row_ids(name: str, kind: RowKind, order: RowOrder) -> Column:
    """The ids of the rows of a kind that may show a title: an array, empty where there is none."""
    if kind.by_tag:
        tags = F.array_compact(_tags(kind))
        row_ids = F.transform(tags, lambda tag: F.concat(F.lit(f"{name}:"), tag))
    else:
        row_ids = F.array(F.lit(name))
    none = F.array().cast("array<string>")
    is_true = F.expr(order.claim_of(kind)) if order.has_claim else F.lit(True)
    return F.coalesce(F.when(is_true, row_ids), none)


def _tags(kind: RowKind) -> Column:
    """The tags of a title that rows of a kind by facet are about."""
    if kind.per in TAG_COLUMNS:
        return F.col(TAG_COLUMNS[kind.per])
    era = F.concat(F.floor(F.col("year") / 10).cast("int") * 10, F.lit("s"))
    if kind.per == "era":
        return F.array(era)
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
    moment = F.lit(as_of)

    def is_open(window: Column) -> Column:
        """A window of the country that has begun and not ended."""
        here = window["country"] == F.col("country")
        not_over = F.coalesce(window["until_at"] > moment, F.lit(True))
        has_begun = window["from_at"] <= moment
        return here & has_begun & not_over

    open_windows = F.filter("windows", is_open)
    return F.array_min(F.transform(open_windows, lambda window: window["from_at"]))


def _was_gone_before(open_since: Column) -> Column:
    """Whether a window of the country ended before the open one began; never null."""

    def ended_before(window: Column) -> Column:
        """A window of the country that ended before the open one began."""
        here = window["country"] == F.col("country")
        is_over = window["until_at"] < open_since
        return here & is_over

    return F.coalesce(F.exists("windows", ended_before), F.lit(False))

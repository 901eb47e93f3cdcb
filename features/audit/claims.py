"""What a kind of row may claim of a title, found from the tables alone: the audit's own answer, as sets of titles."""

from collections.abc import Callable
from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.days import DAY_S, YEAR_DAYS
from conf.rows import RowKind, rows
from conf.windows import BASELINE_DAYS, SEASON_DAYS
from features.asof import days_before

EVERYWHERE = "*"  # the country of claims that are the same for all
BY_COUNTRY = ("trend", "newness", "return", "season")  # orders whose claim depends on it
FOR_ALL = ("popularity", "acclaim")
LISTS = {"genre": "genres", "cast": "cast", "director": "directors", "keyword": "keywords"}


def claims(
    features: DataFrame, facts: DataFrame, profiles: DataFrame, as_of: datetime
) -> DataFrame:
    """row_id, country and `claimed`: the titles that a row of that id may show to a profile of that country.

    `features` are the day's title_features, `facts` come from `page_verdicts.title_facts`, `profiles` say in which
    countries pages are read. A kind whose order claims nothing of its titles has no entry.
    """
    titles = facts.join(features, "title_id")
    countries = _countries(features, profiles)
    parts = [
        _claimed(titles.crossJoin(F.broadcast(countries)), BY_COUNTRY, F.col("country"), as_of),
        _claimed(titles, FOR_ALL, F.lit(EVERYWHERE), as_of),
        *(_tagged(titles, name, kind) for name, kind in rows().kinds.items() if kind.by_tag),
    ]
    found = parts[0]
    for part in parts[1:]:
        found = found.unionByName(part)
    return found.groupBy("row_id", "country").agg(F.collect_set("title_id").alias("claimed"))


def claims_kept(titles: str, claimed: str) -> Column:
    """Whether a row shows only titles of which its claim is true; rows that claim nothing do."""
    bound = [name for name, kind in rows().kinds.items() if _binds(kind)]
    kept = F.coalesce(F.size(F.array_except(titles, claimed)) == 0, F.lit(False))
    return F.when(F.col("row_kind").isin(bound), kept).otherwise(True)


def claim_country(country: Column) -> Column:
    """The country by which a row's claims are looked up."""
    local = [
        name for name, kind in rows().kinds.items() if not kind.by_tag and kind.order in BY_COUNTRY
    ]
    return F.when(F.col("row_kind").isin(local), F.coalesce(country, F.lit(""))).otherwise(
        EVERYWHERE
    )


def _binds(kind: RowKind) -> bool:
    return kind.by_tag or kind.order in (*BY_COUNTRY, *FOR_ALL)


def _countries(features: DataFrame, profiles: DataFrame) -> DataFrame:
    """The countries of the profiles, and whether anybody is known to have played anything there."""
    read = profiles.select(F.coalesce("country", F.lit("")).alias("country")).distinct()
    played = (
        features.select(F.explode("country_plays.country").alias("country"))
        .distinct()
        .where("country <> ''")
    )
    return read.join(played.withColumn("known", F.lit(True)), "country", "left")


def _claimed(
    titles: DataFrame, orders: tuple[str, ...], country: Column, as_of: datetime
) -> DataFrame:
    kinds = {
        n: kind for n, kind in rows().kinds.items() if not kind.by_tag and kind.order in orders
    }
    typical = titles.agg(
        F.percentile(
            F.when(F.col("title_plays_count_all") > 0, F.col("title_plays_count_all")), F.lit(0.5)
        ).alias("usual_plays"),
        F.percentile(
            F.when(F.col("title_stars_count") > 0, F.col("title_stars_mean")), F.lit(0.5)
        ).alias("usual_stars"),
    )
    held = F.array(
        *(F.when(RULES[kind.order](kind, as_of), F.lit(name)) for name, kind in kinds.items())
    )
    frame = titles.crossJoin(F.broadcast(typical))
    return frame.select(
        F.explode(F.array_compact(held)).alias("row_id"), country.alias("country"), "title_id"
    )


def _tagged(titles: DataFrame, name: str, kind: RowKind) -> DataFrame:
    era = F.concat(F.floor(F.col("year") / 10).cast("int") * 10, F.lit("s"))
    if kind.per in LISTS:
        tags = F.col(LISTS[kind.per])
    elif kind.per == "era":
        tags = F.array(era)
    else:
        tags = F.transform("genres", lambda genre: F.concat(era, F.lit(" "), genre))
    exploded = titles.select("title_id", F.explode(tags).alias("tag"))
    row_id = F.concat(F.lit(f"{name}:"), F.col("tag")).alias("row_id")
    return exploded.select(row_id, F.lit(EVERYWHERE).alias("country"), "title_id")


def _plays(column: str) -> Column:
    """Plays in the profile's country, of everybody where nobody is known to have played there."""
    here = F.filter(
        "country_plays", lambda e: F.col("known").isNull() | (e["country"] == F.col("country"))
    )
    return F.aggregate(here, F.lit(0).cast("bigint"), lambda total, e: total + e[column])


def _rises(kind: RowKind, _as_of: datetime) -> Column:
    plays = _plays(f"plays_{kind.window_days}d")
    return (plays >= max(kind.least_plays, 1)) & (
        plays * BASELINE_DAYS > _plays("plays_before") * kind.window_days
    )


def _in_season(kind: RowKind, _as_of: datetime) -> Column:
    earlier = _plays("earlier_plays")
    return (earlier >= kind.least_plays) & (
        _plays("season_plays") * YEAR_DAYS > earlier * (2 * SEASON_DAYS + 1)
    )


def _is_new(kind: RowKind, as_of: datetime) -> Column:
    """Launched, or its only window in the country began, or else first played, within the days."""
    since, days = _open_since(as_of), kind.window_days
    arrived = F.least(
        days_before(as_of, "launched_at"), F.when(~_gone_before(since), _age(since, as_of))
    )
    age = F.coalesce(arrived, F.col("title_first_play_age_days"))
    return (age >= 0) & (age <= days)


def _is_back(kind: RowKind, as_of: datetime) -> Column:
    since = _open_since(as_of)
    return _gone_before(since) & (_age(since, as_of) <= kind.window_days)


def _open_since(as_of: datetime) -> Column:
    at = F.lit(as_of)
    now = F.filter(
        "windows",
        lambda w: (
            (w["country"] == F.col("country"))
            & (w["from_at"] <= at)
            & F.coalesce(w["until_at"] > at, F.lit(True))
        ),
    )
    return F.array_min(F.transform(now, lambda w: w["from_at"]))


def _gone_before(since: Column) -> Column:
    earlier = F.exists(
        "windows", lambda w: (w["country"] == F.col("country")) & (w["until_at"] < since)
    )
    return F.coalesce(earlier, F.lit(False))


def _age(instant: Column, as_of: datetime) -> Column:
    return (F.lit(as_of.timestamp()) - instant.cast("double")) / DAY_S


def _is_played(_kind: RowKind, _as_of: datetime) -> Column:
    return F.col("title_plays_count_all") > 0


def _is_a_gem(kind: RowKind, _as_of: datetime) -> Column:
    plays = F.col("title_plays_count_all")
    few = (plays >= kind.least_plays) & (plays <= F.col("usual_plays"))
    return (
        few & (F.col("title_stars_count") > 0) & (F.col("title_stars_mean") > F.col("usual_stars"))
    )


RULES: dict[str, Callable[[RowKind, datetime], Column]] = {
    "trend": _rises,
    "season": _in_season,
    "newness": _is_new,
    "return": _is_back,
    "popularity": _is_played,
    "acclaim": _is_a_gem,
}

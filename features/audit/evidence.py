"""Whether the reason that each cell gives is true: found from the tables alone, by other means than its maker's."""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.evidence import KINDS, evidence
from conf.pages import pages
from features.asof import days_before, newest

PEOPLE = {"director": "directors", "cast": "cast"}
COUNTED = ("taste", *PEOPLE)  # kinds that count the profile's own titles by a tag
ROW = ("profile_id", "row_position")
EVIDENCE_RULES = ("evidence_true",)


def evidence_verdicts(
    claims: DataFrame, profiles: DataFrame, facts: DataFrame, similars: DataFrame
) -> DataFrame:
    """profile_id, row_position and `false_evidence`, how many cells of the row say what is not so.

    `claims` come from `claimed`, `facts` from `title_claims`; `profiles` and `similars` are the day's partitions. A
    row's own sentence, without payload, is true by the row's rules, which are checked elsewhere.
    """
    own = profiles.select("profile_id", F.explode("history").alias("h")).select(
        "profile_id",
        "h.title_id",
        F.col("h.plays_count").alias("own_plays"),
        _liked(F.col("h.stars")).alias("liked"),
    )
    anchors = own.where("liked").select(
        "profile_id", F.col("title_id").alias("subject"), F.lit(True).alias("anchored")
    )
    near = similars.where("method = 'cosine'").select(
        F.col("title_id").alias("subject"),
        F.explode("neighbours.title_id").alias("title_id"),
        F.lit(True).alias("near"),
    )
    told = (
        claims.join(F.broadcast(facts), "title_id", "left")
        .join(own.drop("liked"), ["profile_id", "title_id"], "left")
        .join(anchors, ["profile_id", "subject"], "left")
        .join(near, ["subject", "title_id"], "left")
    )
    # a row gives the same count of the same tag in many cells, so cells are added up before their tags are looked up
    counted = F.col("kind").isin(*COUNTED) & ~_own_words()
    said = [F.when(counted, F.col(name)).alias(name) for name in ("kind", "subject", "count")]
    wrong = F.when(F.coalesce(_true_of_title(), F.lit(False)), 0).otherwise(1).alias("wrong")
    by_tag = told.select(*ROW, *said, wrong).groupBy(*ROW, "kind", "subject", "count")
    summed = by_tag.agg(F.count("*").alias("cells"), F.sum("wrong").alias("wrong"))
    looked_up = summed.join(_tags(own, facts), ["profile_id", "kind", "subject"], "left")
    false = F.when(F.coalesce(_true_of_tag(), F.lit(False)), F.col("wrong")).otherwise(
        F.col("cells")
    )
    return looked_up.groupBy(*ROW).agg(F.sum(false).alias("false_evidence"))


def claimed(drafts: DataFrame) -> DataFrame:
    """One row for each cell: where it stands, its title, the row's own kind of reason, and what the cell says."""
    cell = F.explode("cells").alias("cell")
    parts = drafts.select(*ROW, F.col("evidence_type").alias("row_says"), cell)
    payload = (
        F.col(f"cell.evidence_payload.{name}").alias(name) for name in ("subject", "count", "days")
    )
    return parts.select(
        *ROW, "row_says", "cell.title_id", F.col("cell.evidence_type").alias("kind"), *payload
    )


def title_claims(titles: DataFrame, title_features: DataFrame, as_of: datetime) -> DataFrame:
    """What is known of each title at `as_of` that a reason can speak of."""
    settings = evidence()
    known = newest(titles, ["title_id"], as_of)
    about = known.select(
        "title_id",
        "genres",
        "cast",
        "directors",
        "awards",
        days_before(as_of, "launched_at").alias("age"),
    )
    counts = title_features.select(
        "title_id",
        F.col(f"title_trend_{settings.trend_days}d").alias("trend"),
        F.col(f"title_plays_count_{settings.trend_days}d").alias("lately"),
        F.col(f"title_plays_count_{settings.popular_days}d").alias("plays"),
        F.col("title_plays_count_all").alias("ever"),
    )
    return about.join(counts, "title_id", "left")


def _tags(own: DataFrame, facts: DataFrame) -> DataFrame:
    """How many titles of each genre each profile played, and how many it liked with each person."""
    played = own.join(F.broadcast(facts.select("title_id", "genres", *PEOPLE.values())), "title_id")
    genres = played.select("profile_id", F.lit("taste").alias("kind"), _each("genres"))
    people = [
        played.where("liked").select("profile_id", F.lit(kind).alias("kind"), _each(column))
        for kind, column in PEOPLE.items()
    ]
    for part in people:
        genres = genres.unionByName(part)
    return genres.groupBy("profile_id", "kind", "subject").agg(F.count("*").alias("tagged"))


def _each(names: str) -> Column:
    """Each name once, also where a title lists it twice."""
    return F.explode(F.array_distinct(names)).alias("subject")


def _true_of_tag() -> Column:
    """Whether the profile played, or liked, as many titles with the tag as is said; nothing is said of a null kind."""
    many, few = F.col("tagged") == F.col("count"), F.lit(evidence().least_titles)
    return F.col("kind").isNull() | (many & ((F.col("kind") == "taste") | (F.col("count") >= few)))


def _own_words() -> Column:
    """Whether the cell only repeats what its row says; never null."""
    empty = F.col("subject").isNull() & (F.col("count") == 0) & (F.col("days") == 0)
    return F.coalesce((F.col("kind") == F.col("row_says")) & empty, F.lit(False))


def _true_of_title() -> Column:
    """Whether what the cell says is true, but for how many titles share its tag."""
    settings, count, days = evidence(), F.col("count"), F.col("days")
    rules = {
        "again": F.col("own_plays") == count,
        "watched": F.col("anchored") & F.col("near"),
        **{kind: F.array_contains(column, F.col("subject")) for kind, column in PEOPLE.items()},
        "new": (F.abs(F.col("age") - days - 0.5) <= 0.5 + 1e-4)
        & (F.col("age") <= settings.new_days + 1e-4),
        "trending": (F.col("trend") > 0)
        & (F.col("lately") == count)
        & (count >= settings.least_plays)
        & (days == settings.trend_days),
        "award": F.array_contains("awards", F.col("subject")),
        "taste": F.array_contains("genres", F.col("subject")),
        "genre": F.array_contains("genres", F.col("subject")),
        "popular": (F.col("plays") == count)
        & (F.col("ever") > 0)
        & (days == settings.popular_days),
    }
    told = F.lit(False)
    for kind in KINDS:
        told = F.when(F.col("kind") == kind, rules[kind]).otherwise(told)
    return _own_words() | F.coalesce(told, F.lit(False))


def _liked(stars: Column) -> Column:
    return stars.isNull() | F.isnan(stars) | (stars >= pages().likes.least_stars)

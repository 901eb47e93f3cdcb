"""Whether the reason in each cell is true, checked from the tables alone.

Nothing of the code that gave the reason is used.
"""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.evidence import KINDS, evidence
from conf.pages import pages
from features.asof import days_before, newest_versions

PEOPLE = {"director": "directors", "cast": "cast"}  # kind of reason -> column of titles
COUNTED = ("taste", *PEOPLE)  # kinds that count the profile's own titles by a tag
ROW = ("profile_id", "row_position")
TAG = ("kind", "subject", "count")  # of a reason that counts, with the count it gives
PAYLOAD = ("subject", "count", "days")
EVIDENCE_RULES = ("evidence_true",)
HALF_DAY = 0.5
TOLERANCE = 1e-4  # days: ages are float32 where pages are made


def evidence_verdicts(
    reasons: DataFrame, profiles: DataFrame, facts: DataFrame, similars: DataFrame
) -> DataFrame:
    """profile_id, row_position and `false_evidence`: the row's cells whose reason is not true.

    `reasons` come from `cell_reasons`, `facts` from `reason_facts`; `profiles` and `similars` are
    the day's partitions. A row's own sentence, without payload, is true by the row's rules, which
    are checked elsewhere.
    """
    history = _histories(profiles)
    cells = _with_facts(reasons, history, facts, similars)
    # A row gives the same count of the same tag in many cells, so cells are summed first.
    is_counted = F.col("kind").isin(*COUNTED) & ~_repeats_its_row()
    tag = [F.when(is_counted, F.col(name)).alias(name) for name in TAG]
    title_is_true = F.coalesce(_true_of_title(), F.lit(False))
    is_wrong = F.when(title_is_true, 0).otherwise(1).alias("wrong")
    tagged_cells = cells.select(*ROW, *tag, is_wrong)
    by_tag = tagged_cells.groupBy(*ROW, *TAG)
    sums = by_tag.agg(F.count("*").alias("cells"), F.sum("wrong").alias("wrong"))
    tag_counts = _tag_counts(history, facts)
    with_counts = sums.join(tag_counts, ["profile_id", "kind", "subject"], "left")
    tag_is_true = F.coalesce(_true_of_tag(), F.lit(False))
    false_cells = F.when(tag_is_true, F.col("wrong")).otherwise(F.col("cells"))
    return with_counts.groupBy(*ROW).agg(F.sum(false_cells).alias("false_evidence"))


def cell_reasons(drafts: DataFrame) -> DataFrame:
    """One row for each cell: its row, its title, its reason and payload, and the row's own kind."""
    row_evidence = F.col("evidence_type").alias("row_evidence")
    cell = F.explode("cells").alias("cell")
    cells = drafts.select(*ROW, row_evidence, cell)
    payload = [F.col(f"cell.evidence_payload.{name}").alias(name) for name in PAYLOAD]
    kind = F.col("cell.evidence_type").alias("kind")
    return cells.select(*ROW, "row_evidence", "cell.title_id", kind, *payload)


def reason_facts(titles: DataFrame, title_features: DataFrame, as_of: datetime) -> DataFrame:
    """What is known of each title at `as_of` that a reason can speak of."""
    settings = evidence()
    newest_titles = newest_versions(titles, ["title_id"], as_of)
    age_days = days_before(as_of, "launched_at").alias("age_days")
    facts = newest_titles.select("title_id", "genres", "cast", "directors", "awards", age_days)
    counts = title_features.select(
        "title_id",
        F.col(f"title_trend_{settings.trend_days}d").alias("trend"),
        F.col(f"title_plays_count_{settings.trend_days}d").alias("trend_plays"),
        F.col(f"title_plays_count_{settings.popular_days}d").alias("popular_plays"),
        F.col("title_plays_count_all").alias("all_plays"),
    )
    return facts.join(counts, "title_id", "left")


def _histories(profiles: DataFrame) -> DataFrame:
    """One row for each title that a profile played: how often, and whether it liked it."""
    entries = profiles.select("profile_id", F.explode("history").alias("entry"))
    return entries.select(
        "profile_id",
        "entry.title_id",
        F.col("entry.plays_count").alias("own_plays"),
        _is_liked(F.col("entry.stars")).alias("liked"),
    )


def _is_liked(stars: Column) -> Column:
    return stars.isNull() | F.isnan(stars) | (stars >= pages().likes.least_stars)


def _with_facts(
    reasons: DataFrame, history: DataFrame, facts: DataFrame, similars: DataFrame
) -> DataFrame:
    """Beside each cell what its reason can be checked against, null where there is nothing.

    `own_plays` of the profile; `is_anchor`: the subject is a liked play of its own; `is_similar`:
    the title is among those most like the subject.
    """
    own_plays = history.drop("liked")
    subject = F.col("title_id").alias("subject")
    is_anchor = F.lit(True).alias("is_anchor")
    anchors = history.where("liked").select("profile_id", subject, is_anchor)
    neighbour = F.explode("neighbours.title_id").alias("title_id")
    is_similar = F.lit(True).alias("is_similar")
    by_cosine = similars.where("method = 'cosine'")
    similar_titles = by_cosine.select(subject, neighbour, is_similar)
    cells = reasons.join(F.broadcast(facts), "title_id", "left")
    cells = cells.join(own_plays, ["profile_id", "title_id"], "left")
    cells = cells.join(anchors, ["profile_id", "subject"], "left")
    return cells.join(similar_titles, ["subject", "title_id"], "left")


def _tag_counts(history: DataFrame, facts: DataFrame) -> DataFrame:
    """How many titles of each genre each profile played, and how many it liked with each person."""
    tags = F.broadcast(facts.select("title_id", "genres", *PEOPLE.values()))
    played_titles = history.join(tags, "title_id")
    liked_titles = played_titles.where("liked")
    taste = F.lit("taste").alias("kind")
    subjects = played_titles.select("profile_id", taste, _each_once("genres"))
    for name, column in PEOPLE.items():
        kind = F.lit(name).alias("kind")
        people = liked_titles.select("profile_id", kind, _each_once(column))
        subjects = subjects.unionByName(people)
    by_subject = subjects.groupBy("profile_id", "kind", "subject")
    return by_subject.agg(F.count("*").alias("tagged_titles"))


def _each_once(names: str) -> Column:
    """Each name once, also where a title lists it twice."""
    return F.explode(F.array_distinct(names)).alias("subject")


def _true_of_tag() -> Column:
    """Whether the profile played, or liked, as many titles with the tag as the reason says.

    A null kind says nothing; a person is liked in `least_titles` titles or more.
    """
    as_many = F.col("tagged_titles") == F.col("count")
    enough = F.col("count") >= F.lit(evidence().least_titles)
    kind = F.col("kind")
    enough_for_kind = (kind == "taste") | enough
    return kind.isNull() | (as_many & enough_for_kind)


def _repeats_its_row() -> Column:
    """Whether the cell only repeats what its row says; never null."""
    no_counts = (F.col("count") == 0) & (F.col("days") == 0)
    no_payload = F.col("subject").isNull() & no_counts
    same_kind = F.col("kind") == F.col("row_evidence")
    return F.coalesce(same_kind & no_payload, F.lit(False))


def _true_of_title() -> Column:
    """Whether the cell's reason is true, but for how many titles share its tag.

    A reason of an unknown kind is not.
    """
    rules = _reason_rules()
    is_true = F.lit(False)
    for kind in KINDS:
        is_true = F.when(F.col("kind") == kind, rules[kind]).otherwise(is_true)
    return _repeats_its_row() | F.coalesce(is_true, F.lit(False))


def _reason_rules() -> dict[str, Column]:
    """For each kind of reason whether its payload is true of the cell's title."""
    settings = evidence()
    subject = F.col("subject")
    count = F.col("count")
    days = F.col("days")
    age_days = F.col("age_days")
    on_that_day = F.abs(age_days - days - HALF_DAY) <= HALF_DAY + TOLERANCE
    is_new = age_days <= settings.new_days + TOLERANCE
    is_rising = F.col("trend") > 0
    same_trend_plays = F.col("trend_plays") == count
    enough_plays = count >= settings.least_plays
    in_trend_days = days == settings.trend_days
    same_popular_plays = F.col("popular_plays") == count
    has_plays = F.col("all_plays") > 0
    in_popular_days = days == settings.popular_days
    has_genre = F.array_contains("genres", subject)
    return {
        "again": F.col("own_plays") == count,
        "watched": F.col("is_anchor") & F.col("is_similar"),
        "director": F.array_contains("directors", subject),
        "cast": F.array_contains("cast", subject),
        "new": on_that_day & is_new,
        "trending": is_rising & same_trend_plays & enough_plays & in_trend_days,
        "award": F.array_contains("awards", subject),
        "taste": has_genre,
        "genre": has_genre,
        "popular": same_popular_plays & has_plays & in_popular_days,
    }

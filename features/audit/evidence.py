"""Whether the reason in each cell is true, and whether its sentence says just that.

Checked from the tables alone; nothing of the code that gave the reason is used. A kind of reason, a
kind of row or an order without a rule here is never believed.
"""

from collections.abc import Callable
from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.evidence import KINDS, evidence
from conf.rows import TAG_EVIDENCE, RowKind, rows
from features.asof import days_before, newest_versions
from features.audit.claims import (
    OWN_SENTENCES,
    TAG_COLUMNS,
    claim_country,
    era_of,
    genre_eras,
    tag_of_row,
)
from features.audit.pages import is_liked
from features.audit.wording import TOLERANCE, reader_language, reason_text

PEOPLE = {"director": "directors", "cast": "cast"}  # kind of reason -> column of titles
COUNTED = ("taste", *PEOPLE)  # kinds that count the profile's own titles by a tag
ROW = ("profile_id", "row_position")
TAG = ("kind", "subject", "count")  # of a reason that counts, with the count it gives
PAYLOAD = ("subject", "count", "days")
OF_ROW = ("row_id", "row_kind", "row_evidence", "claim_country", "language", "anchor", "own_list")
TAG_SENTENCES = {"genre": "Genre: ", "cast": "With ", "director": "Directed by "}
TIMES = {1: "once", 2: "twice"}
FITS = "Fits what you played"
EVIDENCE_RULES = ("evidence_true", "sentences_true")
HALF_DAY = 0.5


def evidence_verdicts(
    reasons: DataFrame,
    profiles: DataFrame,
    facts: DataFrame,
    similars: DataFrame,
    row_titles: DataFrame,
) -> DataFrame:
    """profile_id, row_position and a boolean for each of EVIDENCE_RULES: that the reason in each
    cell is true, and that its sentence says just that.

    `reasons` come from `cell_reasons`, `facts` from `reason_facts`, `row_titles` from
    `audit.claims`; `profiles` and `similars` are the day's partitions. A row's own sentence, without
    payload, is true by the row's rules, which are checked elsewhere, if it is the one that the row
    has of the title.
    """
    history = _histories(profiles)
    cells = _with_facts(reasons, history, facts, similars)
    cells = _with_row_sentences(cells, row_titles)
    # A row gives the same count of the same tag in many cells, so cells are summed first.
    is_counted = F.col("kind").isin(*COUNTED) & ~_repeats_its_row()
    tag = [F.when(is_counted, F.col(name)).alias(name) for name in TAG]
    wrong = [
        _wrong(_true_of_title()).alias("wrong"),
        _wrong(_sentence_is_true()).alias("wrong_sentence"),
    ]
    by_tag = cells.select(*ROW, *tag, *wrong).groupBy(*ROW, *TAG)
    sums = by_tag.agg(
        F.count("*").alias("cells"),
        F.sum("wrong").alias("wrong"),
        F.sum("wrong_sentence").alias("wrong_sentence"),
    )
    tag_counts = _tag_counts(history, facts)
    with_counts = sums.join(tag_counts, ["profile_id", "kind", "subject"], "left")
    tag_is_true = F.coalesce(_true_of_tag(), F.lit(False))
    false_cells = F.when(tag_is_true, F.col("wrong")).otherwise(F.col("cells"))
    return with_counts.groupBy(*ROW).agg(
        (F.sum(false_cells) == 0).alias("evidence_true"),
        (F.sum("wrong_sentence") == 0).alias("sentences_true"),
    )


def cell_reasons(drafts: DataFrame, profiles: DataFrame, facts: DataFrame) -> DataFrame:
    """One row for each cell: its row, its title, its reason with sentence and payload, and OF_ROW.

    `language` is that of the reader's texts, `anchor` a struct (name, tags) of the title that the
    row is about, `own_list` the reader's list in rows that show it.
    """
    readers = profiles.select(
        "profile_id",
        F.col("country").alias("reader_country"),
        reader_language("languages").alias("language"),
        F.col("my_list").alias("reader_list"),
    )
    anchor = F.struct(F.col("name"), _all_tags().alias("tags")).alias("anchor")
    anchors = facts.select(F.col("title_id").alias("anchor_title_id"), anchor)
    framed = drafts.join(readers, "profile_id", "left")
    framed = framed.join(F.broadcast(anchors), "anchor_title_id", "left")
    shows_list = F.col("row_kind").isin(rows().ordered_by("list"))
    cells = framed.select(
        *ROW,
        "row_id",
        "row_kind",
        F.col("evidence_type").alias("row_evidence"),
        claim_country(F.col("reader_country")).alias("claim_country"),
        "language",
        "anchor",
        F.when(shows_list, F.col("reader_list")).alias("own_list"),
        F.explode("cells").alias("cell"),
    )
    payload = [F.col(f"cell.evidence_payload.{name}").alias(name) for name in PAYLOAD]
    kind = F.col("cell.evidence_type").alias("kind")
    text = F.col("cell.evidence").alias("text")
    return cells.select(*ROW, *OF_ROW, "cell.title_id", kind, text, *payload)


def reason_facts(titles: DataFrame, title_features: DataFrame, as_of: datetime) -> DataFrame:
    """What is known of each title at `as_of` that a reason can speak of."""
    settings = evidence()
    newest_titles = newest_versions(titles, ["title_id"], as_of)
    age_days = days_before(as_of, "launched_at").alias("age_days")
    named = ("name", "year", *TAG_COLUMNS.values(), "awards")
    facts = newest_titles.select("title_id", *named, age_days)
    counts = title_features.select(
        "title_id",
        F.col(f"title_trend_{settings.trend_days}d").alias("trend"),
        F.col(f"title_plays_count_{settings.trend_days}d").alias("trend_plays"),
        F.col(f"title_plays_count_{settings.popular_days}d").alias("popular_plays"),
        F.col("title_plays_count_all").alias("all_plays"),
    )
    return facts.join(counts, "title_id", "left")


def _histories(profiles: DataFrame) -> DataFrame:
    """One row for each title that a profile played: how often, where it stands, whether it liked it."""
    entries = profiles.select("profile_id", F.explode("history").alias("entry"))
    return entries.select(
        "profile_id",
        "entry.title_id",
        F.col("entry.plays_count").alias("own_plays"),
        F.col("entry.stars").alias("own_stars"),
        "entry.resume_seconds",
        "entry.episode",
        "entry.next_episode",
        is_liked(F.col("entry")).alias("liked"),
    )


def _with_facts(
    reasons: DataFrame, history: DataFrame, facts: DataFrame, similars: DataFrame
) -> DataFrame:
    """Beside each cell what its reason can be checked against, null where there is nothing.

    `own_plays` and the rest of the profile's own entry; `is_anchor`: the subject is a liked play of
    its own; `is_similar`: the title is among those most like the subject; `subject_name`: its name.
    """
    own_entries = history.drop("liked")
    subject = F.col("title_id").alias("subject")
    is_anchor = F.lit(True).alias("is_anchor")
    anchors = history.where("liked").select("profile_id", subject, is_anchor)
    neighbour = F.explode("neighbours.title_id").alias("title_id")
    is_similar = F.lit(True).alias("is_similar")
    by_cosine = similars.where("method = 'cosine'")
    similar_titles = by_cosine.select(subject, neighbour, is_similar)
    names = facts.select(subject, F.col("name").alias("subject_name"))
    cells = reasons.join(F.broadcast(facts), "title_id", "left")
    cells = cells.join(own_entries, ["profile_id", "title_id"], "left")
    cells = cells.join(anchors, ["profile_id", "subject"], "left")
    cells = cells.join(F.broadcast(names), "subject", "left")
    return cells.join(similar_titles, ["subject", "title_id"], "left")


def _with_row_sentences(cells: DataFrame, row_titles: DataFrame) -> DataFrame:
    """Beside each cell `sentences`: what its row may say of its title by title and country alone."""
    sentences = row_titles.where("is_true and sentences is not null")
    entries = sentences.select(
        F.col("row_id").alias("entry_row"),
        F.col("country").alias("entry_country"),
        F.col("title_id").alias("entry_title"),
        "sentences",
    )
    same_row = F.col("row_id") == F.col("entry_row")
    same_country = F.col("claim_country") == F.col("entry_country")
    same_title = F.col("title_id") == F.col("entry_title")
    return cells.join(F.broadcast(entries), same_row & same_country & same_title, "left")


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
    """Whether the cell only repeats what its row says, in the row's own sentence; never null."""
    no_counts = (F.col("count") == 0) & (F.col("days") == 0)
    no_payload = F.col("subject").isNull() & no_counts
    same_kind = F.col("kind") == F.col("row_evidence")
    own_sentence = F.array_contains(_own_sentences(), F.col("text"))
    return F.coalesce(same_kind & no_payload & own_sentence, F.lit(False))


def _true_of_title() -> Column:
    """Whether the cell's reason is true, but for how many titles share its tag.

    A reason of an unknown kind is not.
    """
    return _repeats_its_row() | F.coalesce(_reason_is_true(), F.lit(False))


def _sentence_is_true() -> Column:
    """Whether the cell says what its reason and payload say, in the reader's language."""
    watched_name = F.when(F.col("kind") == "watched", F.col("subject_name"))
    subject = watched_name.otherwise(F.col("subject"))
    says_reason = F.col("text") == reason_text(subject)
    return _repeats_its_row() | F.coalesce(says_reason, F.lit(False))


def _wrong(is_true: Column) -> Column:
    """1 for what is not true, else 0."""
    return F.when(is_true, 0).otherwise(1)


def _reason_is_true() -> Column:
    """Whether the payload is true of the cell's title, by the kind of reason; null for no kind."""
    rules = _reason_rules()
    is_true = F.lit(None).cast("boolean")
    for kind in KINDS:
        is_true = F.when(F.col("kind") == kind, rules[kind]).otherwise(is_true)
    return is_true


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


def _own_sentences() -> Column:
    """What the cell's row may say of its title in its own words; null where no rule says it."""
    sentences = F.lit(None).cast("array<string>")
    for name, kind in rows().kinds.items():
        own = _own_sentences_of(name, kind)
        if own is not None:
            sentences = F.when(F.col("row_kind") == name, own).otherwise(sentences)
    return sentences


def _own_sentences_of(name: str, kind: RowKind) -> Column | None:
    """The own sentences of a kind of row; None where no rule says them."""
    if kind.by_tag and kind.evidence == TAG_EVIDENCE[kind.per]:
        return F.array(F.concat(F.lit(TAG_SENTENCES.get(kind.per, "")), tag_of_row(name)))
    if kind.order in OWN_SENTENCES:
        return F.col("sentences")
    rule = PROFILE_SENTENCES.get(kind.order)
    return rule() if rule else None


def _fits_sentence() -> Column:
    return F.array(F.lit(FITS))


def _similar_sentences() -> Column:
    """By co-watching, or one or two tags that the title shares with the row's anchor."""
    name = F.col("anchor.name")
    shared = F.array_intersect(_all_tags(), F.col("anchor.tags"))
    pairs = F.flatten(
        F.transform(
            shared,
            lambda one: F.transform(shared, lambda other: F.concat_ws(" and ", one, other)),
        )
    )
    alike = F.transform(F.concat(shared, pairs), lambda tags: F.concat_ws(", like ", tags, name))
    co_watched = F.concat(F.lit("Often played by those who played "), name)
    return F.concat(F.array(co_watched), alike)


def _replay_sentences() -> Column:
    plays = F.col("own_plays").cast("string")
    times = F.concat(plays, F.lit(" times"))
    for number, word in TIMES.items():
        times = F.when(F.col("own_plays") == number, F.lit(word)).otherwise(times)
    number_of_stars = F.regexp_replace(F.round("own_stars", 5).cast("string"), r"\.0$", "")
    is_rated = F.col("own_stars").isNotNull() & ~F.isnan("own_stars")
    stars = F.when(is_rated, F.concat(F.lit(" and gave it "), number_of_stars))
    return F.array(F.concat(F.lit("You played it "), times, F.coalesce(stars, F.lit(""))))


def _resume_sentences() -> Column:
    minute = F.floor(F.col("resume_seconds") / 60).cast("string")
    place = F.concat(F.lit("at "), minute, F.lit(" min"))
    episode = F.when(F.length("episode") > 0, F.col("episode"))
    goes_on = F.concat_ws(" ", F.lit("Resume"), episode, place)
    following = F.concat(F.lit("Next episode: "), F.col("next_episode"))
    return F.array(F.when(F.col("resume_seconds") > 0, goes_on).otherwise(following))


def _list_sentences() -> Column:
    own = F.filter("own_list", lambda entry: entry["title_id"] == F.col("title_id"))
    day = F.date_format(F.get(own, F.lit(0))["listed_at"], "yyyy-MM-dd")
    return F.array(F.concat(F.lit("On your list since "), day))


# What a row may say by its order, where the reader's own facts decide it.
PROFILE_SENTENCES: dict[str, Callable[[], Column]] = {
    "personal": _fits_sentence,
    "pvr": _fits_sentence,
    "similar": _similar_sentences,
    "history": _replay_sentences,
    "resume": _resume_sentences,
    "list": _list_sentences,
}


def _all_tags() -> Column:
    """Everything that a title can have in common with another one."""
    none = F.array().cast("array<string>")
    lists = [F.coalesce(F.col(column), none) for column in TAG_COLUMNS.values()]
    eras = F.coalesce(F.array_compact(F.array(era_of())), none)
    return F.array_distinct(F.concat(*lists, eras, F.coalesce(genre_eras(), none)))

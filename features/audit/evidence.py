"""Whether the reason in each cell is true, and whether its sentence says just that.

Checked from the tables alone; nothing of the code that gave the reason is used. A kind of reason, a
kind of row or an order without a rule here is never believed.
"""

from conf.evidence import KINDS, evidence, languages
from conf.rows import TAG_EVIDENCE, RowKind
from features.audit.claims import OWN_WORDS
from features.audit.wording import MANY, READER, TOLERANCE, by_language, day_text, said, whole_days
from features.sql_text import quoted

TAGGED = {"taste": "genre", "genre": "genre", "director": "director", "cast": "cast"}
PEOPLE = ("director", "cast")
TAG_TEXTS = {"genre": "genre", "cast": "with", "director": "by"}  # by facet; others are said alone
TITLE_TEXTS = (  # that a title and a country alone decide
    *(
        "popular",
        "ever",
        "trending",
        "trending_in",
        "new",
        "first_played",
        "back",
        "season",
        "acclaim",
    ),
)
EVIDENCE_RULES = ("evidence_true", "sentences_true")
HALF_DAY = 0.5
# How many titles of each tag each profile played, and how many it liked; `tagged` are those played
# that a row of the tag could show.
TAG_COUNTS = """
    CREATE TEMP TABLE tag_counts AS
    SELECT page_no, tag_no, count(*) AS played, count(*) FILTER (liked) AS liked,
        count(*) FILTER (has_features) AS tagged
    FROM histories JOIN title_tags USING (title_no)
    GROUP BY ALL
"""
# What a reason of a cell can be checked against, null where there is nothing: the reader's own entry
# of the subject, whether the two are alike, the tag, and the words for it. Keys are null where a kind
# of reason, or of row, does not ask.
JOINS = f"""
    LEFT JOIN own AS subjects
        ON subjects.page_no = page_rows.page_no AND subjects.title_no = cells.subject_no
    LEFT JOIN known AS named ON named.title_no = cells.subject_no
    LEFT JOIN alike ON alike.title_no = cells.title_no
        AND alike.subject_no = CASE cells.evidence_type WHEN 'watched' THEN cells.subject_no END
    LEFT JOIN awards ON awards.title_no = cells.title_no
        AND awards.award = CASE cells.evidence_type WHEN 'award' THEN cells.subject END
    LEFT JOIN tags ON tags.tag = cells.subject AND tags.facet = CASE cells.evidence_type
        {" ".join(f"WHEN '{kind}' THEN '{facet}'" for kind, facet in TAGGED.items())} END
    LEFT JOIN title_tags
        ON title_tags.title_no = cells.title_no AND title_tags.tag_no = tags.tag_no
    LEFT JOIN tag_counts
        ON tag_counts.page_no = page_rows.page_no AND tag_counts.tag_no = tags.tag_no
    LEFT JOIN texts
        ON texts.language = page_rows.language AND texts.said_kind = cells.evidence_type
        AND texts.form = least(
            CASE cells.evidence_type WHEN 'new' THEN cells.days ELSE cells.count END, {MANY}
        )
"""


def evidence_rules() -> dict[str, str]:
    """A condition on a cell for each of EVIDENCE_RULES; null counts as broken.

    A row's own sentence, without payload, is true by the row's rules, which are checked elsewhere,
    if it is the one that the row has of the title.
    """
    repeats = _repeats()
    reason_is_true = f"({_reason_is_true()}) AND ({_true_of_tag()})"
    says_reason = f"cells.evidence = {_reason_text()}"
    return {
        "evidence_true": f"CASE WHEN {repeats} THEN true ELSE {reason_is_true} END",
        "sentences_true": f"CASE WHEN {repeats} THEN true ELSE {says_reason} END",
    }


def _repeats() -> str:
    """Whether a cell says its row's own sentence, and that is the one which the row has of it."""
    episode = {"count": "own.resume_seconds // 60", "subject": "own.episode"}
    return f"""
    (CASE WHEN cells.evidence_type = page_rows.evidence_type AND cells.subject IS NULL
        AND cells.count = 0 AND cells.days = 0 THEN CASE page_rows.says
        WHEN 'row' THEN cells.evidence = page_rows.own_text
        WHEN 'title' THEN entries.is_true
            AND cells.evidence IN ({_of_title(-TOLERANCE)}, {_of_title(TOLERANCE)})
        WHEN 'history' THEN cells.evidence = {said("again", {"count": "own.plays_count"})}
        WHEN 'resume' THEN cells.evidence = CASE
            WHEN own.resume_seconds > 0 AND length(own.episode) > 0 THEN {said("resume_episode", episode)}
            WHEN own.resume_seconds > 0 THEN {said("resume", episode)}
            ELSE {said("next_episode", {"subject": "own.next_episode"})} END
        WHEN 'list' THEN cells.evidence = {said("listed", {"day": day_text("own.listed_at")})}
        ELSE false END ELSE false END)
    """


def _of_title(tolerance: float) -> str:
    """What the row's order says of the title, where ages in days are off by so much."""
    words = {
        "count": "entries.own_count",
        "total": "entries.own_total",
        "days": whole_days(f"(entries.own_days + {tolerance})"),
        "country": "page_rows.country_name",
    }
    whens = " ".join(f"WHEN {quoted(key)} THEN {said(key, words)}" for key in TITLE_TEXTS)
    return f"CASE entries.own_key {whens} END"


def says(kind: RowKind) -> tuple[str | None, str]:
    """What decides the own sentences of a kind of row, null where no rule says them; and the
    sentence itself where the row alone decides it, in SQL.
    """
    if kind.by_tag and kind.evidence == TAG_EVIDENCE[kind.per]:
        text = TAG_TEXTS.get(kind.per, "tag")
        return "row", said(text, {"subject": "tag_said"}, "framed.language")
    if kind.order in OWN_WORDS:
        return "title", "NULL"
    if kind.order in ("personal", "pvr"):
        return "row", said("taste", {"count": "0", "subject": "''"}, "framed.language")
    if kind.order == "similar":
        return "row", said("alike", {"subject": "anchor_name"}, "framed.language")
    known = kind.order in ("history", "resume", "list")  # the reader's own facts decide it
    return (kind.order if known else None), "NULL"


def _reason_is_true() -> str:
    """Whether the payload is true of the cell's title, by the kind of reason; false for no kind."""
    rules = _reason_rules()
    whens = " ".join(f"WHEN {quoted(kind)} THEN {rules[kind]}" for kind in KINDS)
    return f"CASE cells.evidence_type {whens} ELSE false END"


def _reason_rules() -> dict[str, str]:
    """For each kind of reason whether its payload is true of the cell's title."""
    settings = evidence()
    on_that_day = f"abs(known.launch_days - cells.days - {HALF_DAY}) <= {HALF_DAY + TOLERANCE}"
    is_new = f"known.launch_days <= {settings.new_days + TOLERANCE}"
    is_rising = "known.trend > 0"
    same_trend_plays = "known.trend_plays = cells.count"
    enough_plays = f"cells.count >= {settings.least_plays}"
    in_trend_days = f"cells.days = {settings.trend_days}"
    same_popular_plays = "known.popular_plays = cells.count"
    has_plays = "known.all_plays > 0"
    in_popular_days = f"cells.days = {settings.popular_days}"
    has_tag = "title_tags.tag_no IS NOT NULL"
    is_anchor = "coalesce(subjects.liked, false)"
    is_similar = "alike.title_no IS NOT NULL"
    return {
        "again": "own.plays_count = cells.count",
        "watched": f"{is_anchor} AND {is_similar}",
        "director": has_tag,
        "cast": has_tag,
        "new": f"{on_that_day} AND {is_new}",
        "trending": f"{is_rising} AND {same_trend_plays} AND {enough_plays} AND {in_trend_days}",
        "award": "awards.award IS NOT NULL",
        "taste": has_tag,
        "genre": has_tag,
        "popular": f"{same_popular_plays} AND {has_plays} AND {in_popular_days}",
    }


def _true_of_tag() -> str:
    """Whether the profile played, or liked, as many titles with the tag as the reason says.

    Kinds that do not count say nothing; a person is liked in `least_titles` titles or more.
    """
    enough = f"cells.count >= {evidence().least_titles}"
    people = ", ".join(quoted(kind) for kind in PEOPLE)
    return f"""
        CASE WHEN cells.evidence_type = 'taste' THEN tag_counts.played = cells.count
            WHEN cells.evidence_type IN ({people}) THEN tag_counts.liked = cells.count AND {enough}
            ELSE true END
    """


def _reason_text() -> str:
    """The sentence of the reason, in the reader's language."""
    tag = by_language({name: f"tags.said_{name}" for name in languages()}, READER)
    subject = f"""CASE WHEN cells.evidence_type = 'watched' THEN named.name
        WHEN cells.evidence_type IN ('taste', 'genre') THEN {tag} ELSE cells.subject END"""
    text = "replace(replace(texts.said, '{count}', cells.count::VARCHAR), '{days}', cells.days::VARCHAR)"
    return f"replace({text}, '{{subject}}', coalesce({subject}, ''))"

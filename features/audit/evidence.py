"""Whether the reason in each cell is true, and whether its sentence says just that.

Checked from the tables alone; nothing of the code that gave the reason is used. A kind of reason, a
kind of row or an order without a rule here is never believed.
"""

from conf.evidence import KINDS, evidence
from conf.rows import TAG_EVIDENCE, RowKind
from features.audit.claims import OWN_SENTENCES, tag_of_row
from features.audit.wording import MANY, TOLERANCE
from features.sql_text import quoted

TAGGED = {"taste": "genre", "genre": "genre", "director": "director", "cast": "cast"}
PEOPLE = ("director", "cast")
TAG_SENTENCES = {"genre": "Genre: ", "cast": "With ", "director": "Directed by "}
FITS = "Fits what you played"
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
    LEFT JOIN known_lists AS shared
        ON shared.title_no = CASE page_rows.says WHEN 'similar' THEN cells.title_no END
    LEFT JOIN known_lists AS anchors
        ON anchors.title_no = CASE page_rows.says WHEN 'similar' THEN page_rows.anchor_no END
"""


def evidence_rules() -> dict[str, str]:
    """A condition on a cell for each of EVIDENCE_RULES; null counts as broken.

    A row's own sentence, without payload, is true by the row's rules, which are checked elsewhere,
    if it is the one that the row has of the title.
    """
    reason_is_true = f"({_reason_is_true()}) AND ({_true_of_tag()})"
    says_reason = f"cells.evidence = {_reason_text()}"
    return {
        "evidence_true": f"CASE WHEN {REPEATS} THEN true ELSE {reason_is_true} END",
        "sentences_true": f"CASE WHEN {REPEATS} THEN true ELSE {says_reason} END",
    }


REPEATS = """
    (CASE WHEN cells.evidence_type = page_rows.evidence_type AND cells.subject IS NULL
        AND cells.count = 0 AND cells.days = 0 THEN CASE page_rows.says
        WHEN 'tag' THEN cells.evidence = page_rows.own_text
        WHEN 'fits' THEN cells.evidence = page_rows.own_text
        WHEN 'title' THEN entries.is_true AND list_contains(entries.sentences, cells.evidence)
        WHEN 'similar' THEN cells.evidence = page_rows.own_text OR coalesce({like}, false)
        WHEN 'history' THEN cells.evidence = {replay}
        WHEN 'resume' THEN cells.evidence = {resume}
        WHEN 'list' THEN
            cells.evidence = 'On your list since ' || strftime(own.listed_at, '%Y-%m-%d')
        ELSE false END ELSE false END)
"""
# One or two tags that the title shares with the row's anchor; a title shares all its tags with itself.
LIKE = """
    ends_with(cells.evidence, ', like ' || page_rows.anchor_name) AND len(list_filter(
        list_intersect(shared.shared_tags, anchors.shared_tags),
        lambda tag: tag || ', like ' || page_rows.anchor_name = cells.evidence
            OR starts_with(cells.evidence, tag || ' and ') AND list_contains(
                list_intersect(shared.shared_tags, anchors.shared_tags),
                substr(
                    cells.evidence, length(tag) + 6,
                    length(cells.evidence) - length(tag) - 5
                        - length(', like ' || page_rows.anchor_name)
                )
            )
    )) > 0
"""
REPLAY = """
    'You played it ' || CASE own.plays_count WHEN 1 THEN 'once' WHEN 2 THEN 'twice'
        ELSE own.plays_count || ' times' END
    || CASE WHEN own.stars IS NOT NULL AND NOT isnan(own.stars)
        THEN ' and gave it ' || regexp_replace(round(own.stars, 5)::VARCHAR, '\\.0$', '')
        ELSE '' END
"""
RESUME = """
    CASE WHEN own.resume_seconds > 0
        THEN 'Resume ' || CASE WHEN length(own.episode) > 0 THEN own.episode || ' ' ELSE '' END
            || 'at ' || own.resume_seconds // 60 || ' min'
        ELSE 'Next episode: ' || own.next_episode END
"""
REPEATS = REPEATS.format(like=LIKE, replay=REPLAY, resume=RESUME)


def says(name: str, kind: RowKind) -> tuple[str | None, str]:
    """What decides the own sentences of a kind of row, null where no rule says them; and the
    sentence itself where the row alone decides it, in SQL.
    """
    if kind.by_tag and kind.evidence == TAG_EVIDENCE[kind.per]:
        return "tag", f"{quoted(TAG_SENTENCES.get(kind.per, ''))} || {tag_of_row(name)}"
    if kind.order in OWN_SENTENCES:
        return "title", "NULL"
    return PROFILE_SENTENCES.get(kind.order, (None, "NULL"))


# What a row may say by its order, where the reader's own facts decide it.
PROFILE_SENTENCES: dict[str, tuple[str | None, str]] = {
    "personal": ("fits", quoted(FITS)),
    "pvr": ("fits", quoted(FITS)),
    "similar": ("similar", "'Often played by those who played ' || anchor_name"),
    "history": ("history", "NULL"),
    "resume": ("resume", "NULL"),
    "list": ("list", "NULL"),
}


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
    subject = "CASE WHEN cells.evidence_type = 'watched' THEN named.name ELSE cells.subject END"
    text = "replace(replace(texts.said, '{count}', cells.count::VARCHAR), '{days}', cells.days::VARCHAR)"
    return f"replace({text}, '{{subject}}', coalesce({subject}, ''))"

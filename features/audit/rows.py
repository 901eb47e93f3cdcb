"""Rules that each row of drafts must keep, checked from the tables alone.

Nothing of the page's maker is used, so that its mistakes are not repeated here.
A rule that depends on the kind of row is broken by a row of an unknown kind.
"""
# Tested by tests/features/audit/test_pages.py.

from collections.abc import Callable

import pyarrow as pa

from conf.evidence import languages
from conf.pages import pages
from conf.rows import RowKind, rows
from features.audit.claims import claim_of, tag_of_row
from features.audit.evidence import says
from features.audit.tables import table_of
from features.audit.wording import by_language, day_text, filled
from features.sql_text import quoted

ROW_RULES = (
    "row_kind_known",
    "row_built_as_of_its_day",
    "cells_numbered_from_one",
    "row_length_within_bounds",
    "row_without_repeats",
    "evidence_given",
    "picture_given",
    "propensity_is_a_probability",
    "watched_policy_kept",
    "anchor_from_own_history",
    "list_is_the_profiles_own",
    "claims_are_true",
    "row_text_true",
    "scores_finite",
    "cells_in_order",
    "title_chance_declared",
)
RANK_RULES = ("order_as_said",)
ALMOST = 1e-9  # of probabilities
KIND = {
    "row_kind": pa.string(),
    "order_name": pa.string(),
    "per": pa.string(),
    "watched": pa.string(),
    "may_repeat": pa.bool_(),
    "least_length": pa.int32(),
    "most_length": pa.int32(),
    "kind_evidence": pa.string(),
    "claims_anything": pa.bool_(),  # null where that cannot be looked up
    "by_country": pa.bool_(),
    "is_ranked": pa.bool_(),
    "says": pa.string(),
}


def row_kinds() -> pa.Table:
    """The kinds of row and what is asked of them."""
    records = []
    for name, kind in rows().kinds.items():
        order = rows().orders.get(kind.order)
        records.append(
            {
                "row_kind": name,
                "order_name": kind.order,
                "per": kind.per,
                "watched": kind.watched,
                "may_repeat": kind.may_repeat,
                "least_length": kind.min_length,
                "most_length": min(kind.max_length, pages().columns),
                "kind_evidence": kind.evidence,
                "claims_anything": claim_of(name),
                "by_country": bool(order and order.by_country),
                "is_ranked": bool(order and order.ranked_by),
                "says": says(kind)[0],
            }
        )
    return table_of(records, KIND)


def page_rows() -> str:
    """page_rows: each row with its reader's settings, its kind and what it is about."""
    names = {name: f"tags.said_{name}" for name in languages()}
    tag_said = by_language(names, "framed.language")
    width = " ".join(f"WHEN {place} THEN {cells}" for place, cells in enumerate(pages().screen, 1))
    return f"""
        CREATE TEMP TABLE page_rows AS
        WITH framed AS (
            SELECT rows_given.*, pages.* EXCLUDE (profile_id), kinds.* EXCLUDE (row_kind),
                anchor.name AS anchor_name,
                CASE row_position {width} ELSE 0 END AS width_in_view,
                ({_of_kind(_tag)})::VARCHAR AS tag
            FROM rows_given
            JOIN pages ON pages.profile_id IS NOT DISTINCT FROM rows_given.profile_id
            LEFT JOIN kinds USING (row_kind)
            LEFT JOIN known AS anchor ON anchor.title_no = anchor_no
        )
        SELECT framed.*, claims.claim_no, coalesce(tag_counts.tagged, 0) AS tagged_count,
            coalesce(history_sizes.titles, 0) AS history_size,
            coalesce({tag_said}, framed.tag) AS tag_said,
            {day_text("anchors.last_at", "framed.language")} AS anchor_day,
            anchors.title_no IS NOT NULL AS anchor_is_own,
            ({_of_kind(_own_text)})::VARCHAR AS own_text,
            CASE WHEN NOT coalesce(may_repeat, false)
                AND NOT coalesce(lead(may_repeat) OVER page, false)
                THEN lead(row_no) OVER page END AS next_row_no
        FROM framed
        LEFT JOIN claims ON claims.row_id = framed.row_id
            AND claims.country_no = CASE WHEN by_country THEN framed.country_no ELSE -1 END
        LEFT JOIN tags ON tags.facet = per AND tags.tag = framed.tag
        LEFT JOIN tag_counts
            ON tag_counts.page_no = framed.page_no AND tag_counts.tag_no = tags.tag_no
        LEFT JOIN history_sizes ON history_sizes.page_no = framed.page_no
        LEFT JOIN histories AS anchors
            ON anchors.page_no = framed.page_no AND anchors.title_no = anchor_no
        WINDOW page AS (PARTITION BY framed.page_no ORDER BY row_position, row_no)
    """


def _tag(name: str, kind: RowKind) -> str:
    return tag_of_row(name) if kind.by_tag else "NULL"


def _own_text(_name: str, kind: RowKind) -> str:
    """The own sentence of a row that decides it alone."""
    return says(kind)[1]


def _of_kind(rule: Callable[[str, RowKind], str]) -> str:
    """A value by the row's kind; null for a kind that does not exist."""
    whens = " ".join(
        f"WHEN {quoted(name)} THEN {rule(name, kind)}" for name, kind in rows().kinds.items()
    )
    return f"CASE row_kind {whens} END"


def own_titles() -> str:
    """own: what is said of a title to its reader, and the row that it leads from, if any."""
    head = max(pages().lead, pages().choice.fresh)
    return f"""
        CREATE TEMP TABLE own AS
        WITH said AS (
            SELECT page_no, title_no, row_position AS led_from
            FROM cells JOIN page_rows USING (row_no)
            WHERE may_repeat = false AND (place <= {head} OR {was_drawn()})
            UNION ALL BY NAME
            SELECT page_no, title_no, true AS in_view
            FROM cells JOIN page_rows USING (row_no) WHERE place <= width_in_view
            UNION ALL BY NAME
            SELECT page_no, title_no, true AS played, unfinished, liked, plays_count, stars,
                resume_seconds, episode, next_episode
            FROM histories
            UNION ALL BY NAME
            SELECT page_no, title_no, listed_at, true AS on_list
            FROM listed JOIN pages USING (profile_no)
            UNION ALL BY NAME
            SELECT page_no, title_no, true AS blocked FROM blocked JOIN pages USING (profile_no)
        )
        SELECT page_no, title_no, min(led_from) AS led_from, bool_or(in_view) AS in_view,
            bool_or(played) AS played, bool_or(unfinished) AS unfinished, bool_or(liked) AS liked,
            max(plays_count) AS plays_count, max(stars) AS stars,
            max(resume_seconds) AS resume_seconds, max(episode) AS episode,
            max(next_episode) AS next_episode, max(listed_at) AS listed_at,
            bool_or(on_list) AS on_list, bool_or(blocked) AS blocked
        FROM said GROUP BY ALL
    """


def was_drawn() -> str:
    """Whether a draw put another title in the cell than the order would have."""
    half_of_draws = pages().exploration.share / 2 + ALMOST
    return f"coalesce(title_propensity <= {half_of_draws}, false)"


def cell_rules() -> dict[str, str]:
    """What every cell of a row must keep; null counts as broken."""
    return {
        "numbered": "cells.column_position = cells.place",
        "has_evidence": "length(cells.evidence) > 0",
        "picture_given": "length(cells.artwork_id) > 0",
        "propensity_is_a_probability": (
            f"{_is_probability('cells.propensity')} AND {_is_probability('cells.title_propensity')}"
        ),
        "scores_finite": "isfinite(cells.score)",
        "is_certain": "cells.title_propensity = 1",
        "is_played": "own.played",
        "is_unfinished": "own.unfinished",
        "is_not_played": "NOT coalesce(own.played, false)",
        "is_finished": "NOT coalesce(own.unfinished, false)",
        "is_on_list": "own.on_list",
        "is_claimed": "entries.is_true",
        "is_not_anchor": "coalesce(cells.title_no <> page_rows.anchor_no, true)",
    }


def _is_probability(value: str) -> str:
    return f"({value} > 0 AND {value} <= 1)"


# The cells that have to stand by their scores, and by what their row says that it is ordered by: all
# but titles that lead rows above, and those that a draw put in each other's places. A title of which
# nothing is known stands before all: it breaks the order of what follows it.
ORDERS = """
    CREATE TEMP TABLE orders AS
    WITH kept AS (
        SELECT row_no, coalesce(score, '-inf') AS score, coalesce(rank_value, '-inf') AS value,
            lag(coalesce(score, '-inf')) OVER in_row AS score_before,
            lag(coalesce(rank_value, '-inf')) OVER in_row AS value_before
        FROM judged WHERE NOT is_led AND NOT is_drawn
        WINDOW in_row AS (PARTITION BY row_no ORDER BY place)
    )
    SELECT row_no, NOT coalesce(bool_or(score > score_before), false) AS scores_fall,
        NOT coalesce(bool_or(value > value_before), false) AS values_fall
    FROM kept GROUP BY row_no
"""
REPEATED = """
    CREATE TEMP TABLE repeated AS
    SELECT DISTINCT row_no
    FROM (SELECT row_no FROM judged GROUP BY row_no, title_no HAVING count(*) > 1)
"""


def chances() -> str:
    """Whether the chances of rows in which a new title may be drawn are as declared.

    Of K titles that may be drawn, the one in the slot has the probability 1 - share + share / K, and
    the others 1 - share / K; where another one was drawn, it and the one that gave way share / K.
    """
    share, slot = pages().exploration.share, pages().exploration.column
    own_place, drawn = f"(1 - {share} / pool)", f"({share} / pool)"

    def near(value: str) -> str:
        return f"abs(chance - {value}) < {ALMOST}"

    in_slot = f"place = {slot} AND {near('{}')}"
    return f"""
        CREATE TEMP TABLE chances AS
        WITH uncertain AS (
            SELECT row_no, place, title_propensity AS chance,
                nullif(count(*) FILTER (title_propensity < 1) OVER (PARTITION BY row_no), 0) AS pool
            FROM judged
            WHERE row_no IN (SELECT row_no FROM page_rows WHERE order_name = 'newness')
        ),
        counted AS (
            SELECT row_no, any_value(pool) AS pool,
                bool_and(place >= {slot} OR coalesce(chance = 1, false)) AS is_before_certain,
                coalesce(bool_or({in_slot.format(f"({own_place} - {share} + 2 * {drawn})")}), false)
                    AS none_drawn,
                coalesce(bool_or({in_slot.format(drawn)}), false) AS is_drawn,
                count(*) FILTER (place > {slot} AND {near(own_place)}) AS in_own_place,
                count(*) FILTER (chance < 1 AND {near(drawn)}) AS given_way
            FROM uncertain GROUP BY row_no
        )
        SELECT row_no, pool > 1 AND is_before_certain AND (
            none_drawn AND in_own_place = pool - 1
            OR is_drawn AND given_way = 2 AND in_own_place = pool - 2
        ) AS is_declared
        FROM counted
    """


def row_rules() -> dict[str, str]:
    """A condition for each of ROW_RULES and RANK_RULES; null counts as broken.

    `every_<name>` is true where all cells of the row keep what is called so.
    """
    return {
        "row_kind_known": "order_name IS NOT NULL",
        "row_built_as_of_its_day": "as_of = getvariable('as_of')",
        "cells_numbered_from_one": "size > 0 AND every_numbered",
        "row_length_within_bounds": "size BETWEEN least_length AND most_length",
        "row_without_repeats": "repeated.row_no IS NULL",
        "evidence_given": "length(reason) > 0 AND length(row_title) > 0 AND every_has_evidence",
        "picture_given": "every_picture_given",
        "propensity_is_a_probability": "every_propensity_is_a_probability",
        "watched_policy_kept": """CASE watched
            WHEN 'hide' THEN every_is_not_played
            WHEN 'show' THEN true
            WHEN 'only' THEN every_is_played
            WHEN 'begun' THEN every_is_unfinished
            WHEN 'finished' THEN every_is_played AND every_is_finished
            ELSE false END""",
        "anchor_from_own_history": """CASE WHEN per = 'anchor'
            THEN anchor_is_own AND every_is_not_anchor AND ends_with(row_id, anchor_title_id)
            WHEN per IS NOT NULL THEN anchor_title_id IS NULL ELSE false END""",
        "list_is_the_profiles_own": "order_name <> 'list' OR every_is_on_list",
        "claims_are_true": """CASE WHEN claims_anything THEN claim_no IS NOT NULL AND every_is_claimed
            WHEN NOT claims_anything THEN true ELSE false END""",
        "row_text_true": _of_kind(_says_what_it_is),
        "scores_finite": "every_scores_finite",
        "cells_in_order": "coalesce(scores_fall, true)",
        "title_chance_declared": """order_name IS NOT NULL
            AND (every_is_certain OR coalesce(order_name = 'newness' AND is_declared, false))""",
        "order_as_said": "NOT coalesce(is_ranked, false) OR coalesce(values_fall, true)",
    }


def _says_what_it_is(name: str, kind: RowKind) -> str:
    """The row's id, title, reason and kind of evidence are those of its kind, rebuilt."""
    words = {
        "window_days": str(kind.window_days),
        "anchor": "anchor_name",
        "day": "anchor_day",
        "tag": "tag_said",
        "count": "tagged_count",
        "played": "history_size",
    }
    titles, reasons = {}, {}
    for language in languages():
        texts = kind.said_in(language)
        reason = filled(texts.reason, words)
        if kind.by_tag:
            unplayed = filled(texts.reason_unplayed, words)
            reason = f"CASE WHEN tagged_count > 0 THEN {reason} ELSE {unplayed} END"
        titles[language], reasons[language] = filled(texts.title, words), reason
    prefix = quoted(f"{name}:")
    about = {"anchor": f"{prefix} || anchor_title_id", "profile": quoted(name)}
    row_id = about.get(kind.per, f"{prefix} || tag")
    return (
        f"(row_id = {row_id} AND row_title = {by_language(titles, 'language')}"
        f" AND reason = {by_language(reasons, 'language')} AND evidence_type = {quoted(kind.evidence)})"
    )

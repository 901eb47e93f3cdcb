"""The titles of which each row's claim is true, found from the tables alone: the audit's own
answer.

What an order claims stands in `conf/rows.yaml`; a row by facet also claims that its titles have the
tag it names. A kind of row whose claim cannot be looked up is a broken rule: the audit never
accepts what it does not know. Beside each title stands what the row may say of it.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from conf.rows import RowKind, RowOrder, rows
from features.audit.tables import Database
from features.sql_text import quoted

EVERYWHERE = -1  # the country of claims that are the same for all
PLAYS_HERE = ("plays_1d", "plays_3d", "plays_7d", "plays_before", "season_plays", "earlier_plays")


def make_claims(database: Database) -> None:
    """Make `claims`, the rows by row_id and country that titles could stand in, and `entries`.

    `is_true` says whether the row's claim is true of the title; `own_key`, `own_count`, `own_total`
    and `own_days` are what it may say of it in its own words, null where that does not depend on the
    title and country alone; `rank_value` is what the row says that its titles are ordered by. A kind
    of row that claims nothing of its titles has no entry.
    """
    database.execute(CLAIM_TITLES)
    database.execute(_claim_countries())
    selects = [
        _entries(name, kind, order)
        for name, kind, order in ordered_kinds()
        if claims_anything(kind, order)
    ]
    every = " UNION ALL ".join(selects) or NO_ENTRY
    database.execute(f"CREATE TABLE named_entries AS {every}")
    database.execute("""
        CREATE TABLE claims AS
        SELECT (row_number() OVER ())::INTEGER AS claim_no, row_id, country_no
        FROM (SELECT DISTINCT row_id, country_no FROM named_entries)
    """)
    database.execute("""
        CREATE TABLE entries AS
        SELECT claim_no, title_no, is_true, own_key, own_count, own_total, own_days, rank_value
        FROM named_entries JOIN claims USING (row_id, country_no)
    """)


def ordered_kinds() -> Iterator[tuple[str, RowKind, RowOrder]]:
    """The kinds of row whose order has an entry, each with its name and its order."""
    for name, kind in rows().kinds.items():
        order = rows().orders.get(kind.order)
        if order is not None:
            yield name, kind, order


def claims_anything(kind: RowKind, order: RowOrder) -> bool:
    """Whether a row says anything of its titles that could be false."""
    return kind.by_tag or order.has_claim


def claim_of(name: str) -> bool | None:
    """Whether a kind of row claims anything; None where that cannot be looked up."""
    return next(
        (claims_anything(kind, order) for own, kind, order in ordered_kinds() if own == name), None
    )


# Beside each title the medians of all: usual_plays of played titles, usual_stars of rated ones.
CLAIM_TITLES = """
    CREATE TABLE claim_titles AS
    WITH both_known AS (
        SELECT known.title_no, known.launch_days, newest_titles.*,
            title_features.* EXCLUDE (title_id, ds)
        FROM title_features
        JOIN newest_titles USING (title_id)
        JOIN known USING (title_id)
    )
    SELECT *,
        (
            SELECT quantile_cont(title_plays_count_all, 0.5) FROM both_known
            WHERE title_plays_count_all > 0
        ) AS usual_plays,
        (
            SELECT quantile_cont(title_stars_mean, 0.5) FROM both_known WHERE title_stars_count > 0
        ) AS usual_stars
    FROM both_known
"""
NO_ENTRY = """
    SELECT '' AS row_id, 0 AS country_no, 0 AS title_no, false AS is_true,
        NULL::VARCHAR AS own_key, NULL::BIGINT AS own_count, NULL::BIGINT AS own_total,
        NULL::DOUBLE AS own_days, NULL::DOUBLE AS rank_value
    WHERE false
"""


def _claim_countries() -> str:
    """Each title in each country, with the columns of claims by country.

    `here` are the sums of `country_plays`, of everybody where nobody is known to have played in the
    country. `arrived_days_ago` counts from the launch or, where the open window is the first one
    there, from its beginning, whichever is later; null where there is neither. `back_days_ago`
    counts from the beginning of the open window where an earlier one had ended, else it is null.
    """
    sums = ", ".join(f"sum(entry.{name})::BIGINT AS {name}" for name in PLAYS_HERE)
    here = ", ".join(
        f"'{name}': coalesce(CASE WHEN has_plays THEN own.{name} ELSE everybody.{name} END, 0)"
        for name in PLAYS_HERE
    )
    return f"""
        CREATE TABLE claim_countries AS
        WITH plays AS (SELECT title_no, unnest(country_plays) AS entry FROM claim_titles),
        own AS (SELECT title_no, entry.country, {sums} FROM plays GROUP BY ALL),
        everybody AS (SELECT title_no, {sums} FROM plays GROUP BY ALL)
        SELECT claim_titles.*, country_no, countries.country, has_plays, {{{here}}} AS here,
            least(launch_days, CASE WHEN NOT was_gone THEN open_days END) AS arrived_days_ago,
            CASE WHEN was_gone THEN open_days END AS back_days_ago
        FROM claim_titles
        JOIN title_country USING (title_no)
        JOIN countries USING (country_no)
        LEFT JOIN own ON own.title_no = claim_titles.title_no AND own.country = countries.country
        LEFT JOIN everybody ON everybody.title_no = claim_titles.title_no
    """


def _entries(name: str, kind: RowKind, order: RowOrder) -> str:
    """The titles that could stand in rows of a kind."""
    claim = f"coalesce({order.claim_of(kind)}, false)" if order.has_claim else "true"
    own = OWN_WORDS[kind.order](kind) if kind.order in OWN_WORDS else OwnWords("NULL")
    ranked_by = order.ranked_by_of(kind) if order.ranked_by else "NULL"
    source = "claim_countries" if order.by_country else "claim_titles"
    row_id, where = quoted(name), f"WHERE {claim}"
    if kind.by_tag:
        row_id, where = f"{quoted(name + ':')} || tag", f"WHERE facet = {quoted(kind.per)}"
        source = f"{source} JOIN title_tags USING (title_no) JOIN tags USING (tag_no)"
    return f"""
        SELECT {row_id} AS row_id, {"country_no" if order.by_country else EVERYWHERE} AS country_no,
            title_no, {claim} AS is_true, ({own.key})::VARCHAR AS own_key,
            ({own.number})::BIGINT AS own_count, ({own.total})::BIGINT AS own_total,
            ({own.days})::DOUBLE AS own_days, ({ranked_by})::DOUBLE AS rank_value
        FROM {source} {where}
    """


class OwnWords(NamedTuple):
    """What a row says of a title by its order: the text and what is filled in, in SQL."""

    key: str
    number: str = "NULL"
    total: str = "NULL"
    days: str = "NULL"


def _popularity_words(kind: RowKind) -> OwnWords:
    recent = f"title_plays_count_{kind.window_days}d"
    count = f"CASE WHEN {recent} > 0 THEN {recent} ELSE title_plays_count_all END"
    key = f"CASE WHEN {recent} > 0 THEN 'popular' ELSE 'ever' END"
    return OwnWords(key, count, days=str(kind.window_days))


def _trend_words(kind: RowKind) -> OwnWords:
    key = "CASE WHEN has_plays THEN 'trending_in' ELSE 'trending' END"
    return OwnWords(key, f"here.plays_{kind.window_days}d", days=str(kind.window_days))


def _newness_words(_kind: RowKind) -> OwnWords:
    key = "CASE WHEN arrived_days_ago IS NOT NULL THEN 'new' ELSE 'first_played' END"
    return OwnWords(key, days="coalesce(arrived_days_ago, title_first_play_age_days)")


def _return_words(_kind: RowKind) -> OwnWords:
    return OwnWords("'back'", days="back_days_ago")


def _season_words(_kind: RowKind) -> OwnWords:
    return OwnWords("'season'", "here.season_plays", "here.earlier_plays")


def _acclaim_words(_kind: RowKind) -> OwnWords:
    return OwnWords("'acclaim'", "title_stars_count", "title_plays_count_all")


# What a row may say of a title by its order, where title and country alone decide it.
OWN_WORDS: dict[str, Callable[[RowKind], OwnWords]] = {
    "popularity": _popularity_words,
    "trend": _trend_words,
    "newness": _newness_words,
    "return": _return_words,
    "season": _season_words,
    "acclaim": _acclaim_words,
}


def tag_of_row(name: str) -> str:
    """The tag in the id of a row of a kind by facet."""
    return f"substr(row_id, {len(name) + 2})"

"""What a day's pages and catalogue amount to, segment by segment: numbers that days are compared by.

Every query here gives segment, measure and value; values of parts of a day add up.
"""

from collections.abc import Mapping

from conf.changes import in_force
from conf.pages import pages
from conf.rows import rows
from features.audit.claims import EVERYWHERE
from features.audit.facts import AS_OF
from features.sql_text import quoted

ALL = "all"
POPULARITY = "title_plays_count_30d"
FILLED = ("genres", "cast", "directors", "keywords", "languages", "maturity", "year", "launched_at")
POSITIONS, PLACES = "positions of ", "place of "  # of a kind of row: their sum, and their mean
ROWS_OF = "rows of "
WITHOUT = "without "  # a kind of row that a variant leaves out
IN_GENRE = "titles in "  # a genre: how many there are


def page_measures() -> str:
    """By segment of profiles: how many there are (`profiles`), how many have a page (`pages`), what
    these have in `rows`, `cells` and cells on each device, and how many have a row of each kind, or
    were to have none, since their variant leaves the kind out.
    """
    devices = {
        f"cells on {name}": f"sum(least(size, {device.columns})) FILTER (row_position <= {device.rows})"
        for name, device in pages().devices.items()
    }
    kinds = {
        f"with {name}": f"bool_or(row_kind = {quoted(name)})::INTEGER" for name in rows().kinds
    }
    kinds |= {f"{WITHOUT}{name}": "1" for name in _left_out()}
    of_page = {"rows": "count(*)", "cells": "sum(size)", **devices, **kinds}
    columns = ", ".join(f'{value} AS "{name}"' for name, value in of_page.items())
    totals = {"profiles": "count(*)", "pages": "count(page.page_no)"}
    totals |= {name: f'coalesce(sum(page."{name}"), 0)' for name in of_page}
    return f"""
        WITH page AS (SELECT page_no, {columns} FROM page_rows GROUP BY page_no),
        segments AS (
            SELECT pages.page_no, unnest({_segments()}) AS segment
            FROM pages JOIN people USING (profile_no)
        )
        {_long("segments LEFT JOIN page USING (page_no)", "segment", totals)}
    """


def _left_out() -> list[str]:
    """The kinds of `conf/rows.yaml` that the changes in force leave out."""
    with in_force({}):
        known = rows().kinds
    return [name for name in known if name not in rows().kinds]


def order_measures(usual_places: Mapping[str, float]) -> str:
    """How many pages have rows at all, how many stand `reversed` against the usual places of their
    kinds, and how many have a required row `late`; and where the rows of each kind stand.
    """
    usual = _by_kind({name: repr(place) for name, place in usual_places.items()}, "DOUBLE")
    deadline = _by_kind({name: str(last) for name, last in pages().required.items()}, "INTEGER")
    totals = {
        "ordered": "count(*)",
        "reversed": "count(*) FILTER (slope < 0)",
        "late": "count(*) FILTER (late)",
    }
    return f"""
        WITH page AS (
            SELECT regr_slope(row_position::DOUBLE, {usual}) AS slope,
                bool_or(row_position > {deadline}) AS late
            FROM page_rows GROUP BY page_no
        )
        {_long("page", quoted(ALL), totals)}
        UNION ALL SELECT '{ALL}', '{POSITIONS}' || row_kind, sum(row_position)::DOUBLE
        FROM page_rows WHERE row_kind IS NOT NULL GROUP BY row_kind
        UNION ALL SELECT '{ALL}', '{ROWS_OF}' || row_kind, count(row_position)::DOUBLE
        FROM page_rows WHERE row_kind IS NOT NULL GROUP BY row_kind
    """


def _by_kind(values: Mapping[str, str], kind: str) -> str:
    whens = " ".join(f"WHEN {quoted(name)} THEN {value}" for name, value in values.items())
    return f"(CASE row_kind {whens} END)::{kind}" if whens else f"NULL::{kind}"


def claim_measures() -> str:
    """By country how many titles each kind of row for everybody could show."""
    kinds = ", ".join(quoted(name) for name, kind in rows().kinds.items() if kind.per == "profile")
    return f"""
        SELECT CASE WHEN country_no = {EVERYWHERE} THEN '{ALL}' ELSE 'country=' || country END
                AS segment,
            'titles of ' || row_id AS measure, count(*)::DOUBLE AS value
        FROM entries JOIN claims USING (claim_no) LEFT JOIN countries USING (country_no)
        WHERE is_true AND row_id IN ({kinds}) GROUP BY ALL
    """


def catalogue_measures() -> str:
    """How many titles there are, how many have each of FILLED, a picture and a window, are launched,
    suit each age of `audit.ages` and are in each genre; how many may be shown in each country.
    """
    counts = {
        "titles": "count(*)",
        "titles with pictures": "count(pictured.title_id)",
        "titles with windows": "count(windowed.title_id)",
        "titles launched": f"count(*) FILTER (coalesce(launched_at <= {AS_OF}, true))",
        **_suited("titles", "maturity"),
    }
    for name in FILLED:
        is_list = name in ("genres", "cast", "directors", "keywords", "languages")
        filled = f'len("{name}") > 0' if is_list else f"{name} IS NOT NULL"
        counts[f"titles with {name}"] = f"count(*) FILTER ({filled})"
    shown = {"titles": "count(*)", "titles open": "count(*) FILTER (is_open)"}
    joined = " ".join(
        f"LEFT JOIN (SELECT DISTINCT title_id FROM newest_{table}) AS {name} USING (title_id)"
        for name, table in {"pictured": "artwork", "windowed": "availability"}.items()
    )
    of_all = _long(f"newest_titles {joined}", quoted(ALL), counts)
    pictures = {"pictures": "count(*)", **_suited("pictures", "own_age")}
    of_pictures = _long("pictures", quoted(ALL), pictures)
    source = "title_country JOIN countries USING (country_no)"
    by_country = _long(source, "'country=' || country", shown)
    by_genre = f"""
        SELECT '{ALL}', '{IN_GENRE}' || genre, count(*)::DOUBLE
        FROM (SELECT DISTINCT title_id, unnest(genres) AS genre FROM newest_titles)
        WHERE genre IS NOT NULL GROUP BY genre
    """
    return " UNION ALL ".join((of_all, of_pictures, by_country, by_genre))


def _suited(name: str, age: str) -> dict[str, str]:
    """How many titles or pictures suit each age that days are compared by."""
    return {
        f"{name} for age {limit}": f"count(*) FILTER ({age} <= {limit})"
        for limit in pages().audit.ages
    }


def play_measures() -> str:
    """The plays of the last day as they came (`records`), and the people of whom these are (`plays`)."""
    totals = {
        "records": "sum(records_count_1d)",
        "plays": "sum(title_plays_count_1d + coalesce(uncounted_count_1d, 0))",
    }
    return _long("title_features", quoted(ALL), totals)


def burst_measures() -> str:
    """The titles in the `front` of the popular ones that a burst of newcomers played: their `place`
    and `place before`, by plays in 30 days; equal titles have the same.

    A burst is what the counts of plays left out, see `uncounted_count_1d` of `title_features`.
    """
    bounds = pages().audit.bursts
    places = f"rank() OVER (ORDER BY {POPULARITY} DESC)"
    return f"""
        WITH day AS (SELECT title_id, uncounted_count_1d, {POPULARITY} AS plays, {places} AS place FROM title_features),
        before AS (SELECT title_id, {places} AS place FROM title_features_before),
        front AS (
            SELECT day.title_id, day.place, before.place AS place_before
            FROM day JOIN before USING (title_id)
            WHERE uncounted_count_1d > 0 AND plays >= {bounds.least_plays}
                AND day.place <= {bounds.front}
        )
        SELECT 'title=' || title_id AS segment, 'place' AS measure, place::DOUBLE AS value FROM front
        UNION ALL SELECT 'title=' || title_id, 'place before', place_before::DOUBLE FROM front
    """


def _segments() -> str:
    """The segments that a profile is in: all, its country, language, kind, limit and tenure."""
    age = "coalesce(profile_first_play_age_days, -1)"
    tenures = " ".join(f"WHEN {age} < {days} THEN 'below {days}'" for days in pages().tenure_days)
    return f"""[
        '{ALL}',
        'country=' || coalesce(country, ''),
        'language=' || coalesce(lower(languages[1]), ''),
        'kids=' || CASE WHEN kids THEN 'true' ELSE 'false' END,
        'limit=' || coalesce(maturity_limit::VARCHAR, 'none'),
        'tenure=' || CASE WHEN {age} < 0 THEN 'none' {tenures} ELSE 'longer' END
    ]"""


def _long(source: str, segment: str, totals: Mapping[str, str]) -> str:
    """One record for each of some totals by segment."""
    names = ", ".join(map(quoted, totals))
    values = ", ".join(f"({value})::DOUBLE" for value in totals.values())
    return f"""
        SELECT segment, unnest([{names}]) AS measure, unnest(totals) AS value
        FROM (SELECT {segment} AS segment, [{values}] AS totals FROM {source} GROUP BY 1)
    """

"""Rules that each page of drafts must keep, checked from the tables alone.

Nothing of the page's maker is used, so that its mistakes are not repeated here.
"""

from conf.pages import pages
from features.audit.artwork import NO_LIMIT
from features.audit.facts import AS_OF, NEVER, language_key
from features.audit.wording import reader_language

FORM_RULES = (
    "page_present",
    "profile_known",
    "page_id_one",
    "page_id_of_profile",
    "rows_numbered_from_one",
    "row_ids_unique",
    "first_screen_without_repeats",
    "neighbours_differ",
    "title_rows_bounded",
)
TITLE_RULES = ("titles_known", "titles_suitable", "titles_available", "valid_until_true")
PAGE_RULES = (*FORM_RULES, *TITLE_RULES)
PAGE_ID_LENGTH = 24


def readers() -> str:
    """readers: the settings of each profile; `age_limit` is null where there is no limit."""
    limit = maturity_limit()
    return f"""
        CREATE TEMP TABLE readers AS
        SELECT profile_no, profile_id, coalesce(country_no, 0) AS country_no,
            coalesce(people.country, '') AS country_name,
            {limit} AS age_limit, coalesce({limit}, {NO_LIMIT}) AS picture_limit,
            {reader_language("languages")} AS language,
            {language_key("languages")} AS understood
        FROM people LEFT JOIN countries ON countries.country = people.country
    """


# Every profile that has a page or should have one.
PAGES = """
    CREATE TEMP TABLE pages AS
    SELECT (row_number() OVER ())::INTEGER AS page_no, profile_id, given.has_rows,
        readers.* EXCLUDE (profile_id)
    FROM (SELECT DISTINCT profile_id, true AS has_rows FROM rows_given) AS given
    FULL JOIN readers USING (profile_id)
"""
HISTORY_SIZES = """
    CREATE TEMP TABLE history_sizes AS
    SELECT page_no, count(*) AS titles FROM histories WHERE title_no > 0 GROUP BY page_no
"""
# The languages of a title and those of a profile that have none in common.
FOREIGN = """
    CREATE TEMP TABLE foreign_pairs AS
    SELECT spoken, understood, true AS are_foreign
    FROM (SELECT DISTINCT spoken FROM known WHERE spoken <> '')
    CROSS JOIN (SELECT DISTINCT understood FROM readers WHERE understood <> '')
    WHERE NOT list_has_any(string_split(spoken, ' '), string_split(understood, ' '))
"""


def histories() -> str:
    """histories: the titles that each profile played, whether it liked them, and what is left."""
    return f"""
        CREATE TEMP TABLE histories AS
        SELECT page_no, title_no, last_at, plays_count, stars, resume_seconds, episode,
            next_episode,
            coalesce(stars IS NULL OR isnan(stars) OR stars >= {pages().likes.least_stars}, false)
                AND coalesce(thumb, 0) >= 0 AS liked,
            coalesce(resume_seconds > 0, false)
                OR coalesce(finished_count > 0 AND next_episode IS NOT NULL, false) AS unfinished
        FROM history_entries JOIN pages USING (profile_no)
    """


def maturity_limit() -> str:
    """The age above which a profile sees nothing, from its settings; null where there is no limit."""
    child_limit = f"least(maturity_limit, {pages().legality.kids_maturity_limit})"
    return f"CASE WHEN kids THEN {child_limit} ELSE maturity_limit END"


def title_rules(title: str, here: str, own: str, reader: str, foreign: str) -> dict[str, str]:
    """What a title must keep for its reader; null counts as broken. Null settings forbid nothing.

    The arguments are the names of known, title_country, own, the reader's settings and
    foreign_pairs, joined to the title.
    """
    unknown_age = pages().legality.unknown_maturity
    old_enough = f"coalesce(coalesce({title}.maturity, {unknown_age}) <= {reader}.age_limit, true)"
    is_blocked = f"coalesce({own}.blocked, false)"
    is_foreign = f"{foreign}.spoken IS NOT NULL"
    is_open = f"coalesce({here}.is_open, NOT coalesce({title}.has_windows, false))"
    suits = f"({old_enough} AND NOT {is_blocked} AND NOT {is_foreign})"
    return {
        "titles_known": f"{title}.title_no IS NOT NULL",
        "titles_suitable": f"{title}.title_no IS NULL OR {suits}",
        "titles_available": f"{is_open} AND coalesce({title}.launched, true)",
    }


def neighbours() -> str:
    """neighbours: whether no two rows of a page, one below the other, share too many titles; rows of
    kinds that may repeat are let be.
    """
    return f"""
        CREATE TEMP TABLE neighbours AS
        WITH shared AS (
            SELECT upper_cell.row_no, count(*) AS in_both
            FROM judged AS upper_cell
            JOIN judged AS lower_cell
                ON lower_cell.row_no = upper_cell.next_row_no
                AND lower_cell.title_no = upper_cell.title_no
            GROUP BY upper_cell.row_no
        )
        SELECT upper_row.page_no, bool_and(
            in_both <= {pages().choice.alike} * (upper_row.size + lower_row.size - in_both)
        ) AS differ
        FROM shared
        JOIN page_rows AS upper_row USING (row_no)
        JOIN page_rows AS lower_row ON lower_row.row_no = upper_row.next_row_no
        GROUP BY upper_row.page_no
    """


IN_VIEW = """
    CREATE TEMP TABLE repeated_in_view AS
    SELECT DISTINCT page_no
    FROM (
        SELECT page_no FROM judged
        WHERE place <= width_in_view AND NOT coalesce(may_repeat, false)
        GROUP BY page_no, title_no HAVING count(*) > 1
    )
"""


def crowded() -> str:
    """crowded: the pages on which a title stands in more rows than it may."""
    return f"""
        CREATE TEMP TABLE crowded AS
        SELECT DISTINCT page_no
        FROM (
            SELECT page_no FROM judged GROUP BY page_no, title_no
            HAVING count(*) > {pages().choice.most_rows}
                AND count(DISTINCT row_no) > {pages().choice.most_rows}
        )
    """


# What the rows of a page say together.
PAGE_SUMS = f"""
    CREATE TEMP TABLE page_sums AS
    SELECT page_no, count(row_position) AS positions, max(row_position) AS last_position,
        count(DISTINCT row_position) AS distinct_positions, count(DISTINCT row_id) AS row_ids,
        min(page_id) AS page_id, min(page_id) = max(page_id) AS one_page_id,
        min(coalesce(valid_until, {NEVER})) AS first_end,
        max(coalesce(valid_until, {NEVER})) AS last_end,
        min(ends_at) AS titles_end, count(ends_at) > 0 AS has_titles,
        bool_and(every_titles_known) AS titles_known,
        bool_and(every_titles_suitable) AS titles_suitable,
        bool_and(every_titles_available) AS titles_available
    FROM row_sums GROUP BY page_no
"""


def page_rules() -> dict[str, str]:
    """A condition for each of PAGE_RULES; null counts as broken, where there is a page."""
    text = f"({AS_OF}::DATE)::VARCHAR || chr(10) || profile_id"
    return {
        "page_present": "has_rows",
        "profile_known": "profile_no IS NOT NULL",
        "page_id_one": "one_page_id",
        "page_id_of_profile": f"page_id = substr(sha256({text}), 1, {PAGE_ID_LENGTH})",
        "rows_numbered_from_one": f"""last_position = positions
            AND distinct_positions = positions AND last_position <= {pages().rows}""",
        "row_ids_unique": "row_ids = positions",
        "first_screen_without_repeats": "repeated_in_view.page_no IS NULL",
        "neighbours_differ": "coalesce(neighbours.differ, true)",
        "title_rows_bounded": "crowded.page_no IS NULL",
        "titles_known": "titles_known",
        "titles_suitable": "titles_suitable",
        "titles_available": "titles_available",
        "valid_until_true": "NOT has_titles OR first_end = last_end AND first_end = titles_end",
    }


def excused(rules: dict[str, str]) -> str:
    """excused: profiles without a page that may see nothing that anybody played.

    All such titles are unsuitable, not available in the country, or disliked by the profile.
    """
    return f"""
        CREATE TEMP TABLE excused AS
        SELECT page_no FROM pages WHERE has_rows IS NULL AND page_no NOT IN (
            SELECT reader.page_no
            FROM pages AS reader
            CROSS JOIN known
            LEFT JOIN title_country AS here
                ON here.title_no = known.title_no AND here.country_no = reader.country_no
            LEFT JOIN own ON own.page_no = reader.page_no AND own.title_no = known.title_no
            LEFT JOIN foreign_pairs
                ON foreign_pairs.spoken = known.spoken
                AND foreign_pairs.understood = reader.understood
            WHERE reader.has_rows IS NULL AND known.all_plays > 0
                AND ({rules["titles_suitable"]}) AND ({rules["titles_available"]})
                AND coalesce(own.liked, true)
        )
    """

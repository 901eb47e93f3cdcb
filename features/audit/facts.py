"""What was known of titles at the end of the day, country by country, as tables in SQL.

Of each key the newest version known then counts; of versions learned at the same instant, the one
with the greater landing_id.
"""
# Tested by tests/features/audit/test_claims.py.

from collections.abc import Sequence

from conf.artwork import artwork_settings
from conf.days import DAY_S
from conf.evidence import evidence
from conf.pages import pages
from features.audit.artwork import TENTHS
from features.audit.tables import Database
from features.audit.wording import tag_names

NEVER = "TIMESTAMP '9999-01-01'"  # the end of what has no end
DAY_US = DAY_S * 10**6
AS_OF = "getvariable('as_of')"
OWN_TAGS = {  # facet -> the tags of a title
    "genre": "genres",
    "cast": '"cast"',
    "director": "directors",
    "keyword": "keywords",
    "era": "[era]",
    "genre_era": "[era || ' ' || genre FOR genre IN genres]",
}


def make_facts(database: Database) -> None:
    """Make known, known_lists, countries, title_country, tags, title_tags, pictures, alike and awards
    of the tables.
    """
    for step in (
        newest("titles", ("title_id",)),
        newest("availability", ("title_id", "country", "from_at")),
        newest("artwork", ("title_id", "artwork_id")),
        _known(),
        WINDOWS,
        COUNTRIES,
        _title_country(),
        *_tags(),
        _pictures(),
        ALIKE,
        AWARDS,
    ):
        database.execute(step)


def newest(table: str, keys: Sequence[str]) -> str:
    """newest_<table>: of each key the newest version that was known."""
    return f"""
        CREATE TABLE newest_{table} AS FROM {table} WHERE known_at <= {AS_OF}
        QUALIFY row_number() OVER (
            PARTITION BY {", ".join(keys)} ORDER BY known_at DESC, landing_id DESC
        ) = 1
    """


def language_key(column: str) -> str:
    """The languages of BCP 47 tags without their regions, as one text: equal for equal languages."""
    plain = f"list_transform({column}, lambda tag: lower(split_part(tag, '-', 1)))"
    return f"coalesce(array_to_string(list_sort(list_distinct({plain})), ' '), '')"


def _known() -> str:
    """The titles of the catalogue, each with a number and what a reason can speak of."""
    settings = evidence()
    return f"""
        CREATE TABLE known AS
        SELECT
            (row_number() OVER (ORDER BY title.title_id))::INTEGER AS title_no,
            title.title_id, title.name, title.maturity, title.genres, title."cast",
            title.directors, title.keywords, title.awards,
            coalesce(title.launched_at <= {AS_OF}, true) AS launched,
            (epoch_us({AS_OF}) - epoch_us(title.launched_at)) / {DAY_US} AS launch_days,
            (title.year // 10 * 10) || 's' AS era,
            {language_key("title.languages")} AS spoken,
            windows.title_id IS NOT NULL AS has_windows,
            plays.title_id IS NOT NULL AS has_features,
            plays.title_trend_{settings.trend_days}d AS trend,
            plays.title_plays_count_{settings.trend_days}d AS trend_plays,
            plays.title_plays_count_{settings.popular_days}d AS popular_plays,
            plays.title_plays_count_all AS all_plays
        FROM newest_titles AS title
        LEFT JOIN title_features AS plays USING (title_id)
        LEFT JOIN (SELECT DISTINCT title_id FROM newest_availability) AS windows USING (title_id)
    """


WINDOWS = """
    CREATE TABLE windows AS
    SELECT title_no, country, from_at, until_at
    FROM newest_availability JOIN known USING (title_id)
"""
# The country of no name is every country of which nothing is known.
COUNTRIES = """
    CREATE TABLE countries AS
    WITH played AS (
        SELECT DISTINCT entry.country
        FROM (SELECT unnest(country_plays) AS entry FROM title_features)
        WHERE entry.country <> ''
    )
    SELECT (row_number() OVER (ORDER BY country) - 1)::INTEGER AS country_no, country,
        country IN (SELECT country FROM played) AS has_plays
    FROM (
        SELECT '' AS country UNION SELECT country FROM windows WHERE country IS NOT NULL
        UNION SELECT country FROM played
    )
"""


def _title_country() -> str:
    """Each title in each country: whether it is open there, since when and until when, whether an
    earlier window of the country had ended before; and where it is not open, when the last window
    ended and the next one begins.
    """
    return f"""
        CREATE TABLE title_country AS
        WITH opened AS (
            SELECT title_no, country, min(from_at) AS open_since,
                max(coalesce(until_at, {NEVER})) AS ends_at
            FROM windows
            WHERE from_at <= {AS_OF} AND coalesce(until_at > {AS_OF}, true)
            GROUP BY ALL
        ),
        gone AS (
            SELECT DISTINCT title_no, country FROM windows JOIN opened USING (title_no, country)
            WHERE until_at < open_since
        ),
        others AS (
            SELECT title_no, country, max(until_at) FILTER (until_at <= {AS_OF}) AS ended_at,
                min(from_at) FILTER (from_at > {AS_OF}) AS begins_at
            FROM windows GROUP BY ALL
        )
        SELECT known.title_no, country_no,
            NOT has_windows OR open_since IS NOT NULL AS is_open,
            coalesce(ends_at, {NEVER}) AS ends_at,
            (epoch_us({AS_OF}) - epoch_us(open_since)) / {DAY_US} AS open_days,
            gone.title_no IS NOT NULL AS was_gone, ended_at, begins_at
        FROM known CROSS JOIN countries
        LEFT JOIN opened ON opened.title_no = known.title_no AND opened.country = countries.country
        LEFT JOIN gone ON gone.title_no = known.title_no AND gone.country = countries.country
        LEFT JOIN others
            ON others.title_no = known.title_no AND others.country = countries.country
    """


def _tags() -> tuple[str, ...]:
    """Every tag of a facet with a number, and the titles that have it, each once."""
    facets = " UNION ALL ".join(
        f"SELECT title_no, has_features, '{facet}' AS facet, unnest(list_distinct({tags})) AS tag"
        " FROM known"
        for facet, tags in OWN_TAGS.items()
    )
    said = ", ".join(f"{name} AS said_{language}" for language, name in tag_names().items())
    of_titles = f"CREATE TABLE named_tags AS SELECT * FROM ({facets}) WHERE tag IS NOT NULL"
    return (
        of_titles,
        f"""
        CREATE TABLE tags AS
        SELECT (row_number() OVER ())::INTEGER AS tag_no, facet, tag, {said}
        FROM (SELECT DISTINCT facet, tag FROM named_tags)
        """,
        """
        CREATE TABLE title_tags AS
        SELECT title_no, tag_no, has_features FROM named_tags JOIN tags USING (facet, tag)
        """,
    )


def _pictures() -> str:
    """The least age of each picture, its own, else its title's, else that of what is unknown; and
    how well it stands for its title, in tenths.
    """
    return f"""
        CREATE TABLE pictures AS
        SELECT title_no, artwork_id,
            coalesce(art.maturity, known.maturity, {pages().legality.unknown_maturity}) AS own_age,
            round_even(coalesce(
                representativeness, {artwork_settings().unknown_representativeness}
            ) * {TENTHS}, 0)::INTEGER AS tenths
        FROM newest_artwork AS art JOIN known USING (title_id)
    """


ALIKE = """
    CREATE TABLE alike AS
    SELECT DISTINCT subject.title_no AS subject_no, known.title_no
    FROM (
        SELECT title_id AS subject_id, unnest(neighbours).title_id AS like_id
        FROM similars WHERE method = 'cosine'
    )
    JOIN known AS subject ON subject.title_id = subject_id
    JOIN known ON known.title_id = like_id
"""
AWARDS = """
    CREATE TABLE awards AS
    SELECT DISTINCT title_no, unnest(awards) AS award FROM known
"""

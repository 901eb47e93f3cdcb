"""What a log to land is: its kinds, devices, countries and ratings, whether its ids meet those of the other
tables, what counts as a play, and what will be left out of pages and why.

Asked of the views of jobs/io/landing/survey.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from conf.landing import landing_settings, scale_of
from conf.pages import pages
from conf.resumes import viewing_settings

MOST_WORDS = 8
SAMPLE = 500  # ids that meet nothing, of which a near miss is looked for
WATCHED = "kind = 'play' AND value IS NULL"
ORDERED = r"(?i)^\s*(s\d{1,4}\s*e\d{1,5}|\d{1,9})\s*$"


@dataclass(frozen=True)
class Meeting:
    """How many records of a table name an id that another table has, and a near miss."""

    table: str
    column: str
    count: int
    unknown: int
    near: tuple[str, str] | None = None

    @property
    def share(self) -> float:
        """The share of the records whose id is unknown."""
        return self.unknown / self.count if self.count else 0.0

    def line(self) -> str:
        """One line of it."""
        other = "titles" if self.column == "title_id" else "profiles"
        text = (
            f"{self.table}: {self.unknown:,} of {self.count:,} ({self.share:.1%}) are of a"
            f" {self.column} that {other} lacks"
        )
        if self.near:
            text += (
                f"; {self.near[0]!r} looks like {self.near[1]!r} there: ids are kept as they come"
            )
        return text


@dataclass(frozen=True)
class LogReport:
    """What the records to land are, all in all. `sittings`, `told_again` and `overfull` (sittings of
    which more watch time is told than passed) cost a sort: None where nobody asked for them.
    """

    events: int
    first: str | None
    last: str | None
    kinds: Mapping[str, int]
    devices: Mapping[str, int]
    countries: Mapping[str, int]
    ratings: Mapping[float, int]
    scale: float | None
    ratings_are_plays: bool
    plays: int
    sittings: int | None
    told_again: int | None
    with_watch_time: int
    unordered: int
    unordered_example: str | None
    labels: int
    titles: int
    without_genres: int
    without_age: int
    meetings: tuple[Meeting, ...] = field(default=())
    overfull: int | None = None

    def notices(self) -> list[str]:
        """What people have to know, most telling first."""
        limits = landing_settings().notices
        most = {"title_id": limits.unknown_titles, "profile_id": limits.unknown_profiles}
        lines = [m.line() for m in self.meetings if m.unknown and m.share > most[m.column]]
        if self.ratings_are_plays:
            lines.append(
                f"events: the log has {sum(self.ratings.values()):,} ratings and no plays; each rating"
                " is taken as a play with its stars (conf/landing.yaml: plays)"
            )
        elif self.events and not self.plays:
            lines.append(
                f"events: none is a play, so that there is nothing to build pages of; kinds are"
                f" {_words(self.kinds)}; conf/vocabularies.yaml says which words mean a play"
            )
        if self.scale and self.scale != 5:
            liked = pages().likes.least_share * self.scale
            lines.append(
                f"events: ratings go up to {self.scale:g}, so that a play is liked from {liked:g} on;"
                " FRONTROW_STARS tells another scale"
            )
        if self.unordered > limits.unordered_episodes * max(self.labels, 1):
            lines.append(
                f"events: {self.unordered:,} of {self.labels:,} episodes cannot be put in order, such as"
                f" {self.unordered_example!r}, and are never gone on with; write S01E02, 1x02 or a number"
            )
        if self.told_again:
            lines.append(
                f"events: {self.told_again:,} plays tell again of one that began at the same instant;"
                " of each the one learned last counts, and of those the most watched"
            )
        if self.overfull:
            lines.append(
                f"events: of {self.overfull:,} sittings more watch time is told than passed; a player"
                " that tells how far it came so far sends the instant at which the sitting began"
            )
        if self.titles and self.without_genres > limits.without_genres * self.titles:
            lines.append(
                f"titles: {self.without_genres:,} of {self.titles:,} have no genre: there are no rows"
                " of genres for them"
            )
        return lines

    def lines(self) -> list[str]:
        """The whole of it, for people."""
        lines = [f"events: {self.events:,}, from {self.first or '-'} to {self.last or '-'}"]
        for name, counts in (
            ("kinds", self.kinds),
            ("devices", self.devices),
            ("countries", self.countries),
        ):
            lines.append(f"{name}: {_words(counts) or 'none told'}")
        if self.ratings:
            liked = pages().likes.least_share * (self.scale or 5)
            lines.append(
                f"ratings: {sum(self.ratings.values()):,}, from {min(self.ratings):g} to"
                f" {max(self.ratings):g}; of {self.scale:g} stars, liked from {liked:g} on"
            )
        as_plays = " (ratings, which are plays where there are no others)" * self.ratings_are_plays
        lines.append(
            f"plays: {self.plays:,}{as_plays} in {self.sittings or 0:,} sittings"
            f" (pieces less than {viewing_settings().sitting_gap_hours} h apart are one);"
            f" {self.with_watch_time:,} tell how long was watched"
        )
        if not self.with_watch_time:
            lines.append("left out of pages: Continue Watching of films, for want of watch times")
        if self.without_age:
            adult = pages().legality.unknown_maturity
            lines.append(
                f"left out of children's pages: {self.without_age:,} of {self.titles:,} titles without"
                f" an age, which counts as {adult}"
            )
        lines += [meeting.line() for meeting in self.meetings]
        seen = set(lines)
        return lines + [line for line in self.notices() if line not in seen]


def _words(counts: Mapping[str, int]) -> str:
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    more = " ..." if len(most) > MOST_WORDS else ""
    return ", ".join(f"{word} {count:,}" for word, count in most[:MOST_WORDS]) + more


def log_report(database: duckdb.DuckDBPyConnection, sittings: bool = False) -> LogReport:
    """The report of a database with the views of a survey."""
    kinds = _counts(database, "kind")
    ratings = {
        float(value): count
        for value, count in _rows(
            database,
            "SELECT value, count(*) FROM landed_events WHERE kind IN ('play', 'rating')"
            " AND value IS NOT NULL GROUP BY 1",
        )
    }
    as_plays = ratings_are_plays(database)
    plays = kinds.get("play", 0) + (kinds.get("rating", 0) if as_plays else 0)
    is_play = "kind IN ('play', 'rating')" if as_plays else "kind = 'play'"
    events, first, last, watched = _rows(
        database,
        f"SELECT count(*), min(event_at)::VARCHAR, max(event_at)::VARCHAR,"
        f" count(watched_seconds) FILTER ({is_play}) FROM landed_events",
    )[0]
    distinct, sittings_count = _sittings(database, is_play) if sittings else (None, None)
    labels, unordered, example = _rows(
        database,
        f"SELECT count(*), count(*) FILTER (NOT regexp_matches(episode, '{ORDERED}')),"
        f" min(episode) FILTER (NOT regexp_matches(episode, '{ORDERED}'))"
        " FROM (SELECT DISTINCT title_id, episode FROM landed_events WHERE episode IS NOT NULL)",
    )[0]
    titles, no_genres, no_age = _rows(
        database,
        "SELECT count(*), count(*) FILTER (NOT g), count(*) FILTER (NOT a) FROM (SELECT title_id,"
        " bool_or(coalesce(len(genres), 0) > 0) AS g, bool_or(maturity IS NOT NULL) AS a FROM landed_titles"
        " GROUP BY 1)",
    )[0]
    return LogReport(
        events,
        first,
        last,
        kinds,
        _counts(database, "device"),
        _counts(database, "country"),
        ratings,
        scale_of(ratings),
        as_plays,
        plays,
        sittings_count,
        None if distinct is None else plays - distinct,
        watched,
        unordered,
        example,
        labels,
        titles,
        no_genres,
        no_age,
        _meetings(database),
        _overfull(database, is_play) if sittings else None,
    )


def ratings_are_plays(database: duckdb.DuckDBPyConnection) -> bool:
    """Whether the ratings to land count as plays, as conf/landing.yaml has it.

    Where the log alone decides: those to land have no play, and those landed before none without
    stars, which only one that was a rating has not.
    """
    settings = landing_settings().plays
    if settings.ratings != "alone":
        return settings.ratings == "always"
    new_ratings, new_plays = _rows(
        database,
        "SELECT (SELECT count(*) FROM landed_events WHERE kind = 'rating'),"
        " (SELECT count(*) FROM landed_events WHERE kind = 'play')",
    )[0]
    if not new_ratings or new_plays:
        return False
    return not _rows(database, f"SELECT 1 FROM events WHERE {WATCHED} LIMIT 1")


def _sittings(database: duckdb.DuckDBPyConnection, is_play: str) -> tuple[int, int]:
    """How many plays begin at instants of their own, and how many sittings they are."""
    gap = viewing_settings().sitting_gap_hours * 3_600
    distinct, sittings = _rows(
        database,
        "SELECT count(*), count(*) FILTER (since IS NULL OR since >= "
        f"{gap}) FROM (SELECT epoch(event_at) - lag(epoch(event_at)) OVER"
        " (PARTITION BY profile_id, title_id, episode ORDER BY event_at) AS since FROM"
        f" (SELECT DISTINCT profile_id, title_id, episode, event_at FROM landed_events WHERE {is_play}))",
    )[0]
    return distinct, sittings


def _overfull(database: duckdb.DuckDBPyConnection, is_play: str) -> int:
    """How many sittings of three pieces or more tell twice the time, or more, that passed in them."""
    gap = viewing_settings().sitting_gap_hours * 3_600
    whole = "PARTITION BY profile_id, title_id, episode ORDER BY began"
    pieces = (
        "SELECT profile_id, title_id, episode, epoch(event_at) AS began, max(watched_seconds) AS watched"
        f" FROM landed_events WHERE {is_play} AND watched_seconds IS NOT NULL GROUP BY ALL"
    )
    starts = f"SELECT *, coalesce(began - lag(began) OVER ({whole}) >= {gap}, true) AS starts FROM ({pieces})"
    sittings = f"SELECT *, count_if(starts) OVER ({whole}) AS sitting FROM ({starts})"
    told = (
        "SELECT sum(watched) AS told, max(began) - min(began) + arg_max(watched, began) AS passed"
        f" FROM ({sittings}) GROUP BY profile_id, title_id, episode, sitting HAVING count(*) >= 3"
    )
    return int(_rows(database, f"SELECT count(*) FROM ({told}) WHERE told >= 2 * passed")[0][0])


def _meetings(database: duckdb.DuckDBPyConnection) -> tuple[Meeting, ...]:
    """Whether the ids of each table to land meet those of the tables that they name."""
    found = []
    of_titles = ("events", "impressions", "availability", "artwork")
    for column, other, names in (
        ("title_id", "titles", of_titles),
        ("profile_id", "profiles", ("events", "impressions")),
    ):
        if not _rows(database, f"SELECT 1 FROM {other} LIMIT 1"):
            continue
        for table in names:
            count, unknown = _rows(
                database,
                f"SELECT count(*), count(*) FILTER (NOT known) FROM (SELECT {column} IN"
                f" (SELECT {column} FROM {other}) AS known FROM landed_{table})",
            )[0]
            near = _near_miss(database, table, column, other) if unknown else None
            if count:
                found.append(Meeting(table, column, count, unknown, near))
    return tuple(found)


def _near_miss(
    database: duckdb.DuckDBPyConnection, table: str, column: str, other: str
) -> tuple[str, str] | None:
    """An id that meets nothing beside one that differs only in zeros, ".0", blanks or case."""
    rows = _rows(
        database,
        f"SELECT s.id, min(o.{column}) FROM (SELECT DISTINCT {column} AS id FROM landed_{table}"
        f" WHERE {column} NOT IN (SELECT {column} FROM {other}) ORDER BY 1 LIMIT {SAMPLE}) s"
        f" JOIN {other} o ON {_alike('s.id')} = {_alike(f'o.{column}')} GROUP BY 1 ORDER BY 1 LIMIT 1",
    )
    return (rows[0][0], rows[0][1]) if rows else None


def _alike(sql: str) -> str:
    """An id without what makes near misses."""
    plain = f"regexp_replace(lower(trim({sql})), '\\.0+$', '')"
    return f"regexp_replace({plain}, '^(tt|t|m|u|p)?[-_ ]?0*([0-9]+)$', '\\2')"


def _counts(database: duckdb.DuckDBPyConnection, column: str) -> dict[str, int]:
    query = f"SELECT {column}, count(*) FROM landed_events WHERE {column} IS NOT NULL GROUP BY 1"
    return dict(_rows(database, query))


def _rows(database: duckdb.DuckDBPyConnection, query: str) -> Sequence[tuple[Any, ...]]:
    return database.execute(query).fetchall()

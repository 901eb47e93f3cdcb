"""What a log to land is: its kinds, devices, countries and ratings, whether its ids meet those of the other
tables, what counts as a play, and what will be left out of pages and why.

Asked of the views of jobs/io/landing/survey.py.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from conf.landing import FAR_DAYS, landing_settings, plausible_first, scale_of
from conf.pages import pages
from conf.resumes import viewing_settings
from features import watch_times
from jobs.io.landing.meetings import Meeting, Twins, meetings, twins

MOST_WORDS = 8
LIST_IN_TEXT = re.compile(r"[,;]|^\[")
WATCHED = "kind = 'play' AND value IS NULL"
ORDERED = r"(?i)^\s*(s\d{1,4}\s*e\d{1,5}|\d{1,9})\s*$"


@dataclass(frozen=True)
class LogReport:
    """What the records to land are, all in all. `sittings`, `told_again` and `totals` (films and
    episodes of which a player tells how far it came so far) cost a sort: None where nobody asked.
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
    twins: tuple[Twins, ...] = field(default=())
    totals: int | None = None
    genres: Mapping[str, int] = field(default_factory=dict)
    before_all: int = 0
    strange_countries: tuple[str, ...] = ()

    def notices(self) -> list[str]:
        """What people have to know, most telling first."""
        return [
            *(meeting.line() for meeting in self.meetings if meeting.is_strange),
            *(twins.line() for twins in self.twins),
            *self._notices_of_plays(),
            *self._notices_of_records(),
            *self._notices_of_catalogue(),
        ]

    def _notices_of_plays(self) -> Iterator[str]:
        if self.ratings_are_plays:
            with_stars = sum(self.ratings.values())
            count = self.kinds.get("rating", with_stars)
            yield (
                f"events: the log has {count:,} ratings and no plays; each rating"
                " is taken as a play with its stars (conf/landing.yaml: plays)"
            )
            if count > with_stars:
                yield (
                    f"events: {count - with_stars:,} ratings tell no stars, which are read from the"
                    " column `value`"
                )
        elif self.events and not self.plays:
            yield (
                f"events: none is a play, so that there is nothing to build pages of; kinds are"
                f" {_words(self.kinds)}; conf/vocabularies.yaml says which words mean a play"
            )
        if self.scale and self.scale != 5:
            liked = pages().likes.least_share * self.scale
            yield (
                f"events: ratings go up to {self.scale:g}, so that a play is liked from {liked:g} on;"
                " FRONTROW_STARS tells another scale"
            )

    def _notices_of_records(self) -> Iterator[str]:
        most_unordered = landing_settings().notices.unordered_episodes * max(self.labels, 1)
        if self.unordered > most_unordered:
            yield (
                f"events: {self.unordered:,} of {self.labels:,} episodes cannot be put in order, such as"
                f" {self.unordered_example!r}, and are never gone on with; write S01E02, 1x02 or a number"
            )
        if self.told_again:
            yield (
                f"events: {self.told_again:,} plays tell again of one that began at the same instant;"
                " of each the one learned last counts, and of those the most watched"
            )
        if self.totals:
            yield (
                f"events: of {self.totals:,} films and episodes a player tells the time watched so far,"
                " again and again; each record counts for what it adds"
            )
        if self.before_all:
            yield (
                f"events: {self.before_all:,} lie more than {FAR_DAYS} days before all others, from"
                f" {self.first or '-'} on; a clock may have been wrong"
            )

    def _notices_of_catalogue(self) -> Iterator[str]:
        limits = landing_settings().notices
        joined = {name: count for name, count in self.genres.items() if LIST_IN_TEXT.search(name)}
        if sum(joined.values()) > limits.joined_genres * sum(self.genres.values()):
            yield (
                f"titles: genres such as {max(joined, key=lambda name: joined[name])!r} look like lists;"
                " join them with | , or tell the mark by a map (--map: separator)"
            )
        if self.titles and self.without_genres > limits.without_genres * self.titles:
            yield (
                f"titles: {self.without_genres:,} of {self.titles:,} have no genre: there are no rows"
                " of genres for them"
            )
        if self.strange_countries:
            names = ", ".join(self.strange_countries[:MOST_WORDS])
            more = " ..." if len(self.strange_countries) > MOST_WORDS else ""
            yield (
                f"profiles: no window of availability names {names}{more}; profiles there are shown only"
                " titles without any window"
            )

    def lines(self) -> list[str]:
        """The whole of it, for people."""
        lines = [f"events: {self.events:,}, from {self.first or '-'} to {self.last or '-'}"]
        for name, counts in (
            ("kinds", self.kinds),
            ("devices", self.devices),
            ("countries", self.countries),
            ("genres", self.genres),
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
        lines += [meeting.line() for meeting in self.meetings if not meeting.is_strange]
        return lines + [f"notice: {line}" for line in self.notices()]


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
        events=events,
        first=first,
        last=last,
        kinds=kinds,
        devices=_counts(database, "device"),
        countries=_counts(database, "country"),
        ratings=ratings,
        scale=scale_of(ratings),
        ratings_are_plays=as_plays,
        plays=plays,
        sittings=sittings_count,
        told_again=None if distinct is None else plays - distinct,
        with_watch_time=watched,
        unordered=unordered,
        unordered_example=example,
        labels=labels,
        titles=titles,
        without_genres=no_genres,
        without_age=no_age,
        meetings=meetings(database),
        twins=twins(database),
        totals=_totals(database, is_play) if sittings else None,
        genres=_genres(database),
        before_all=_before_all(database),
        strange_countries=_strange_countries(database),
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


def _totals(database: duckdb.DuckDBPyConnection, is_play: str) -> int:
    """Of how many films and episodes profiles' players tell running totals."""
    pieces = (
        "SELECT profile_id, title_id, episode, 'play' AS kind, event_at,"
        " max(watched_seconds) AS watched_seconds"
        f" FROM landed_events WHERE {is_play} AND watched_seconds IS NOT NULL GROUP BY ALL"
    )
    before = ", ".join(
        f"{sql} AS {name}" for name, sql in watch_times.before("epoch(event_at)").items()
    )
    judged = (
        f"SELECT *, {watch_times.are_totals()} AS totals FROM (SELECT *, {before} FROM ({pieces}))"
    )
    query = f"SELECT count(DISTINCT (profile_id, title_id, episode)) FROM ({judged}) WHERE totals"
    return int(_rows(database, query)[0][0])


def _genres(database: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many titles have each genre."""
    query = "SELECT unnest(genres) AS genre, title_id FROM landed_titles"
    return dict(
        _rows(database, f"SELECT genre, count(DISTINCT title_id) FROM ({query}) GROUP BY 1")
    )


def _before_all(database: duckdb.DuckDBPyConnection) -> int:
    """How many events lie far before all others."""
    query = "SELECT CAST(event_at AS DATE) AS day, count(*) FROM landed_events GROUP BY 1"
    counts = dict(_rows(database, query))
    first = plausible_first(counts)
    return sum(count for day, count in counts.items() if first and day < first)


def _strange_countries(database: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Countries of profiles to land that no window names, where there are windows."""
    windows = "SELECT country FROM availability WHERE country IS NOT NULL"
    query = (
        f"SELECT DISTINCT country FROM landed_profiles WHERE country NOT IN ({windows})"
        f" AND EXISTS ({windows}) ORDER BY 1"
    )
    return tuple(country for (country,) in _rows(database, query))


def _counts(database: duckdb.DuckDBPyConnection, column: str) -> dict[str, int]:
    query = f"SELECT {column}, count(*) FROM landed_events WHERE {column} IS NOT NULL GROUP BY 1"
    return dict(_rows(database, query))


def _rows(database: duckdb.DuckDBPyConnection, query: str) -> Sequence[tuple[Any, ...]]:
    return database.execute(query).fetchall()

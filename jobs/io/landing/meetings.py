"""Whether the ids of files to land meet those of the tables that they name, and which of those that do
not look like one that is there. Ids are never changed: a guess that is wrong would join two
members' histories.
"""
# Tested by tests/jobs/io/landing/test_meetings.py.

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import duckdb

from conf.landing import landing_settings

SAMPLE = (
    500  # ids that meet nothing and are of one that is there but for what stands before the number
)


class Named(NamedTuple):
    """A column of `table`, or the items of one that is a list, names an id of another table."""

    table: str
    column: str
    other: str
    id_column: str
    is_list: bool = False


NAMED = (
    *(
        Named(table, "title_id", "titles", "title_id")
        for table in ("events", "impressions", "availability", "artwork")
    ),
    Named("profiles", "blocked_titles", "titles", "title_id", is_list=True),
    *(Named(table, "profile_id", "profiles", "profile_id") for table in ("events", "impressions")),
    Named("impressions", "artwork_id", "artwork", "artwork_id"),
)
OWN = (("events", "profile_id"), ("profiles", "profile_id"), ("titles", "title_id"))


@dataclass(frozen=True)
class Meeting:
    """How many records of a table name an id that another table has, and a near miss. `alike` of them
    differ from an id that is there only in zeros, ".0", blanks, quotes or the case of letters.
    """

    table: str
    column: str
    count: int
    unknown: int
    near: tuple[str, str] | None = None
    alike: int = 0
    other: str = "titles"

    @property
    def share(self) -> float:
        """The share of the records whose id is unknown."""
        return self.unknown / self.count if self.count else 0.0

    @property
    def is_strange(self) -> bool:
        """Whether people have to know: too many meet nothing, or any looks like one that is there."""
        limits = landing_settings().notices
        most = limits.unknown_profiles if self.other == "profiles" else limits.unknown_titles
        return bool(self.unknown) and (self.share > most or bool(self.alike))

    def line(self) -> str:
        """One line of it."""
        if not self.unknown:
            return (
                f"{self.table}: each of {self.count:,} is of a {self.column} that {self.other} has"
            )
        text = (
            f"{self.table}: {self.unknown:,} of {self.count:,} ({self.share:.1%}) are of a"
            f" {self.column} that {self.other} lacks"
        )
        if self.near:
            text += (
                f"; {self.near[0]!r} looks like {self.near[1]!r} there: ids are kept as they come,"
                " make them alike in the files"
            )
        return text


@dataclass(frozen=True)
class Twins:
    """Ids of one column that differ only in zeros, ".0", blanks or quotes: how many, and two of them."""

    table: str
    column: str
    count: int
    pair: tuple[str, str]

    def line(self) -> str:
        """One line of it."""
        return (
            f"{self.table}: {self.count:,} of its {self.column} look like another of them, as"
            f" {self.pair[0]!r} and {self.pair[1]!r}: ids are kept as they come, and are two"
        )


def meetings(database: duckdb.DuckDBPyConnection) -> tuple[Meeting, ...]:
    """The meetings of each table to land with those that it names, where these have any rows."""
    return tuple(_meetings(database))


def _meetings(database: duckdb.DuckDBPyConnection) -> Iterator[Meeting]:
    for named in NAMED:
        if not _rows(database, f"SELECT 1 FROM {named.other} LIMIT 1"):
            continue
        ids = _ids(named)
        there = f"SELECT {named.id_column} FROM {named.other}"
        count, unknown = _rows(
            database,
            f"SELECT count(*), count(*) FILTER (NOT known) FROM (SELECT id IN ({there}) AS known FROM ({ids}))",
        )[0]
        near, alike = _near_miss(database, named) if unknown else (None, 0)
        if count:
            yield Meeting(named.table, named.column, count, unknown, near, alike, named.other)


def twins(database: duckdb.DuckDBPyConnection) -> tuple[Twins, ...]:
    """Ids within one table to land that look like one another."""
    found = []
    for table, column in OWN:
        distinct = f"SELECT DISTINCT {column} AS id FROM landed_{table} WHERE {column} IS NOT NULL"
        alike = (
            f"SELECT min(id) AS one, max(id) AS two, count(*) AS n FROM ({distinct})"
            f" GROUP BY {plain('id')} HAVING count(*) > 1"
        )
        count, one, two = _rows(
            database, f"SELECT sum(n), min(one), arg_min(two, one) FROM ({alike})"
        )[0]
        if count:
            found.append(Twins(table, column, int(count), (one, two)))
    return tuple(found)


def _ids(named: Named) -> str:
    values = f"unnest({named.column})" if named.is_list else named.column
    return f"SELECT * FROM (SELECT {values} AS id FROM landed_{named.table}) WHERE id IS NOT NULL"


def _near_miss(
    database: duckdb.DuckDBPyConnection, named: Named
) -> tuple[tuple[str, str] | None, int]:
    """An id that meets nothing beside one that it looks like, and how many records are so."""
    strange = (
        f"SELECT id, count(*) AS n FROM ({_ids(named)}) WHERE id NOT IN"
        f" (SELECT {named.id_column} FROM {named.other}) GROUP BY 1"
    )
    there = f"SELECT DISTINCT {named.id_column} AS id FROM {named.other}"
    # of letters and a number and the number alone; tt17 and m17 are two
    one_is_a_number = " OR ".join(f"regexp_full_match({plain(f'{t}.id')}, '\\d+')" for t in "so")
    for alike, unknown, which in (
        (f"lower({plain('id')})", strange, "true"),
        (_number("id"), f"SELECT * FROM ({strange}) ORDER BY id LIMIT {SAMPLE}", one_is_a_number),
    ):
        pairs = (
            f"SELECT any_value(s.id) AS id, any_value(s.n) AS n, min(o.id) AS other"
            f" FROM (SELECT *, {alike} AS k FROM ({unknown})) s"
            f" JOIN (SELECT *, {alike} AS k FROM ({there})) o USING (k) WHERE {which} GROUP BY s.id"
        )
        count, one, other = _rows(
            database, f"SELECT sum(n), min(id), arg_min(other, id) FROM ({pairs})"
        )[0]
        if count:
            return (one, other), int(count) if alike.startswith("lower") else 0
    return None, 0


def plain(sql: str) -> str:
    """An id without what programs add to it and take from it: blanks and quotes around it, ".0",
    zeros before its number, and the exponent that a great number gets.
    """
    bare = f"regexp_replace({sql}, '^[\\s\\p{{Z}}\\p{{C}}''\"{{(\\[]+|[\\s\\p{{Z}}\\p{{C}}''\"}})\\]]+$', '', 'g')"
    whole = f"regexp_replace({bare}, '^(.*\\d)[.,]0*$', '\\1')"
    exponent = f"CASE WHEN regexp_matches({bare}, '^\\d(\\.\\d+)?[eE]\\+?\\d{{1,2}}$')"
    written_out = f"{exponent} THEN try_cast(try_cast({bare} AS DOUBLE) AS HUGEINT)::VARCHAR END"
    return f"nfc_normalize(regexp_replace(coalesce({written_out}, {whole}), '^(\\D*)0+(\\d+)$', '\\1\\2'))"


def _number(sql: str) -> str:
    """The number of an id alone, without letters before it: tt0000017, movie-17 and 17 are one."""
    return f"nullif(regexp_extract({plain(sql)}, '^[\\p{{L}}:/_. #-]*?0*(\\d+)$', 1), '')"


def _rows(database: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return database.execute(query).fetchall()

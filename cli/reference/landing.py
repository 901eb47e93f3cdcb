"""docs/landing.md: what a landed file may hold, made from the contracts."""

from datetime import timedelta

from conf.contracts import Column, columns, contract
from conf.errors import Reason
from conf.landing import (
    AHEAD,
    COMPRESSIONS,
    DEFAULT_KIND,
    FACT_TIMES,
    MOST_REFUSED,
    file_columns,
    header_columns,
    landed_tables,
    required_columns,
)
from conf.maps import map_names
from conf.resumes import viewing_settings

MOST = f"{MOST_REFUSED:.0%}"
AHEAD_DAYS = f"{AHEAD / timedelta(days=1):.0f}"
PACKED = ", ".join(dict.fromkeys(COMPRESSIONS.values()))
MAPS = ", ".join(map_names())
SITTING_HOURS = viewing_settings().sitting_gap_hours
OPENING = f"""# What can be landed

`frontrow land --dataset files --input DIR` (or `make demo DATASET=files INPUT=DIR`) reads a directory that holds, for
each table below, one file `TABLE.csv`, `TABLE.jsonl` or `TABLE.parquet`, or a directory `TABLE/` of such files of one
format. Only `events` and `titles` are needed, and not again once they were landed. What else is missing is left out of
the pages. This page is made from `conf/` by `python -m cli.reference`.

* CSV has a header, which tells the mark between fields (comma, tab, semicolon, bar or `::`), and double quotes where
  needed, doubled or behind a backslash; UTF-8, with or without a byte-order mark, LF or CRLF. JSON is one record a
  line, or one array. Files may be packed ({PACKED}).
* A directory of parts may be partitioned (`events/country=US/part-0.parquet`; the folders tell values) or be a Delta
  table; names that begin with `_` or `.` are left out.
* Parquet may have INT96 instants, which are UTC, any unit, dictionaries, large and nested types, decimals, lists.
* Identifiers are texts or integers of any size, kept exactly as they come, at most 1,000 characters.
* Instants are ISO 8601 with a zone (`1997-12-04T15:55:49Z`) or seconds since 1970 UTC (`881250949`), in Parquet also
  timestamps in UTC; none is before 1900. Seconds may be missing, 24:00 is the next day's 00:00, a leap second the next
  second. `--zone Europe/Berlin` tells the zone of those that have none: an hour that there is twice is the first one.
  With it a day alone is an instant too: the last second of it for what happened, the first for what holds since.
* Lists are joined with a bar in CSV (`Comedy|Family`), and are arrays or joined texts in JSON lines and Parquet; an
  item may be a record with a name. Seconds may be a clock's `1:35:00`, `PT1H35M` or `95 min`.
* An empty field is a missing one, and so is `\\N`, but in a name; in an identifier it is a blank one. Columns that are
  not listed here are ignored, and named in a notice.
* Of titles, artwork, availability and profiles a file, or a JSON record, may have some columns beside the key: it
  leaves the others as they were. An empty field, or null, of a column that is there empties it.
* Ages are numbers of years or ratings; countries are ISO 3166-1 alpha-2 codes; both as `conf/vocabularies.yaml` reads
  them, in small letters or capitals. Kinds, devices, countries and episodes may be written as others do (`view`,
  `ROKU`, `USA`, `1x03`): the same file has every spelling, and texts that say nothing. What it does not know is
  refused.
* Files of other names and columns are read by a map: `--map NAME` for
  {MAPS}, or a file of your own (below). A directory of MovieLens, as it is
  unpacked, needs none.
* Ids are kept as they come. A landing warns of each that meets nothing but looks like one that is there (`17.0` and
  `17`, `007` and `7`, blanks), in every table that names titles, profiles or artwork, however few they are.
* A record that breaks its contract goes to `quarantine` with file, line, field and reason; the rest is landed. If it is
  of titles, artwork, availability or profiles, whom it is about is *held* to the strictest that is known, until a sound
  record comes; the landing says so first.
* Where a log has ratings and no plays, each rating is a play with its stars; a play is liked from .8 of the most stars
  on that the log's ratings have (5, 10, 100 ...). `conf/landing.yaml` has both, and what a landing warns of.
* `--check` says what the files are, and what would be refused, and lands nothing.
* When more than {MOST} of the records of a file are refused, the landing stops with status 65 before any table changes;
  `--most-refused` allows more.
* Nothing is learned more than {AHEAD_DAYS} day after the clock (`--now`), nor after `--known-at`. A change without
  `known_at` was learned with the newest event, events that lie far after all others left out, and not after the clock.
* One play is one sitting. A play of the same profile, title and episode that begins less than {SITTING_HOURS} h after
  the one before goes on with it: the seconds watched add up, and the sitting is one play. A player may tell how far
  it came *so far*: with the `event_at` at which the sitting began, of plays of one profile, title, episode and
  `event_at` the one learned last counts, of those learned at once the one with the most watched. With an `event_at` of
  its own each counts for what it adds to the one before; three or more that would overlap, were they pieces, are such.
"""


OWN_MAP = """\
tables:
  events:
    - file: playback.tsv                # a name, or a pattern as views-*.csv; CSV, JSON or Parquet
      names: {UserId: profile_id, ItemId: title_id, DateCreated: event_at, PlayDuration: watched_seconds}
      zone: Europe/Berlin               # of instants that tell none; `unit: milliseconds` of numbers
  titles:
    - file: library.json
      names: {Id: title_id, Info.Title: name, Type: kind, Genres: genres, OfficialRating: maturity}
      constants: {kind: film}           # where a record says nothing
"""
MAPS_OF_ONES_OWN = f"""## A map of your own

`frontrow land --dataset files --input DIR --map map.yaml --check` says what a map makes of files. Of each table the
first entry counts whose files are there; columns that have our names already need none.

```yaml
{OWN_MAP}```

An entry may also have `columns` (of files without a header, `""` for what is left out), `delimiter`, `quoted`,
`encoding`, `separator` (of lists), `missing` (texts that say nothing), `decimal: ","`, `copies` (`{{name: title_id}}`:
the name is the id), `joined` (`{{episode: [episode.season, episode.number]}}`, of JSON), `section`, `rest_in_last`,
`year_in_name` and `article_last`; `conf/maps/` shows them.
"""


def landing_page() -> str:
    """The whole page as Markdown."""
    reasons = ", ".join(f"`{reason.value}`" for reason in Reason)
    closing = f"## Reasons in `quarantine`\n\n{reasons}\n"
    return "\n".join(
        [OPENING, MAPS_OF_ONES_OWN, *(_section(table) for table in landed_tables()), closing]
    )


def _section(table: str) -> str:
    needed = required_columns(table)
    lines = [
        f"| `{name}` | {_need(table, name, needed)} | {_kind(columns()[name])} | {columns()[name].meaning} |"
        for name in sorted(file_columns(table), key=lambda name: name not in needed)
    ]
    return "\n".join(
        [
            f"## {table}\n\n{contract(table).about}\n",
            "| column | | type | meaning |",
            "|---|---|---|---|",
            *lines,
            "",
        ]
    )


def _need(table: str, name: str, needed: tuple[str, ...]) -> str:
    if name in needed:
        always = name in header_columns(table)
        return "**required**" if always else "**required** of the first record of a title"
    if name == "known_at":
        return (
            f"default: `{FACT_TIMES[table]}`"
            if table in FACT_TIMES
            else "default: first version always, later ones `--known-at`"
        )
    return f"default: {DEFAULT_KIND}" if (table, name) == ("events", "kind") else ""


def _kind(column: Column) -> str:
    ends = [f"{end:.15g}" for end in (column.minimum, column.maximum) if end is not None]
    names = {
        "array<string>": "list of texts",
        "string": "text",
        "bigint": "integer",
        "int": "integer",
        "double": "number",
        "timestamp": "instant",
    }
    said = names.get(column.type, column.type) + (f", {column.unit}" if column.unit else "")
    return f"{said}, {' to '.join(ends)}" if ends else said
